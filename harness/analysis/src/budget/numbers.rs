//! The numbers of a budget, each with its unit, what it rests on, and its interval or the reason why there is none.
use super::{
    burn,
    judge::Asked,
    left::{self, Amount, Gate},
    record::Record,
    report::{Budget, Point, Span},
};
use crate::report::{Bounds, Measure};
use model::{slo, units::S};

/// In what time a whole budget of the window is gone.
pub(super) fn exhaustion(asked: &Asked, burn: Option<Amount>) -> Measure {
    let asked_s = asked.period.length_s();
    let at = |burn: f64| burn::exhaustion(asked_s, burn);
    let Some(burn) = burn else { return nothing() };
    let Some(value) = at(burn.value) else {
        return Measure {
            unit: "s".into(),
            low: at(burn.high),
            why: Some("nothing was spent, so no rate is known at which it would be gone".into()),
            ..Measure::default()
        };
    };
    Measure {
        value: Some(value),
        unit: "s".into(),
        n: 1,
        low: at(burn.high),
        high: at(burn.low),
        method: "the window over the burn rate".into(),
        ..Measure::default()
    }
}

/// What is left of the whole window, if all that nobody watched was good.
pub(super) fn whole_window(asked: &Asked, record: &Record, window: Bounds, n: u64) -> Measure {
    let length = asked.period.length_s();
    let total = match asked.goal.form {
        slo::Form::Time => length,
        _ => length * S as f64 / record.step.0.max(1) as f64,
    };
    let left = left::left(asked.goal.target.value, total, record.spent(window));
    measure(
        left,
        record.unit(),
        n,
        "allowed over the whole window less spent; what nobody watched is taken as good",
    )
}

/// Most points of a burn-down: as many as a picture can show.
const POINTS: u64 = 240;

/// What was left at evenly spaced instants and wherever bad time begins or ends.
pub(super) fn points(record: &Record, target: f64, window: Bounds) -> Vec<Point> {
    let long = window.hi - window.lo;
    let mut instants: Vec<u64> = (0..=POINTS)
        .map(|k| window.lo + (u128::from(long) * u128::from(k) / u128::from(POINTS)) as u64)
        .collect();
    let edges: Vec<u64> = record
        .slopes()
        .iter()
        .flat_map(|(part, _)| [part.lo, part.hi])
        .collect();
    if edges.len() as u64 <= 2 * POINTS {
        instants.extend(
            edges
                .into_iter()
                .filter(|at| window.lo < *at && *at < window.hi),
        );
    }
    instants.sort_unstable();
    instants.dedup();
    let total = record.total(window);
    let at = |at: u64| {
        let spent = record.spent(Bounds {
            lo: window.lo,
            hi: at,
        });
        let (told, all) = (
            left::left(target, total.told, spent),
            left::left(target, total.all, spent),
        );
        Point {
            t_s: (at - window.lo) as f64 / S as f64,
            left: told.value,
            low: all.low,
            high: all.high,
        }
    };
    instants.into_iter().map(at).collect()
}

pub(super) const fn method(form: slo::Form) -> &'static str {
    match form {
        slo::Form::Time => "measured: union of bad stretches",
        slo::Form::Samples => "counted: bad samples",
        slo::Form::Slices { .. } => "counted: bad slices of time",
        slo::Form::Ratios { .. } => "summed: bad share of each slice of time",
    }
}

const fn word(form: slo::Form) -> &'static str {
    match form {
        slo::Form::Time => "time",
        slo::Form::Samples => "samples",
        slo::Form::Slices { .. } => "slices",
        slo::Form::Ratios { .. } => "ratios",
    }
}

pub(super) fn span(asked: &Asked) -> Span {
    Span {
        kind: asked.period.kind().into(),
        asked_s: asked.period.length_s(),
        ..Span::default()
    }
}

/// A number with the bar of its measurement.
pub(super) fn measure(amount: Amount, unit: &str, n: u64, method: &str) -> Measure {
    Measure {
        value: Some(amount.value),
        unit: unit.into(),
        n,
        low: Some(amount.low),
        high: Some(amount.high),
        method: method.into(),
        error: Some((amount.high - amount.low) / 2.0),
        ..Measure::default()
    }
}

pub(super) fn nothing() -> Measure {
    Measure {
        why: Some("the target allows nothing of what was watched".into()),
        ..Measure::default()
    }
}

/// A budget of which only the question is known.
pub(super) fn untold(asked: &Asked, why: String) -> Budget {
    let missing = Measure {
        why: Some(why.clone()),
        ..Measure::default()
    };
    Budget {
        slo: asked.slo.name.value.clone(),
        objective: asked.goal.title.clone(),
        service: asked.slo.service.clone(),
        probe: asked.goal.probe.value.clone(),
        target: asked.goal.target.value,
        form: word(asked.goal.form).into(),
        window: span(asked),
        gate: Gate::Unknown,
        why: Some(why),
        allowed: missing.clone(),
        spent: missing.clone(),
        left: missing.clone(),
        left_share: missing.clone(),
        availability: missing.clone(),
        over_runs: missing.clone(),
        burn: missing.clone(),
        exhaustion: missing.clone(),
        lowest: None,
        burn_down: Vec::new(),
        alerts: Vec::new(),
        whole_window: missing,
        forecast: None,
    }
}
