//! Measures for failures that show no error: the longest silence, one class of answer, redundancy that does not come back.
use super::Measured;
use crate::{
    input::{Folder, Records},
    report::{Bounds, Repeat},
    span::Span,
    stream::Stream,
    window,
};
use model::{
    journal::Event,
    objective::{Estimate, Method, Objective, Sampled, estimate},
    system::ProbeKind,
    units::Nanos,
};
use std::collections::BTreeMap;

/// The longest time between two successes, or between one and an edge of its stretch.
///
/// Successes were looked for once a period, and not while we ourselves sent nothing: the true silence may be shorter by that.
/// One that goes on beyond its stretch may be longer.
pub fn gap(stream: &Stream, stretches: &[Bounds]) -> Estimate {
    let n = stream.within(stretches).count() as u64;
    if n == 0 {
        return Estimate::none(0, "no samples in this window");
    }
    let unseen = stream.longest_gap(stretches).max(stream.spec.period_ns);
    let silences: Vec<Silence> = stretches.iter().map(|one| silence(stream, one)).collect();
    let most = |of: fn(&Silence) -> f64| silences.iter().map(of).fold(0.0, f64::max);
    let value = most(|silence| silence.inside_s);
    Estimate {
        value: Some(value),
        low: (value - unseen.as_s()).max(0.0),
        high: most(|silence| silence.beyond_s).max(value),
        n,
        why: None,
    }
}

/// The longest silence of one stretch, and the one that its end cuts off, to its own end: without one where nothing answered any more.
pub(crate) struct Silence {
    pub(crate) inside_s: f64,
    beyond_s: f64,
}

/// Of one stretch.
pub(crate) fn silence(stream: &Stream, stretch: &Bounds) -> Silence {
    let answered = stream.samples.iter().filter(|one| one.value.is_some());
    let mut instants: Vec<u64> = answered.map(|one| one.ended.0).collect();
    instants.sort_unstable();
    let from = instants.partition_point(|at| *at < stretch.lo);
    let to = instants.partition_point(|at| *at < stretch.hi);
    let mut inside = vec![stretch.lo];
    inside.extend(&instants[from..to]);
    let last = inside.last().copied().unwrap_or(stretch.lo);
    inside.push(stretch.hi);
    let longest = inside.windows(2).map(|pair| pair[1] - pair[0]).max();
    let next = instants.get(to);
    Silence {
        inside_s: Nanos(longest.unwrap_or_default()).as_s(),
        beyond_s: next.map_or(f64::INFINITY, |next| Nanos(next - last).as_s()),
    }
}

/// Operations of a probe that ended with this class, in number or as a share of all.
pub fn of_class(
    folder: &Folder,
    probe: &str,
    class: &str,
    method: Method,
    stretches: &[Bounds],
) -> Estimate {
    let Some(Records::Ops(ops)) = folder.sources.get(probe).map(|source| &source.records) else {
        return Estimate::none(0, format!("probe `{probe}` left no operations"));
    };
    let Some(classes) = classes(folder, probe) else {
        return Estimate::none(
            0,
            format!("the samples of `{probe}` were not closed in order"),
        );
    };
    let number = classes.iter().position(|one| one == class);
    let due: Vec<u8> = ops
        .iter()
        .filter(|op| window::within(stretches, op.intended))
        .map(|op| op.class)
        .collect();
    let n = due.len() as u64;
    if n == 0 {
        return Estimate::none(0, "no samples in this window");
    }
    // Classes are numbered from 1; 0 is none.
    let of_it = |seen: &&u8| number.is_some_and(|number| usize::from(**seen) == number + 1);
    let count = due.iter().filter(of_it).count() as f64;
    Estimate::exact(
        if method == Method::Rate {
            count / n as f64
        } else {
            count
        },
        n,
    )
}

/// Whether any operation of the whole run ended with this class.
pub fn is_heard(folder: &Folder, probe: &str, class: &str) -> bool {
    classes(folder, probe).is_some_and(|all| all.iter().any(|one| one == class))
}

fn classes<'a>(folder: &'a Folder, probe: &str) -> Option<&'a [String]> {
    folder.facts().find_map(|(_, event)| match event {
        Event::SamplesClosed {
            source, classes, ..
        } if source == probe => Some(&classes[..]),
        _ => None,
    })
}

/// Times from the proof of the heal; what was back before it took no time.
pub fn from_heal(runs: &[Repeat]) -> Sampled {
    let mut sampled = Sampled::default();
    for run in runs.iter().filter(|run| !run.absorbed) {
        let (Some(t0), Some(th)) = (run.t0_ns, run.th_ns) else {
            sampled.unanswered.push(0.0);
            continue;
        };
        match run.t3_ns {
            Some(t3) => add(&mut sampled, t3.since(th)),
            None => {
                let watched = run.watched_s - th.since(t0).mid();
                sampled.unanswered.push(watched.max(0.0));
            }
        }
    }
    sampled
}

fn add(sampled: &mut Sampled, span: Span) {
    sampled.values.push(span.mid().max(0.0));
    sampled.bar = sampled.bar.max(span.half_width());
}

/// Time until every probe with a full number was full again: T5 from T0, or from the heal.
pub fn redundancy(objective: &Objective, measured: &Measured) -> Estimate {
    let full = |name: &str| {
        let spec = measured
            .streams
            .iter()
            .find(|stream| stream.spec.name == name);
        spec.is_some_and(|stream| stream.spec.kind == ProbeKind::GaugeFull)
    };
    let fault = objective.tag("fault").unwrap_or_default();
    let rows = measured
        .recovery
        .iter()
        .filter(|row| row.fault == fault && full(&row.probe));
    let mut repeats: BTreeMap<&str, Vec<&Repeat>> = BTreeMap::new();
    for run in rows.flat_map(|row| &row.runs) {
        repeats.entry(&run.id).or_default().push(run);
    }
    if repeats.is_empty() {
        return Estimate::none(
            0,
            "no probe reads redundancy, or no repeat was proved effective",
        );
    }
    let runs: Vec<Repeat> = repeats
        .into_values()
        .filter_map(|runs| last_to_be_full(&runs))
        .collect();
    let (n, back) = (
        runs.len(),
        runs.iter().filter(|run| run.t3_ns.is_some()).count(),
    );
    match objective.method {
        Method::Count => Estimate::exact(back as f64, n as u64),
        _ if n == 0 => Estimate::none(0, "no probe fell below its full number"),
        Method::Rate => Estimate::exact(back as f64 / n as f64, n as u64),
        method if objective.tag("from") == Some("healed") => estimate(method, &from_heal(&runs)),
        method => estimate(method, &from_effective(&runs)),
    }
}

/// Of the gauges that fell in one repeat: the last to be full again, censored while one is not. None where none fell.
fn last_to_be_full(runs: &[&Repeat]) -> Option<Repeat> {
    let fell: Vec<&&Repeat> = runs.iter().filter(|run| !run.absorbed).collect();
    let back: Option<Vec<Bounds>> = fell.iter().map(|run| run.t3_ns).collect();
    let t3_ns = back.and_then(|all| all.into_iter().reduce(Bounds::later));
    let first = fell.first()?;
    Some(Repeat {
        t3_ns,
        censored: t3_ns.is_none(),
        ..(**first).clone()
    })
}

fn from_effective(runs: &[Repeat]) -> Sampled {
    let mut sampled = Sampled::default();
    for run in runs {
        match (run.t0_ns, run.t3_ns) {
            (Some(t0), Some(t3)) => add(&mut sampled, t3.since(t0)),
            _ => sampled.unanswered.push(run.watched_s),
        }
    }
    sampled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Sample, State};
    use model::system::ProbeSpec;

    const MS: u64 = 1_000_000;

    /// A probe every 100 ms that succeeded at once, but for the times in between.
    fn silent(from_ms: u64, to_ms: u64, end_ms: u64) -> Stream {
        let sample = |ms: u64| Sample {
            due: Nanos(ms * MS),
            sent: Nanos(ms * MS),
            ended: Nanos(ms * MS),
            value: (ms <= from_ms || ms >= to_ms).then_some(0.001),
            state: State::Good,
            hurts: false,
            known: Nanos(ms * MS),
            down: Nanos(ms * MS),
        };
        Stream {
            spec: ProbeSpec {
                name: "put".into(),
                kind: ProbeKind::Latency,
                unit: "s".into(),
                doc: String::new(),
                period_ns: Nanos::ms(100),
                deadline_ns: Nanos::secs(5),
                full: None,
            },
            bound: Some(0.1),
            samples: (0..end_ms / 100).map(|k| sample(k * 100)).collect(),
            strays: 0,
            stray_row: Nanos(0),
            baseline: 0,
        }
    }

    fn stretch(from_ms: u64, to_ms: u64) -> Vec<Bounds> {
        vec![Bounds {
            lo: from_ms * MS,
            hi: to_ms * MS,
        }]
    }

    #[test]
    fn a_silence_is_known_to_within_a_period() {
        let gap = gap(&silent(2_000, 10_000, 20_000), &stretch(1_000, 15_000));
        assert_eq!((gap.value, gap.low, gap.high), (Some(8.0), 7.9, 8.0));
    }

    #[test]
    fn a_silence_that_outlasts_its_window_can_miss_an_upper_bound_but_not_meet_it() {
        let stream = silent(2_000, 10_000, 20_000);
        let cut = gap(&stream, &stretch(1_000, 5_000));
        assert_eq!((cut.value, cut.high), (Some(3.0), 8.0));
        let endless = gap(&silent(2_000, 90_000, 20_000), &stretch(1_000, 15_000));
        assert_eq!((endless.value, endless.high), (Some(13.0), f64::INFINITY));
    }

    #[test]
    fn a_window_without_samples_has_no_gap() {
        assert_eq!(
            gap(&silent(0, 0, 1_000), &stretch(5_000, 9_000)).value,
            None
        );
    }

    fn repeat(id: &str, t3_s: Option<u64>) -> Repeat {
        let at = |s: u64| Bounds {
            lo: s * 1_000 * MS,
            hi: s * 1_000 * MS,
        };
        Repeat {
            id: id.into(),
            t0_ns: Some(at(10)),
            th_ns: Some(at(20)),
            t3_ns: t3_s.map(at),
            censored: t3_s.is_none(),
            watched_s: 60.0,
            ..Repeat::default()
        }
    }

    #[test]
    fn what_was_back_before_the_heal_took_no_time_from_it() {
        let times = from_heal(&[
            repeat("a", Some(15)),
            repeat("b", Some(26)),
            repeat("c", None),
        ]);
        assert_eq!(
            (times.values, times.unanswered),
            (vec![0.0, 6.0], vec![50.0])
        );
    }

    #[test]
    fn redundancy_is_back_only_when_every_gauge_that_fell_is_full() {
        let (soon, late, never) = (
            repeat("a", Some(15)),
            repeat("a", Some(30)),
            repeat("a", None),
        );
        let last = last_to_be_full(&[&soon, &late]).unwrap();
        assert_eq!(last.t3_ns, late.t3_ns);
        assert!(last_to_be_full(&[&soon, &never]).unwrap().censored);
        let whole = Repeat {
            absorbed: true,
            ..repeat("a", None)
        };
        assert_eq!(last_to_be_full(&[&whole]), None);
    }
}
