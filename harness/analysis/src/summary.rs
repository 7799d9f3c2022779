//! The whole analysis of a run folder for people and machines, schema `brinell.analyze/1`: what `brinell analyze` prints.
use crate::{
    budget::{
        MONTH_S, expect, forecast,
        judge::{self, Asked, Period},
        report::{Budget, By, Forecast},
        take::Taken,
    },
    report::{Availability, Finding, Judgement, Measure, NotMeasured, Recovery, Run},
    schedule::{self, Schedule},
};
use model::{
    objective::{Objective, Op},
    scenario::{Place, Placed},
    slo::{Form, Goal, Good, Slo, Window},
    units::Nanos,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Schema of [`Summary`].
pub const SCHEMA: &str = "brinell.analyze/1";

/// Everything that a planner signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which run.
    pub run: Run,
    /// The one word, with its sentence.
    pub verdict: Judgement,
    /// What keeps it from passing; failures and unknowns.
    pub findings: Vec<Finding>,
    /// Per fault: one row over all probes, then one per probe.
    pub recovery: Vec<Recovery>,
    /// MTTR and MTBF under the schedule, per fault and probe.
    pub schedule: Vec<Schedule>,
    /// Per probe and window.
    pub availability: Vec<Available>,
    /// The budget of every availability that the scenario claims.
    pub budgets: Vec<Budget>,
    /// Stated fault frequencies over a month, per probe; empty where none were stated.
    pub forecasts: Vec<OfProbe>,
    /// What a reader might expect here and does not get.
    pub not_measured: Vec<NotMeasured>,
}

/// Availability with what follows from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Available {
    /// As measured.
    pub measured: Availability,
    /// `-log10(1 - availability)`.
    pub nines: Measure,
    /// Over a year of 365 days, if it went on like this.
    pub downtime_per_year: Measure,
}

/// A forecast as one probe would see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfProbe {
    /// Probe.
    pub probe: String,
    /// What it would see.
    pub forecast: Forecast,
}

/// Sums a run up, with stated fault frequencies (per month of time up) where there are some.
pub fn summary(taken: &Taken, per_month: &BTreeMap<String, f64>) -> Summary {
    let analysis = &taken.analysis;
    let findings = analysis
        .findings
        .iter()
        .filter(|one| one.verdict != model::verdict::Verdict::Pass);
    Summary {
        schema: SCHEMA.into(),
        run: analysis.run.clone(),
        verdict: analysis.verdict.clone(),
        findings: findings.cloned().collect(),
        recovery: analysis.recovery.clone(),
        schedule: schedule::schedule(&analysis.recovery),
        availability: analysis.availability.iter().map(available).collect(),
        budgets: taken
            .objectives
            .iter()
            .filter_map(|one| claimed(one, taken))
            .collect(),
        forecasts: taken
            .probes
            .iter()
            .filter_map(|probe| of_probe(probe, taken, per_month))
            .collect(),
        not_measured: analysis.not_measured.clone(),
    }
}

fn available(row: &Availability) -> Available {
    let a = &row.availability;
    let perfect = "no downtime was seen: no number of nines is enough";
    let of =
        |unit: &str, low: Option<f64>, value: Option<f64>, high: Option<f64>, why: &str| Measure {
            value,
            unit: unit.into(),
            n: a.n,
            low,
            high,
            method: a.method.clone(),
            why: value
                .is_none()
                .then(|| a.why.clone().unwrap_or_else(|| why.to_owned())),
            ..Measure::default()
        };
    let nines = |end: Option<f64>| end.and_then(forecast::nines);
    let year = |end: Option<f64>| end.map(forecast::downtime_per_year_s);
    Available {
        nines: of(
            "nines",
            nines(a.low),
            nines(a.value),
            nines(a.high),
            perfect,
        ),
        downtime_per_year: of("s", year(a.high), year(a.value), year(a.low), perfect),
        measured: row.clone(),
    }
}

/// Whether an objective claims a least availability of the whole run: that is a target with a budget.
pub(crate) fn is_floor(objective: &Objective) -> bool {
    let whole = matches!(objective.tag("window"), None | Some("whole"));
    let floor = matches!(objective.op, Op::Ge | Op::Gt) && (0.0..1.0).contains(&objective.bound);
    objective.metric == "availability" && whole && floor
}

/// An availability that the scenario claims of the whole run, as a budget.
fn claimed(objective: &Objective, taken: &Taken) -> Option<Budget> {
    if !is_floor(objective) {
        return None;
    }
    let placed = |value: &str| Placed {
        value: value.to_owned(),
        at: Place::default(),
    };
    let goal = Goal {
        title: objective.threshold.clone(),
        target: Placed {
            value: objective.bound,
            at: Place::default(),
        },
        probe: placed(objective.tag("probe")?),
        good: Good::Available,
        form: Form::Time,
    };
    let length = taken.watched().unwrap_or(Nanos(0));
    let slo = Slo {
        name: placed(&objective.key),
        title: objective.text(),
        service: taken.analysis.run.scenario.clone(),
        description: String::new(),
        window: Window::Rolling(length),
        goals: vec![goal.clone()],
    };
    let none = BTreeMap::new();
    let asked = Asked {
        slo: &slo,
        goal: &goal,
        period: Period::Rolling(length.0),
        per_month: &none,
        by: By::Runs,
    };
    Some(judge::budget(&asked, std::slice::from_ref(taken)))
}

fn of_probe(probe: &str, taken: &Taken, per_month: &BTreeMap<String, f64>) -> Option<OfProbe> {
    let asked = expect::Stated {
        probe,
        target: 0.0,
        asked_s: MONTH_S,
        per_month,
    };
    Some(OfProbe {
        probe: probe.into(),
        forecast: expect::forecast(&asked, std::slice::from_ref(taken))?,
    })
}
