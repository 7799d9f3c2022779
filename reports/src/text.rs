//! Foreign text made harmless. A claim, a container's name or an error may hold anything: markup, control characters,
//! marks that turn the reading direction, ten thousand letters.
//!
//! [`clean`] comes first for every format; the escape of the format itself follows it (the template's for HTML, plotters' for
//! SVG, [`markdown`] here). [`script_json`] is for data inside `<script>`, where HTML escapes would change the data.

/// Replaces what cannot be shown or would change how its surroundings read (control characters, bidirectional marks,
/// non-characters) by U+FFFD; line ends and tabs become spaces.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => ' ',
            c if c.is_control()
                || is_bidi(c)
                || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}') =>
            {
                '\u{fffd}'
            }
            c if u32::from(c) & 0xfffe == 0xfffe => '\u{fffd}',
            c => c,
        })
        .collect()
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// [`clean`], and cut to `most` characters with an ellipsis.
#[must_use]
pub fn clip(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= most {
        return text;
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// JSON that may stand inside a `<script>` element: it parses to the same value and can neither close the element nor open
/// a comment. JSON holds these five characters only inside strings, where `\u` escapes mean the same.
#[must_use]
pub fn script_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 64);
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c if is_bidi(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// [`clean`] text for a cell of a GitHub-flavoured table: no markup of any kind survives, neither HTML nor a mention.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '|' | '`' | '\\' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A command as a Markdown code span: fenced by more backticks than it holds; `|` is escaped only inside tables, so not here.
#[must_use]
pub fn code(text: &str) -> String {
    let text = clean(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reading_direction_cannot_be_turned() {
        assert_eq!(clean("a\u{202e}b\u{0}c\nd"), "a\u{fffd}b\u{fffd}c d");
    }

    #[test]
    fn a_code_span_outlasts_its_backticks() {
        assert_eq!(code("a ``b"), "```a ``b```");
        assert_eq!(code("`a"), "`` `a ``");
    }

    proptest! {
        #[test]
        fn escaped_json_reads_the_same_and_cannot_leave_its_element(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let escaped = script_json(&json);
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
            let safe = !escaped.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
            prop_assert!(safe, "{}", escaped);
        }

        #[test]
        fn clipped_text_fits_and_is_clean(text in any::<String>(), most in 1usize..40) {
            let cut = clip(&text, most);
            prop_assert!(cut.chars().count() <= most);
            prop_assert!(!cut.chars().any(char::is_control));
        }

        #[test]
        fn a_table_cell_stays_one_cell(text in any::<String>()) {
            let cell = markdown(&text);
            prop_assert!(!cell.contains(['<', '>', '\n', '@']));
            prop_assert!(!cell.replace("\\\\", "").replace("\\|", "").replace("\\`", "").contains(['|', '`']));
        }
    }
}
