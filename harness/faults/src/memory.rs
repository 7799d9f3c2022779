//! What the two memory faults share: how the headroom is read, and which limit leaves it.
use model::{
    act::control::{Hog, Setting},
    control::Memory,
    facts::{Facts, Process},
    fault::{SettingDoc, Unfit},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "four_mebibytes", deserialize_with = "size")]
    headroom: String,
}

/// Its help.
pub(crate) const SETTINGS: &[SettingDoc] = &[SettingDoc {
    name: "headroom",
    doc: "How much is left above what the container uses when the limit is set, 1MiB to 256MiB.",
    default: "4MiB",
}];

fn four_mebibytes() -> String {
    "4MiB".to_owned()
}

fn size<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match mebibytes(&text) {
        Some(1..=256) => Ok(text),
        _ => Err(D::Error::custom(format!(
            "`{text}` is no headroom: `1MiB` to `256MiB`"
        ))),
    }
}

fn mebibytes(text: &str) -> Option<u64> {
    text.strip_suffix("MiB")?.trim().parse().ok()
}

impl Settings {
    /// The headroom in bytes.
    pub(crate) fn headroom(&self) -> u64 {
        mebibytes(&self.headroom).unwrap_or(4) << 20
    }
}

/// The node's memory files.
pub(crate) fn of(node: &Facts) -> Result<&Memory, Unfit> {
    let memory = node.control.memory.as_ref();
    memory.ok_or(Unfit::Lacks("a memory limit file"))
}

/// A value in a file of the container.
pub(crate) fn setting(node: &Facts, file: String, key: &str, to: String) -> Setting {
    Setting {
        file,
        key: key.to_owned(),
        to,
        of: node.init.clone(),
    }
}

/// Who uses up the headroom, and whatever the kernel frees meanwhile by dropping cached files.
pub(crate) fn hog(memory: &Memory, limit: u64, until: &Process) -> Hog {
    Hog {
        group: memory.procs(),
        bytes: limit,
        until: until.clone(),
    }
}
