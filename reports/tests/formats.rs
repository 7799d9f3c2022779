//! What every format promises, for the made-up run and for every edge case of it.
use analysis::report::Analysis;
use reports::{CATALOG, render_all};
use resvg::tiny_skia::Pixmap;
use std::collections::BTreeSet;

mod edges;
mod fixture;

fn all() -> Vec<(&'static str, Analysis)> {
    [("pass", fixture::executor_kills())]
        .into_iter()
        .chain(edges::edges())
        .collect()
}

/// Only the format that writes this file is rendered; the picture is slow where nothing is optimised.
fn bytes(a: &Analysis, name: &str) -> Vec<u8> {
    let format = match name {
        "report.html" => "html",
        "report.png" => "png",
        "report.json" => "json",
        _ => "markdown",
    };
    let format = CATALOG
        .iter()
        .find(|f| f.name() == format)
        .expect("a format of the catalog");
    let files = format.render(a).expect("every edge case renders");
    let file = files.into_iter().find(|f| f.name == name);
    file.expect("the format writes this file").bytes
}

fn text(a: &Analysis, name: &str) -> String {
    String::from_utf8(bytes(a, name)).expect("all text formats are UTF-8")
}

/// Rendered twice from two values read from the same JSON.
#[test]
fn the_same_analysis_gives_the_same_bytes() {
    for (name, a) in all() {
        let read: Analysis = serde_json::from_slice(&bytes(&a, "report.json")).unwrap();
        assert!(
            read == a,
            "{name}: report.json reads back as what was written"
        );
        for file in ["report.html", "summary.md", "report.json"] {
            assert!(bytes(&read, file) == bytes(&a, file), "{name}: {file}");
        }
    }
    let a = fixture::executor_kills();
    assert!(bytes(&a, "report.png") == bytes(&a, "report.png"));
}

#[test]
fn names_of_formats_and_files_are_unique() {
    let names: BTreeSet<_> = CATALOG.iter().map(|f| f.name()).collect();
    assert_eq!(names.len(), CATALOG.len());
    assert!(
        CATALOG
            .iter()
            .all(|f| !f.doc().is_empty() && !f.doc().ends_with('.'))
    );
    let files: BTreeSet<_> = render_all(&fixture::executor_kills())
        .unwrap()
        .into_iter()
        .map(|f| f.name)
        .collect();
    assert_eq!(files.len(), CATALOG.len());
}

/// The bound of the formats document, held for the run of eight kills.
#[test]
fn the_page_and_the_picture_stay_small() {
    let a = fixture::executor_kills();
    for (name, most) in [("report.html", 400_000), ("report.png", 400_000)] {
        let size = bytes(&a, name).len();
        assert!(size <= most, "{name} has {size} bytes");
    }
}

/// Looks for anything a browser would fetch or run.
#[test]
fn the_page_asks_for_nothing_and_runs_nothing() {
    for (name, a) in all() {
        let page = text(&a, "report.html");
        let (visible, data) = page
            .split_once("<script type=\"application/json\" id=\"report\">")
            .unwrap();
        assert!(page.contains("default-src 'none'"), "{name}");
        for word in [
            "<script", "<link", "<iframe", "<img", "<object", "<embed", "@import", "url(",
            " src=\"", " href=\"", "<base",
        ] {
            assert!(!visible.contains(word), "{name}: {word}");
        }
        assert!(
            !visible.contains(" on") || !has_handler(visible),
            "{name}: event handler in a tag"
        );
        let (json, rest) = data.split_once("</script>").unwrap();
        let read: Analysis = serde_json::from_str(json).unwrap();
        assert!(read == a, "{name}: embedded data reads back");
        assert!(!rest.contains("<script"), "{name}");
    }
}

/// Whether any tag carries an attribute that begins with `on`. Foreign text cannot open a tag, so tags are ours alone.
fn has_handler(page: &str) -> bool {
    page.split('<')
        .skip(1)
        .filter_map(|tag| tag.split_once('>'))
        .any(|(tag, _)| unquoted(tag).contains(" on"))
}

fn unquoted(tag: &str) -> String {
    tag.split('"').step_by(2).collect()
}

/// Every opened element is closed in order, with void elements and SVG's empty ones left out: escaping held everywhere.
#[test]
fn no_foreign_text_breaks_out_of_its_element() {
    for (name, a) in all() {
        let page = text(&a, "report.html");
        let body = page
            .split_once("<body>")
            .unwrap()
            .1
            .split_once("<script")
            .unwrap()
            .0;
        let mut open = Vec::new();
        for tag in body.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').unwrap();
            let word = tag.split([' ', '\n']).next().unwrap();
            match word.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop(), Some(closed), "{name}"),
                None if tag.ends_with('/') => {}
                None => open.push(word),
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
    }
}

#[test]
fn hostile_text_is_shown_and_harmless() {
    let (_, a) = edges::edges()
        .into_iter()
        .find(|(n, _)| *n == "hostile")
        .unwrap();
    let page = text(&a, "report.html");
    assert!(
        page.contains("&#60;script&#62;alert(1)") || page.contains("&lt;script&gt;alert(1)"),
        "it is shown as text"
    );
    assert!(!page.contains(['\u{202e}', '\u{2066}', '\u{1b}', '\u{0}']));
    let summary = text(&a, "summary.md");
    assert!(!summary.contains(['\u{202e}', '\u{0}']));
    let outside_code: String = summary
        .lines()
        .filter(|l| !l.starts_with("Repeat:"))
        .collect();
    assert!(!outside_code.contains('<') && !outside_code.contains('@'));
}

#[test]
fn the_verdict_is_a_word_in_every_format() {
    for (name, a) in all() {
        let word = a.verdict.value.word();
        assert!(
            text(&a, "report.html").contains(&format!("<p class=\"word\">{word}</p>")),
            "{name}"
        );
        assert!(
            text(&a, "summary.md").starts_with(&format!("# {word} ")),
            "{name}"
        );
    }
}

#[test]
fn a_summary_fits_a_comment_and_its_tables_are_whole() {
    for (name, a) in all() {
        let summary = text(&a, "summary.md");
        assert!(
            summary.lines().count() <= 60,
            "{name}: {} lines",
            summary.lines().count()
        );
        assert!(summary.chars().count() <= 65_000, "{name}");
        for table in summary.split("\n\n").filter(|p| p.starts_with('|')) {
            let widths: BTreeSet<_> = table
                .lines()
                .filter(|l| l.starts_with('|'))
                .map(cells)
                .collect();
            assert_eq!(widths.len(), 1, "{name}: {table}");
        }
    }
}

fn cells(line: &str) -> usize {
    line.replace("\\\\", "")
        .replace("\\|", "")
        .matches('|')
        .count()
}

/// Reads the PNG back and counts what is not paper: text and lines were really drawn, at twice the size.
#[test]
fn the_picture_is_drawn_with_the_bundled_fonts() {
    // A few stand for all: the usual run, the fullest, the emptiest, and the one with foreign text.
    let drawn = ["pass", "many-faults", "empty", "hostile"];
    for (name, a) in all().into_iter().filter(|(n, _)| drawn.contains(n)) {
        let picture = Pixmap::decode_png(&bytes(&a, "report.png")).unwrap();
        assert_eq!(picture.width(), 2 * 1140, "{name}");
        let inked = picture.pixels().iter().filter(|p| p.red() < 100).count();
        assert!(inked > 3_000, "{name}: {inked} dark pixels");
    }
}

/// A censored run says "longer than" and has no median anywhere.
#[test]
fn nothing_unrecovered_gets_a_number() {
    let (_, a) = edges::edges()
        .into_iter()
        .find(|(n, _)| *n == "all-censored")
        .unwrap();
    let page = text(&a, "report.html");
    let visible = page.split_once("<script").unwrap().0;
    assert!(visible.contains("&gt;\u{a0}15.00") || visible.contains("&#62;\u{a0}15.00"));
    assert!(visible.contains("not reached within 15.0 s"));
    assert!(text(&a, "summary.md").contains("longer than 15.0"));
}

/// The page must say what would change an unknown.
#[test]
fn an_unknown_shows_its_reason_at_the_top() {
    let (_, a) = edges::edges()
        .into_iter()
        .find(|(n, _)| *n == "unknown")
        .unwrap();
    let page = text(&a, "report.html");
    let top = page.split_once("<section id=\"timeline\">").unwrap().0;
    assert!(top.contains("a longer warm-up or a faster machine would make it known"));
}
