//! Whether a claim holds: pass where the whole interval keeps it, fail where all of it breaks it, else unknown.
use super::report::{Effect, Line};
use crate::{
    headline::number,
    report::{Judgement, Measure},
};
use model::{
    compare::Claim,
    objective::{Op, judge::compare},
    verdict::Verdict::{self, Fail, Pass, Unknown},
};

/// The verdict of one claim and its reason. `silent` runs of the second arm may have been hurt and say nothing; where there are any, no
/// claim passes.
///
/// A reduction below 0 claims an increase. No verdict where nothing is measured or no number is promised.
pub fn judge(
    claim: &Claim,
    arms: &[Measure; 2],
    effect: Option<&Effect>,
    silent: u64,
) -> (Option<Verdict>, String) {
    let (Some(_), Some(effect)) = (claim.measure, effect) else {
        return (None, format!("not measured: {}", claim.why));
    };
    let Some(reduction) = claim.reduction.filter(|one| one.is_finite()) else {
        return (None, "the claim names no share that the second arm is to have less, so there are numbers and no verdict".into());
    };
    let bound = rounded(1.0 - reduction);
    let op = if reduction < 0.0 { Op::Ge } else { Op::Le };
    let side = if reduction < 0.0 {
        "at least"
    } else {
        "at most"
    };
    let asked = format!("{} {side} {}", effect.what, words(bound));
    match of(&effect.value, op, bound) {
        Pass if silent > 0 && !crate::mutant("H9") => (
            Some(Unknown),
            format!(
                "{asked}: holds for what was measured, but {silent} run{} of the second arm may have been hurt and could not be measured",
                if silent == 1 { "" } else { "s" }
            ),
        ),
        Pass => (
            Some(Pass),
            format!(
                "{asked}: the whole interval {} keeps it",
                ends(&effect.value)
            ),
        ),
        Fail => (
            Some(Fail),
            format!(
                "{asked}: the whole interval {} breaks it",
                ends(&effect.value)
            ),
        ),
        Unknown => (
            Some(Unknown),
            format!("{asked}: {}", unknown(arms, &effect.value)),
        ),
    }
}

/// One less a share, without the dust of its subtraction.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// Three significant digits, without the zeros that say nothing.
fn words(value: f64) -> String {
    if value == 0.0 || value.abs() >= 1.0 {
        return number(value, "").trim_end().to_owned();
    }
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Without a level there is no interval, whatever the ends say. An end that is missing is one without bound.
fn of(value: &Measure, op: Op, bound: f64) -> Verdict {
    if value.level.is_none() && !crate::mutant("H8") {
        return Unknown;
    }
    let end = |end: Option<f64>| end.unwrap_or(f64::INFINITY);
    compare(op, bound, end(value.low), end(value.high))
}

fn ends(value: &Measure) -> String {
    let end = |end: Option<f64>| end.map_or_else(|| "not reached".into(), words);
    format!("[{}, {}]", end(value.low), end(value.high))
}

fn unknown(arms: &[Measure; 2], value: &Measure) -> String {
    let none = |arm: &Measure| arm.value == Some(0.0) && arm.high.is_none_or(|high| high == 0.0);
    match (&value.why, value.level) {
        (Some(_), _) if arms.iter().all(none) => {
            "none in either arm, so there is nothing to have less of".into()
        }
        (Some(why), _) if value.n == 0 => {
            let of_arms = arms.iter().filter_map(|arm| arm.why.clone());
            let all: Vec<String> = std::iter::once(why.clone()).chain(of_arms).collect();
            all.join("; ")
        }
        (_, None) => format!("{}; more repeats would give one", value.method),
        _ => format!(
            "the interval {} straddles it; more repeats would narrow it",
            ends(value)
        ),
    }
}

/// The worst of the lines, in a sentence.
pub fn overall(lines: &[Line]) -> Judgement {
    let judged = lines.iter().filter_map(|line| Some((line, line.verdict?)));
    let value = Verdict::worst(judged.clone().map(|(_, verdict)| verdict));
    let count = |wanted| {
        judged
            .clone()
            .filter(|(_, verdict)| *verdict == wanted)
            .count()
    };
    let deciding: Vec<&Line> = judged
        .clone()
        .filter(|(_, verdict)| *verdict == value)
        .map(|(line, _)| line)
        .collect();
    let tally = format!(
        "{} of {} claims hold, {} broken, {} open, {} not judged",
        count(Pass),
        lines.len(),
        count(Fail),
        count(Unknown),
        lines.len() - judged.clone().count()
    );
    let first = deciding.first().map_or_else(
        || "no claim promises a number that is measured here".into(),
        |line| format!("{}: {}", line.metric, line.reason),
    );
    Judgement {
        value,
        headline: format!("{tally}. {first}"),
        reasons: deciding.iter().map(|line| line.metric.clone()).collect(),
    }
}
