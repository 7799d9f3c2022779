//! What must hold, each a test by itself and each a judge of the mutants. Numbers are the published worked ones or follow from
//! where a synthetic run was hurt.
use super::synthetic::{
    BASELINE, EVERY, FAULTS, PERIOD, SETTLE, Stretch, Synthetic, UNITS, stall_at,
};
use crate::{
    Analysis, band, latency,
    median::{Durations, ranks},
    report::{ALL_PROBES, Availability, Finding, Recovery},
    share::share,
    span::Span,
    stream::{State, Stream},
    survival::{Watched, median, median_interval, survival},
    window::Windows,
};
use model::{
    objective::{Method, Sampled, estimate},
    units::Nanos,
    verdict::Verdict,
};

macro_rules! claims {
    ($($(#[$doc:meta])* $name:ident $body:block)*) => {
        $($(#[$doc])* fn $name() $body)*
        /// Every claim by name.
        pub const ALL: &[(&str, fn())] = &[$((stringify!($name), $name as fn())),*];
        mod tests { $(#[test] fn $name() { super::$name() })* }
    };
}

mod bands;
mod bars;
mod budget;
mod capacity;
mod compare;
mod ledger;
mod letters;
mod means;
mod quality;
mod recovery;
mod samples;
mod statistics;
mod verdicts;
mod worked;

/// Every claim by name: those about what the mutant `id` breaks first, then the quick ones.
pub fn all(id: &str) -> impl Iterator<Item = &'static (&'static str, fn())> {
    let about = match id.as_bytes().first() {
        Some(b'R') if id.len() == 3 && id > "R20" => bars::ALL,
        Some(b'R') => recovery::ALL,
        Some(b'A' | b'H') => compare::ALL,
        Some(b'L') => samples::ALL,
        Some(b'B') => budget::ALL,
        Some(b'M') => means::ALL,
        Some(b'N') => verdicts::ALL,
        Some(b'Q') => quality::ALL,
        Some(b'K') => capacity::ALL,
        _ => &[],
    };
    about
        .iter()
        .chain(statistics::ALL)
        .chain(worked::ALL)
        .chain(bands::ALL)
        .chain(bars::ALL)
        .chain(budget::ALL)
        .chain(means::ALL)
        .chain(capacity::ALL)
        .chain(ledger::ALL)
        .chain(letters::ALL)
        .chain(quality::ALL)
        .chain(verdicts::ALL)
        .chain(compare::ALL)
        .chain(recovery::ALL)
        .chain(samples::ALL)
}

fn row<'a>(analysis: &'a Analysis, probe: &str) -> &'a Recovery {
    analysis
        .recovery
        .iter()
        .find(|row| row.probe == probe)
        .unwrap()
}

fn available<'a>(analysis: &'a Analysis, probe: &str, window: &str) -> &'a Availability {
    analysis
        .availability
        .iter()
        .find(|row| row.probe == probe && row.window == window)
        .unwrap()
}

fn finding<'a>(analysis: &'a Analysis, id: &str) -> &'a Finding {
    analysis
        .findings
        .iter()
        .find(|finding| finding.id == id)
        .unwrap_or_else(|| panic!("no finding {id}"))
}

fn near(got: f64, want: f64, within: f64) {
    assert!(
        (got - want).abs() <= within,
        "got {got}, want {want} within {within}"
    );
}

fn watched(text: &str) -> Vec<Watched> {
    let one = |word: &str| Watched {
        t_s: word.trim_end_matches('+').parse().unwrap(),
        recovered: !word.ends_with('+'),
    };
    text.split_whitespace().map(one).collect()
}

/// Worked A and B of the science notes.
const A: &str = "11 14 14 17 19 22 26 33 60+ 60+";
const B: &str = "8 12 12 15+ 20 21 30 30+ 45 60+";

fn kills(from: u64, long: impl Fn(u64) -> u64) -> Vec<Stretch> {
    (0..8)
        .map(|k| {
            (
                FAULTS + k * EVERY + from,
                FAULTS + k * EVERY + from + long(k),
            )
        })
        .collect()
}

fn quiet() -> Synthetic {
    Synthetic {
        hangs: vec![],
        stale: vec![],
        short: vec![],
        ..Synthetic::default()
    }
}

fn windows(run: &Synthetic) -> Windows {
    Windows::of(&crate::input::Folder::read(&run.input()).unwrap())
}

/// The period of the probes is what the widths above rest on.
const _: () = assert!(PERIOD == 100);
