//! One made-up run in every format, to the byte. `BRINELL_GOLDEN=write cargo test -p reports --test golden` rewrites the files;
//! a reviewer reads the difference.
use std::{env, fs, path::Path};

mod fixture;

/// The committed bytes are the specification: a change of any format shows up as a change of these files.
#[test]
fn every_format_renders_the_committed_bytes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let write =
        env::var("BRINELL_GOLDEN").is_ok_and(|v| v == "write") && env::var_os("CI").is_none();
    for file in reports::render_all(&fixture::executor_kills()).unwrap() {
        let path = folder.join(&file.name);
        if write {
            fs::write(&path, &file.bytes).unwrap();
        }
        let golden = fs::read(&path).unwrap_or_default();
        assert!(
            golden == file.bytes,
            "{} differs{}; BRINELL_GOLDEN=write rewrites it",
            file.name,
            first_difference(&golden, &file.bytes)
        );
    }
}

fn first_difference(a: &[u8], b: &[u8]) -> String {
    let at = a
        .iter()
        .zip(b)
        .position(|(x, y)| x != y)
        .unwrap_or(a.len().min(b.len()));
    let near = |text: &[u8]| {
        String::from_utf8_lossy(
            &text[at.saturating_sub(40).min(text.len())..(at + 60).min(text.len())],
        )
        .into_owned()
    };
    format!(
        " at byte {at}: committed {:?}, rendered {:?}",
        near(a),
        near(b)
    )
}
