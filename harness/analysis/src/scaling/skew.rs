//! One stage's tasks against what any schedule of them could do.
use super::slots::Cause;
use serde::Serialize;

/// One task that ran, s from the start of its stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    /// Began.
    pub start: f64,
    /// Ended.
    pub end: f64,
}

/// Share of the idle slot time behind one task above which skew is a cause.
pub const BEHIND_ONE: f64 = 0.5;

/// Why a stage was refused; fits after "failed to".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Nothing ran, or nowhere.
    #[error("judge a stage of {tasks} tasks on {slots} slots")]
    Nothing {
        /// How many tasks.
        tasks: usize,
        /// How many slots.
        slots: u32,
    },
    /// A task that is none.
    #[error("read task {task}: from {start} s to {end} s is no time")]
    Task {
        /// Which, from 0.
        task: usize,
        /// Began.
        start: f64,
        /// Ended.
        end: f64,
    },
    /// More at once than there are slots.
    #[error("fit {at_once} tasks at once into {slots} slots: the slots or the times are wrong")]
    TooMany {
        /// Most at the same time.
        at_once: usize,
        /// How many slots.
        slots: u32,
    },
}

/// What a stage's tasks say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skew {
    /// Tasks.
    pub n: u64,
    /// Longest over median task time; infinite times do not occur, a median of 0 makes it none.
    pub skew: Option<f64>,
    /// From the first start to the last end, s.
    pub makespan: f64,
    /// What no schedule beats, s: the larger of the mean load of a slot and the longest task.
    pub least: f64,
    /// Mean load of a slot, s: what tasks without size would reach.
    pub ideal: f64,
    /// What list scheduling never exceeds, s (Graham).
    pub most: f64,
    /// The same tasks, longest first, s.
    pub longest_first: f64,
    /// Task time over slots x makespan.
    pub utilisation: f64,
    /// Idle slot time, s.
    pub idle: f64,
    /// Share of it while a single task ran; none where nothing was idle.
    pub behind_one: Option<f64>,
    /// `skew`, where more than [`BEHIND_ONE`] of the idle slot time lay behind one task.
    pub causes: Vec<Cause>,
    /// Whether it took longer than list scheduling can: slots stood empty while tasks waited.
    pub beyond_graham: bool,
}

/// Judges one stage.
///
/// # Errors
/// [`Error`]: nothing ran, a task without a time, more at once than slots.
///
/// Source: Graham, Bell Syst. Tech. J. 45 (1966), the bound of list scheduling.
pub fn skew(tasks: &[Task], slots: u32) -> Result<Skew, Error> {
    check(tasks, slots)?;
    let mut times: Vec<f64> = tasks.iter().map(|task| task.end - task.start).collect();
    times.sort_by(f64::total_cmp);
    let begin = tasks
        .iter()
        .map(|task| task.start)
        .fold(f64::INFINITY, f64::min);
    let makespan = tasks.iter().map(|task| task.end).fold(0.0, f64::max) - begin;
    let (sum, longest) = (times.iter().sum::<f64>(), times[times.len() - 1]);
    let n = f64::from(slots);
    let idle = n * makespan - sum;
    let alone = (n - 1.0) * alone(tasks);
    let behind_one = (idle > 1e-9 * sum).then(|| alone / idle);
    let most = sum / n + longest * (1.0 - 1.0 / n);
    let cause = behind_one
        .filter(|share| *share > BEHIND_ONE)
        .map(|share| Cause {
            name: "skew",
            share,
            threshold: BEHIND_ONE,
        });
    let middle = crate::median::middle(&times).filter(|middle| *middle > 0.0);
    Ok(Skew {
        n: tasks.len() as u64,
        skew: middle.map(|middle| longest / middle),
        makespan,
        least: (sum / n).max(longest),
        ideal: sum / n,
        most,
        longest_first: schedule(times.iter().rev().copied(), slots),
        utilisation: sum / (n * makespan),
        idle,
        behind_one,
        causes: cause.into_iter().collect(),
        // A part in a billion for sums of rounded times.
        beyond_graham: makespan > most * (1.0 + 1e-9),
    })
}

fn check(tasks: &[Task], slots: u32) -> Result<(), Error> {
    if tasks.is_empty() || slots == 0 {
        return Err(Error::Nothing {
            tasks: tasks.len(),
            slots,
        });
    }
    for (at, Task { start, end }) in tasks.iter().enumerate() {
        if !(start.is_finite() && end.is_finite() && *start >= 0.0 && end >= start) {
            return Err(Error::Task {
                task: at,
                start: *start,
                end: *end,
            });
        }
    }
    if tasks.iter().all(|task| task.end <= task.start) {
        return Err(Error::Task {
            task: 0,
            start: tasks[0].start,
            end: tasks[0].end,
        });
    }
    let at_once = running(tasks)
        .into_iter()
        .map(|(_, _, n)| n)
        .max()
        .unwrap_or(0);
    if at_once > slots as usize {
        return Err(Error::TooMany { at_once, slots });
    }
    Ok(())
}

/// Stretches with the number of tasks that run in them.
fn running(tasks: &[Task]) -> Vec<(f64, f64, usize)> {
    let mut edges: Vec<(f64, i64)> = tasks
        .iter()
        .filter(|task| task.end > task.start)
        .flat_map(|task| [(task.start, 1), (task.end, -1)])
        .collect();
    // Ends before starts of the same instant: a slot is handed on, not shared.
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut now = 0;
    let mut stretches = Vec::new();
    for (at, edge) in edges.iter().enumerate() {
        now += edge.1;
        let until = edges.get(at + 1).map_or(edge.0, |next| next.0);
        if until > edge.0 {
            stretches.push((edge.0, until, now.max(0) as usize));
        }
    }
    stretches
}

/// For how long a single task ran, s.
fn alone(tasks: &[Task]) -> f64 {
    running(tasks)
        .into_iter()
        .filter(|(_, _, n)| *n == 1)
        .map(|(from, until, _)| until - from)
        .sum()
}

/// Length of a list schedule of these task times in this order, s: each goes to the slot that is free first.
pub fn schedule(times: impl Iterator<Item = f64>, slots: u32) -> f64 {
    // Times are above 0, so their bits order as they do.
    let mut free: std::collections::BinaryHeap<_> = (0..slots)
        .map(|slot| std::cmp::Reverse((0_u64, slot)))
        .collect();
    let mut last = 0.0_f64;
    for time in times {
        let Some(std::cmp::Reverse((bits, slot))) = free.pop() else {
            break;
        };
        let end = f64::from_bits(bits) + time;
        last = last.max(end);
        free.push(std::cmp::Reverse((end.to_bits(), slot)));
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tasks as a list schedule in this order runs them.
    fn run(times: &[f64], slots: u32) -> Vec<Task> {
        let mut free = vec![0.0; slots as usize];
        times
            .iter()
            .map(|time| {
                let slot = (0..free.len())
                    .min_by(|a, b| f64::total_cmp(&free[*a], &free[*b]))
                    .unwrap();
                let start = free[slot];
                free[slot] += time;
                Task {
                    start,
                    end: free[slot],
                }
            })
            .collect()
    }

    #[test]
    fn the_worked_stage_comes_out() {
        let times = [4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 20.0];
        let got = skew(&run(&times, 4), 4).unwrap();
        assert_eq!(
            (got.ideal, got.makespan, got.longest_first),
            (12.0, 24.0, 20.0)
        );
        assert_eq!(
            (got.utilisation, got.skew, got.most, got.least),
            (0.5, Some(5.0), 27.0, 20.0)
        );
        assert_eq!((got.behind_one, got.causes[0].name), (Some(1.0), "skew"));
        assert!(!got.beyond_graham);
    }

    #[test]
    fn equal_tasks_have_no_skew_and_no_cause() {
        let got = skew(&run(&[3.0; 8], 4), 4).unwrap();
        assert_eq!(
            (got.skew, got.behind_one, got.causes.len()),
            (Some(1.0), None, 0)
        );
    }

    #[test]
    fn slots_that_stand_empty_while_tasks_wait_are_seen() {
        let late = [
            Task {
                start: 0.0,
                end: 1.0,
            },
            Task {
                start: 9.0,
                end: 10.0,
            },
        ];
        assert!(skew(&late, 2).unwrap().beyond_graham);
    }

    #[test]
    fn more_tasks_at_once_than_slots_are_refused() {
        let task = Task {
            start: 0.0,
            end: 1.0,
        };
        assert!(matches!(
            skew(&[task, task, task], 2),
            Err(Error::TooMany {
                at_once: 3,
                slots: 2
            })
        ));
        assert!(skew(&[], 2).is_err() && skew(&[task], 0).is_err());
        assert!(
            skew(
                &[Task {
                    start: 2.0,
                    end: 1.0
                }],
                2
            )
            .is_err()
        );
    }

    proptest! {
        /// Any list schedule ends between what no schedule beats and Graham's bound, and the heap is the obvious search for a free slot.
        #[test]
        fn every_list_schedule_keeps_the_bounds(times in proptest::collection::vec(0.1..50.0_f64, 1..40), slots in 1..9_u32) {
            let got = skew(&run(&times, slots), slots).unwrap();
            prop_assert!(got.makespan >= got.least - 1e-9 && got.makespan <= got.most + 1e-9);
            prop_assert!((schedule(times.iter().copied(), slots) - got.makespan).abs() < 1e-9);
            prop_assert!(got.longest_first >= got.least - 1e-9 && !got.beyond_graham);
            prop_assert!(got.behind_one.is_none_or(|share| (-1e-9..=1.0 + 1e-9).contains(&share)));
        }
    }
}
