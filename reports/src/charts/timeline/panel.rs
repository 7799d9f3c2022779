//! One probe: its title, axis, line, band, bound and bad stretches.
use super::bucket::{Bucket, reduce};
use super::{Done, Frame, seconds};
use crate::charts::Size;
use crate::charts::canvas::{Canvas, Font, fit, width};
use crate::charts::palette::{BAD, GRID, INK, LINE, MUTED, PAPER, RULE, WARN};
use crate::charts::scale::{Scale, tick};
use analysis::report::Series;

/// One probe.
pub(super) fn panel(c: &mut Canvas<'_>, f: &Frame, top: f64, s: &Series) -> Done {
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

#[cfg(test)]
mod tests {
    use super::super::bucket::sample_series as series;
    use super::*;

    #[test]
    fn an_axis_is_logarithmic_only_for_times_that_span_much() {
        assert!(Axis::of(&series(vec![Some(0.001), Some(1.0)]), 0.0, 80.0).log);
        assert!(!Axis::of(&series(vec![Some(0.0), Some(1.0)]), 0.0, 80.0).log);
        assert!(!Axis::of(&series(vec![Some(0.5), Some(1.0)]), 0.0, 80.0).log);
    }
}
