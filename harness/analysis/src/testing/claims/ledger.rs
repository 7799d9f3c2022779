//! Records: classes, balance, the stage that is to blame.

use crate::{
    ledger::{Balanced, balanced},
    report::Ledger,
};
use model::{ledger::Stage, samples::Op, system::Outcome, units::Nanos};

const PARTITIONS: u32 = 2;

pub(super) fn op(process: u32, outcome: Outcome) -> Op {
    Op {
        intended: Nanos(0),
        sent: Nanos(0),
        ended: Nanos(1),
        outcome,
        class: 0,
        kind: 0,
        process,
    }
}

/// SCIENCE 6: 0 to 8 acknowledged, 9 refused, 10 and 11 unknown.
fn worked() -> Vec<Op> {
    let outcome = |k| {
        if k <= 8 {
            Outcome::Ok
        } else if k == 9 {
            Outcome::Fail
        } else {
            Outcome::Info
        }
    };
    (0..12).map(|k| op(k, outcome(k))).collect()
}

/// A stage of one partition in which these lie, in this order.
fn lying(numbers: &[u64], damaged: u64) -> Stage {
    let mut stage = Stage::new("x", 1, 12).in_order();
    let source = stage.source("log offset");
    for (number, at) in numbers.iter().zip(0..) {
        stage.take(*number, (source, at), *number != damaged);
    }
    stage
}

fn one(ops: &[Op], stage: Stage) -> Balanced {
    balanced(ops, &[stage]).remove(0)
}

/// `count` records, all acknowledged; what each stage of a pipeline holds of them, without the numbers that `change` takes out and
/// with those that it puts in twice.
fn pipeline(count: u64, change: impl Fn(&str) -> (Vec<u64>, Vec<u64>)) -> Vec<Ledger> {
    let ops: Vec<Op> = (0..count as u32).map(|k| op(k, Outcome::Ok)).collect();
    let stage = |name: &str| {
        let (without, twice) = change(name);
        let mut stage = Stage::new(name, PARTITIONS, count);
        let source = stage.source(format!("{name} at"));
        let kept = (0..count).filter(|number| !without.contains(number));
        for (number, at) in kept.chain(twice).zip(0..) {
            stage.take(number, (source, at), true);
        }
        stage
    };
    let stages = ["log", "planned", "listed", "stored"].map(stage);
    balanced(&ops, &stages)
        .into_iter()
        .map(|one| {
            one.balance.unwrap();
            one.ledger
        })
        .collect()
}

claims! {
    the_ledger_of_the_worked_example_comes_out {
        let found = one(&worked(), lying(&[0, 1, 2, 4, 3, 5, 5, 7, 8, 9, 10, 42], 8));
        let of = &found.ledger;
        let counts = [of.lost.unwrap(), of.duplicated, of.corrupted, of.resurrected, of.recovered, of.phantom, of.unseen_tail, of.reordered.unwrap()];
        assert_eq!(counts, [1, 1, 1, 1, 1, 1, 0, 1]);
        assert_eq!((of.ok, of.fail, of.info, of.read), (9, 1, 2, 12));
        found.balance.unwrap();
        for example in ["lost 6", "duplicated 5: log offset 5 and log offset 6", "corrupted 8: log offset 8", "resurrected 9", "phantom 42"] {
            assert!(of.examples.iter().any(|one| one.starts_with(example)), "{example}: {:?}", of.examples);
        }
    }

    a_history_cut_short_has_an_unseen_tail_and_no_loss {
        let cut = one(&worked(), lying(&[0, 1, 2, 4, 3, 5, 5], 8).unread("cut"));
        assert_eq!((cut.ledger.lost, cut.ledger.unseen_tail), (None, 3));
        cut.balance.unwrap();
    }

    what_an_ordered_reader_passed_over_is_lost_wherever_it_stopped {
        let cut = one(&worked(), lying(&[0, 1, 2, 4, 5], 8).unread("cut"));
        assert_eq!((cut.ledger.lost, cut.ledger.unseen_tail), (Some(1), 3));
        cut.balance.unwrap();
    }

    every_word_of_the_bitmaps_is_judged {
        for gone in [0, 1, 126, 127, 128, 129, 254, 255, 399] {
            let ledgers = pipeline(400, |name| (if name == "stored" { vec![gone] } else { vec![] }, vec![]));
            assert_eq!(ledgers[3].lost, Some(1), "record {gone}");
            assert!(ledgers[3].examples[0].starts_with(&format!("lost {gone} ")), "{:?}", ledgers[3].examples);
        }
    }

    a_loss_belongs_to_the_first_stage_that_lacks_the_record {
        let ledgers = pipeline(300, |name| match name {
            "log" => (vec![], vec![]),
            "planned" => (vec![17], vec![]),
            _ => (vec![17, 200], vec![]),
        });
        let lost: Vec<_> = ledgers.iter().map(|one| (one.lost.unwrap(), one.lost_here.unwrap())).collect();
        assert_eq!(lost, [(0, 0), (1, 1), (2, 1), (2, 0)]);
        let example = &ledgers[2].examples;
        assert!(example.iter().any(|one| one.starts_with("lost 200") && one.contains("last seen in planned")), "{example:?}");
    }

    a_copy_belongs_to_the_first_stage_that_holds_two {
        let ledgers = pipeline(300, |name| (vec![], if name == "listed" || name == "stored" { vec![5, 5, 130] } else { vec![] }));
        let copies: Vec<_> = ledgers.iter().map(|one| (one.duplicated, one.doubled_here)).collect();
        assert_eq!(copies, [(0, 0), (0, 0), (3, 2), (3, 0)]);
    }

    a_record_in_another_partition_is_missed_in_its_own {
        let ops: Vec<Op> = (0..40).map(|k| op(k, Outcome::Ok)).collect();
        let mut log = Stage::new("log", PARTITIONS, 40).in_order();
        for number in 0..40 {
            let own = (number % 2) as u32;
            log.take_in(if number == 7 { 0 } else { own }, number, (0, number), true);
        }
        let found = one(&ops, log);
        let of = |at: usize| (found.partitions[at].lost, found.partitions[at].phantom);
        assert_eq!((of(0), of(1)), ((Some(0), 1), (Some(1), 0)));
        assert!(found.ledger.examples.contains(&"record 7 is of partition 1: 7".to_owned()), "{:?}", found.ledger.examples);
        found.balance.unwrap();
    }

    a_stage_that_was_not_read_takes_no_blame {
        let ops: Vec<Op> = (0..40).map(|k| op(k, Outcome::Ok)).collect();
        let mut stored = Stage::new("stored", 1, 40);
        let source = stored.source("row");
        for number in 1..40 {
            stored.take(number, (source, number), true);
        }
        let found = balanced(&ops, &[Stage::new("log", 1, 40).unread("no broker"), stored]);
        assert_eq!((found[0].ledger.lost_here, found[1].ledger.lost_here), (None, Some(1)));
    }

    two_records_swapped_are_out_of_order {
        let ops: Vec<Op> = (0..12).map(|k| op(k, Outcome::Ok)).collect();
        let order = |numbers: &[u64]| one(&ops, lying(numbers, 99)).ledger.reordered;
        assert_eq!(order(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), Some(0));
        assert_eq!(order(&[0, 1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11]), Some(1));
    }

    parts_add_up_to_the_whole {
        let ops: Vec<Op> = (0..100).map(|k| op(k, [Outcome::Ok, Outcome::Ok, Outcome::Info, Outcome::Fail][k as usize % 4])).collect();
        let mut stage = Stage::new("x", 3, 100);
        let source = stage.source("row");
        for number in (0..140).filter(|number| number % 5 != 0).chain([8, 9]) {
            stage.take(number, (source, number), number % 7 != 0);
        }
        let found = one(&ops, stage);
        found.balance.clone().unwrap();
        let sum = |of: fn(&Ledger) -> u64| found.partitions.iter().map(of).sum::<u64>();
        assert_eq!(sum(|one| one.sent), found.ledger.sent);
        assert_eq!(sum(|one| one.lost.unwrap()), found.ledger.lost.unwrap());
        assert_eq!(sum(|one| one.corrupted), found.ledger.corrupted);
        assert_eq!(sum(|one| one.phantom), found.ledger.phantom);
    }
}
