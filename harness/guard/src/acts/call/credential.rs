//! Takes a credential away by the system's own request for that, and gives it back by its own request.
//!
//! Whether it was refused before is read by a request of its own, so that one that somebody else had disabled stays so.
use crate::{acts::Deed, http};
use model::{
    act::{Undo, call},
    facts::Credential,
};

struct Disable {
    credential: Credential,
    container: String,
    was_refused: bool,
}

/// Asks whether it is refused now.
///
/// # Errors
/// The system does not answer.
pub fn prepare(credential: &Credential, container: &str) -> Result<impl Deed + use<>, String> {
    Ok(Disable {
        was_refused: http::status(&credential.probe)? == http::FORBIDDEN,
        credential: credential.clone(),
        container: container.to_owned(),
    })
}

/// Gives it back.
///
/// # Errors
/// The system does not answer, or will not.
pub fn enable(credential: &Credential) -> Result<(), String> {
    asked(
        &credential.name,
        "enable",
        http::status(&credential.enable)?,
    )
}

fn asked(name: &str, what: &str, status: u16) -> Result<(), String> {
    if (200..300).contains(&status) {
        Ok(())
    } else {
        Err(format!("{what} credential `{name}`: status {status}"))
    }
}

impl Deed for Disable {
    fn undo(&self) -> Undo {
        Undo::Call(call::Undo::Enable {
            credential: Box::new(self.credential.clone()),
            container: self.container.clone(),
            was_refused: self.was_refused,
        })
    }
    fn backend(&self) -> String {
        "signed request".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        let status = http::status(&self.credential.disable)?;
        asked(&self.credential.name, "disable", status)
    }
}
