//! Drives' layers in the model: which are attached, and the rules in their pages.
//!
//! What surprises is modelled: a layer outlives the container that uses it, so its rules survive a restart.
use crate::act::fuse::{Act, Check, Layer, Rule, Undo};
use std::collections::{BTreeMap, BTreeSet};

/// Attached layers by page, each with the rules that stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    pages: BTreeMap<String, BTreeSet<Rule>>,
}

/// The layer under the drive of a container.
pub fn layer(container: &str) -> Layer {
    Layer {
        below: format!("/drives/{container}.below"),
        mount: format!("/drives/{container}"),
        page: format!("/drives/{container}.page"),
    }
}

impl Layers {
    /// How to put back what `act` would change.
    pub fn record(&self, act: &Act) -> Option<Undo> {
        match act {
            Act::Attach { layer } if self.pages.contains_key(&layer.page) => None,
            Act::Attach { layer } => Some(Undo::Detach {
                layer: layer.clone(),
            }),
            Act::Impose { layer, rule, .. } => Some(Undo::Lift {
                layer: layer.clone(),
                rule: rule.clone(),
                was_there: self.stands(layer, rule),
            }),
        }
    }

    /// Does `act`; a layer that is not there stays so.
    pub fn act(&mut self, act: &Act) {
        match act {
            Act::Attach { layer } => {
                self.pages.entry(layer.page.clone()).or_default();
            }
            Act::Impose { layer, rule, .. } => {
                if let Some(rules) = self.pages.get_mut(&layer.page) {
                    rules.insert(rule.clone());
                }
            }
        }
    }

    /// Puts back.
    pub fn undo(&mut self, undo: &Undo) {
        match undo {
            Undo::Detach { layer } => {
                self.pages.remove(&layer.page);
            }
            Undo::Lift {
                was_there: true, ..
            } => {}
            Undo::Lift { layer, rule, .. } => {
                if let Some(rules) = self.pages.get_mut(&layer.page) {
                    rules.remove(rule);
                }
            }
        }
    }

    /// Whether `check` holds.
    pub fn holds(&self, check: &Check) -> bool {
        match check {
            Check::Suffers { layer, rule } => self.stands(layer, rule),
            Check::Sound { layer, rule } => {
                self.pages.contains_key(&layer.page) && !self.stands(layer, rule)
            }
        }
    }

    /// Takes every rule out of every page.
    pub fn calm(&mut self) {
        self.pages.values_mut().for_each(BTreeSet::clear);
    }

    fn stands(&self, layer: &Layer, rule: &Rule) -> bool {
        let rules = self.pages.get(&layer.page);
        rules.is_some_and(|rules| rules.contains(rule))
    }
}
