//! When a rule of two windows fires: the long one says that it matters, the short one that it still goes on.
//!
//! Rules are stated for a period of 30 days; a shorter period scales their windows, the factor stays. Before the record begins nothing
//! is known to be bad, so a window that reaches back further holds only what was seen: an alert comes later than it would with a bad
//! history, never earlier. The instants are exact: bad time is a line of constant slope between outages' ends.
use super::{MONTH_S, left, record::Record};
use crate::report::Bounds;
use model::units::{Nanos, S};
use serde::{Deserialize, Serialize};

/// A rule: fires while the burn rate over both windows is at least the factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// `page` or `ticket`.
    pub severity: &'static str,
    /// Burn rate.
    pub factor: f64,
    /// Long window of a period of 30 days, s.
    pub long_s: f64,
    /// Short window, s.
    pub short_s: f64,
}

const fn rule(severity: &'static str, factor: f64, long_s: f64, short_s: f64) -> Rule {
    Rule {
        severity,
        factor,
        long_s,
        short_s,
    }
}

/// The recommended rules: they spend 2, 5, 10 and 10 % of the budget of 30 days before they fire.
///
/// Source: The Site Reliability Workbook (2018), chapter 5, table 5-8 and the text around it.
pub const RULES: [Rule; 4] = [
    rule("page", 14.4, 3_600.0, 300.0),
    rule("page", 6.0, 21_600.0, 1_800.0),
    rule("ticket", 3.0, 86_400.0, 7_200.0),
    rule("ticket", 1.0, 259_200.0, 21_600.0),
];

/// Fewest probes in the short window: below it one late answer is a tenth of the window and more.
pub const LEAST_PROBES: f64 = 10.0;

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It fired at least once.
    Fired,
    /// It never did.
    Quiet,
    /// The short window holds too few probes to tell.
    TooShort,
    /// Not even a total outage burns that fast.
    Unreachable,
}

/// A rule held against a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// `page` or `ticket`.
    pub severity: String,
    /// Burn rate that both windows must reach.
    pub factor: f64,
    /// Long window as scaled, s.
    pub long_s: f64,
    /// Short window as scaled, s.
    pub short_s: f64,
    /// What became of it.
    pub state: State,
    /// Stretches in which it fires, s from the begin of the window that was looked at.
    pub firing_s: Vec<(f64, f64)>,
    /// Probes that the short window holds.
    pub probes: f64,
    /// Why it says nothing, and what would do; only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// All rules over a window of a record, scaled to a period of `period_s`.
pub fn alerts(record: &Record, target: f64, window: Bounds, period_s: f64) -> Vec<Alert> {
    let one = |rule: &Rule| alert(record, target, window, period_s / MONTH_S, rule);
    RULES.iter().map(one).collect()
}

fn alert(record: &Record, target: f64, window: Bounds, scale: f64, rule: &Rule) -> Alert {
    let (long_s, short_s) = (rule.long_s * scale, rule.short_s * scale);
    let probes = short_s / record.period.as_s().max(1e-9);
    let mut alert = Alert {
        severity: rule.severity.into(),
        factor: rule.factor,
        long_s,
        short_s,
        state: State::Quiet,
        firing_s: Vec::new(),
        probes,
        why: None,
    };
    if left::allowed(target, 1.0) * rule.factor > 1.0 {
        alert.state = State::Unreachable;
        let most = 1.0 / left::allowed(target, 1.0);
        alert.why = Some(format!(
            "not even a total outage burns that fast: at most {most:.1}"
        ));
    } else if probes < LEAST_PROBES {
        alert.state = State::TooShort;
        alert.why = Some(too_short(record, rule, probes));
    } else {
        alert.firing_s = firing(record, target, window, rule.factor, [long_s, short_s]);
        if !alert.firing_s.is_empty() {
            alert.state = State::Fired;
        }
    }
    alert
}

fn too_short(record: &Record, rule: &Rule, probes: f64) -> String {
    let need_s = LEAST_PROBES * record.period.as_s() * MONTH_S / rule.short_s;
    format!(
        "its short window holds {probes:.1} probes, fewer than {LEAST_PROBES}: {need_s:.0} s watched at this period would do, or a shorter period"
    )
}

/// What was spent since the begin of a window, s from it: a line between each two instants.
struct Spent {
    /// Instant, spent until then, slope after it.
    knots: Vec<(f64, f64, f64)>,
}

impl Spent {
    fn of(record: &Record, window: Bounds) -> Self {
        let at = |ns: u64| ns.saturating_sub(window.lo) as f64 / S as f64;
        let mut edges: Vec<(f64, f64)> = Vec::new();
        for (part, slope) in record.slopes() {
            let (lo, hi) = (part.lo.max(window.lo), part.hi.min(window.hi));
            if lo < hi {
                edges.extend([(at(lo), slope), (at(hi), -slope)]);
            }
        }
        edges.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut knots: Vec<(f64, f64, f64)> = vec![(0.0, 0.0, 0.0)];
        for (t, change) in edges {
            let (before, spent, slope) = knots[knots.len() - 1];
            knots.push((t, spent + slope * (t - before), slope + change));
        }
        Self { knots }
    }

    fn until(&self, t: f64) -> f64 {
        let after = self.knots.partition_point(|knot| knot.0 <= t);
        let Some(at) = after.checked_sub(1) else {
            return 0.0;
        };
        let (from, spent, slope) = self.knots[at];
        spent + slope * (t - from)
    }

    /// Spent in the `length` before an instant.
    fn over(&self, t: f64, length: f64) -> f64 {
        self.until(t) - self.until(t - length)
    }
}

/// Share that rounding may take from a threshold that is reached exactly.
const ROUNDING: f64 = 1e-9;

/// Where both windows reach the factor, s from the begin of `window`.
fn firing(
    record: &Record,
    target: f64,
    window: Bounds,
    factor: f64,
    lengths: [f64; 2],
) -> Vec<(f64, f64)> {
    let spent = Spent::of(record, window);
    let end = window.hi.saturating_sub(window.lo) as f64 / S as f64;
    let mut instants: Vec<f64> = vec![0.0, end];
    for (t, _, _) in &spent.knots {
        instants.extend([*t, t + lengths[0], t + lengths[1]]);
    }
    instants.retain(|t| *t <= end);
    instants.sort_by(f64::total_cmp);
    instants.dedup();
    let due = |length: f64| record.due(Nanos((length * S as f64) as u64));
    let threshold = |length: f64| factor * left::allowed(target, due(length)) * (1.0 - ROUNDING);
    let over = |t: f64, length: f64| spent.over(t, length) - threshold(length);
    let asked: &[f64] = match (crate::mutant("B6"), crate::mutant("B7")) {
        (true, _) => &lengths[..1],
        (_, true) => &lengths[1..],
        _ => &lengths,
    };
    let mut all: Vec<(f64, f64)> = Vec::new();
    for pair in instants.windows(2) {
        let parts = asked.iter().map(|length| {
            reached(
                pair[0],
                pair[1],
                over(pair[0], *length),
                over(pair[1], *length),
            )
        });
        let both = parts
            .reduce(|a, b| Some((a?.0.max(b?.0), a?.1.min(b?.1))))
            .flatten();
        match (both, all.last_mut()) {
            (Some((from, to)), Some(last)) if from <= last.1 => last.1 = last.1.max(to),
            (Some((from, to)), _) if from < to => all.push((from, to)),
            _ => {}
        }
    }
    all
}

/// Where a line from `a` at `from` to `b` at `to` is not below zero.
fn reached(from: f64, to: f64, a: f64, b: f64) -> Option<(f64, f64)> {
    let cross = || from + (to - from) * (a / (a - b));
    match (a >= 0.0, b >= 0.0) {
        (true, true) => Some((from, to)),
        (false, true) => Some((cross(), to)),
        (true, false) => Some((from, cross())),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests;
