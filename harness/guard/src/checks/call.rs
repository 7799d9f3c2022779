//! A request signed with a credential is refused for it, or served: the status of the answer, nothing the system says of itself.
use super::{Glance, Watch};
use crate::{clock::Clock, http};
use model::{check::call::Check, facts::Credential};

struct Refused {
    credential: Box<Credential>,
    refused: bool,
}

/// Nothing is opened: each glance is one request.
pub fn watch(check: &Check) -> impl Watch + use<> {
    let Check::Refused {
        credential,
        refused,
    } = check;
    Refused {
        credential: credential.clone(),
        refused: *refused,
    }
}

impl Watch for Refused {
    fn glance(&mut self, clock: Clock) -> Glance {
        let answer = http::status(&self.credential.probe);
        let held = answer.as_ref().is_ok_and(|status| match self.refused {
            true => *status == http::FORBIDDEN,
            false => (200..300).contains(status),
        });
        let name = &self.credential.name;
        Glance {
            held: Some(held),
            since: clock.now(),
            evidence: answer.map_or_else(
                |why| why,
                |status| format!("a request with credential `{name}` got status {status}"),
            ),
        }
    }
}
