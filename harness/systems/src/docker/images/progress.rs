//! Lets a caller show what long steps do; nothing in this crate prints.
use std::{
    collections::VecDeque,
    future::Future,
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How often a running step reports.
const EVERY: Duration = Duration::from_secs(2);
/// Lines kept for an error: enough for a stack trace's head and its cause.
const KEPT: usize = 30;

/// Receives what is going on: once when a step begins (`elapsed` zero), then every 2 s while it lasts.
pub trait Progress: Send + Sync {
    /// Step `what` of `image` has been running for `elapsed`. `what` may hold the last line that a tool printed.
    fn step(&self, image: &str, what: &str, elapsed: Duration);
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: &str, _: &str, _: Duration) {}
}

/// Runs `work` to its end while reporting `what` it does.
pub(crate) async fn watch<T>(
    progress: &dyn Progress,
    image: &str,
    what: impl Fn() -> String,
    work: impl Future<Output = T>,
) -> T {
    let begun = Instant::now();
    let mut work = pin!(work);
    let mut due = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = due.tick() => progress.step(image, &what(), begun.elapsed()),
        }
    }
}

/// The last lines that a tool printed, shared between who reads them and who shows them.
#[derive(Debug, Default)]
pub(crate) struct Tail(Mutex<VecDeque<String>>);

impl Tail {
    pub(crate) fn push(&self, text: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend(
            text.lines()
                .filter(|line| !line.trim().is_empty())
                .map(printable),
        );
        while lines.len() > KEPT {
            lines.pop_front();
        }
    }

    /// The newest line, cut to what fits beside a step's name.
    pub(crate) fn last(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines
            .back()
            .map(|line| line.chars().take(90).collect())
            .unwrap_or_default()
    }

    /// All kept lines.
    pub(crate) fn all(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

/// What a tool wrote must not drive the user's terminal.
fn printable(line: &str) -> String {
    line.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::Tail;

    #[test]
    fn the_tail_keeps_the_newest_lines_without_control_characters() {
        let tail = Tail::default();
        (0..100).for_each(|n| tail.push(&format!("line {n}\u{1b}[31m\n")));
        assert_eq!(tail.last(), "line 99 [31m");
        assert_eq!(tail.all().lines().count(), 30);
    }
}
