//! Bars of one outage of a fast probe, told operation by operation: what each answer proves, and what it does not.

use super::*;
use crate::{
    input::Records,
    instants::{Seen, instants},
    report::{Bounds, Phase},
};
use model::{samples::Op, system::Outcome, units::MS};

/// The outage begins, ms.
const OFF: u64 = 20_003;
/// And ends, ms.
const ON: u64 = 20_203;
const STEP: u64 = 10;

/// One operation every 10 ms for 30 s, as `told` changes it from what a calm service does: sent, ended (ms), outcome.
fn seen(told: impl Fn(u64, (u64, u64, Outcome)) -> (u64, u64, Outcome)) -> Seen {
    let op = |k: u64| {
        let due = k * STEP;
        let (sent, ended, outcome) = told(due, (due, due + 1, Outcome::Ok));
        Op {
            intended: Nanos::ms(due),
            sent: Nanos::ms(sent),
            ended: Nanos::ms(ended),
            outcome,
            class: 0,
            kind: 0,
            process: k as u32,
        }
    };
    let phase = |name: &str, from: u64, to: u64| Phase {
        name: name.into(),
        from_ns: from * MS,
        to_ns: to * MS,
    };
    let windows = Windows {
        phases: vec![
            phase("baseline", 0, 20_000),
            phase("recovery", 20_000, 30_000),
        ],
        injections: vec![],
    };
    let spec = model::system::ProbeSpec {
        period_ns: Nanos::ms(STEP),
        ..Synthetic::probes()[0].clone()
    };
    let stream = Stream::of(
        &spec,
        &Records::Ops((0..3_000).map(op).collect()),
        &windows,
        Nanos(u64::MAX),
    );
    let t0 = Bounds {
        lo: (OFF - 40) * MS,
        hi: OFF * MS,
    };
    instants(&stream, t0, Nanos::secs(30), Nanos::secs(1))
}

fn is_held(due: u64) -> bool {
    (OFF..ON).contains(&due)
}

/// Fails unless both ends of the outage lie in their bars, which are not wider than this, ms.
fn hold(seen: &Seen, wide: u64) {
    let (t1, t2, t3) = (seen.t1.unwrap(), seen.t2.unwrap(), seen.t3.unwrap());
    for (name, bar, at) in [("T1", t1, OFF), ("T2", t2, ON), ("T3", t3, ON)] {
        assert!(
            bar.lo <= at * MS && at * MS <= bar.hi,
            "{name} {bar:?} does not hold {at} ms"
        );
        assert!(bar.hi - bar.lo <= wide * MS, "{name} {bar:?} is wide");
    }
}

claims! {
    refusals_date_an_outage_to_a_period {
        hold(&seen(|due, calm| if is_held(due) { (due, due, Outcome::Fail) } else { calm }), STEP + 2);
    }

    what_was_held_back_dates_its_end_by_the_first_answer {
        hold(&seen(|due, calm| if is_held(due) { (due, ON + 1, Outcome::Ok) } else { calm }), 2 * STEP + 2);
    }

    /// Twenty held back come out one after the other, 2 ms each: the last of them were not down until 40 ms after the end.
    a_backlog_is_no_outage {
        let drained = |due: u64| ON + 1 + 2 * (due - 20_010) / STEP;
        hold(&seen(|due, calm| if is_held(due) { (due, drained(due), Outcome::Ok) } else { calm }), 7 * STEP);
    }

    /// The baseline answers now in 1, now in 40 ms; one answer is lost. Those after it are good long before it counts as late.
    one_lost_answer_is_dated_by_what_was_due_before_it {
        let lost = 20_010;
        let seen = seen(|due, _| match due {
            due if due == lost => (due, due + 5_000, Outcome::Info),
            due => (due, due + if due % 20 == 0 { 40 } else { 1 }, Outcome::Ok),
        });
        let (t1, t2) = (seen.t1.unwrap(), seen.t2.unwrap());
        assert!(t1.lo <= lost * MS && lost * MS <= t1.hi, "{t1:?}");
        assert!(t2.hi >= t1.hi && t2.hi <= t1.hi + 50 * MS, "{t2:?} after {t1:?}");
    }

    /// We were stopped for 8 ms when the outage ended, so the answers that had come were stamped late, and one was sent late.
    our_own_lateness_at_the_end_widens_the_bar {
        let seen = seen(|due, calm| match due {
            due if is_held(due) => (due, ON + 9, Outcome::Ok),
            20_210 => (ON + 15, ON + 16, Outcome::Ok),
            _ => calm,
        });
        hold(&seen, 3 * STEP + 2);
    }

    /// Sent 25 ms late by us, into the outage that began meanwhile: it was late by us first, and only then by the service.
    our_own_lateness_at_the_begin_is_not_dated_as_the_outage {
        let seen = seen(|due, calm| match due {
            19_980 => (OFF + 2, ON + 1, Outcome::Ok),
            19_990 | 20_000 => (OFF + 2, ON + 1, Outcome::Ok),
            due if is_held(due) => (due, ON + 1, Outcome::Ok),
            _ => calm,
        });
        let t1 = seen.t1.unwrap();
        assert!(t1.lo <= OFF * MS && OFF * MS <= t1.hi, "{t1:?}");
    }
}
