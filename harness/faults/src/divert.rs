//! What the faults share whose packets go through a queue of ours.
use crate::between::{Pair, checked, end, ready};
use model::{
    act::{
        Act,
        net::Flow,
        queue::{self, Treatment},
    },
    check::{
        Check,
        queue::{Check as Packets, Sign},
    },
    facts::Targets,
    fault::{Lifetime, Step, Unfit},
    units::{self, MS, Nanos},
};
use serde::{Deserialize, Deserializer, de::Error};

/// A share from 1 % to 50 %: of less the proof would take too long, of more too little arrives to tell.
pub fn share<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let share = units::share(&text).map_err(D::Error::custom)?;
    if (0.01..=0.5).contains(&share) {
        Ok(text)
    } else {
        Err(D::Error::custom(format!(
            "`{text}` is not from `1%` to `50%`"
        )))
    }
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

/// A share that was checked when the settings were read, in parts of a million.
pub fn ppm(text: &str) -> Result<u32, Unfit> {
    let share = units::share(text).map_err(|_| Unfit::Lacks("a share that was checked before"))?;
    Ok((share * f64::from(Treatment::ALL_PPM)).round() as u32)
}

/// The one step: packets of these pairs get this treatment; `proof` tells by its checks whether it is there or gone.
pub fn step(
    on: &Targets,
    pairs: &[Pair],
    treatment: Treatment,
    lifetime: &str,
    proof: impl Fn(bool) -> Vec<Packets>,
) -> Result<Vec<Step>, Unfit> {
    let all = |hurt| {
        proof(hurt)
            .into_iter()
            .map(Check::Queue)
            .collect::<Vec<_>>()
    };
    let flow = |(from, to): &Pair| Flow {
        from: from.address,
        to: to.address,
    };
    Ok(vec![Step {
        act: Act::Queue(queue::Act::Divert {
            flows: pairs.iter().map(flow).collect(),
            treatment,
            lifetime_ms: checked(lifetime)?.0 / MS,
        }),
        effective: Check::All(all(true)),
        healed: Check::All([all(false), ready(on)].concat()),
        lifetime: Lifetime::Kernel,
    }])
}

/// A check of each direction by itself.
pub fn streams(pairs: &[Pair], sign: Sign, share_ppm: u32, shows: bool) -> Vec<Packets> {
    let one = |(from, to): &Pair| Packets::Stream {
        from: end(from),
        to: end(to),
        sign,
        share_ppm,
        shows,
    };
    pairs.iter().map(one).collect()
}
