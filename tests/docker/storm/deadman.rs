//! The whole testbed hurt in every way that outlives a process, then SIGKILL for the harness at a random instant: nothing is left.
//!
//! `BRINELL_KILLS` sets the number of kills (1 in CI, `just deadman N`); their instants are drawn from a fixed seed.
use super::{Victim, rounds, strike, summary};
use crate::bed;
use model::seed::Draw;

/// Rules, a queue, a freezer, a cgroup value, a frozen drive, a shifted clock; all at once.
const HURT: &str = "{id: cut, hold: 30s, target: {nodes: [spark-worker-1]}, peers: {role: minio}, do: {partition: {}}}
  - {id: late, hold: 30s, target: {nodes: [spark-worker-2]}, peers: {role: kafka-broker}, do: {latency: {delay: 20ms}}}
  - {id: frozen, at: 200ms, hold: 30s, target: {nodes: [spark-worker-1]}, do: {pause: {}}}
  - {id: quota, at: 300ms, hold: 30s, target: {nodes: [spark-worker-2]}, do: {cpu-quota: {}}}
  - {id: drive, at: 400ms, hold: 30s, target: {role: minio}, do: {disk-frozen: {}}}
  - {id: clock, at: 500ms, hold: 30s, target: {nodes: [kafka-broker-1]}, do: {clock-skew: {by: +5m}}}";

#[test]
fn real_sigkill_of_the_harness_leaves_nothing() {
    let _turn = bed::turn();
    let kills = rounds("BRINELL_KILLS", 1);
    let mut draw = Draw::new(11, "deadman");
    let scenario = bed::short(HURT, bed::EASY);
    let all: Vec<_> = (0..kills)
        .map(|kill| {
            strike(
                &format!("deadman {kill}"),
                Victim::Harness,
                &scenario,
                &mut draw,
            )
        })
        .collect();
    summary("deadman, harness", &all);
    all.iter().for_each(super::Aftermath::in_time);
}
