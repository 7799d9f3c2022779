//! What disk faults have in common: which drives of a target they take, and what shows that those are whole again.
use model::{
    check::{
        Check, NodeState,
        disk::{self, Outcome},
    },
    drive::Drive,
    facts::{Facts, Targets},
    fault::{SettingDoc, Step, Unfit},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// How many drives of each target are hurt: the first ones.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "one", deserialize_with = "some")]
    drives: u32,
}

/// The one setting.
pub const DRIVES: SettingDoc = SettingDoc {
    name: "drives",
    doc: "How many drives of each target are hurt, the first ones; 1 to 16.",
    default: "1",
};

/// One.
pub const fn one() -> u32 {
    1
}

/// A number of drives that a node may have.
pub fn some<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    match u32::deserialize(from)? {
        count @ 1..=16 => Ok(count),
        count => Err(D::Error::custom(format!(
            "`{count}` drives: 1 to 16 can be hurt"
        ))),
    }
}

impl Settings {
    /// How many drives a target must have.
    pub const fn count(&self) -> u32 {
        self.drives
    }

    /// The drives of `node` that are hurt.
    pub fn of<'a>(&self, node: &'a Facts) -> Result<&'a [Drive], Unfit> {
        first(node, self.drives)
    }
}

/// The first `count` drives of `node`.
pub fn first(node: &Facts, count: u32) -> Result<&[Drive], Unfit> {
    let drives = node.drives.get(..count as usize);
    drives.ok_or(Unfit::Lacks("so many drives of its own"))
}

/// One step for each drive that is hurt.
pub fn each(
    settings: &Settings,
    on: &Targets,
    step: impl Fn(&Facts, &Drive) -> Result<Step, Unfit>,
) -> Result<Vec<Step>, Unfit> {
    let mut steps = Vec::new();
    for node in &on.hurt {
        for drive in settings.of(node)? {
            steps.push(step(node, drive)?);
        }
    }
    Ok(steps)
}

/// What a small write to the drive comes to.
pub fn writes(drive: &Drive, come_to: Outcome) -> Check {
    Check::Disk(Box::new(disk::Check::Writes {
        drive: drive.clone(),
        come_to,
    }))
}

/// Each drive gives the same.
pub fn all(drives: &[Drive], come_to: Outcome) -> Check {
    Check::All(drives.iter().map(|drive| writes(drive, come_to)).collect())
}

/// The node does its work, over a restart of its container too.
pub fn ready(node: &Facts) -> Check {
    Check::All(vec![
        Check::Runs {
            container: node.container.clone(),
        },
        Check::Node {
            node: node.node.clone(),
            is: NodeState::Ready,
        },
    ])
}

/// Writes are done on each of these, and the node does its work.
pub fn whole(drives: &[Drive], node: &Facts) -> Check {
    Check::All(vec![all(drives, Outcome::Done), ready(node)])
}
