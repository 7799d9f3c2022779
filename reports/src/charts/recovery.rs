//! How long each repeat of a fault took to recover, one row per probe: a dot per repeat with the bar of its measurement, an
//! arrow where it was not recovered while watched, the median as a line.
use super::canvas::{Canvas, Font, draw, fit};
use super::palette::{BAD, GRID, INK, LINE, MUTED, RULE, WARN};
use super::scale::{Scale, tick};
use super::{Chart, Size};
use crate::{RenderError, number::apart, number::show};
use analysis::report::{ALL_PROBES, Recovery};

type Done = Result<(), RenderError>;

const TOP: f64 = 10.0;

/// Draws the rows of one fault: the row over all probes first, then one per probe.
///
/// # Errors
/// `Chart` where the drawing backend refuses.
pub fn recovery(rows: &[&Recovery], size: Size) -> Result<Chart, RenderError> {
    let (left, right) = (
        size.pick(170.0, 10.0),
        size.width() - size.pick(180.0, 14.0),
    );
    let height = size.pick(46.0, 60.0);
    let bottom = rows.iter().fold(TOP, |y, _| y + height);
    let time = Scale::linear(0.0, longest(rows) * 1.06, left, right);
    let label = format!(
        "Recovery time of every repeat, {} rows; the same numbers stand in the table",
        rows.len()
    );
    draw("recovery", (size.width(), bottom + 40.0), &label, |c| {
        for t in time.ticks(8) {
            c.line(&[(time.at(t), TOP), (time.at(t), bottom)], GRID, 1.0, 1.0)?;
            c.text(
                &tick(t),
                (time.at(t), bottom + 12.0),
                Font::new(11.0, MUTED).middle(),
            )?;
        }
        let mut y = TOP;
        for row in rows {
            line(
                c,
                &Row {
                    time: &time,
                    left,
                    right,
                    y,
                    height,
                    size,
                },
                row,
            )?;
            y += height;
        }
        c.line(&[(left, bottom), (right, bottom)], RULE, 1.0, 1.0)?;
        c.text(
            "recovery time T3 − T0, s",
            ((left + right) / 2.0, bottom + 30.0),
            Font::new(11.0, MUTED).middle(),
        )
    })
}

struct Row<'a> {
    time: &'a Scale,
    left: f64,
    right: f64,
    y: f64,
    height: f64,
    size: Size,
}

fn longest(rows: &[&Recovery]) -> f64 {
    let runs = rows.iter().flat_map(|r| &r.runs);
    let ends = runs.filter_map(|r| match (r.t0_ns, r.t3_ns) {
        (Some(t0), Some(t3)) => Some(apart(t0, t3)).map(|(mid, half)| mid + half),
        _ if r.censored => Some(r.watched_s),
        _ => None,
    });
    ends.fold(0.0, f64::max).max(0.05)
}

fn line(c: &mut Canvas<'_>, at: &Row<'_>, row: &Recovery) -> Done {
    let wide = at.size == Size::Wide;
    let (head, foot) = if wide {
        (at.y + 6.0, at.y + at.height - 6.0)
    } else {
        (at.y + 22.0, at.y + at.height - 6.0)
    };
    let name = Font::new(12.0, INK);
    let name = if row.probe == ALL_PROBES {
        name.bold()
    } else {
        name
    };
    let summary = summary(row);
    c.line(&[(at.left, at.y), (at.right, at.y)], RULE, 1.0, 1.0)?;
    if wide {
        c.text(
            &fit(&row.probe, 12.0, name.bold, at.left - 20.0),
            (at.left - 12.0, (head + foot) / 2.0),
            name.end(),
        )?;
        c.text(
            &fit(&summary, 11.0, false, 170.0),
            (at.right + 10.0, (head + foot) / 2.0),
            Font::new(11.0, MUTED),
        )?;
    } else {
        c.text(
            &fit(&row.probe, 12.0, name.bold, 120.0),
            (at.left, at.y + 11.0),
            name,
        )?;
        c.text(
            &fit(&summary, 11.0, false, 220.0),
            (at.right, at.y + 11.0),
            Font::new(11.0, MUTED).end(),
        )?;
    }
    median(c, at, row, (head, foot))?;
    dots(c, at, row, (head + 4.0, foot - 4.0))
}

/// What stands beside the row.
fn summary(row: &Recovery) -> String {
    let shown = show(&row.recover);
    if row.absorbed.n > 0 && row.absorbed.k == row.absorbed.n {
        return format!("absorbed {} of {}", row.absorbed.k, row.absorbed.n);
    }
    if shown.why.is_empty() {
        format!("{} {}", shown.figure(), shown.interval)
            .trim()
            .to_owned()
    } else {
        format!("recovered {} of {}", row.reached.k, row.reached.n)
    }
}

fn median(c: &mut Canvas<'_>, at: &Row<'_>, row: &Recovery, (head, foot): (f64, f64)) -> Done {
    let Some(value) = row.recover.value.filter(|v| *v >= 0.0) else {
        return Ok(());
    };
    if let Some(low) = row.recover.low {
        let high = row.recover.high.map_or(at.right, |h| at.time.at(h));
        c.rect((at.time.at(low), head), (high, foot), LINE, 0.1)?;
    }
    c.line(
        &[(at.time.at(value), head), (at.time.at(value), foot)],
        WARN,
        2.0,
        1.0,
    )
}

/// One dot per repeat, the first on top, so that a trend over the repeats is seen.
#[expect(clippy::cast_precision_loss, reason = "repeats of one run")]
fn dots(c: &mut Canvas<'_>, at: &Row<'_>, row: &Recovery, (head, foot): (f64, f64)) -> Done {
    let pitch = (foot - head) / row.runs.len().max(2).saturating_sub(1) as f64;
    for (i, run) in row.runs.iter().enumerate() {
        let y = head + pitch * i as f64;
        match (run.t0_ns, run.t3_ns) {
            (Some(t0), Some(t3)) => {
                let (mid, half) = apart(t0, t3);
                c.line(
                    &[(at.time.at(mid - half), y), (at.time.at(mid + half), y)],
                    LINE,
                    1.0,
                    1.0,
                )?;
                c.dot((at.time.at(mid), y), 2.4, LINE, true)?;
            }
            _ if run.censored => {
                let x = at.time.at(run.watched_s);
                c.dot((x, y), 2.4, BAD, false)?;
                c.line(&[(x + 3.0, y), (x + 11.0, y)], BAD, 1.0, 1.0)?;
                c.area(
                    &[(x + 14.0, y), (x + 9.0, y - 2.6), (x + 9.0, y + 2.6)],
                    BAD,
                    1.0,
                )?;
            }
            _ => {}
        }
    }
    Ok(())
}
