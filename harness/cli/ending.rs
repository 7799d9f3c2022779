//! How a run ended, as its journal says: what it exits with, what of it remains, whether it may stand in a comparison.
use crate::{
    exit::{self, Code},
    signals,
};
use model::journal::{self, End, Event, event::BLAST_RADIUS};
use std::{collections::BTreeSet, fs, path::Path};

/// The end of a run.
#[derive(Debug, PartialEq, Eq)]
pub struct Ending {
    /// What each thing that went wrong would exit with.
    pub codes: Vec<Code>,
    /// What testbed or harness failed at, where that ended it.
    pub error: Option<String>,
    /// The first signal that reached it.
    pub signal: Option<Code>,
    /// Nobody let it end: a signal cut it short, or there is no closing line.
    pub cut: bool,
    /// Its faults began.
    pub pressed: bool,
    /// It closed in order, and nothing of it remains.
    pub clean: bool,
}

/// Reads the journal of a run folder.
pub fn read(root: &Path) -> Ending {
    let text = fs::read_to_string(root.join(engine::journal::NAME)).unwrap_or_default();
    let journal = journal::parse(&text).unwrap_or_default();
    let events: Vec<&Event> = journal
        .lines
        .iter()
        .filter_map(|line| line.event.as_ref())
        .collect();
    let signal = events.iter().find_map(|event| match event {
        Event::SignalReceived { signal, .. } => Some(signals::code(signal)),
        _ => None,
    });
    let faults = |event: &&Event| matches!(event, Event::PhaseEntered { phase } if phase == FAULTS);
    let open = Ending {
        codes: vec![exit::BAD_EVIDENCE],
        error: None,
        signal,
        cut: true,
        pressed: events.iter().any(faults),
        clean: false,
    };
    match journal.lines.last().and_then(|line| line.event.as_ref()) {
        Some(Event::RunClosed {
            end,
            leftovers,
            why,
        }) => closed(open, &events, (*end, leftovers, why.as_deref())),
        _ => open,
    }
}

/// The phase in which something is hurt.
const FAULTS: &str = "faults";

fn closed(
    open: Ending,
    events: &[&Event],
    (end, leftovers, why): (End, &[String], Option<&str>),
) -> Ending {
    let mut codes = of_faults(events);
    if leftovers.iter().any(|name| name.starts_with("unknown")) {
        codes.push(exit::NOT_HEALED);
    } else if !leftovers.is_empty() {
        codes.push(exit::LEFTOVERS);
    }
    match end {
        End::Signal => codes.extend(open.signal),
        End::Error => codes.push(exit::TESTBED),
        End::Abort | End::Finished => {}
    }
    Ending {
        codes,
        error: (end == End::Error).then(|| why.unwrap_or_default().to_owned()),
        cut: end == End::Signal,
        clean: leftovers.is_empty(),
        ..open
    }
}

/// A heal that was never proven, and a blast radius that would have been overstepped, have codes of their own.
fn of_faults(events: &[&Event]) -> Vec<Code> {
    let mut hurt = BTreeSet::new();
    let mut codes = Vec::new();
    for event in events {
        match event {
            Event::FaultNotHealed { id, .. } => drop(hurt.insert(id)),
            Event::FaultHealed { id, .. } => drop(hurt.remove(id)),
            Event::AbortTriggered { objective, .. } if objective == BLAST_RADIUS => {
                codes.push(exit::BLOCKED);
            }
            _ => {}
        }
    }
    if !hurt.is_empty() {
        codes.push(exit::NOT_HEALED);
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{journal::codec::encode, units::Nanos};

    /// The ending of a run with this journal.
    fn of(name: &str, events: &[Event]) -> Ending {
        let root = std::env::temp_dir().join(format!("brinell-end-{}-{name}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let lines = events.iter().zip(0..);
        let text: String = lines
            .map(|(event, n)| encode(n, Nanos(n), event).unwrap())
            .collect();
        fs::write(root.join(engine::journal::NAME), text).unwrap();
        let ending = read(&root);
        fs::remove_dir_all(root).unwrap();
        ending
    }

    fn phase(name: &str) -> Event {
        Event::PhaseEntered { phase: name.into() }
    }

    fn closed(end: End, leftovers: &[&str]) -> Event {
        Event::RunClosed {
            end,
            leftovers: leftovers.iter().map(ToString::to_string).collect(),
            why: Some("why".into()),
        }
    }

    fn signal(name: &str) -> Event {
        Event::SignalReceived {
            signal: name.into(),
            count: 1,
        }
    }

    #[test]
    fn a_run_that_went_through_its_phases_is_pressed_clean_and_whole() {
        let ending = of("whole", &[phase("faults"), closed(End::Finished, &[])]);
        assert!(ending.pressed && ending.clean && !ending.cut);
        assert_eq!(ending.codes, []);
    }

    #[test]
    fn a_bring_up_that_failed_says_why_and_pressed_nothing() {
        let ending = of("failed", &[phase("testbed"), closed(End::Error, &[])]);
        assert!(!ending.pressed && ending.clean && !ending.cut);
        assert_eq!(ending.codes, [exit::TESTBED]);
        assert_eq!(ending.error.as_deref(), Some("why"));
    }

    #[test]
    fn a_signal_cuts_only_what_had_not_come_to_its_end() {
        let cut = of("cut", &[signal("INT"), closed(End::Signal, &[])]);
        assert!(cut.cut);
        assert_eq!(
            (cut.signal, &cut.codes[..]),
            (Some(exit::SIGINT), &[exit::SIGINT][..])
        );
        let late = of("late", &[signal("TERM"), closed(End::Finished, &[])]);
        assert!(!late.cut && late.codes.is_empty());
        assert_eq!(late.signal, Some(exit::SIGTERM));
    }

    #[test]
    fn without_a_closing_line_nothing_is_known_to_be_gone() {
        for events in [vec![], vec![phase("faults")]] {
            let ending = of("open", &events);
            assert!(ending.cut && !ending.clean);
            assert_eq!(ending.codes, [exit::BAD_EVIDENCE]);
        }
    }

    #[test]
    fn leftovers_are_not_clean() {
        let left = of("left", &[closed(End::Finished, &["container x"])]);
        assert_eq!(
            (left.clean, &left.codes[..]),
            (false, &[exit::LEFTOVERS][..])
        );
        let unknown = of("unknown", &[closed(End::Finished, &["unknown: the guard"])]);
        assert_eq!(unknown.codes, [exit::NOT_HEALED]);
    }
}
