//! Four ways in which a run must come out unknown, with nothing left hurt and nothing left behind.
use crate::bed::{self, Done};
use model::journal::{End, Event};

const KILL: &str = "{id: kill, target: {role: spark-executor, pick: 1}, do: {kill: {}}}";

fn unknown(done: &Done, code: i32) {
    assert_eq!(done.code, code, "{}", done.said);
    assert_eq!(
        done.report()["verdict"]["value"],
        "unknown",
        "{}",
        done.said
    );
    done.nothing_left();
}

fn acts(done: &Done) -> usize {
    done.count(|event| matches!(event, Event::ActDone { .. }))
}

#[test]
fn real_run_that_is_never_steady_hurts_nothing_and_is_unknown() {
    let _turn = bed::turn();
    // No real measure holds its median to a hundred-thousandth; the schedule's own resolution is below a twentieth of the drift.
    let never = "steady: {windows: 60, window: 100ms, within: 0%}\nobjectives: {records_lost: \"count == 0\"}";
    let done = bed::start("never-steady", &bed::short(KILL, never)).done();
    unknown(&done, 11);
    assert_eq!(acts(&done), 0);
    assert_eq!(
        done.count(|event| matches!(event, Event::SteadyStateChecked { held: false, .. })),
        1
    );
}

#[test]
fn real_target_that_is_gone_at_its_time_is_unknown() {
    let _turn = bed::turn();
    // Right after the driver's end nobody can say which executor has most tasks: the next driver takes seconds to start.
    let pair = "{id: driver, target: {node: spark-driver-1}, do: {kill: {}}}
  - {id: executor, at: 300ms, target: {ask: executor with most tasks}, do: {kill: {}}}";
    let done = bed::start("target-gone", &bed::short(pair, bed::EASY)).done();
    unknown(&done, 11);
    assert_eq!(
        done.count(|event| matches!(event, Event::FaultNotEffective { .. })),
        1,
        "{}",
        done.said
    );
    assert_eq!(acts(&done), 1);
}

#[test]
fn real_fault_without_effect_is_unknown() {
    let _turn = bed::turn();
    // A static Go program ignores USR2 unless it asks for it: the signal arrives and changes nothing.
    let harmless = "{id: poke, prove: 1s, target: {role: minio}, do: {kill: {signal: USR2}}}";
    let done = bed::start("no-effect", &bed::short(harmless, bed::EASY)).done();
    unknown(&done, 11);
    assert_eq!(
        done.count(|event| matches!(event, Event::FaultNotEffective { .. })),
        1,
        "{}",
        done.said
    );
    assert_eq!(
        done.count(|event| matches!(event, Event::FaultEffective { .. })),
        0
    );
}

#[test]
fn real_interrupted_run_heals_and_is_unknown() {
    let _turn = bed::turn();
    let pause = "{id: pause, hold: 60s, target: {role: spark-worker, pick: 1}, do: {pause: {}}}";
    let mut running = bed::start("interrupted", &bed::short(pause, bed::EASY));
    running.wait_for("fault in effect", |event| {
        matches!(event, Event::FaultEffective { .. })
    });
    running.signal("INT");
    let done = running.done();
    unknown(&done, 130);
    assert_eq!(
        done.count(|event| matches!(event, Event::FaultHealed { .. })),
        1,
        "{}",
        done.said
    );
    assert!(matches!(
        done.events().last(),
        Some(Event::RunClosed {
            end: End::Signal,
            ..
        })
    ));
}
