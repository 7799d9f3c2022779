//! Share of repeats not yet recovered in two arms under one fault, one curve each; a tick marks a repeat that stopped being watched
//! before it recovered. The first arm is dashed as well as coloured, and each curve bears its name.
use super::canvas::{Canvas, Font, draw, fit, width};
use super::palette::{BAD, LINE, MUTED, WARN};
use super::scale::Scale;
use super::survival::{FOOT, TOP, axes, corners};
use super::{Chart, Size};
use crate::RenderError;
use analysis::compare::report::{Fault, Side};
use plotters::style::RGBColor;

type Done = Result<(), RenderError>;

/// Colour of each arm.
pub const COLORS: [RGBColor; 2] = [WARN, LINE];

/// Draws both curves; an arm in which nothing had an impact has none.
///
/// # Errors
/// `Chart` where the drawing backend refuses.
pub fn arms(fault: &Fault, names: &[String; 2], size: Size) -> Result<Chart, RenderError> {
    let (left, right) = (size.pick(56.0, 40.0), size.pick(640.0, size.width() - 14.0));
    let wide = size.pick(660.0, size.width());
    let end = fault.arms.iter().map(last).fold(0.05, f64::max) * 1.08;
    let at = At {
        time: Scale::linear(0.0, end, left, right),
        share: Scale::linear(0.0, 1.0, FOOT, TOP),
        end,
        room: (right - left) * 0.6,
    };
    let label = format!(
        "Share of the repeats of {} not yet recovered in either arm; the same numbers stand in the table",
        fault.fault
    );
    draw("arms", (wide, FOOT + 80.0), &label, |c| {
        axes(c, &at.time, &at.share, (left, right))?;
        for (side, color) in fault.arms.iter().zip(COLORS) {
            band(c, &at, side, color)?;
        }
        for (arm, (side, color)) in fault.arms.iter().zip(COLORS).enumerate() {
            curve(c, &at, side, color, arm == 0)?;
            ticks(c, &at, side)?;
        }
        labels(c, &at, fault, names)?;
        c.text("at risk", (left, FOOT + 34.0), Font::new(10.0, MUTED))?;
        for (row, (side, color)) in [50.0, 66.0].into_iter().zip(fault.arms.iter().zip(COLORS)) {
            at_risk(c, &at, side, (FOOT + row, color))?;
        }
        Ok(())
    })
}

/// Where things lie.
struct At {
    time: Scale,
    share: Scale,
    end: f64,
    room: f64,
}

/// When the last repeat of an arm recovered or was no longer watched.
fn last(side: &Side) -> f64 {
    let steps = side.survival.iter().map(|step| step.t_s);
    steps.chain(side.limits.iter().copied()).fold(0.0, f64::max)
}

/// A curve at 0 goes on to the end of the chart; one that is not knows nothing beyond its last repeat.
fn until(side: &Side, end: f64) -> f64 {
    let over = side.survival.last().is_some_and(|step| step.share <= 0.0);
    if over { end } else { last(side) }
}

const fn is_drawn(side: &Side) -> bool {
    side.recovered + side.censored > 0
}

fn points(at: &At, side: &Side) -> Vec<(f64, f64)> {
    corners(&side.survival, until(side, at.end), |step| step.share)
        .into_iter()
        .map(|(t, share)| (at.time.at(t), at.share.at(share)))
        .collect()
}

fn band(c: &mut Canvas<'_>, at: &At, side: &Side, color: RGBColor) -> Done {
    if side.survival.iter().all(|step| step.low.is_none()) {
        return Ok(());
    }
    let end = until(side, at.end);
    let upper = corners(&side.survival, end, |step| step.high.unwrap_or(step.share));
    let lower = corners(&side.survival, end, |step| step.low.unwrap_or(step.share));
    let outline: Vec<_> = upper
        .into_iter()
        .chain(lower.into_iter().rev())
        .map(|(t, share)| (at.time.at(t), at.share.at(share)))
        .collect();
    c.area(&outline, color, 0.1)
}

fn curve(c: &mut Canvas<'_>, at: &At, side: &Side, color: RGBColor, dashed: bool) -> Done {
    if !is_drawn(side) {
        return Ok(());
    }
    let points = points(at, side);
    if !dashed {
        return c.line(&points, color, 1.8, 1.0);
    }
    for pair in points.windows(2).filter(|pair| pair[0] != pair[1]) {
        c.dashed(pair[0], pair[1], color)?;
    }
    Ok(())
}

fn ticks(c: &mut Canvas<'_>, at: &At, side: &Side) -> Done {
    for limit in &side.limits {
        let before = side.survival.iter().take_while(|step| step.t_s <= *limit);
        let level = before.last().map_or(1.0, |step| step.share);
        let (x, y) = (at.time.at(*limit), at.share.at(level));
        c.line(&[(x, y - 5.0), (x, y + 5.0)], BAD, 1.5, 1.0)?;
    }
    Ok(())
}

/// Each name in the corner of a step of its own curve: the first arm's high up, the second's far down, so that they keep apart.
fn labels(c: &mut Canvas<'_>, at: &At, fault: &Fault, names: &[String; 2]) -> Done {
    for (arm, level) in [(0, 0.75), (1, 0.3)] {
        let side = &fault.arms[arm];
        if !is_drawn(side) {
            continue;
        }
        let words = fit(&names[arm], 11.0, true, at.room);
        let font = Font::new(11.0, COLORS[arm]).bold();
        let wide = width(&words, 11.0, true);
        let (x, y, below) = corner(at, side, level);
        if x + 6.0 + wide <= at.time.at(at.end) && !below {
            c.text(&words, (x + 6.0, y - 10.0), font)?;
        } else {
            let x = (x - 6.0).max(at.time.at(0.0) + wide);
            c.text(&words, (x, y + 12.0), font.end())?;
        }
    }
    Ok(())
}

/// Where a curve first falls to a level, and whether only below it there is room; the end of one that never does.
fn corner(at: &At, side: &Side, level: f64) -> (f64, f64, bool) {
    let step = side.survival.iter().find(|step| step.share <= level);
    match step {
        Some(step) => (at.time.at(step.t_s), at.share.at(step.share), false),
        None => {
            let left = side.survival.last().map_or(1.0, |step| step.share);
            (at.time.at(last(side)), at.share.at(left), true)
        }
    }
}

/// How many were still watched and not recovered, under the axis.
fn at_risk(c: &mut Canvas<'_>, at: &At, side: &Side, (y, color): (f64, RGBColor)) -> Done {
    let mut free = 0.0;
    for step in &side.survival {
        let words = step.at_risk.to_string();
        let (x, half) = (at.time.at(step.t_s), width(&words, 10.0, false) / 2.0 + 3.0);
        if x - half >= free {
            c.text(&words, (x, y), Font::new(10.0, color).middle())?;
            free = x + half;
        }
    }
    Ok(())
}
