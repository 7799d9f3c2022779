//! The three or four numbers a reader sees first. They are chosen by shape, never by the name of a probe: the median recovery
//! of each fault, the worst availability and the worst p99 while faults were injected, the records lost.
use crate::number::{count, fixed, show};
use crate::text::clean;
use analysis::report::{ALL_PROBES, Analysis, Measure, Recovery};

/// A number with its caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it is.
    pub label: String,
    /// Value and unit.
    pub value: String,
    /// Interval, bar, n; or the reason why there is none.
    pub detail: String,
}

/// Headline numbers, at most four; fewer where the run has fewer to give.
#[must_use]
pub fn figures(a: &Analysis) -> Vec<Figure> {
    let recovered = a
        .recovery
        .iter()
        .filter(|r| r.probe == ALL_PROBES)
        .take(2)
        .map(recovery);
    let hurt = a.timeline.faults.iter().any(|f| f.effective_ns.is_some());
    let under = [availability(a), slowest(a)]
        .into_iter()
        .flatten()
        .filter(|_| hurt);
    recovered.chain(under).chain(lost(a)).take(4).collect()
}

impl Figure {
    fn of(self, which: &str) -> Self {
        let detail = if self.detail.is_empty() {
            which.to_owned()
        } else {
            format!("{}, {which}", self.detail)
        };
        Self { detail, ..self }
    }
}

fn figure(label: &str, m: &Measure) -> Figure {
    let shown = show(m);
    let detail = if shown.why.is_empty() {
        shown.detail()
    } else {
        shown.why.clone()
    };
    Figure {
        label: clean(label),
        value: shown.figure(),
        detail,
    }
}

fn recovery(r: &Recovery) -> Figure {
    let label = format!("Median recovery from {}", r.fault);
    if r.absorbed.n > 0 && r.absorbed.k == r.absorbed.n {
        let detail = format!(
            "nothing left its normal band, at least {}\u{a0}% (95\u{a0}%)",
            fixed(r.absorbed.low * 100.0, 0)
        );
        return Figure {
            label: clean(&format!("Absorbed: {}", r.fault)),
            value: crate::number::share(&r.absorbed),
            detail,
        };
    }
    if r.recover.value.is_none() && r.runs.iter().any(|run| run.censored) {
        let watched = r
            .runs
            .iter()
            .filter(|run| run.censored)
            .map(|run| run.watched_s)
            .fold(f64::INFINITY, f64::min);
        let detail = format!(
            "recovered {}, watched that long",
            crate::number::share(&r.reached)
        );
        return Figure {
            label: clean(&label),
            value: format!(">\u{a0}{}\u{a0}s", fixed(watched, 1)),
            detail,
        };
    }
    figure(&label, &r.recover)
}

fn availability(a: &Analysis) -> Option<Figure> {
    let in_faults = a
        .availability
        .iter()
        .filter(|r| r.window == "fault" && r.availability.value.is_some());
    let worst = in_faults.min_by(|x, y| {
        x.availability
            .value
            .unwrap_or(2.0)
            .total_cmp(&y.availability.value.unwrap_or(2.0))
    })?;
    Some(
        figure(
            &format!("Good time of {} under faults", worst.probe),
            &worst.availability,
        )
        .of("the worst"),
    )
}

fn slowest(a: &Analysis) -> Option<Figure> {
    let p99 = |percentiles: &[analysis::report::Percentile]| {
        percentiles
            .iter()
            .find(|q| (q.p - 99.0).abs() < 1e-9)
            .map(|q| q.value_s.clone())
    };
    let rows = a.latency.iter().filter(|l| l.window == "fault");
    let all = rows.filter_map(|l| {
        Some((
            l,
            p99(&l.percentiles).filter(|m| m.unit == "s" && m.value.is_some())?,
        ))
    });
    let (row, m) = all.max_by(|x, y| {
        x.1.value
            .unwrap_or(0.0)
            .total_cmp(&y.1.value.unwrap_or(0.0))
    })?;
    Some(figure(&format!("p99 of {} under faults", row.source), &m).of("the slowest"))
}

/// Of the last stage, which is what a reader of the data gets.
fn lost(a: &Analysis) -> Option<Figure> {
    let last = a.ledger.last()?.stage.as_str();
    let rows: Vec<_> = a.ledger.iter().filter(|l| l.stage == last).collect();
    let whole: Vec<_> = if rows.iter().any(|l| l.partition.is_none()) {
        rows.into_iter().filter(|l| l.partition.is_none()).collect()
    } else {
        rows
    };
    let known: Option<u64> = whole.iter().map(|l| l.lost).sum();
    let acked: u64 = whole.iter().map(|l| l.ok).sum();
    let detail = known.map_or_else(
        || "the end of the data was not reached".to_owned(),
        |_| format!("of {} acknowledged, stage {last}", count(acked)),
    );
    Some(Figure {
        label: "Records lost".into(),
        value: known.map_or_else(|| "unknown".into(), count),
        detail: clean(&detail),
    })
}
