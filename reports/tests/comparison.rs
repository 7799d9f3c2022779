//! What the report of a comparison promises, for a full one and for every case that is not as one would wish; and the committed Markdown
//! of the full one (`BRINELL_GOLDEN=write cargo test -p reports --test comparison` rewrites it).
use analysis::compare::Comparison;
use model::verdict::Verdict;
use std::{collections::BTreeSet, env, fs, path::Path};

mod arms;
mod fixture;

fn text(c: &Comparison, name: &str) -> String {
    let files = reports::comparison(c).expect("every case renders");
    let file = files.into_iter().find(|file| file.name == name);
    String::from_utf8(file.expect("a file of this name").bytes).expect("all formats are UTF-8")
}

#[test]
fn the_record_reads_back_and_the_same_comparison_gives_the_same_bytes() {
    for (name, c) in arms::comparisons() {
        let read: Comparison = serde_json::from_str(&text(&c, "comparison-report.json")).unwrap();
        assert!(read == c, "{name}");
        assert!(
            reports::comparison(&read).unwrap() == reports::comparison(&c).unwrap(),
            "{name}"
        );
    }
}

/// Looks for anything a browser would fetch or run, and for numbers that are none.
#[test]
fn the_page_is_small_asks_for_nothing_and_shows_no_number_that_is_none() {
    for (name, c) in arms::comparisons() {
        let page = text(&c, "comparison.html");
        assert!(page.len() <= 400_000, "{name} has {} bytes", page.len());
        let (visible, data) = page
            .split_once("<script type=\"application/json\" id=\"report\">")
            .unwrap();
        for word in [
            "<script", "<link", "<iframe", "<img", "@import", "url(", " src=\"", " href=\"", "NaN",
            ">inf", "[inf",
        ] {
            assert!(!visible.contains(word), "{name}: {word}");
        }
        let (json, rest) = data.split_once("</script>").unwrap();
        assert!(
            serde_json::from_str::<Comparison>(json).unwrap() == c,
            "{name}"
        );
        assert!(!rest.contains("<script"), "{name}");
        // The command is a code span, in which nothing is markup.
        let tables = text(&c, "comparison.md");
        let tables = tables.split_once("\nRepeat: ").unwrap().0;
        assert!(
            !tables.contains(['<', '@', '\u{202e}']) && !tables.contains("NaN"),
            "{name}"
        );
    }
}

/// Balanced tags are what a browser needs to show foreign text where it belongs.
#[test]
fn every_row_of_a_table_has_as_many_cells_as_its_head() {
    for (name, c) in arms::comparisons() {
        for table in [
            reports::comparison::tables::before_after(&c),
            reports::comparison::tables::faults(&c),
            reports::comparison::tables::methods(&c),
            reports::comparison::tables::baseline(&c),
            reports::comparison::tables::runs(&c),
        ] {
            let widths: BTreeSet<usize> = table.rows.iter().map(Vec::len).collect();
            assert!(
                widths.iter().all(|wide| *wide == table.columns.len()),
                "{name}: {}",
                table.title
            );
        }
    }
}

#[test]
fn a_comparison_that_shows_nothing_passes_nothing() {
    let verdict = |wanted: &str| {
        let mut all = arms::comparisons().into_iter();
        all.find(|(name, _)| *name == wanted)
            .map(|(_, c)| c.verdict.value)
    };
    for name in [
        "one-each",
        "all-censored",
        "all-absorbed",
        "one-arm",
        "empty",
    ] {
        assert!(
            verdict(name).is_some_and(|verdict| verdict != Verdict::Pass),
            "{name}"
        );
    }
}

#[test]
fn none_in_either_arm_is_said_and_no_zero_is_made_of_it() {
    let (_, c) = arms::comparisons()
        .into_iter()
        .find(|(name, _)| *name == "lossless")
        .unwrap();
    let line = c
        .lines
        .iter()
        .find(|line| line.metric.starts_with("records lost"))
        .unwrap();
    assert_eq!(line.effects[0].value.value, None);
    assert!(text(&c, "comparison.md").contains("none (ratio; none in either arm)"));
}

#[test]
fn the_tables_of_the_full_one_are_the_committed_ones() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/comparison.md");
    let rendered = text(&arms::hardening(), "comparison.md");
    if env::var("BRINELL_GOLDEN").is_ok_and(|v| v == "write") && env::var_os("CI").is_none() {
        fs::write(&path, &rendered).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differ = committed
        .lines()
        .zip(rendered.lines())
        .find(|(a, b)| a != b);
    assert!(
        committed == rendered,
        "comparison.md differs at {differ:?}; BRINELL_GOLDEN=write rewrites it"
    );
}
