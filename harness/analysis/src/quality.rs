//! How good the rows of the table are, before, during and after each fault: completeness, uniqueness, conformity.
//!
//! Rows are counted by the second in which their records were due, and a window cuts seconds. What lies in a second that an edge cuts
//! may belong to the window or not, and so may a row without a time: the share is that of the seconds inside, its ends are what it would
//! be if all of the others counted for the worse, or all for the better. An end that was not reached, a file that could not be read or
//! no row at all are unknown. Formulas: SCIENCE 6.
use crate::{
    report::{
        Bounds, Measure, Series,
        quality::{Check, Quality, QualityCheck, QualityWindow},
    },
    timeline::BUCKETS,
    window::{Injection, Windows},
};
use model::{
    ledger::{
        Stage,
        quality::{self, Counts},
    },
    objective::{Op, judge::compare},
    units::S,
};

/// Completeness that the reference asks for.
pub const COMPLETE: f64 = 0.99;

/// Name of the line in the timeline.
const SERIES: &str = "table-quality";

/// Rows of a window: those inside for sure, and those that may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cut {
    inside: Counts,
    maybe: Counts,
}

/// The rows of the first stage of which they were counted; none where nobody counted any.
pub fn quality(windows: &Windows, stages: &[Stage]) -> Option<Quality> {
    let stage = rated(stages)?;
    let of = stage.quality.as_ref()?;
    let untold = untold(stage, of);
    let named = |name: &str, stretches: &[Bounds]| window(name, of, stretches, untold.as_deref());
    let injections = windows.injections.iter().flat_map(parts);
    let injections = injections.map(|(name, part)| named(&name, &[part]));
    let whole = |name: &str| named(name, &windows.stretches(name));
    let before = std::iter::once(whole("baseline"));
    let after = ["fault", "recovery", "whole"].map(whole);
    Some(Quality {
        stage: stage.name.clone(),
        required: of.required.clone(),
        columns: of.columns.clone(),
        rows: of.total().rows,
        timeless: of.timeless.clone(),
        windows: before.chain(injections).chain(after).collect(),
        notes: of.notes.clone(),
        untold,
    })
}

/// The window of an injection, and of one that lasts also its two parts: until its heal was proved, and after.
fn parts(injection: &Injection) -> Vec<(String, Bounds)> {
    let Some(window) = injection.window else {
        return Vec::new();
    };
    let mut parts = vec![(injection.id.clone(), window)];
    if let Some(healed) = injection.healed.filter(|_| injection.held) {
        let at = healed.hi.clamp(window.lo, window.hi);
        let until = Bounds { hi: at, ..window };
        parts.push((format!("{}, until healed", injection.id), until));
        let after = Bounds { lo: at, ..window };
        parts.push((format!("{}, after", injection.id), after));
    }
    parts.retain(|(_, part)| part.hi > part.lo);
    parts
}

/// The stage whose rows were counted.
pub fn rated(stages: &[Stage]) -> Option<&Stage> {
    stages.iter().find(|stage| stage.quality.is_some())
}

/// Why no window can be judged: more rows may come, or lie where nobody can read them.
fn untold(stage: &Stage, of: &quality::Quality) -> Option<String> {
    if crate::mutant("Q3") {
        return None;
    }
    let files = (of.unread > 0).then(|| format!("{} files of the table cannot be read", of.unread));
    let end = stage.complete.as_ref().err();
    end.map(|why| format!("the end of the table was not reached: {why}"))
        .or(files)
}

fn cut(of: &quality::Quality, stretches: &[Bounds]) -> Cut {
    let mut cut = Cut::default();
    for (second, counts) in &of.seconds {
        match overlap(*second, stretches) {
            S => cut.inside.add(counts),
            0 => {}
            _ if crate::mutant("Q2") => cut.inside.add(counts),
            _ => cut.maybe.add(counts),
        }
        if crate::mutant("Q6") {
            cut.inside.add(counts);
        }
    }
    if !crate::mutant("Q4") {
        cut.maybe.add(&of.timeless);
    }
    cut
}

/// How much of a second lies in stretches that do not overlap each other, ns.
fn overlap(second: u64, stretches: &[Bounds]) -> u64 {
    let (from, to) = (
        second.saturating_mul(S),
        second.saturating_mul(S).saturating_add(S),
    );
    let within = |one: &Bounds| one.hi.min(to).saturating_sub(one.lo.max(from));
    stretches.iter().map(within).sum()
}

/// The rows whose records were due in these stretches, which do not overlap each other.
pub fn window(
    name: &str,
    of: &quality::Quality,
    stretches: &[Bounds],
    untold: Option<&str>,
) -> QualityWindow {
    let cut = cut(of, stretches);
    let check = |check, column: Option<&String>, bad: &dyn Fn(&Counts) -> u64, at_least| {
        let share = share(&cut, bad, untold);
        QualityCheck {
            check,
            column: column.cloned(),
            bad: bad(&cut.inside),
            verdict: verdict(&share, at_least),
            share,
            at_least,
        }
    };
    let nulls = |at: usize| move |counts: &Counts| counts.nulls.get(at).copied().unwrap_or(0);
    let complete = of.required.iter().enumerate();
    let complete =
        complete.map(|(at, column)| check(Check::Completeness, Some(column), &nulls(at), COMPLETE));
    let unique = check(Check::Uniqueness, None, &|counts| counts.copies, 1.0);
    let declared = !of.columns.is_empty();
    let conform = declared.then(|| check(Check::Conformity, None, &|counts| counts.wrong, 1.0));
    QualityWindow {
        window: name.into(),
        rows: cut.inside.rows,
        edge_rows: cut.maybe.rows,
        checks: complete.chain([unique]).chain(conform).collect(),
    }
}

/// Rows without the flaw over rows. Bad rows that may belong to the window pull the lower end down, good ones the upper end up.
fn share(cut: &Cut, bad: &dyn Fn(&Counts) -> u64, untold: Option<&str>) -> Measure {
    let (rows, wrong) = (cut.inside.rows, bad(&cut.inside));
    let (maybe, maybe_wrong) = (cut.maybe.rows, bad(&cut.maybe));
    let of = |good: u64, all: u64| good as f64 / all as f64;
    let measure = Measure {
        unit: "1".into(),
        n: rows,
        method: "counted by second".into(),
        ..Measure::default()
    };
    let why = match (untold, rows, maybe) {
        (Some(why), ..) => why.to_owned(),
        (None, 0, _) if crate::mutant("Q1") => {
            return Measure {
                value: Some(1.0),
                low: Some(1.0),
                high: Some(1.0),
                ..measure
            };
        }
        (None, 0, 0) => "no rows of this window".into(),
        (None, 0, some) => {
            format!("no second inside this window has rows; {some} may belong to it")
        }
        (None, ..) => {
            return Measure {
                value: Some(of(rows - wrong, rows)),
                low: Some(of(rows - wrong, rows + maybe_wrong)),
                high: Some(of(
                    rows - wrong + maybe - maybe_wrong,
                    rows + maybe - maybe_wrong,
                )),
                ..measure
            };
        }
    };
    Measure {
        why: Some(why),
        ..measure
    }
}

fn verdict(share: &Measure, at_least: f64) -> model::verdict::Verdict {
    let end = |end: Option<f64>| end.unwrap_or(f64::NAN);
    compare(Op::Ge, at_least, end(share.low), end(share.high))
}

/// Share of rows without any flaw over time, %; nothing where no row was due.
pub fn series(stages: &[Stage]) -> Option<Series> {
    let of = rated(stages)?.quality.as_ref()?;
    let (first, last) = (*of.seconds.keys().next()?, *of.seconds.keys().next_back()?);
    let step = (last - first + 1).div_ceil(BUCKETS).max(1);
    let buckets = (first..=last).step_by(step as usize);
    let buckets: Vec<Vec<&Counts>> = buckets
        .map(|from| {
            let seconds = of.seconds.range(from..from.saturating_add(step));
            seconds
                .map(|(_, counts)| counts)
                .filter(|counts| counts.rows > 0)
                .collect()
        })
        .collect();
    let clean = |counts: &Counts| {
        let share = (counts.rows - counts.flawed) as f64 / counts.rows as f64;
        (share * 1e8).round() / 1e6
    };
    let of_all = |pick: fn(f64, f64) -> f64| -> Vec<Option<f64>> {
        let one = |bucket: &Vec<&Counts>| bucket.iter().map(|one| clean(one)).reduce(pick);
        buckets.iter().map(one).collect()
    };
    let together = |bucket: &Vec<&Counts>| {
        let mut sum = Counts::default();
        bucket.iter().for_each(|one| sum.add(one));
        (sum.rows > 0).then_some(sum)
    };
    let sums: Vec<Option<Counts>> = buckets.iter().map(together).collect();
    let shares = |share: &dyn Fn(&Counts) -> f64| -> Vec<Option<f64>> {
        sums.iter().map(|sum| sum.as_ref().map(share)).collect()
    };
    Some(Series {
        id: SERIES.into(),
        name: "Rows of the table without a null, a copy or a wrong column, when they were due"
            .into(),
        unit: "%".into(),
        start_ns: first.saturating_mul(S),
        bucket_ns: step.saturating_mul(S),
        values: shares(&clean),
        low: of_all(f64::min),
        high: of_all(f64::max),
        bad: shares(&|sum| ((sum.flawed as f64 / sum.rows as f64) * 1e3).ceil() / 1e3),
        bound: None,
        outages: Vec::new(),
    })
}
