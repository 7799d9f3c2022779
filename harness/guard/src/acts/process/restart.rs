//! The engine's own restart. Its reply comes when all is over, so it is waited for by a thread: the effect is seen long before.
use super::super::Deed;
use crate::engine_socket::Engine;
use model::act::Undo;
use std::thread;

struct Restart {
    engine: Engine,
    container: String,
}

/// Nothing to look at: the undo is the same whatever was before.
pub fn prepare(engine: &Engine, container: &str) -> impl Deed + use<> {
    Restart {
        engine: engine.clone(),
        container: container.to_owned(),
    }
}

impl Deed for Restart {
    fn undo(&self) -> Undo {
        Undo::Start {
            container: self.container.clone(),
        }
    }
    fn backend(&self) -> String {
        "engine restart, no grace".to_owned()
    }
    /// What the engine refuses shows as an init that does not end.
    fn go(&mut self) -> Result<(), String> {
        let (engine, container) = (self.engine.clone(), self.container.clone());
        thread::spawn(move || engine.restart(&container));
        Ok(())
    }
}
