//! `report.png`: verdict, claim, headline numbers, the timeline and the recovery of the first fault, drawn from the very SVGs
//! of the page and rasterised at twice their size. Text uses the two bundled fonts and nothing of the machine.
use crate::charts::canvas::{Anchor, Canvas, Font, draw, fit, width};
use crate::charts::palette::{BAD, GOOD, INK, MUTED, RULE, WARN, hex};
use crate::charts::{Chart, Size, palette, recovery::recovery, timeline::timeline};
use crate::figures::figures;
use crate::text::clip;
use crate::{File, RenderError, Renderer, file};
use analysis::report::{Analysis, Recovery};
use model::verdict::Verdict;
use resvg::{tiny_skia, usvg};
use std::sync::Arc;

/// A picture of the first screen.
pub struct Png;

const MARGIN: f64 = 40.0;
const SCALE: f32 = 2.0;
const FONTS: [&[u8]; 2] = [
    include_bytes!("font/DejaVuSans.subset.ttf"),
    include_bytes!("font/DejaVuSans-Bold.subset.ttf"),
];

impl Renderer for Png {
    fn name(&self) -> &'static str {
        "png"
    }

    fn doc(&self) -> &'static str {
        "a picture of verdict, timeline and recovery, for a chat or a README (report.png)"
    }

    fn render(&self, analysis: &Analysis) -> Result<Vec<File>, RenderError> {
        Ok(file("report.png", raster(&compose(analysis)?)?))
    }
}

/// Charts one below the other on white paper.
fn compose(a: &Analysis) -> Result<String, RenderError> {
    let mut charts = vec![header(a)?];
    if !a.timeline.series.is_empty() || !a.timeline.faults.is_empty() {
        charts.push(timeline(&a.timeline, Size::Wide)?);
    }
    let rows: Vec<&Recovery> = a
        .recovery
        .iter()
        .filter(|r| {
            a.recovery
                .first()
                .is_some_and(|first| first.fault == r.fault)
        })
        .take(8)
        .collect();
    if !rows.is_empty() {
        charts.push(recovery(&rows, Size::Wide)?);
    }
    Ok(stack(&charts))
}

fn stack(charts: &[Chart]) -> String {
    let (wide, mut y, mut inner) = (Size::Wide.width() + 2.0 * MARGIN, MARGIN, String::new());
    for chart in charts {
        inner.push_str(&chart.nested(MARGIN, y));
        y += chart.size.1 + 18.0;
    }
    let high = y + MARGIN - 18.0;
    let paper = hex(palette::PAPER);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\"><rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>\n{inner}</svg>"
    )
}

fn header(a: &Analysis) -> Result<Chart, RenderError> {
    let wide = Size::Wide.width();
    let word = a.verdict.value.word();
    let box_wide = width(word, 20.0, true) + 26.0;
    let claim = wrap(&clip(&a.run.claim, 240), 22.0, wide - box_wide - 24.0, 3);
    #[expect(clippy::cast_precision_loss, reason = "at most three lines")]
    let foot = 12.0 + 30.0 * claim.len().max(1) as f64;
    draw("header", (wide, foot + 132.0), word, |c| {
        seal(c, a.verdict.value, box_wide)?;
        for (i, line) in (0_u8..).zip(&claim) {
            c.text(
                line,
                (box_wide + 24.0, 20.0 + 30.0 * f64::from(i)),
                Font::new(22.0, INK).bold(),
            )?;
        }
        let under = fit(&a.verdict.headline, 13.0, false, wide - box_wide - 24.0);
        c.text(
            &under,
            (box_wide + 24.0, foot + 6.0),
            Font::new(13.0, MUTED),
        )?;
        numbers(c, a, foot + 34.0)
    })
}

fn seal(c: &mut Canvas<'_>, v: Verdict, wide: f64) -> Result<(), RenderError> {
    let color = match v {
        Verdict::Pass => GOOD,
        Verdict::Unknown => WARN,
        Verdict::Fail => BAD,
    };
    c.line(
        &[
            (1.0, 4.0),
            (wide, 4.0),
            (wide, 38.0),
            (1.0, 38.0),
            (1.0, 4.0),
        ],
        color,
        2.0,
        1.0,
    )?;
    c.text(
        v.word(),
        (wide / 2.0, 21.0),
        Font {
            size: 20.0,
            color,
            bold: true,
            anchor: Anchor::Center,
        },
    )
}

/// The headline numbers in equal columns between two rules.
fn numbers(c: &mut Canvas<'_>, a: &Analysis, top: f64) -> Result<(), RenderError> {
    let (all, wide) = (figures(a), Size::Wide.width());
    c.line(&[(0.0, top), (wide, top)], RULE, 1.0, 1.0)?;
    c.line(&[(0.0, top + 82.0), (wide, top + 82.0)], RULE, 1.0, 1.0)?;
    #[expect(clippy::cast_precision_loss, reason = "at most four figures")]
    let pitch = wide / all.len().max(1) as f64;
    for (i, f) in (0_u8..).zip(&all) {
        let x = pitch * f64::from(i);
        c.text(
            &fit(&f.label, 11.0, false, pitch - 16.0),
            (x, top + 17.0),
            Font::new(11.0, MUTED),
        )?;
        c.text(
            &fit(&f.value, 24.0, false, pitch - 16.0),
            (x, top + 42.0),
            Font::new(24.0, INK),
        )?;
        c.text(
            &fit(&f.detail, 11.0, false, pitch - 16.0),
            (x, top + 66.0),
            Font::new(11.0, MUTED),
        )?;
    }
    Ok(())
}

/// Words on at most `most` lines of `room` px; the last one ends in an ellipsis where there is more.
fn wrap(text: &str, size: f64, room: f64, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map(String::as_str).unwrap_or_default();
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if line.is_empty() || width(&longer, size, true) <= room {
            lines.pop();
            lines.push(longer);
        } else {
            lines.push(word.to_owned());
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    lines.iter().map(|l| fit(l, size, true, room)).collect()
}

fn raster(svg: &str) -> Result<Vec<u8>, RenderError> {
    let mut fonts = usvg::fontdb::Database::new();
    for font in FONTS {
        fonts.load_font_source(usvg::fontdb::Source::Binary(Arc::new(font)));
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = usvg::Options {
        font_family: "DejaVu Sans".into(),
        fontdb: Arc::new(fonts),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree
        .size()
        .to_int_size()
        .scale_by(SCALE)
        .ok_or_else(|| RenderError::Png("the picture has no size".into()))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| RenderError::Png("the picture is too large".into()))?;
    resvg::render(
        &tree,
        tiny_skia::Transform::from_scale(SCALE, SCALE),
        &mut pixels.as_mut(),
    );
    pixels
        .encode_png()
        .map_err(|e| RenderError::Png(e.to_string()))
}
