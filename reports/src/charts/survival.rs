//! Share of repeats not yet recovered over time since the fault became effective (Kaplan-Meier), with its 95 % band; a tick
//! marks a repeat that stopped being watched before it recovered.
use super::canvas::{Canvas, Font, draw, width};
use super::palette::{BAD, GRID, LINE, MUTED, RULE};
use super::scale::{Scale, tick};
use super::{Chart, Size};
use crate::RenderError;
use analysis::report::{Recovery, Step};

type Done = Result<(), RenderError>;

pub(super) const TOP: f64 = 22.0;
pub(super) const FOOT: f64 = 190.0;

/// Draws the curve of one fault as one probe (or all of them) saw it; a curve at 1 throughout where nothing recovered.
///
/// # Errors
/// `Chart` where the drawing backend refuses.
pub fn survival(row: &Recovery, size: Size) -> Result<Chart, RenderError> {
    let (left, right) = (size.pick(56.0, 40.0), size.pick(640.0, size.width() - 14.0));
    let wide = size.pick(660.0, size.width());
    let end = end(row);
    let (time, share) = (
        Scale::linear(0.0, end, left, right),
        Scale::linear(0.0, 1.0, FOOT, TOP),
    );
    let label = format!(
        "Share of {} repeats not yet recovered; the same numbers stand in the table",
        row.runs.len()
    );
    draw("survival", (wide, FOOT + 62.0), &label, |c| {
        axes(c, &time, &share, (left, right))?;
        band(c, &time, &share, &row.survival, end)?;
        curve(c, &time, &share, &row.survival, end)?;
        ticks(c, &time, &share, row)?;
        at_risk(c, &time, row, left)
    })
}

fn end(row: &Recovery) -> f64 {
    let watched = row.runs.iter().filter(|r| r.censored).map(|r| r.watched_s);
    row.survival
        .iter()
        .map(|s| s.t_s)
        .chain(watched)
        .fold(0.0, f64::max)
        .max(0.05)
        * 1.08
}

pub(super) fn axes(
    c: &mut Canvas<'_>,
    time: &Scale,
    share: &Scale,
    (left, right): (f64, f64),
) -> Done {
    c.text(
        "share not yet recovered, % (band: 95 %)",
        (left, 8.0),
        Font::new(11.0, MUTED),
    )?;
    for s in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let y = share.at(s);
        c.line(
            &[(left, y), (right, y)],
            if s == 0.0 { RULE } else { GRID },
            1.0,
            1.0,
        )?;
        c.text(
            &tick(s * 100.0),
            (left - 6.0, y),
            Font::new(10.0, MUTED).end(),
        )?;
    }
    for t in time.ticks(7) {
        c.line(
            &[(time.at(t), FOOT), (time.at(t), FOOT + 4.0)],
            RULE,
            1.0,
            1.0,
        )?;
        c.text(
            &tick(t),
            (time.at(t), FOOT + 13.0),
            Font::new(11.0, MUTED).middle(),
        )?;
    }
    c.text(
        "s since effective (T0)",
        (right, FOOT + 30.0),
        Font::new(11.0, MUTED).end(),
    )
}

/// The corners of a step function that starts at `(0, 1)` and is level to `end`.
pub(super) fn corners(steps: &[Step], end: f64, value: fn(&Step) -> f64) -> Vec<(f64, f64)> {
    let mut out = vec![(0.0, 1.0)];
    let mut last = 1.0;
    for step in steps {
        out.extend([(step.t_s, last), (step.t_s, value(step))]);
        last = value(step);
    }
    out.push((end, last));
    out
}

/// Without an interval (the last step at 0) the band closes on the curve.
fn band(c: &mut Canvas<'_>, time: &Scale, share: &Scale, steps: &[Step], end: f64) -> Done {
    if steps.iter().all(|s| s.low.is_none()) {
        return Ok(());
    }
    let upper = corners(steps, end, |s| s.high.unwrap_or(s.share));
    let lower = corners(steps, end, |s| s.low.unwrap_or(s.share));
    let outline: Vec<_> = upper
        .into_iter()
        .chain(lower.into_iter().rev())
        .map(|(t, s)| (time.at(t), share.at(s)))
        .collect();
    c.area(&outline, LINE, 0.15)
}

fn curve(c: &mut Canvas<'_>, time: &Scale, share: &Scale, steps: &[Step], end: f64) -> Done {
    let points: Vec<_> = corners(steps, end, |s| s.share)
        .into_iter()
        .map(|(t, s)| (time.at(t), share.at(s)))
        .collect();
    c.line(&points, LINE, 1.8, 1.0)
}

fn ticks(c: &mut Canvas<'_>, time: &Scale, share: &Scale, row: &Recovery) -> Done {
    for run in row.runs.iter().filter(|r| r.censored) {
        let level = row
            .survival
            .iter()
            .take_while(|s| s.t_s <= run.watched_s)
            .last()
            .map_or(1.0, |s| s.share);
        let (x, y) = (time.at(run.watched_s), share.at(level));
        c.line(&[(x, y - 5.0), (x, y + 5.0)], BAD, 1.5, 1.0)?;
    }
    Ok(())
}

/// How many were still watched and not recovered, under the axis.
fn at_risk(c: &mut Canvas<'_>, time: &Scale, row: &Recovery, left: f64) -> Done {
    let y = FOOT + 50.0;
    c.text("at risk", (left, FOOT + 34.0), Font::new(10.0, MUTED))?;
    let mut free = 0.0;
    for step in &row.survival {
        let words = step.at_risk.to_string();
        let (x, half) = (time.at(step.t_s), width(&words, 10.0, false) / 2.0 + 3.0);
        if x - half >= free {
            c.text(&words, (x, y), Font::new(10.0, MUTED).middle())?;
            free = x + half;
        }
    }
    Ok(())
}
