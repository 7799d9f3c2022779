//! Exit codes: what a pipeline can rely on. The first that applies, in the order of [`worst`].
use std::process::ExitCode;

/// One documented code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub u8);

/// Every finding passes; nothing left behind.
pub const OK: Code = Code(0);
/// A bug of ours.
pub const INTERNAL: Code = Code(1);
/// Bad command line (clap's own code).
pub const USAGE: Code = Code(2);
/// A file was refused, with place and fix; nothing started.
pub const BAD_INPUT: Code = Code(3);
/// This machine cannot carry what is asked; nothing started.
pub const UNSUPPORTED: Code = Code(4);
/// Would install or start something: listed; nothing started.
pub const CONSENT_NEEDED: Code = Code(5);
/// Engine, image, readiness, or a node gone on its own; verdict unknown.
pub const TESTBED: Code = Code(6);
/// The run is fine, a result could not be written.
pub const OUTPUT: Code = Code(7);
/// Run folder truncated, altered or unreadable.
pub const BAD_EVIDENCE: Code = Code(8);
/// A finding fails.
pub const FAIL: Code = Code(10);
/// None fails, at least one is unknown.
pub const UNKNOWN: Code = Code(11);
/// A gate refused: the error budget is spent, or the blast radius would have been overstepped.
pub const BLOCKED: Code = Code(12);
/// A gate could not tell; treated as blocked.
pub const GATE_UNKNOWN: Code = Code(13);
/// Something may still be hurt.
pub const NOT_HEALED: Code = Code(20);
/// Healed, but something of ours remains.
pub const LEFTOVERS: Code = Code(21);
/// Cut short by SIGINT, healed; verdict unknown.
pub const SIGINT: Code = Code(130);
/// Cut short by SIGTERM, healed; verdict unknown.
pub const SIGTERM: Code = Code(143);

/// Code, name and meaning of each: the table of the help text and the README.
pub const ALL: &[(Code, &str, &str)] = &[
    (OK, "OK", "every finding passes; nothing left behind"),
    (INTERNAL, "INTERNAL", "a bug of ours"),
    (USAGE, "USAGE", "bad command line"),
    (
        BAD_INPUT,
        "BAD_INPUT",
        "a file was refused, with place and fix; nothing started",
    ),
    (
        UNSUPPORTED,
        "UNSUPPORTED",
        "this machine cannot carry what is asked; nothing started",
    ),
    (
        CONSENT_NEEDED,
        "CONSENT_NEEDED",
        "would install or start something: listed, rerun with `--setup`; nothing started",
    ),
    (
        TESTBED,
        "TESTBED",
        "engine, image, readiness, or a node gone on its own; verdict unknown",
    ),
    (
        OUTPUT,
        "OUTPUT",
        "the run is fine, a result could not be written",
    ),
    (
        BAD_EVIDENCE,
        "BAD_EVIDENCE",
        "run folder truncated, altered or unreadable",
    ),
    (FAIL, "FAIL", "a finding fails"),
    (
        UNKNOWN,
        "UNKNOWN",
        "none fails, at least one is unknown (or none exists)",
    ),
    (
        BLOCKED,
        "BLOCKED",
        "a gate refused: the error budget is spent, or the blast radius would have been overstepped and the fault was not injected",
    ),
    (
        GATE_UNKNOWN,
        "GATE_UNKNOWN",
        "a gate could not tell whether any budget is left: treated as blocked",
    ),
    (
        NOT_HEALED,
        "NOT_HEALED",
        "a heal was not proven, something may still be hurt: run `brinell clean`",
    ),
    (
        LEFTOVERS,
        "LEFTOVERS",
        "healed, but something of ours remains: run `brinell clean`",
    ),
    (
        SIGINT,
        "SIGINT",
        "cut short by SIGINT, healed; verdict unknown",
    ),
    (
        SIGTERM,
        "SIGTERM",
        "cut short by SIGTERM, healed; verdict unknown",
    ),
];

/// The order in which codes win over each other.
const ORDER: [Code; 13] = [
    NOT_HEALED,
    LEFTOVERS,
    INTERNAL,
    SIGINT,
    SIGTERM,
    FAIL,
    TESTBED,
    BAD_EVIDENCE,
    BLOCKED,
    GATE_UNKNOWN,
    UNKNOWN,
    OUTPUT,
    OK,
];

/// The first of these codes in the documented order.
pub fn worst(codes: &[Code]) -> Code {
    ORDER
        .into_iter()
        .find(|code| codes.contains(code))
        .unwrap_or(INTERNAL)
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.0)
    }
}

/// The table as it stands in `--help`.
pub fn help() -> String {
    let line = |(code, name, meaning): &(Code, &str, &str)| {
        format!("  {:>3}  {name:<14} {meaning}", code.0)
    };
    format!(
        "Exit codes:\n{}",
        ALL.iter().map(line).collect::<Vec<_>>().join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leftover_wins_over_a_fail_and_a_signal_over_unknown() {
        assert_eq!(worst(&[FAIL, LEFTOVERS, OK]), LEFTOVERS);
        assert_eq!(worst(&[UNKNOWN, SIGINT]), SIGINT);
        assert_eq!(worst(&[UNKNOWN, BLOCKED]), BLOCKED);
        assert_eq!(worst(&[NOT_HEALED, UNKNOWN, LEFTOVERS]), NOT_HEALED);
        assert_eq!(worst(&[OK]), OK);
        assert_eq!(worst(&[]), INTERNAL);
    }

    #[test]
    fn codes_are_unique() {
        let mut codes: Vec<u8> = ALL.iter().map(|(code, _, _)| code.0).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ALL.len());
    }
}
