//! Every probe over the whole run: small multiples on one time axis, phases named on top, faults shaded through all of them.
//!
//! Line: median of each bucket; band: least to most. Where no bucket holds a sample the line is cut, it is never bridged. A red
//! foot marks stretches judged bad; a red dot, a bucket with bad samples.
mod bucket;
mod panel;

use super::canvas::{Canvas, Font, draw, fit, width};
use super::palette::{BAD, GOOD, GRID, MUTED, RULE};
use super::scale::{Scale, clock_ticks};
use super::{Chart, Size};
use crate::{RenderError, number::middle, number::moment};
use analysis::report::{Bounds, FaultMark, Timeline};

type Done = Result<(), RenderError>;

struct Frame {
    size: Size,
    time: Scale,
    begin_s: f64,
    end_s: f64,
    left: f64,
    right: f64,
    top: f64,
    panel: f64,
    pitch: f64,
    bottom: f64,
    font: f64,
}

impl Frame {
    fn new(t: &Timeline, size: Size) -> Self {
        let (left, right) = (size.pick(56.0, 38.0), size.width() - size.pick(92.0, 6.0));
        let (begin_s, end_s) = (begin(t), end(t));
        let (panel, head) = (size.pick(84.0, 74.0), 24.0);
        let pitch = panel + head + 12.0;
        let top = 46.0 + head;
        #[expect(clippy::cast_precision_loss, reason = "a handful of probes")]
        let bottom = top + pitch * (t.series.len() as f64 - 1.0).max(0.0) + panel;
        Self {
            size,
            time: Scale::linear(begin_s, end_s, left, right),
            begin_s,
            end_s,
            left,
            right,
            top,
            panel,
            pitch,
            bottom,
            font: 11.0,
        }
    }

    fn x(&self, seconds: f64) -> f64 {
        self.time.at(seconds)
    }
}

fn seconds(ns: u64) -> f64 {
    std::time::Duration::from_nanos(ns).as_secs_f64()
}

/// Where the first probe began: what came before it (bringing up the testbed) has nothing to show.
fn begin(t: &Timeline) -> f64 {
    let series = t.series.iter().map(|s| s.start_ns).min();
    seconds(
        series
            .or_else(|| t.phases.iter().map(|p| p.from_ns).min())
            .unwrap_or(0),
    )
}

#[expect(clippy::cast_precision_loss, reason = "buckets of one run")]
fn end(t: &Timeline) -> f64 {
    let phases = t.phases.iter().map(|p| seconds(p.to_ns));
    let series = t
        .series
        .iter()
        .map(|s| seconds(s.start_ns) + seconds(s.bucket_ns) * s.values.len() as f64);
    phases.chain(series).fold(begin(t) + 1.0, f64::max)
}

/// Draws the timeline.
///
/// # Errors
/// `Chart` where the drawing backend refuses.
pub fn timeline(t: &Timeline, size: Size) -> Result<Chart, RenderError> {
    let f = Frame::new(t, size);
    let label = format!(
        "Timeline of {} probes over {} with {} faults; the same numbers stand in the tables",
        t.series.len(),
        moment(f.end_s, 0),
        t.faults.len()
    );
    draw("timeline", (size.width(), f.bottom + 44.0), &label, |c| {
        warm_up(c, &f, t)?;
        grid(c, &f)?;
        faults(c, &f, &t.faults)?;
        phases(c, &f, t)?;
        marks(c, &f, &t.faults)?;
        let mut top = f.top;
        for series in &t.series {
            panel::panel(c, &f, top, series)?;
            top += f.pitch;
        }
        clock(c, &f)
    })
}

fn warm_up(c: &mut Canvas<'_>, f: &Frame, t: &Timeline) -> Done {
    let warm = t.phases.iter().find(|p| p.name == "warm-up");
    warm.map_or(Ok(()), |p| {
        c.rect(
            (f.x(seconds(p.from_ns)), 4.0),
            (f.x(seconds(p.to_ns)), f.bottom),
            GRID,
            0.7,
        )
    })
}

fn grid(c: &mut Canvas<'_>, f: &Frame) -> Done {
    for t in clock_ticks(f.begin_s, f.end_s, f.size.pick(11.0, 5.0)) {
        c.line(
            &[(f.x(t), f.top - 24.0), (f.x(t), f.bottom)],
            GRID,
            1.0,
            1.0,
        )?;
    }
    Ok(())
}

/// Phase borders through all panels, names above them where they fit.
fn phases(c: &mut Canvas<'_>, f: &Frame, t: &Timeline) -> Done {
    for p in &t.phases {
        let (from, to) = (f.x(seconds(p.from_ns)), f.x(seconds(p.to_ns)));
        c.line(&[(from, 4.0), (from, f.bottom)], RULE, 1.0, 1.0)?;
        let name = fit(&p.name, f.font, false, to - from - 6.0);
        let whole = name.chars().count() == p.name.chars().count();
        if whole {
            c.text(&name, (from + 5.0, 12.0), Font::new(f.font, MUTED))?;
        }
    }
    c.line(&[(f.right, 4.0), (f.right, f.bottom)], RULE, 1.0, 1.0)
}

/// The stretch from effective to healed, behind the panels; at least two pixels, so that a short fault is seen.
fn faults(c: &mut Canvas<'_>, f: &Frame, faults: &[FaultMark]) -> Done {
    for mark in faults {
        let Some(from) = mark.effective_ns.map(|b| f.x(middle(b))) else {
            continue;
        };
        let until = mark
            .healed_ns
            .or(mark.window_ns.map(|w| Bounds { lo: w.hi, hi: w.hi }));
        let to = until.map_or(f.right, |b| f.x(middle(b))).max(from + 2.0);
        c.rect((from, 38.0), (to, f.bottom), BAD, 0.13)?;
    }
    Ok(())
}

/// A line where each fault became effective, a dashed one where its heal was proved, and its number.
fn marks(c: &mut Canvas<'_>, f: &Frame, faults: &[FaultMark]) -> Done {
    let (few, mut free) = (faults.len() <= 24, f.left);
    for (i, mark) in faults.iter().enumerate() {
        let Some(at) = mark.effective_ns.map(|b| f.x(middle(b))) else {
            continue;
        };
        c.line(
            &[(at, 38.0), (at, f.bottom)],
            BAD,
            1.0,
            if few { 0.85 } else { 0.4 },
        )?;
        if let Some(healed) = mark
            .healed_ns
            .map(|b| f.x(middle(b)))
            .filter(|h| few && h - at > 1.5)
        {
            c.dashed((healed, 38.0), (healed, f.bottom), GOOD)?;
        }
        let name = format!("{}", i + 1);
        let half = width(&name, f.font, true) / 2.0 + 3.0;
        if at - half >= free {
            c.text(&name, (at, 30.0), Font::new(f.font, BAD).bold().middle())?;
            free = at + half;
        }
    }
    Ok(())
}

fn clock(c: &mut Canvas<'_>, f: &Frame) -> Done {
    for t in clock_ticks(f.begin_s, f.end_s, f.size.pick(11.0, 5.0)) {
        c.line(
            &[(f.x(t), f.bottom), (f.x(t), f.bottom + 4.0)],
            RULE,
            1.0,
            1.0,
        )?;
        c.text(
            &moment(t, 0),
            (f.x(t), f.bottom + 13.0),
            Font::new(f.font, MUTED).middle(),
        )?;
    }
    let words = "time since the run began, min:s";
    c.text(
        words,
        ((f.left + f.right) / 2.0, f.bottom + 33.0),
        Font::new(f.font, MUTED).middle(),
    )
}
