//! Executors killed for real. Knows by the master's own log that the executors were lost, and by the ledger that no record was.
use crate::bed;
use model::journal::Event;
use std::fs;

#[test]
fn real_executor_kills_are_proven_healed_and_lose_nothing() {
    let _turn = bed::turn();
    let fault =
        "{id: kill, every: 20s, times: 3, target: {role: spark-executor, pick: 1}, do: {kill: {}}}";
    let done = bed::start("kill", &bed::short(fault, bed::EASY)).done();
    assert_eq!(
        done.count(|event| matches!(event, Event::FaultEffective { .. })),
        3,
        "{}",
        done.said
    );
    assert_eq!(
        done.count(|event| matches!(event, Event::FaultHealed { .. })),
        3,
        "{}",
        done.said
    );
    let log =
        fs::read_to_string(done.folder.join("logs/spark-master-1.log")).expect("the master's log");
    let removed = log
        .lines()
        .filter(|line| line.contains("Removing executor"))
        .count();
    assert!(
        removed >= 3,
        "the master removed {removed} executors:\n{log}"
    );
    let stored = done.report()["ledger"].clone();
    assert!(
        !stored.as_array().expect("a list").is_empty(),
        "no ledger in the report"
    );
    let lost = done.report()["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|f| {
            f["name"]
                .as_str()
                .is_some_and(|name| name.contains("records_lost"))
        })
        .cloned();
    assert_eq!(
        lost.expect("a finding about lost records")["verdict"],
        "pass",
        "{}",
        done.said
    );
    // A machine too busy for our own schedule is unknown, by its own finding; nothing here may fail.
    assert!(
        matches!(done.code, 0 | 11),
        "exit code {}: {}",
        done.code,
        done.said
    );
    let failed: Vec<_> = done.report()["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|f| f["verdict"] == "fail")
        .cloned()
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    done.nothing_left();
}
