//! The runs that are due: arms in turns, A B A B, so that a machine that drifts meets both alike.
use super::Pair;
use crate::{
    commands::run::Planned,
    ending::{self, Ending},
    error::CliError,
};
use model::{
    compare::{Order, RunOf},
    units::Nanos,
};
use std::path::Path;

/// Runs of a slot whose faults never began: bring-up failed, or it was not steady. So far nothing of an arm was seen, hence a second
/// try does not choose among results.
pub const TRIES: usize = 2;
/// Bring-up, final reads and take-down of one run, about.
const AROUND: Nanos = Nanos::secs(60);

/// One run that is due.
pub struct Slot {
    /// Index of its arm.
    pub arm: usize,
    /// Name of its round.
    pub round: String,
    /// From 0.
    pub repeat: u64,
    /// What runs in it.
    pub planned: usize,
}

impl Slot {
    /// Folder of its runs below that of the comparison.
    pub fn place(&self, order: &Order) -> String {
        format!("{}-{}-{}", order.arms[self.arm], self.round, self.repeat)
    }

    fn has(&self, run: &RunOf) -> bool {
        (run.arm, run.repeat) == (self.arm, self.repeat) && run.round == self.round
    }
}

/// What is due of a comparison, with its plans. All that can be refused is refused here: rounds that were not ordered are planned too.
pub fn due(pair: &Pair, root: &Path, order: &Order) -> Result<(Vec<Slot>, Vec<Planned>), CliError> {
    let (mut slots, mut plans) = (Vec::new(), Vec::new());
    for (round, one) in pair.says.rounds.iter().enumerate() {
        let name = &one.name.value;
        let is_ordered = order.rounds.contains(name);
        for repeat in 0..order.repeats {
            let both = pair.planned(round, order.seed.wrapping_add(repeat))?;
            for (arm, planned) in both.into_iter().enumerate() {
                let slot = Slot {
                    arm,
                    round: name.clone(),
                    repeat,
                    planned: plans.len(),
                };
                if is_ordered && !is_over(&slot, root, order) {
                    slots.push(slot);
                    plans.push(planned);
                }
            }
        }
    }
    Ok((slots, plans))
}

/// A run that nobody let end does not fill its slot.
fn is_over(slot: &Slot, root: &Path, order: &Order) -> bool {
    let runs = order.runs.iter().filter(|run| slot.has(run));
    let ended: Vec<Ending> = runs
        .map(|run| ending::read(&root.join(&run.folder)))
        .filter(|ending| !ending.cut)
        .collect();
    ended.len() >= TRIES || ended.iter().any(|ending| ending.pressed)
}

/// How long a run of a plan takes, about: its phases and what is around them.
pub fn about((_, plan): &Planned) -> Nanos {
    let phases = &plan.phases;
    let all = [
        phases.warm_up_ns,
        phases.baseline_ns,
        phases.faults_ns,
        phases.recovery_ns,
        phases.cool_down_ns,
    ];
    all.into_iter().fold(AROUND, Nanos::plus)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison;
    use model::{
        compare::order,
        journal::{End, Event, codec::encode},
    };
    use std::{fs, path::PathBuf};

    fn pair() -> Pair {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compare/two-arms.yaml");
        comparison::read(&file).unwrap_or_else(|error| panic!("{error}"))
    }

    fn order(pair: &Pair, rounds: &[&str]) -> Order {
        Order {
            schema: order::SCHEMA.into(),
            name: pair.name.clone(),
            claim: pair.says.claim.clone(),
            seed: 11,
            probe: "freshness".into(),
            repeats: 2,
            arms: pair.says.arms.clone(),
            rounds: rounds.iter().map(ToString::to_string).collect(),
            claims: vec![],
            runs: vec![],
            command: String::new(),
        }
    }

    /// Places of what is due.
    fn places(root: &Path, order: &Order) -> Vec<String> {
        let (slots, _) = due(&pair(), root, order).unwrap_or_else(|error| panic!("{error}"));
        slots.iter().map(|slot| slot.place(order)).collect()
    }

    #[test]
    fn arms_take_turns_within_each_round() {
        let pair = pair();
        let order = order(&pair, &["workers", "executors"]);
        let expected = [
            "stock-executors-0",
            "tuned-executors-0",
            "stock-executors-1",
            "tuned-executors-1",
            "stock-workers-0",
            "tuned-workers-0",
            "stock-workers-1",
            "tuned-workers-1",
        ];
        assert_eq!(places(Path::new("/nowhere"), &order), expected);
    }

    #[test]
    fn both_arms_of_a_repeat_have_its_seed_and_its_faults() {
        let pair = pair();
        let (slots, plans) = due(&pair, Path::new("/nowhere"), &order(&pair, &["executors"]))
            .unwrap_or_else(|error| panic!("{error}"));
        for turn in slots.chunks(2) {
            let [one, other] = [0, 1].map(|arm| &plans[turn[arm].planned].1);
            assert_eq!((one.seed, other.seed), (11 + turn[0].repeat, one.seed));
            assert_eq!(one.faults, other.faults);
            assert_ne!(one.testbed, other.testbed, "the arms are two");
        }
    }

    #[test]
    fn a_run_takes_its_phases_and_a_minute_about() {
        let pair = pair();
        let (_, plans) = due(&pair, Path::new("/nowhere"), &order(&pair, &["executors"]))
            .unwrap_or_else(|error| panic!("{error}"));
        let phases = &plans[0].1.phases;
        let known = Nanos::secs(5 + 30 + 10 + 20 + 60);
        assert_eq!(about(&plans[0]), known.plus(phases.faults_ns));
    }

    /// A folder with one run of the first slot for each journal.
    struct Ran {
        root: PathBuf,
        order: Order,
    }

    impl Ran {
        fn with(name: &str, journals: &[&[Event]]) -> Self {
            let name = format!("brinell-slots-{}-{name}", std::process::id());
            let root = std::env::temp_dir().join(name);
            let mut order = order(&pair(), &["executors"]);
            for (journal, id) in journals.iter().zip(0..) {
                let folder = format!("stock-executors-0/{id}");
                fs::create_dir_all(root.join(&folder)).unwrap();
                let lines = journal.iter().zip(0..);
                let text: String = lines
                    .map(|(event, n)| encode(n, Nanos(n), event).unwrap())
                    .collect();
                fs::write(root.join(&folder).join(engine::journal::NAME), text).unwrap();
                order.runs.push(RunOf {
                    arm: 0,
                    round: "executors".into(),
                    repeat: 0,
                    folder,
                });
            }
            Self { root, order }
        }

        /// Whether the first slot is due.
        fn is_due(&self) -> bool {
            places(&self.root, &self.order).contains(&"stock-executors-0".to_owned())
        }
    }

    impl Drop for Ran {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.root);
        }
    }

    fn pressed() -> Event {
        Event::PhaseEntered {
            phase: "faults".into(),
        }
    }

    fn closed(end: End) -> Event {
        Event::RunClosed {
            end,
            leftovers: vec![],
            why: None,
        }
    }

    #[test]
    fn a_run_that_was_pressed_fills_its_slot_and_no_other() {
        let ran = Ran::with("pressed", &[&[pressed(), closed(End::Finished)]]);
        let expected = [
            "tuned-executors-0",
            "stock-executors-1",
            "tuned-executors-1",
        ];
        assert_eq!(places(&ran.root, &ran.order), expected);
        assert!(!Ran::with("abort", &[&[pressed(), closed(End::Abort)]]).is_due());
    }

    #[test]
    fn a_run_that_nobody_let_end_is_due_again() {
        assert!(Ran::with("cut", &[&[pressed(), closed(End::Signal)]]).is_due());
        assert!(Ran::with("died", &[&[pressed()]]).is_due());
        assert!(Ran::with("gone", &[&[]]).is_due());
    }

    #[test]
    fn a_bring_up_that_failed_twice_fills_its_slot() {
        let failed: &[Event] = &[closed(End::Error)];
        assert!(Ran::with("once", &[failed]).is_due());
        assert!(!Ran::with("twice", &[failed, failed]).is_due());
    }
}
