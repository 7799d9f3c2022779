//! The pictures, one function per file. Each is drawn in two sizes, since a picture of a wide page is not legible on a phone;
//! the page shows the one that fits. The PNG is made of the wide ones.
//!
//! - [`timeline`] every probe over time with phases and faults. - [`recovery`] each repeat's recovery time with its bar.
//! - [`survival`] share not yet recovered; [`arms`] that of two arms. - [`canvas`] the pen, [`scale`] the axes, [`palette`] the colours.
pub mod arms;
pub mod canvas;
pub mod palette;
pub mod recovery;
pub mod scale;
pub mod survival;
pub mod timeline;

use canvas::FINE;

/// A drawn chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Kind: `timeline`, `recovery`, `survival`, `arms`.
    pub name: &'static str,
    /// Width and height in CSS pixels.
    pub size: (f64, f64),
    /// What it shows, in words.
    pub label: String,
    body: String,
}

impl Chart {
    /// An `<svg>` element that scales with its box; `class` is added to its own class `chart`.
    #[must_use]
    pub fn element(&self, class: &str) -> String {
        let (w, h) = (self.size.0 * FINE, self.size.1 * FINE);
        let label = escape(&self.label);
        format!(
            "<svg class=\"chart {class}\" viewBox=\"0 0 {w:.0} {h:.0}\" role=\"img\" aria-label=\"{label}\">\n{}</svg>",
            self.body
        )
    }

    /// The chart inside a larger SVG, its upper left corner at `(x, y)` CSS pixels.
    #[must_use]
    pub fn nested(&self, x: f64, y: f64) -> String {
        let (w, h) = self.size;
        let (vw, vh) = (w * FINE, h * FINE);
        format!(
            "<svg x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {vw:.0} {vh:.0}\">\n{}</svg>\n",
            self.body
        )
    }
}

/// Text as XML and HTML take it in an attribute or between tags.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// For which width a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A page on a desk, and the PNG.
    Wide,
    /// A phone held upright.
    Narrow,
}

impl Size {
    /// CSS pixels.
    #[must_use]
    pub const fn width(self) -> f64 {
        match self {
            Self::Wide => 1060.0,
            Self::Narrow => 368.0,
        }
    }

    const fn pick(self, wide: f64, narrow: f64) -> f64 {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}
