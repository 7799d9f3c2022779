//! The few colours of the pictures. Every one is also a CSS rule, so that a dark page turns the same SVG dark.
//!
//! Words carry the meaning; colour repeats it. Contrast with its paper is at least 4.5 : 1 for all that is read.
use plotters::style::RGBColor;

/// Text and axes.
pub const INK: RGBColor = RGBColor(0x1b, 0x1f, 0x24);
/// Secondary text.
pub const MUTED: RGBColor = RGBColor(0x59, 0x63, 0x6e);
/// Frames and phase borders.
pub const RULE: RGBColor = RGBColor(0xb9, 0xc0, 0xc8);
/// Grid lines and the shade of the warm-up.
pub const GRID: RGBColor = RGBColor(0xe8, 0xeb, 0xee);
/// What was measured.
pub const LINE: RGBColor = RGBColor(0x24, 0x56, 0x86);
/// Faults, and what is bad.
pub const BAD: RGBColor = RGBColor(0xa9, 0x2a, 0x1f);
/// Heals, and what is good.
pub const GOOD: RGBColor = RGBColor(0x1d, 0x6b, 0x3f);
/// Bounds, and what is not known.
pub const WARN: RGBColor = RGBColor(0x85, 0x56, 0x00);
/// The page.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);

const DARK: &[(RGBColor, &str)] = &[
    (INK, "#e4e7ea"),
    (MUTED, "#9ea8b3"),
    (RULE, "#4a535d"),
    (GRID, "#282f36"),
    (LINE, "#82b4e3"),
    (BAD, "#f28b80"),
    (GOOD, "#7ccf9a"),
    (WARN, "#e0b45c"),
    (PAPER, "#15181c"),
];

/// `#1B1F24`, as plotters writes it.
#[must_use]
pub fn hex(c: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", c.0, c.1, c.2)
}

/// CSS that replaces every colour of a chart by its dark counterpart.
#[must_use]
pub fn dark_css() -> String {
    DARK.iter()
        .map(|(light, dark)| {
            format!(
                ".chart [fill=\"{0}\"]{{fill:{dark}}}.chart [stroke=\"{0}\"]{{stroke:{dark}}}",
                hex(*light)
            )
        })
        .collect()
}
