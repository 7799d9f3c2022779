//! Every probe over the whole run: small multiples on one time axis, phases named on top, faults shaded through all of them.
//!
//! Line: median of each bucket; band: least to most. Where no bucket holds a sample the line is cut, it is never bridged. A red
//! foot marks stretches judged bad; a red dot, a bucket with bad samples.
use super::canvas::{Canvas, Font, draw, fit, width};
use super::palette::{BAD, GOOD, GRID, INK, LINE, MUTED, PAPER, RULE, WARN};
use super::scale::{Scale, clock_ticks, tick};
use super::{Chart, Size};
use crate::{RenderError, number::middle, number::moment};
use analysis::report::{FaultMark, Series, Timeline};

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

fn begin(t: &Timeline) -> f64 {
    let all = t
        .phases
        .iter()
        .map(|p| p.from_ns)
        .chain(t.series.iter().map(|s| s.start_ns));
    seconds(all.min().unwrap_or(0))
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
            panel(c, &f, top, series)?;
            top += f.pitch;
        }
        clock(c, &f)
    })
}

fn warm_up(c: &mut Canvas<'_>, f: &Frame, t: &Timeline) -> Done {
    let warm = t.phases.first().filter(|p| p.name.starts_with("warm"));
    warm.map_or(Ok(()), |p| {
        c.rect(
            (f.x(seconds(p.from_ns)), 24.0),
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
        let until = mark.healed_ns.or(mark
            .window_ns
            .map(|w| analysis::report::Bounds { lo: w.hi, hi: w.hi }));
        let to = until.map_or(f.right, |b| f.x(middle(b))).max(from + 2.0);
        c.rect((from, 38.0), (to, f.bottom), BAD, 0.13)?;
    }
    Ok(())
}

/// A line where each fault became effective, a dashed one where its heal was proved, and its number.
fn marks(c: &mut Canvas<'_>, f: &Frame, faults: &[FaultMark]) -> Done {
    let mut free = f.left;
    for (i, mark) in faults.iter().enumerate() {
        let Some(at) = mark.effective_ns.map(|b| f.x(middle(b))) else {
            continue;
        };
        c.line(&[(at, 38.0), (at, f.bottom)], BAD, 1.0, 0.85)?;
        if let Some(healed) = mark
            .healed_ns
            .map(|b| f.x(middle(b)))
            .filter(|h| faults.len() <= 24 && h - at > 1.5)
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

/// One probe.
fn panel(c: &mut Canvas<'_>, f: &Frame, top: f64, s: &Series) -> Done {
    let axis = Axis::of(s, top, top + f.panel);
    title(c, f, top - 12.0, s, &axis)?;
    c.line(
        &[(f.left, top + f.panel), (f.right, top + f.panel)],
        RULE,
        1.0,
        1.0,
    )?;
    for v in axis.scale.ticks(f.size.pick(4.0, 4.0) as usize) {
        let y = axis.scale.at(v);
        c.line(&[(f.left, y), (f.right, y)], GRID, 1.0, 1.0)?;
        c.text(
            &tick(v),
            (f.left - 6.0, y),
            Font::new(f.font - 1.0, MUTED).end(),
        )?;
    }
    let buckets = reduce(s, f.size.pick(480.0, 170.0) as usize);
    if buckets.iter().all(|b| b.low.is_none()) {
        return c.text(
            "no samples",
            ((f.left + f.right) / 2.0, top + f.panel / 2.0),
            Font::new(f.font, MUTED).middle(),
        );
    }
    let at = |b: &Bucket, v: f64| (f.x(b.t), axis.scale.at(v * axis.factor));
    for run in buckets.split(|b| b.low.is_none()).filter(|r| !r.is_empty()) {
        draw_run(c, run, &at)?;
    }
    bound(c, f, s, &axis)?;
    for b in buckets.iter().filter(|b| b.bad) {
        if let Some(worst) = b.worst(s.bound) {
            c.dot(at(b, worst), 1.7, BAD, true)?;
        }
    }
    for o in &s.outages {
        let (from, to) = (f.x(seconds(o.lo)), f.x(seconds(o.hi)));
        c.rect(
            (from, top + f.panel - 1.5),
            (to.max(from + 2.0), top + f.panel + 2.5),
            BAD,
            1.0,
        )?;
    }
    Ok(())
}

/// The row above a panel, on clear paper: nothing runs through its words.
fn title(c: &mut Canvas<'_>, f: &Frame, y: f64, s: &Series, axis: &Axis) -> Done {
    c.rect(
        (f.left - 4.0, y - 11.0),
        (f.right + 4.0, y + 9.0),
        PAPER,
        1.0,
    )?;
    let id = fit(&s.id, f.font + 1.0, true, (f.right - f.left) * 0.5);
    c.text(&id, (f.left, y), Font::new(f.font + 1.0, INK).bold())?;
    let unit = if axis.log {
        format!("{}, log scale", axis.unit)
    } else {
        axis.unit.clone()
    };
    let from = f.left + width(&id, f.font + 1.0, true) + 8.0;
    let room = f.right - from;
    let name = s.name.trim_end_matches('.');
    let name = if s.unit == s.id {
        name.to_owned()
    } else {
        format!("{name}, {unit}")
    };
    let words = if width(&name, f.font, false) <= room {
        name
    } else {
        fit(&unit, f.font, false, room)
    };
    c.text(&words, (from, y), Font::new(f.font, MUTED))
}

fn bound(c: &mut Canvas<'_>, f: &Frame, s: &Series, axis: &Axis) -> Done {
    let Some(value) = s.bound.filter(|b| b.is_finite()) else {
        return Ok(());
    };
    let y = axis.scale.at(value * axis.factor);
    c.dashed((f.left, y), (f.right, y), WARN)?;
    let shown = value * axis.factor;
    let words = format!(
        "bound {}",
        crate::number::fixed(shown, if shown.fract() == 0.0 { 0 } else { 2 })
    );
    match f.size {
        Size::Wide => c.text(
            &fit(&words, f.font, false, 86.0),
            (f.right + 6.0, y),
            Font::new(f.font, WARN),
        ),
        Size::Narrow => {
            c.rect(
                (f.right - 2.0 - width(&words, f.font - 2.0, false), y - 13.0),
                (f.right - 1.0, y - 2.0),
                PAPER,
                0.8,
            )?;
            c.text(
                &words,
                (f.right - 2.0, y - 7.0),
                Font::new(f.font - 1.0, WARN).end(),
            )
        }
    }
}

fn draw_run(c: &mut Canvas<'_>, run: &[Bucket], at: &dyn Fn(&Bucket, f64) -> (f64, f64)) -> Done {
    let tops = run.iter().filter_map(|b| b.high.map(|v| at(b, v)));
    let feet = run.iter().rev().filter_map(|b| b.low.map(|v| at(b, v)));
    let outline: Vec<_> = tops.chain(feet).collect();
    if run.len() > 1 {
        c.area(&outline, LINE, 0.2)?;
    }
    let points: Vec<_> = run
        .iter()
        .flat_map(|b| b.line.iter().map(|v| at(b, *v)))
        .collect();
    match points.as_slice() {
        [] => Ok(()),
        [one] => c.dot(*one, 1.5, LINE, true),
        many => c.line(many, LINE, 1.3, 1.0),
    }
}

/// Vertical axis of one probe: from zero, or logarithmic where the medians span more than a factor of 30.
struct Axis {
    scale: Scale,
    factor: f64,
    unit: String,
    log: bool,
}

impl Axis {
    fn of(s: &Series, top: f64, foot: f64) -> Self {
        let finite = |v: &&f64| v.is_finite();
        let most = s
            .high
            .iter()
            .chain(&s.values)
            .flatten()
            .chain(&s.bound)
            .filter(finite)
            .fold(0.0_f64, |a, v| a.max(*v));
        let least = s
            .low
            .iter()
            .chain(&s.values)
            .flatten()
            .filter(finite)
            .fold(f64::INFINITY, |a, v| a.min(*v));
        let (factor, unit) = if s.unit == "s" && most < 1.0 {
            (1000.0, "ms".to_owned())
        } else {
            (1.0, s.unit.clone())
        };
        let log = matches!(s.unit.as_str(), "s")
            && least > 0.0
            && least.is_finite()
            && most / least > 30.0;
        let scale = if log {
            Scale::log(least * factor, most * factor, foot, top)
        } else {
            Scale::linear(0.0, most * factor * 1.08, foot, top)
        };
        Self {
            scale,
            factor,
            unit,
            log,
        }
    }
}

/// Some neighbouring buckets drawn as one: nothing extreme and no gap is lost.
struct Bucket {
    t: f64,
    low: Option<f64>,
    high: Option<f64>,
    line: Vec<f64>,
    bad: bool,
}

impl Bucket {
    /// The value farther beyond the bound.
    fn worst(&self, bound: Option<f64>) -> Option<f64> {
        let beyond = bound.unwrap_or(f64::NEG_INFINITY);
        self.high.filter(|h| *h > beyond).or(self.low)
    }
}

/// At most about `most` buckets. A group that holds an empty bucket among filled ones ends the line, so that gaps stay gaps.
fn reduce(s: &Series, most: usize) -> Vec<Bucket> {
    let step = s.values.len().div_ceil(most.max(1)).max(1);
    let mut out = Vec::new();
    for from in (0..s.values.len()).step_by(step) {
        let to = (from + step).min(s.values.len());
        let bucket = group(s, from, to);
        let gap = bucket.low.is_some() && s.values[from..to].iter().any(Option::is_none);
        let t = bucket.t;
        out.push(bucket);
        if gap {
            out.push(Bucket {
                t,
                low: None,
                high: None,
                line: Vec::new(),
                bad: false,
            });
        }
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "buckets of one run")]
fn group(s: &Series, from: usize, to: usize) -> Bucket {
    let extreme = |list: &[Option<f64>], pick: fn(f64, f64) -> f64| {
        list.iter()
            .take(to)
            .skip(from)
            .flatten()
            .copied()
            .filter(|v| v.is_finite())
            .reduce(pick)
    };
    let values: Vec<f64> = s
        .values
        .iter()
        .take(to)
        .skip(from)
        .flatten()
        .copied()
        .filter(|v| v.is_finite())
        .collect();
    let middle = (from + to) as f64 / 2.0;
    Bucket {
        t: seconds(s.start_ns) + seconds(s.bucket_ns) * middle,
        low: extreme(&s.low, f64::min).or(extreme(&s.values, f64::min)),
        high: extreme(&s.high, f64::max).or(extreme(&s.values, f64::max)),
        line: ends(&values),
        bad: s.bad.iter().take(to).skip(from).flatten().any(|b| *b > 0.0),
    }
}

/// Least and most in the order in which they came; one value where they are the same.
fn ends(values: &[f64]) -> Vec<f64> {
    let place = |better: fn(&f64, &f64) -> bool| {
        values
            .iter()
            .enumerate()
            .fold(None, |best: Option<(usize, f64)>, (i, v)| match best {
                Some((_, b)) if !better(v, &b) => best,
                _ => Some((i, *v)),
            })
    };
    match (place(|a, b| a < b), place(|a, b| a > b)) {
        (Some(a), Some(b)) if a.0 == b.0 => vec![a.1],
        (Some(a), Some(b)) if a.0 < b.0 => vec![a.1, b.1],
        (Some(a), Some(b)) => vec![b.1, a.1],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: Vec<Option<f64>>) -> Series {
        let n = values.len();
        Series {
            id: "p".into(),
            name: "p".into(),
            unit: "s".into(),
            start_ns: 0,
            bucket_ns: 1_000_000_000,
            low: values.clone(),
            high: values.clone(),
            values,
            bad: vec![None; n],
            bound: None,
            outages: vec![],
        }
    }

    #[test]
    fn thinning_keeps_the_spike_and_the_gap() {
        let mut values = vec![Some(1.0); 1000];
        values[501] = Some(99.0);
        values[700] = None;
        let buckets = reduce(&series(values), 100);
        assert!(buckets.len() <= 101);
        assert!(
            buckets.iter().any(|b| b.line.contains(&99.0)),
            "the spike survives"
        );
        assert_eq!(
            buckets.split(|b| b.low.is_none()).count(),
            2,
            "the line is cut once"
        );
    }

    #[test]
    fn an_axis_is_logarithmic_only_for_times_that_span_much() {
        assert!(Axis::of(&series(vec![Some(0.001), Some(1.0)]), 0.0, 80.0).log);
        assert!(!Axis::of(&series(vec![Some(0.0), Some(1.0)]), 0.0, 80.0).log);
        assert!(!Axis::of(&series(vec![Some(0.5), Some(1.0)]), 0.0, 80.0).log);
    }
}
