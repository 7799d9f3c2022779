//! Keeps the target from its resolver, Docker's at 127.0.0.11: a lookup fails at once, or hangs until the client gives up.
//!
//! What is connected stays so, and what a client has cached it still knows: a JVM keeps answers for 30 s by default. Clients
//! see `EAI_AGAIN` in milliseconds (`fast`), or wait for 10 s (`hang`, glibc's two tries of 5 s).
use crate::between::{self, LIFETIME};
use model::{
    act::{
        Act,
        net::{self, Mute},
    },
    check::{self, Check, net::Reply},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
    units::{MS, Nanos},
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// Docker's resolver on every network but its first one.
const SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);

/// See the module.
pub struct DnsFailure;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "fast")]
    mode: Mute,
    #[serde(default = "between::lifetime", deserialize_with = "between::span")]
    lifetime: String,
}

const fn fast() -> Mute {
    Mute::Fast
}

impl Fault for DnsFailure {
    type Settings = Settings;
    const NAME: &'static str = "dns-failure";
    const DOC: &'static str = "Keep the target from its resolver: lookups fail at once, or hang.";
    const EXAMPLE: &'static str = "dns-failure: {mode: fast, lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[
        SettingDoc {
            name: "mode",
            doc: "How a query fails: `fast` cannot be sent, `hang` is sent and never answered.",
            default: "fast",
        },
        LIFETIME,
    ];
    const PROOF: &'static str = "Effective when a query for the target's own name, sent from its network namespace, is refused or gets no answer within 1 s; healed when it is answered.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::SpaceFilter];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let lifetime = between::checked(&settings.lifetime)?;
        let step = |node: &Facts| step(settings.mode, lifetime, node);
        Ok(on.hurt.iter().map(step).collect())
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        between::checked(&settings.lifetime).ok()
    }
}

fn step(how: Mute, lifetime: Nanos, node: &Facts) -> Step {
    let asked = |reply| {
        Check::Net(check::net::Check::Resolver {
            process: node.init.clone(),
            server: SERVER,
            name: node.node.to_string(),
            reply,
        })
    };
    let comes_to = match how {
        Mute::Fast => Reply::Refused,
        Mute::Hang => Reply::Silence,
    };
    Step {
        act: Act::Net(net::Act::Mute {
            process: node.init.clone(),
            server: SERVER,
            how,
            lifetime_ms: lifetime.0 / MS,
        }),
        effective: asked(comes_to),
        healed: asked(Reply::Given),
        lifetime: Lifetime::Kernel,
    }
}
