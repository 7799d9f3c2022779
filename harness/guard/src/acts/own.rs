//! Taking charge of a testbed: changes nothing, its undo removes everything that carries the label.
use super::Deed;
use model::act::Undo;

/// The run that is owned.
pub struct Own(pub String);

impl Deed for Own {
    fn undo(&self) -> Undo {
        Undo::Remove {
            run: self.0.clone(),
        }
    }
    fn backend(&self) -> String {
        "run label".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        Ok(())
    }
}
