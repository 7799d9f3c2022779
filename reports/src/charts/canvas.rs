//! A thin pen over plotters' SVG backend. Positions are CSS pixels; the backend has whole numbers only, so it draws at
//! [`FINE`] times the size and the viewBox scales it back.
//!
//! No method measures text: plotters guesses widths from bytes. Text is anchored, and [`width`] estimates with room to spare.
use super::Chart;
use crate::{RenderError, text::clean};
use plotters::backend::DrawingBackend;
use plotters::prelude::{RGBColor, SVGBackend, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, ShapeStyle};

/// Units of the drawing per CSS pixel.
pub const FINE: f64 = 4.0;

/// Stroke width that stands for a dashed line of one pixel: plotters' SVG has no dashes, and drawing each dash on its own makes
/// the page twice as large. [`body`] turns it into what it means; no drawn line is that wide.
const DASHED: u32 = 99_001;

/// plotters divides font sizes by this before it writes them.
const FONT_FACTOR: f64 = 1.24;

/// Where text is anchored horizontally.
pub use plotters::style::text_anchor::HPos as Anchor;

/// A drawing under way.
pub struct Canvas<'a> {
    backend: SVGBackend<'a>,
    chart: &'static str,
}

type Done = Result<(), RenderError>;

/// Draws a chart of `size` CSS pixels; `label` is what a screen reader says instead.
///
/// # Errors
/// `Chart` where the backend refuses.
pub fn draw(
    chart: &'static str,
    size: (f64, f64),
    label: &str,
    paint: impl FnOnce(&mut Canvas<'_>) -> Done,
) -> Result<Chart, RenderError> {
    let mut svg = String::new();
    let mut canvas = Canvas {
        backend: SVGBackend::with_string(
            &mut svg,
            (units(size.0).unsigned_abs(), units(size.1).unsigned_abs()),
        ),
        chart,
    };
    paint(&mut canvas)?;
    let ended = canvas.backend.present();
    drop(canvas);
    ended.map_err(|e| refused(chart, e))?;
    Ok(Chart {
        name: chart,
        size,
        label: clean(label),
        body: body(&svg),
    })
}

/// What stands between the opening and the closing tag, without the attributes that only repeat a default. Text cannot hold
/// them: its quotes are escaped.
fn body(svg: &str) -> String {
    let inner = svg.split_once(">\n").map_or("", |(_, rest)| rest);
    let inner = inner.trim_end().trim_end_matches("</svg>");
    let dashed = format!("stroke-width=\"{DASHED}\"");
    let inner = inner.replace(&dashed, "stroke-width=\"4\" stroke-dasharray=\"14 12\"");
    inner
        .replace(" opacity=\"1\"", "")
        .replace(" font-family=\"sans-serif\"", "")
        .replace(" stroke=\"none\"", "")
        .replace(" \"", "\"")
}

fn refused(chart: &'static str, e: impl std::error::Error) -> RenderError {
    RenderError::Chart {
        chart,
        why: e.to_string(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "positions inside a page")]
fn units(v: f64) -> i32 {
    (v * FINE).round() as i32
}

fn point((x, y): (f64, f64)) -> (i32, i32) {
    (units(x), units(y))
}

/// Estimated width of a text in CSS pixels; DejaVu Sans, the widest font it may be shown in.
#[must_use]
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    let one = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '\u{a0}' => 0.36,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '±' | '—' | '…' => 0.98,
        'A'..='Z' => 0.72,
        c if u32::from(c) >= 0x2e80 => 1.0,
        _ => 0.63,
    };
    text.chars().map(one).sum::<f64>() * size * if bold { 1.12 } else { 1.0 }
}

/// As much of a text as fits in `room` CSS pixels.
#[must_use]
pub fn fit(text: &str, size: f64, bold: bool, room: f64) -> String {
    let mut most = text.chars().count();
    while most > 0 && width(&crate::text::clip(text, most), size, bold) > room {
        most = most.saturating_sub(1 + most / 16);
    }
    if most == 0 {
        String::new()
    } else {
        crate::text::clip(text, most)
    }
}

impl Canvas<'_> {
    /// A line of `weight` px.
    pub fn line(
        &mut self,
        points: &[(f64, f64)],
        color: RGBColor,
        weight: f64,
        alpha: f64,
    ) -> Done {
        let style = ShapeStyle {
            color: color.mix(alpha),
            filled: false,
            stroke_width: units(weight).unsigned_abs().max(1),
        };
        let done = self
            .backend
            .draw_path(points.iter().copied().map(point), &style);
        done.map_err(|e| refused(self.chart, e))
    }

    /// A dashed line of one pixel.
    pub fn dashed(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor) -> Done {
        let style = ShapeStyle {
            color: color.to_rgba(),
            filled: false,
            stroke_width: DASHED,
        };
        let done = self
            .backend
            .draw_path([from, to].into_iter().map(point), &style);
        done.map_err(|e| refused(self.chart, e))
    }

    /// A filled rectangle from its upper left to its lower right corner.
    pub fn rect(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor, alpha: f64) -> Done {
        let style = ShapeStyle {
            color: color.mix(alpha),
            filled: true,
            stroke_width: 0,
        };
        let done = self.backend.draw_rect(point(from), point(to), &style, true);
        done.map_err(|e| refused(self.chart, e))
    }

    /// A filled outline.
    pub fn area(&mut self, points: &[(f64, f64)], color: RGBColor, alpha: f64) -> Done {
        let style = ShapeStyle {
            color: color.mix(alpha),
            filled: true,
            stroke_width: 0,
        };
        let done = self
            .backend
            .fill_polygon(points.iter().copied().map(point), &style);
        done.map_err(|e| refused(self.chart, e))
    }

    /// A dot, filled or ringed.
    pub fn dot(&mut self, at: (f64, f64), radius: f64, color: RGBColor, filled: bool) -> Done {
        let style = ShapeStyle {
            color: color.to_rgba(),
            filled,
            stroke_width: units(1.2).unsigned_abs(),
        };
        let done =
            self.backend
                .draw_circle(point(at), units(radius).unsigned_abs(), &style, filled);
        done.map_err(|e| refused(self.chart, e))
    }

    /// Text whose vertical middle lies on `at`; foreign text is cleaned here.
    pub fn text(&mut self, text: &str, at: (f64, f64), font: Font) -> Done {
        if text.is_empty() {
            return Ok(());
        }
        let style = if font.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let face = FontDesc::new(FontFamily::SansSerif, font.size * FINE * FONT_FACTOR, style);
        let style = TextStyle::from(face)
            .color(&font.color)
            .pos(Pos::new(font.anchor, VPos::Center));
        let done = self.backend.draw_text(&clean(text), &style, point(at));
        done.map_err(|e| refused(self.chart, e))
    }
}

/// How a text is set.
#[derive(Clone, Copy)]
pub struct Font {
    /// CSS pixels.
    pub size: f64,
    /// Colour.
    pub color: RGBColor,
    /// Weight.
    pub bold: bool,
    /// Which end of the text lies on its position.
    pub anchor: Anchor,
}

impl Font {
    /// Regular, from the left.
    #[must_use]
    pub const fn new(size: f64, color: RGBColor) -> Self {
        Self {
            size,
            color,
            bold: false,
            anchor: HPos::Left,
        }
    }

    /// Bold.
    #[must_use]
    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// Centred on its position.
    #[must_use]
    pub const fn middle(self) -> Self {
        Self {
            anchor: HPos::Center,
            ..self
        }
    }

    /// Ending at its position.
    #[must_use]
    pub const fn end(self) -> Self {
        Self {
            anchor: HPos::Right,
            ..self
        }
    }
}
