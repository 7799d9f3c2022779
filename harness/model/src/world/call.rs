//! What requests change: credentials that are refused. They outlive the containers that refuse them, as long as one of these is there.
use crate::{
    act::call::{Act, Undo},
    check::call::Check,
    facts::{Credential, Request},
};
use std::collections::BTreeSet;

/// The part of the world that requests change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Names of the credentials that are refused.
    pub refused: BTreeSet<String>,
}

impl Call {
    pub(super) fn record(&self, act: &Act) -> Undo {
        let Act::Disable {
            credential,
            container,
        } = act;
        Undo::Enable {
            credential: credential.clone(),
            container: container.clone(),
            was_refused: self.refused.contains(&credential.name),
        }
    }

    pub(super) fn act(&mut self, act: &Act) {
        let Act::Disable { credential, .. } = act;
        self.refused.insert(credential.name.clone());
    }

    pub(super) fn undo(&mut self, undo: &Undo) {
        let Undo::Enable {
            credential,
            was_refused,
            ..
        } = undo;
        if !was_refused {
            self.refused.remove(&credential.name);
        }
    }

    pub(super) fn holds(&self, check: &Check) -> bool {
        let Check::Refused {
            credential,
            refused,
        } = check;
        self.refused.contains(&credential.name) == *refused
    }
}

/// The credential of a container of this world.
pub(super) fn credential(id: &str) -> Credential {
    let request = |path: &str| Request {
        at: format!("{id}:80"),
        method: "GET".into(),
        path: path.into(),
        headers: Vec::new(),
        body: None,
    };
    Credential {
        name: format!("key of {id}"),
        disable: request("/disable"),
        enable: request("/enable"),
        probe: request("/probe"),
    }
}
