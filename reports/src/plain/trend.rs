//! `brinell trend` as text.
use super::{table, told};
use crate::text::clean;
use analysis::history::{Line, Trend, alarm::LEAST_RUNS};

/// All of it, the worst first.
#[must_use]
pub fn text(trend: &Trend) -> String {
    let Some(newest) = &trend.newest else {
        return format!(
            "{}: no run was found; {} and a newest one would do\n",
            trend.state.word(),
            LEAST_RUNS
        );
    };
    let mut out = format!(
        "{} {} of {} against {} comparable run{} before it\n",
        trend.state.word(),
        clean(newest),
        clean(&trend.scenario),
        trend.against.len(),
        if trend.against.len() == 1 { "" } else { "s" }
    );
    let mut lines: Vec<&Line> = trend.metrics.iter().collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.state));
    let row = |line: &&Line| {
        let value = |value: Option<f64>| {
            value.map_or_else(
                || "-".into(),
                |value| format!("{value:.4} {}", clean(&line.unit)),
            )
        };
        vec![
            line.state.word().to_owned(),
            clean(&line.metric),
            value(line.newest),
            value(line.usual),
            told(&line.change),
            line.p.map_or_else(|| "-".into(), |p| format!("{p:.4}")),
            told(&line.drift),
            clean(&line.why),
        ]
    };
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    let head = [
        "state",
        "metric",
        "newest",
        "usual",
        "difference",
        "p",
        "drift",
        "why",
    ];
    out += &table("metrics", &head, &rows);
    let left_out: Vec<Vec<String>> = trend
        .left_out
        .iter()
        .map(|one| vec![clean(&one.run), clean(&one.why)])
        .collect();
    out + &table("not comparable", &["run", "why"], &left_out)
}
