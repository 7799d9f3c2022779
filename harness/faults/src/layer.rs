//! What the faults share that a drive's layer carries out: which drives, their operations, shares and lifetimes.
use model::{
    act::{
        Act,
        fuse::{self, Effect, Op, Rule},
    },
    check::{Check, NodeState},
    facts::{Facts, Targets},
    fault::{Lifetime, SettingDoc, Step, Unfit},
    units::{self, MS, Nanos},
};
use serde::{Deserialize, Deserializer, de::Error};

/// How the number of drives is told in the help.
pub const DRIVES: SettingDoc = SettingDoc {
    name: "drives",
    doc: "How many drives of each target are hurt, its first ones.",
    default: "1",
};

/// How the lifetime is told in the help.
pub const LIFETIME: SettingDoc = SettingDoc {
    name: "lifetime",
    doc: "The drive's layer lets everything pass by itself after this long, should everything else fail; longer than `hold`.",
    default: "5m",
};

/// What a rule needs beside its effect.
pub struct Spread<'a> {
    pub drives: u32,
    pub ops: &'a [Op],
    pub share: &'a str,
    pub lifetime: &'a str,
}

/// See [`DRIVES`].
pub fn one() -> u32 {
    1
}

/// See [`LIFETIME`].
pub fn lifetime() -> String {
    LIFETIME.default.to_owned()
}

/// At least one drive.
pub fn some<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    match u32::deserialize(from)? {
        0 => Err(D::Error::custom("`0` hurts nobody: `1` or more drives")),
        count => Ok(count),
    }
}

/// At least one class of operations, none twice.
pub fn ops<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Op>, D::Error> {
    let ops: Vec<Op> = Vec::deserialize(from)?;
    let twice = ops
        .iter()
        .enumerate()
        .any(|(at, op)| ops[..at].contains(op));
    if ops.is_empty() || twice {
        return Err(D::Error::custom(
            "`operations` names each of `read`, `write`, `fsync`, `create`, `metadata` at most once, and at least one",
        ));
    }
    Ok(ops)
}

/// A share from 1 % on: of less the proof would take too long.
pub fn share<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let share = units::share(&text).map_err(D::Error::custom)?;
    if (0.01..=1.0).contains(&share) {
        Ok(text)
    } else {
        Err(D::Error::custom(format!(
            "`{text}` is not from `1%` to `100%`"
        )))
    }
}

/// A lifetime between a millisecond and a day.
pub fn lasting<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    span(from, Nanos(MS), Nanos::secs(24 * 3600))
}

/// A span between these two, as it was written.
pub fn span<'de, D: Deserializer<'de>>(
    from: D,
    least: Nanos,
    most: Nanos,
) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let span = units::duration(&text).map_err(D::Error::custom)?;
    if (least..=most).contains(&span) {
        return Ok(text);
    }
    let (least, most) = (units::show(least), units::show(most));
    Err(D::Error::custom(format!(
        "`{text}` is not from `{least}` to `{most}`"
    )))
}

/// One step for each hurt drive; each draws from a seed of its own, so that drives do not err in step.
pub fn steps(spread: &Spread, effect: Effect, on: &Targets) -> Result<Vec<Step>, Unfit> {
    let mut steps = Vec::new();
    for node in &on.hurt {
        for layer in first(node, spread.drives)? {
            let rule = Rule {
                ops: spread.ops.to_vec(),
                effect,
                share_ppm: ppm(spread.share)?,
                seed: on.seed.wrapping_add(steps.len() as u64),
            };
            steps.push(step(node, layer, rule, spread.lifetime)?);
        }
    }
    Ok(steps)
}

fn first(node: &Facts, count: u32) -> Result<&[fuse::Layer], Unfit> {
    let layers = node.layers.get(..count as usize);
    layers.ok_or(Unfit::Lacks(
        "so many drives with a layer of ours (`drive_faults: true`)",
    ))
}

fn step(node: &Facts, layer: &fuse::Layer, rule: Rule, lifetime: &str) -> Result<Step, Unfit> {
    let (layer, hurt) = (layer.clone(), (layer.clone(), rule.clone()));
    let ready = Check::Node {
        node: node.node.clone(),
        is: NodeState::Ready,
    };
    let sound = Check::Fuse(fuse::Check::Sound {
        layer: layer.clone(),
        rule: rule.clone(),
    });
    Ok(Step {
        effective: Check::Fuse(fuse::Check::Suffers {
            layer: hurt.0,
            rule: hurt.1,
        }),
        healed: Check::All(vec![sound, ready]),
        act: Act::Fuse(fuse::Act::Impose {
            layer,
            rule,
            lifetime_ms: read(lifetime)?.0 / MS,
        }),
        lifetime: Lifetime::Worker,
    })
}

/// A span that was checked when the settings were read.
pub fn read(text: &str) -> Result<Nanos, Unfit> {
    units::duration(text).map_err(|_| Unfit::Lacks("a span that was checked before"))
}

/// A share that was checked when the settings were read, in parts of a million.
fn ppm(text: &str) -> Result<u32, Unfit> {
    let share = units::share(text).map_err(|_| Unfit::Lacks("a share that was checked before"))?;
    Ok((share * 1e6).round() as u32)
}
