//! A container runs: the engine says so, and its init is no corpse (the engine needs some 70 ms to notice a death).
use super::{Glance, Watch};
use crate::{acts::signal::really_runs, clock::Clock, engine_socket::Engine};

struct Runs {
    engine: Engine,
    container: String,
}

/// Nothing is opened: each glance is one call.
pub fn watch(engine: &Engine, container: &str) -> impl Watch + use<> {
    Runs {
        engine: engine.clone(),
        container: container.to_owned(),
    }
}

impl Watch for Runs {
    fn glance(&mut self, clock: Clock) -> Glance {
        let state = self.engine.state(&self.container);
        let name = self.container.get(..12).unwrap_or(&self.container);
        Glance {
            held: Some(matches!(&state, Ok(Some(state)) if really_runs(state))),
            since: clock.now(),
            evidence: match state {
                Ok(Some(state)) if really_runs(&state) => format!("container {name} runs"),
                Ok(Some(_)) => format!("container {name} does not run"),
                Ok(None) => format!("container {name} is gone"),
                Err(why) => why,
            },
        }
    }
}
