//! Everything that can stop a command, and the only place that prints it: what failed, where, why, what to do.
use crate::exit::{self, Code};
use model::scenario::Refusal;
use std::{fmt::Write as _, path::PathBuf};

/// Why a command stopped. Texts fit after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A scenario was refused.
    #[error("{refusal}")]
    Refused {
        /// The file.
        file: PathBuf,
        /// Its text.
        text: String,
        /// What, where, the fix.
        refusal: Box<Refusal>,
        /// Bad input, or not to be had on this machine.
        code: Code,
    },
    /// Something would have to be installed, built or started first.
    #[error("go on without your consent to set this machine up")]
    Consent {
        /// What, one line each.
        missing: Vec<String>,
    },
    /// This machine cannot carry what is asked.
    #[error("{what}")]
    Unsupported {
        /// What, and why not.
        what: String,
        /// What would.
        hint: String,
    },
    /// Engine, image or testbed trouble.
    #[error("{what}")]
    Testbed {
        /// What.
        what: String,
        /// What to do.
        hint: String,
    },
    /// A file could not be read.
    #[error("read {}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A result could not be written.
    #[error("write {}", file.display())]
    Unwritable {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A run folder cannot be trusted.
    #[error("read the run {}", run.display())]
    Evidence {
        /// The folder.
        run: PathBuf,
        /// Why.
        why: String,
    },
    /// A bug of ours.
    #[error("{0}")]
    Internal(String),
}

impl CliError {
    const fn code(&self) -> Code {
        match self {
            Self::Refused { code, .. } => *code,
            Self::Consent { .. } => exit::CONSENT_NEEDED,
            Self::Unsupported { .. } => exit::UNSUPPORTED,
            Self::Testbed { .. } => exit::TESTBED,
            Self::Unreadable { .. } => exit::BAD_INPUT,
            Self::Unwritable { .. } => exit::OUTPUT,
            Self::Evidence { .. } => exit::BAD_EVIDENCE,
            Self::Internal(_) => exit::INTERNAL,
        }
    }
}

/// Prints the error to stderr and gives its exit code.
pub fn render(error: &CliError) -> Code {
    eprint!("{}", text(error));
    error.code()
}

/// The error as printed.
fn text(error: &CliError) -> String {
    let mut out = format!("error: failed to {error}\n");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = writeln!(out, "  because: {cause}");
        source = cause.source();
    }
    match error {
        CliError::Refused {
            file,
            text,
            refusal,
            ..
        } => out += &excerpt(&file.display().to_string(), text, refusal),
        CliError::Consent { missing } => {
            missing
                .iter()
                .for_each(|line| out += &format!("  would {line}\n"));
            out += "  hint: run it again with `--setup`, or with `BRINELL_SETUP=yes` in the environment\n";
        }
        CliError::Unsupported { hint, .. } | CliError::Testbed { hint, .. } if !hint.is_empty() => {
            out += &format!("  hint: {hint}\n")
        }
        CliError::Evidence { why, .. } => out += &format!("  because: {why}\n"),
        CliError::Internal(_) => {
            out += "  this is a bug of Brinell: please report it with the run folder\n"
        }
        _ => {}
    }
    out
}

/// File, line, column, the line itself with the mark, and the fix.
fn excerpt(file: &str, text: &str, refusal: &Refusal) -> String {
    let (line, column) = (refusal.at.line.max(1), refusal.at.column.max(1));
    let mut out = format!("  {file}:{line}:{column}\n");
    if let Some(source) = text.lines().nth(line as usize - 1) {
        let number = line.to_string();
        let width = refusal.width.min(
            source
                .chars()
                .count()
                .saturating_sub(column as usize - 1)
                .max(1),
        );
        let pad: String = source
            .chars()
            .take(column as usize - 1)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let label = if refusal.label.is_empty() {
            String::new()
        } else {
            format!(" {}", refusal.label)
        };
        out += &format!(
            "  {number} | {source}\n  {} | {pad}{}{label}\n",
            " ".repeat(number.len()),
            "^".repeat(width)
        );
    } else if !refusal.label.is_empty() {
        out += &format!("  {}\n", refusal.label);
    }
    if let Some(hint) = &refusal.hint {
        out += &format!("  hint: {hint}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::scenario::Place;

    #[test]
    fn a_refusal_shows_file_line_column_mark_and_fix() {
        let at = Place {
            line: 2,
            column: 12,
        };
        let refusal = Refusal::unknown(
            at,
            "find a node with role `executer`",
            "executer",
            &["executor", "worker"],
        );
        let shown = text(&CliError::Refused {
            file: "a.yaml".into(),
            text: "x: 1\n   target: executer\n".into(),
            refusal: Box::new(refusal),
            code: exit::BAD_INPUT,
        });
        let expected = "error: failed to find a node with role `executer`
  a.yaml:2:12
  2 |    target: executer
    |            ^^^^^^^^ known here: executor, worker
  hint: did you mean `executor`?
";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_place_beyond_the_file_is_no_panic() {
        let refusal = Refusal::new(
            Place {
                line: 99,
                column: 99,
            },
            "read the claim",
        )
        .label("one sentence is due");
        let shown = excerpt("a.yaml", "x: 1\n", &refusal);
        assert_eq!(shown, "  a.yaml:99:99\n  one sentence is due\n");
    }
}
