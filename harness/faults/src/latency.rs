//! Holds every packet between each hurt node and each peer for a while, on its way over the bridge of the run.
//!
//! The senders go on sending: it is distance, not a bottleneck. With jitter packets may overtake each other, as on the Internet.
use crate::{
    between::{self, Pair, Ways},
    divert,
};
use model::{
    act::queue::Treatment,
    check::queue::Check as Packets,
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, SettingDoc, Step, Unfit},
    units::{self, MS, Nanos},
};
use serde::{Deserialize, Deserializer, Serialize};

/// See the module.
pub struct Latency;

/// What a scenario may set, with a jitter that fits the delay.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings(Written);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "delay", deserialize_with = "delays")]
    delay: String,
    #[serde(default = "jitter", deserialize_with = "jitters")]
    jitter: String,
    #[serde(default)]
    ways: Ways,
    #[serde(default = "between::lifetime", deserialize_with = "between::span")]
    lifetime: String,
}

impl TryFrom<Written> for Settings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let spans = (
            units::duration(&written.delay),
            units::duration(&written.jitter),
        );
        if let (Ok(delay), Ok(jitter)) = spans
            && jitter > delay
        {
            return Err(format!(
                "`jitter` is more than `delay`: at most `{}`",
                written.delay
            ));
        }
        Ok(Self(written))
    }
}

fn delay() -> String {
    "20ms".to_owned()
}

fn jitter() -> String {
    "0ms".to_owned()
}

/// Less than two milliseconds would not stand out of the band; more than ten seconds is a cut.
fn delays<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    divert::span(from, Nanos::ms(2), Nanos::secs(10))
}

fn jitters<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    divert::span(from, Nanos(0), Nanos::secs(10))
}

impl Fault for Latency {
    type Settings = Settings;
    const NAME: &'static str = "latency";
    const DOC: &'static str = "Hold every packet between the target and its peers for a while.";
    const EXAMPLE: &'static str = "latency: {delay: 20ms, jitter: 5ms, ways: both, lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[
        SettingDoc {
            name: "delay",
            doc: "How long a packet is held in each chosen direction, 2ms to 10s; with `ways: both` a round trip grows by twice as much.",
            default: "20ms",
        },
        SettingDoc {
            name: "jitter",
            doc: "Drawn evenly between minus and plus this much and added to each delay; at most the delay.",
            default: "0ms",
        },
        Ways::DOC,
        between::LIFETIME,
    ];
    const PROOF: &'static str = "Effective when the median round trip of numbered datagrams has grown by what was asked, within 10 % or 1 ms, over that of before; healed when it is back within that band.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::PacketQueue];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = true;

    fn steps(Settings(settings): &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let pairs = between::pairs(on, settings.ways)?;
        let delay = between::checked(&settings.delay)?;
        let jitter = between::checked(&settings.jitter)?;
        let proof = |grown| round_trips(&pairs, delay, jitter, grown);
        let treatment = Treatment::hold(delay, jitter, on.seed);
        divert::step(on, &pairs, treatment, &settings.lifetime, proof)
    }

    fn lasts(Settings(settings): &Settings) -> Option<Nanos> {
        between::checked(&settings.lifetime).ok()
    }
}

/// Each two nodes once: their round trip grows by the delay of each direction that is held.
fn round_trips(pairs: &[Pair], delay: Nanos, jitter: Nanos, grown: bool) -> Vec<Packets> {
    let same = |one: &Pair, other: &Pair| {
        (one.0.address, one.1.address) == (other.1.address, other.0.address)
    };
    let check = |(at, pair): (usize, &Pair)| {
        let back = pairs.iter().position(|other| same(pair, other));
        if back.is_some_and(|back| back < at) {
            return None;
        }
        let by = Nanos(delay.0 * if back.is_some() { 2 } else { 1 });
        Some(Packets::RoundTrip {
            from: between::end(pair.0),
            to: between::end(pair.1),
            by,
            // The median of jittered round trips wanders by itself.
            within: Nanos((by.0 / 10).max(MS) + jitter.0 / 10),
            grown,
        })
    };
    pairs.iter().enumerate().filter_map(check).collect()
}
