//! The port of the fault catalog: a fault is a pure function from settings and facts to steps of acts and checks.
use crate::{
    act::Act,
    check::Check,
    facts::{Capability, Targets, Unit},
    units::Nanos,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Who ends a step's effect if all our processes die.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lifetime {
    /// The act is over at once; there is nothing to end.
    OneShot,
    /// The kernel, after the act's own time.
    Kernel,
    /// A process of ours that outlives its owner, after the act's own time.
    Worker,
    /// Only the guard, or a later replay of its journal.
    Guard,
}

/// One act with what proves that it took effect and that it is healed. A check is not optional: the type asks for both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What to do.
    pub act: Act,
    /// True once it hurts; must be false before.
    pub effective: Check,
    /// True once it no longer hurts.
    pub healed: Check,
    /// Who ends it if we cannot.
    pub lifetime: Lifetime,
}

/// One setting of a fault, system or workload, for help, tables and schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SettingDoc {
    /// Key in the scenario.
    pub name: &'static str,
    /// What it means, with its unit.
    pub doc: &'static str,
    /// What holds where it is left out, as it would be written.
    pub default: &'static str,
}

/// Why settings were refused; the place in the file is found by `key`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct SettingsError {
    /// The key to blame, empty for the whole.
    pub key: String,
    /// What is wrong and what would be right; fits after "failed to".
    pub why: String,
}

/// Why a fault cannot act on these targets; fits after "failed to".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The node lacks what the fault needs.
    #[error("find {0} on the target")]
    Lacks(&'static str),
    /// The fault acts between nodes and got nobody on one side.
    #[error("find the other side of the fault: give `peers`")]
    NoPeers,
}

/// Whether the effect lasts until healed, or the act is over at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Lasts for `hold`, then healed by undo.
    Held,
    /// Over at once; `hold` is refused; healed when the role is whole again.
    OneShot,
}

/// What a fault takes from the process it hits. Two that take what the other needs contradict each other on one target at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Takes {
    /// Nothing: it acts around the process, on its network, its drives, its share of the machine.
    Nothing,
    /// It holds the process itself, and is lost with it.
    Hold,
    /// It ends the process, so the process must be there and able to end.
    Life,
}

impl Takes {
    /// Whether the two cannot be on one process at one time.
    pub const fn contradicts(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Life, Self::Life | Self::Hold) | (Self::Hold, Self::Life)
        )
    }
}

/// What is done where a heal is not proven by undoing alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Escalation {
    /// The containers of the targets are started again.
    Restart,
    /// Nothing but the end of the run, when the whole testbed is removed.
    Removal,
}

/// What one implements to add a fault: settings, default, doc, example and behaviour in one file, pure.
pub trait Fault: Send + Sync + 'static {
    /// Settings as written in the scenario, after defaults; serialises back with every default explicit.
    type Settings: DeserializeOwned + Serialize;
    /// Kebab-case name, the same in YAML, CLI, journal, report and file.
    const NAME: &'static str;
    /// One sentence.
    const DOC: &'static str;
    /// How `do:` is written, as YAML.
    const EXAMPLE: &'static str;
    /// Its settings.
    const SETTINGS: &'static [SettingDoc];
    /// How it is proven effective and healed, in one sentence.
    const PROOF: &'static str;
    /// Held or one-shot.
    const KIND: Kind;
    /// What the machine must offer.
    const NEEDS: &'static [Capability];
    /// What its targets must be; none where both will do.
    const UNIT: Option<Unit>;
    /// Whether it acts between targets and `peers`.
    const PEERS: bool;
    /// What it takes from the process it hits.
    const TAKES: Takes = Takes::Nothing;
    /// Whether a target may end of what is done to it, as a broker does without its drive: then its end is what the fault shows.
    const MAY_END: bool = false;
    /// What is done where its heal is not proven.
    const ESCALATION: Escalation = Escalation::Restart;

    /// What to do to these targets, as data.
    ///
    /// # Errors
    /// [`Unfit`] where the targets lack what it needs.
    fn steps(settings: &Self::Settings, on: &Targets) -> Result<Vec<Step>, Unfit>;

    /// After how long the kernel ends it by itself: a hold must be shorter. None where the kernel does not.
    fn lasts(_: &Self::Settings) -> Option<Nanos> {
        None
    }

    /// For a one-shot: how long its victim stays as it is before anything is put back. None for at once.
    fn stays(_: &Self::Settings) -> Option<Nanos> {
        None
    }

    /// How many drives each target must have.
    fn drives(_: &Self::Settings) -> u32 {
        0
    }

    /// How many drives with a layer of ours each target must have.
    fn layers(_: &Self::Settings) -> u32 {
        0
    }
}

/// [`Fault`] with its types erased, so that a catalog is a plain slice.
pub trait AnyFault: Send + Sync {
    /// See [`Fault::NAME`].
    fn name(&self) -> &'static str;
    /// See [`Fault::DOC`].
    fn doc(&self) -> &'static str;
    /// See [`Fault::EXAMPLE`].
    fn example(&self) -> &'static str;
    /// See [`Fault::SETTINGS`].
    fn settings(&self) -> &'static [SettingDoc];
    /// See [`Fault::PROOF`].
    fn proof(&self) -> &'static str;
    /// See [`Fault::KIND`].
    fn kind(&self) -> Kind;
    /// See [`Fault::NEEDS`].
    fn needs(&self) -> &'static [Capability];
    /// See [`Fault::UNIT`].
    fn unit(&self) -> Option<Unit>;
    /// See [`Fault::PEERS`].
    fn peers(&self) -> bool;
    /// See [`Fault::TAKES`].
    fn takes(&self) -> Takes;
    /// See [`Fault::MAY_END`].
    fn may_end(&self) -> bool;
    /// See [`Fault::ESCALATION`].
    fn escalation(&self) -> Escalation;
    /// The settings with every default explicit.
    ///
    /// # Errors
    /// The key that is unknown or out of range, with what would be right.
    fn check(&self, settings: &Value) -> Result<Value, SettingsError>;
    /// See [`Fault::steps`].
    ///
    /// # Errors
    /// [`Unfit`] where the targets lack what it needs.
    fn steps(&self, settings: &Value, on: &Targets) -> Result<Vec<Step>, Unfit>;
    /// See [`Fault::lasts`].
    fn lasts(&self, settings: &Value) -> Option<Nanos>;
    /// See [`Fault::stays`].
    fn stays(&self, _: &Value) -> Option<Nanos> {
        None
    }
    /// See [`Fault::drives`].
    fn drives(&self, _: &Value) -> u32 {
        0
    }
    /// See [`Fault::layers`].
    fn layers(&self, _: &Value) -> u32 {
        0
    }
}

/// Reads settings of any catalog entry; the error names the key where serde does.
///
/// # Errors
/// What serde refused, with the key it names between backticks.
pub fn read_settings<T: DeserializeOwned>(settings: &Value) -> Result<T, SettingsError> {
    T::deserialize(settings).map_err(|error| {
        let why = error.to_string();
        let named = why.split('`').nth(1).unwrap_or_default().to_owned();
        let key = blamed(settings, &named);
        SettingsError {
            key,
            why: format!("read the settings: {why}"),
        }
    })
}

/// The key of `settings` whose name or value serde put between backticks.
fn blamed(settings: &Value, named: &str) -> String {
    let Value::Object(members) = settings else {
        return String::new();
    };
    let by_value = || {
        members
            .iter()
            .find(|(_, value)| value.as_str() == Some(named))
            .map(|(key, _)| key.clone())
    };
    if members.contains_key(named) {
        named.to_owned()
    } else {
        by_value().unwrap_or_default()
    }
}

impl<F: Fault> AnyFault for F {
    fn name(&self) -> &'static str {
        F::NAME
    }
    fn doc(&self) -> &'static str {
        F::DOC
    }
    fn example(&self) -> &'static str {
        F::EXAMPLE
    }
    fn settings(&self) -> &'static [SettingDoc] {
        F::SETTINGS
    }
    fn proof(&self) -> &'static str {
        F::PROOF
    }
    fn kind(&self) -> Kind {
        F::KIND
    }
    fn needs(&self) -> &'static [Capability] {
        F::NEEDS
    }
    fn unit(&self) -> Option<Unit> {
        F::UNIT
    }
    fn peers(&self) -> bool {
        F::PEERS
    }
    fn takes(&self) -> Takes {
        F::TAKES
    }
    fn may_end(&self) -> bool {
        F::MAY_END
    }
    fn escalation(&self) -> Escalation {
        F::ESCALATION
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        let read: F::Settings = read_settings(settings)?;
        serde_json::to_value(read).map_err(|error| SettingsError {
            key: String::new(),
            why: error.to_string(),
        })
    }
    fn steps(&self, settings: &Value, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let read = read_settings(settings)
            .map_err(|_| Unfit::Lacks("settings that were checked before"))?;
        F::steps(&read, on)
    }
    fn lasts(&self, settings: &Value) -> Option<Nanos> {
        F::lasts(&read_settings(settings).ok()?)
    }
    fn stays(&self, settings: &Value) -> Option<Nanos> {
        F::stays(&read_settings(settings).ok()?)
    }
    fn drives(&self, settings: &Value) -> u32 {
        read_settings(settings).map_or(0, |read| F::drives(&read))
    }
    fn layers(&self, settings: &Value) -> u32 {
        read_settings(settings).map_or(0, |read| F::layers(&read))
    }
}
