//! Records that were sent malformed on purpose, and dead letters.

use super::{ledger::op, *};
use crate::{analyze, ledger::balanced, report::Ledger};
use model::{
    ledger::{Bits, Rejects, Stage},
    system::Outcome,
};

const SENT: u64 = 300;
/// One in the first word, one beyond it.
const MALFORMED: [u64; 2] = [7, 250];

fn malformed() -> Bits {
    let mut numbers = Bits::default();
    for number in MALFORMED {
        numbers.set(number);
    }
    numbers
}

/// A stage of one partition whose table holds all good records but these, and whose dead letters are those.
fn stored(rejects: Rejects, without: &[u64], dead: &[u64]) -> Stage {
    let stage = Stage::new("stored", 1, SENT).sent_malformed(&malformed());
    let mut stage = stage.validated(rejects);
    let (rows, letters) = (stage.source("table row"), stage.source("dead row"));
    let good = (0..SENT).filter(|number| !MALFORMED.contains(number) && !without.contains(number));
    for number in good {
        stage.take(number, (rows, number), true);
    }
    for (number, at) in dead.iter().zip(0..) {
        stage.take_dead(*number, (letters, at));
    }
    stage
}

/// The log holds all as sent, but these.
fn log(without: &[u64]) -> Stage {
    let mut log = Stage::new("log", 1, SENT).sent_malformed(&malformed());
    let source = log.source("offset");
    for number in (0..SENT).filter(|number| !without.contains(number)) {
        log.take(number, (source, number), true);
    }
    log
}

/// The ledgers of these stages, every record acknowledged.
fn judged(stages: &[Stage]) -> Vec<Ledger> {
    let ops: Vec<_> = (0..SENT as u32).map(|k| op(k, Outcome::Ok)).collect();
    let all = balanced(&ops, stages).into_iter().map(|one| {
        one.balance.unwrap();
        one.ledger
    });
    all.collect()
}

fn one(stage: Stage) -> Ledger {
    judged(&[stage]).remove(0)
}

fn says(ledger: &Ledger, words: &str) {
    let examples = &ledger.examples;
    assert!(
        examples.iter().any(|one| one.starts_with(words)),
        "{words}: {examples:?}"
    );
}

/// Lost, dropped, dead-lettered, good ones of those, corrupted, accepted, duplicated.
fn classes(of: &Ledger) -> [u64; 7] {
    [
        of.lost.unwrap(),
        of.dropped,
        of.dead_lettered,
        of.good_dead_lettered,
        of.corrupted,
        of.accepted_malformed,
        of.duplicated,
    ]
}

claims! {
    malformed_records_belong_into_the_dead_letters {
        let of = one(stored(Rejects::SetAside, &[], &MALFORMED));
        assert_eq!(classes(&of), [0, 0, 2, 0, 0, 0, 0]);
        assert_eq!((of.malformed, of.read, of.examples.len()), (2, SENT, 0));
    }

    a_good_record_only_among_the_dead_letters_is_no_loss_and_is_shown {
        let ledgers = judged(&[log(&[]), stored(Rejects::SetAside, &[5, 128], &[7, 250, 5, 128])]);
        assert_eq!(classes(&ledgers[1]), [0, 0, 4, 2, 0, 0, 0]);
        assert_eq!(ledgers[1].lost_here, Some(0), "a dead letter is no loss of this stage");
        says(&ledgers[1], "good dead-lettered 5: dead row 2");
    }

    a_good_record_in_both_places_is_a_copy_too_many {
        let ledgers = judged(&[log(&[]), stored(Rejects::SetAside, &[], &[7, 250, 250, 5, 128])]);
        assert_eq!(classes(&ledgers[1]), [0, 0, 2, 0, 0, 0, 3]);
        assert_eq!(ledgers[1].doubled_here, 3);
        says(&ledgers[1], "duplicated 128: table row 128 and dead row 4");
    }

    a_malformed_record_in_the_table_is_corrupted_however_its_checksum_fits {
        for right in [true, false] {
            let mut stage = stored(Rejects::SetAside, &[], &[250]);
            stage.take(7, (0, 900), right);
            let of = one(stage);
            assert_eq!(classes(&of), [0, 0, 1, 0, 1, 1, 0]);
            says(&of, "corrupted (malformed, accepted) 7: table row 900");
        }
    }

    a_malformed_record_that_is_nowhere_is_dropped_only_where_that_is_declared {
        assert_eq!(classes(&one(stored(Rejects::SetAside, &[], &[250]))), [1, 0, 1, 0, 0, 0, 0]);
        let of = one(stored(Rejects::Dropped, &[9], &[250]));
        assert_eq!(classes(&of), [1, 1, 1, 0, 0, 0, 0]);
        says(&of, "lost 9");
        assert!(!of.examples.iter().any(|one| one.contains(" 7")), "{:?}", of.examples);
    }

    what_a_stage_before_lost_was_not_dropped {
        let ledgers = judged(&[log(&[7]), stored(Rejects::Dropped, &[], &[]), stored(Rejects::Dropped, &[], &[])]);
        assert_eq!(classes(&ledgers[0])[..2], [1, 0]);
        assert_eq!(classes(&ledgers[1])[..2], [1, 1]);
        assert_eq!(classes(&ledgers[2])[..2], [1, 1]);
        let blamed: Vec<_> = ledgers.iter().map(|one| one.lost_here.unwrap()).collect();
        assert_eq!(blamed, [1, 0, 0]);
    }

    before_any_validation_a_malformed_record_is_one_like_others {
        let mut log = log(&[250]);
        log.take(7, (0, 900), true);
        log.take(250, (0, 901), false);
        let of = one(log);
        assert_eq!(classes(&of), [0, 0, 0, 0, 1, 0, 1]);
        assert_eq!(of.malformed, 2);
        says(&of, "corrupted 250");
    }

    where_the_end_was_not_reached_nothing_was_dropped {
        let cut = one(Stage { complete: Err("cut".into()), ..stored(Rejects::Dropped, &[9], &[250]) });
        assert_eq!((cut.lost, cut.dropped, cut.dead_lettered, cut.unseen_tail), (None, 0, 1, 2));
    }

    the_objective_counts_the_good_ones_and_names_one {
        let objective = ("records_dead_lettered".to_owned(), "count == 0".to_owned());
        let run = Synthetic { objectives: vec![objective], ..Synthetic::default() };
        let all = run.stored();
        let with = |dead: usize| {
            let (aside, rows) = all.split_at(3);
            let mut numbers = Bits::default();
            aside[..3 - dead].iter().for_each(|number| { numbers.set(*number); });
            let mut stage = run.stage(rows, &[]).sent_malformed(&numbers).validated(Rejects::SetAside);
            aside.iter().for_each(|number| stage.take_dead(*number, (0, 5_000 + number)));
            let analysis = analyze(&run.folder_with(&run.events(), &stage)).unwrap();
            finding(&analysis, "objective-1").clone()
        };
        assert_eq!(with(0).verdict, Verdict::Pass);
        assert_eq!(with(1).verdict, Verdict::Fail);
        let words = with(2).measured;
        assert!(words.starts_with("2 records") && words.contains("first in `stored`: 2, e.g. good dead-lettered"), "{words}");
    }
}
