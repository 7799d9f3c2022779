//! What this machine can carry, found by trying: a scratch cgroup, a scratch network namespace, a scratch drive. Leaves nothing, under a second.
mod clock;
mod control;
pub mod net;

use crate::{drives, process};
use model::{
    act::net::Fate,
    facts::{Capability, Offer},
};
use std::{fs, io, path::Path};

/// Each capability with the mechanism found, or why it cannot be had and what would fix it.
pub fn probe() -> Vec<(Capability, Result<String, String>)> {
    vec![
        (Capability::HostPids, host_pids()),
        (Capability::Freezer, freezer()),
        (
            Capability::BridgeFilter,
            net::filter(Fate::Dropped, "nf_tables_bridge"),
        ),
        (
            Capability::RandomFilter,
            net::filter(Fate::Lost(1_000), "nf_tables_bridge and nft_numgen"),
        ),
        (Capability::BridgeReset, net::bridge_reset()),
        (
            Capability::Doubling,
            net::filter(Fate::Doubled(2_000), "nf_tables_netdev and nft_dup_netdev"),
        ),
        (Capability::SocketDestroy, net::socket_destroy()),
        (Capability::SpaceFilter, net::space_filter()),
        (Capability::Links, net::links()),
        (Capability::Shaper, net::shaper()),
        (Capability::PacketQueue, crate::queue::probe()),
        (Capability::Fuse, crate::acts::fuse::probe()),
        (Capability::CpuControl, control::cpu()),
        (Capability::MemoryControl, control::memory()),
        (Capability::TaskControl, control::tasks()),
        (Capability::ClockPatch, clock::patch()),
        (Capability::Drives, drives::probe::drives()),
        (Capability::Throttle, drives::probe::throttle()),
    ]
}

/// Lesser mechanisms: what their names hold, the best one in their place, and what they cost.
const LESSER: &[(&str, &str, &str)] = &[(
    "nft program",
    "libnftables",
    "a rule takes tens of milliseconds instead of one, and no owner table ends with a killed guard: rules stand until their own time is over",
)];

/// Each capability as this machine offers it; what planning and doctor go by.
pub fn offers() -> Vec<(Capability, Offer)> {
    probe()
        .into_iter()
        .map(|(capability, found)| (capability, offer(found)))
        .collect()
}

fn offer(found: Result<String, String>) -> Offer {
    let lesser = |backend: &str| LESSER.iter().find(|(part, ..)| backend.contains(part));
    match found {
        Err(why) => Offer::None { why },
        Ok(backend) => match lesser(&backend) {
            Some((part, best, lost)) => Offer::Degraded {
                from: backend.split(part).next().unwrap_or_default().to_owned() + best,
                to: backend,
                lost: (*lost).into(),
            },
            None => Offer::Full { backend },
        },
    }
}

/// `CAP_KILL`, bit 5, lets us signal everybody; process descriptors make sure of whom.
fn host_pids() -> Result<String, String> {
    let status =
        fs::read_to_string("/proc/self/status").map_err(|error| format!("read /proc: {error}"))?;
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = effective
        .and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
        .unwrap_or_default();
    if effective >> 5 & 1 == 0 {
        return Err("signal processes of containers: run as root".to_owned());
    }
    let own = process::Identity::own().process;
    match process::open(&own) {
        Ok(Some(_)) => Ok("pidfd".to_owned()),
        Ok(None) => Err("see ourselves in /proc: mount /proc of this pid namespace".to_owned()),
        Err(error) => Err(format!(
            "open a process descriptor: {error}; needs Linux 5.3"
        )),
    }
}

/// Freezes an empty scratch group.
fn freezer() -> Result<String, String> {
    // Unique where two threads probe at once.
    let name = format!(
        "brinell-probe-{}-{}",
        std::process::id(),
        crate::clock::mono_ns()
    );
    let v1 = (
        "/sys/fs/cgroup/freezer",
        "freezer.state",
        "FROZEN",
        "THAWED",
        "freezer v1",
    );
    let v2 = (
        "/sys/fs/cgroup",
        "cgroup.freeze",
        "1",
        "0",
        "cgroup.freeze v2",
    );
    let there = |mount: &str| Path::new(mount).join("cgroup.procs").exists();
    let (mount, file, freeze, thaw, backend) = if there(v1.0) { v1 } else { v2 };
    if !there(mount) {
        return Err(
            "find a freezer: no cgroup v1 freezer at /sys/fs/cgroup/freezer and no cgroup v2"
                .to_owned(),
        );
    }
    let group = Path::new(mount).join(name);
    let tried = fs::create_dir(&group).and_then(|()| {
        let file = group.join(file);
        let done = fs::write(&file, freeze).and_then(|()| fs::write(&file, thaw));
        let removed = fs::remove_dir(&group);
        done.and(removed)
    });
    let root = |error: io::Error| {
        format!("freeze a scratch group under {mount}: {error}; run as root with cgroups writable")
    };
    tried.map(|()| backend.to_owned()).map_err(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesser_mechanism_is_told_apart_from_the_best_and_from_none() {
        let of = |found: Result<&str, &str>| {
            let found = found.map(str::to_owned).map_err(str::to_owned);
            offer(found)
        };
        let Offer::Degraded { from, to, .. } = of(Ok("nft bridge, nft program, no owner table"))
        else {
            panic!("not degraded")
        };
        assert_eq!(
            (from.as_str(), to.as_str()),
            (
                "nft bridge, libnftables",
                "nft bridge, nft program, no owner table"
            )
        );
        assert!(matches!(
            of(Ok("nft bridge, libnftables, owner table")),
            Offer::Full { .. }
        ));
        assert!(matches!(of(Err("use nft")), Offer::None { .. }));
    }

    #[test]
    fn every_capability_is_probed_once() {
        let offers = offers();
        let mut seen: Vec<Capability> = offers.iter().map(|(capability, _)| *capability).collect();
        seen.sort();
        let all = seen.len();
        seen.dedup();
        assert_eq!(seen.len(), all);
    }
}
