//! The carrier of a node's interface, and whether its port on the bridge forwards: after a pull that takes up to a second.
use crate::{
    checks::{Glance, Watch},
    clock::Clock,
    link,
};
use model::check::End;

struct Cable {
    end: End,
    plugged: bool,
}

/// It is looked up at each glance: names change.
pub fn watch(end: &End, plugged: bool) -> impl Watch + use<> {
    Cable {
        end: end.clone(),
        plugged,
    }
}

impl Watch for Cable {
    fn glance(&mut self, clock: Clock) -> Glance {
        let found = link::there(&self.end);
        let (held, told) = match found {
            Ok(cable) if cable.inner.running && cable.outer.forwards => (
                self.plugged,
                "has its carrier, and its port forwards".to_owned(),
            ),
            Ok(cable) if cable.inner.running => (
                false,
                "has its carrier, but its port does not forward".to_owned(),
            ),
            Ok(_) => (!self.plugged, "has no carrier".to_owned()),
            Err(why) => (false, why),
        };
        Glance {
            held: Some(held),
            since: clock.now(),
            evidence: format!("interface of {} {told}", self.end.address),
        }
    }
}
