//! Where every record that was sent has gone, per stage.
use super::{Cell, Table};
use crate::number::count;
use analysis::report::{Analysis, Ledger};

const COLUMNS: [&str; 11] = [
    "stage",
    "#sent",
    "#acked",
    "#unknown",
    "#read",
    "#lost",
    "#duplicated",
    "#corrupted",
    "#reordered",
    "#phantom",
    "#unseen tail",
];
/// Only where records were malformed on purpose, or something was set aside or dropped.
const REJECTED: [&str; 4] = [
    "#malformed",
    "#dropped",
    "#dead letters",
    "#good dead letters",
];

const NOTE: &str = "Lost: acknowledged and not there although the end was reached. Unseen tail: acknowledged and not there where it was not. Stages are in the order in which a record passes them; of a stage whose contract allows copies, they are counted only. Reordered: against the order in which the records were due; the load does not wait for one before it sends the next, so neighbours may overtake each other before any system sees them.";
const REJECTED_NOTE: &str = " Malformed: sent so on purpose; a job that validates must keep them out of its table, where one of them is corrupted. Dropped: malformed and nowhere, as declared. Dead letters: acknowledged and only there. Good dead letters: those of them that were sent as good records and do not belong there.";

/// One row per stage and partition.
#[must_use]
pub fn ledger(a: &Analysis) -> Table {
    of(&a.ledger)
}

fn of(ledgers: &[Ledger]) -> Table {
    let shows = ledgers.iter().any(rejects);
    let rejected: &[&str] = if shows { &REJECTED } else { &[] };
    let columns: Vec<&str> = COLUMNS.iter().chain(rejected).copied().collect();
    let note = format!("{NOTE}{}", if shows { REJECTED_NOTE } else { "" });
    let rows = ledgers
        .iter()
        .filter(|l| l.partition.is_none() || is_wrong(l));
    let cells = |l: &Ledger| {
        let more = if shows { rejected_cells(l) } else { Vec::new() };
        [row(l), more].concat()
    };
    Table::new("Records", &columns)
        .noted(&note)
        .rows(rows.map(cells))
}

fn rejects(l: &Ledger) -> bool {
    l.malformed + l.dropped + l.dead_lettered > 0
}

/// A partition has a row of its own only where something is wrong in it; all are in the JSON.
fn is_wrong(l: &Ledger) -> bool {
    let counts = [
        l.duplicated,
        l.corrupted,
        l.good_dead_lettered,
        l.resurrected,
        l.phantom,
        l.unseen_tail,
    ];
    l.lost != Some(0) || counts.iter().any(|n| *n > 0)
}

/// Wrong records that a ledger found, by kind; 0 where all is well.
fn judged(n: u64) -> Cell {
    Cell::new(&count(n)).tone(if n > 0 { "fail" } else { "" })
}

fn row(l: &Ledger) -> Vec<Cell> {
    let name = l.partition.map_or_else(
        || l.stage.clone(),
        |p| format!("{}, partition {p}", l.stage),
    );
    let stage = Cell::new(&name).note(&remarks(l));
    let open = |n: Option<u64>| n.map_or_else(|| Cell::new("unknown").tone("unknown"), judged);
    let order = l.reordered.map_or_else(Cell::none, plain);
    vec![
        stage,
        plain(l.sent),
        plain(l.ok),
        plain(l.info),
        plain(l.read),
        open(l.lost),
        if l.copies_allowed {
            plain(l.duplicated)
        } else {
            judged(l.duplicated)
        },
        judged(l.corrupted),
        order,
        judged(l.phantom),
        plain(l.unseen_tail),
    ]
}

fn plain(n: u64) -> Cell {
    Cell::new(&count(n))
}

fn rejected_cells(l: &Ledger) -> Vec<Cell> {
    vec![
        plain(l.malformed),
        plain(l.dropped),
        plain(l.dead_lettered),
        judged(l.good_dead_lettered),
    ]
}

/// What has no column: rare, and said only where it is so.
fn remarks(l: &Ledger) -> String {
    let some = |n: u64, words: &str| (n > 0).then(|| format!("{} {words}", count(n)));
    let mut all: Vec<String> = [
        some(l.fail, "refused"),
        some(l.recovered, "unknown and there"),
        some(l.resurrected, "refused and there"),
        some(l.accepted_malformed, "malformed and accepted"),
        some(l.illegible, "illegible"),
        some(l.lost_here.unwrap_or(0), "missing first here"),
        some(l.doubled_here, "doubled first here"),
    ]
    .into_iter()
    .flatten()
    .collect();
    all.extend(
        l.incomplete
            .as_ref()
            .map(|why| format!("end not reached: {why}")),
    );
    if !l.examples.is_empty() {
        all.push(format!(
            "e.g. {}",
            l.examples
                .iter()
                .take(2)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        ));
    }
    all.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(partition: Option<u32>) -> Ledger {
        Ledger {
            stage: "stored".into(),
            partition,
            lost: Some(0),
            ..Ledger::default()
        }
    }

    #[test]
    fn columns_of_rejects_are_there_where_there_are_any() {
        assert_eq!(of(&[stage(None)]).columns.len(), COLUMNS.len());
        let dead = Ledger {
            malformed: 5,
            dead_lettered: 7,
            good_dead_lettered: 2,
            ..stage(None)
        };
        let table = of(&[stage(None), dead]);
        assert_eq!(table.columns.len(), COLUMNS.len() + REJECTED.len());
        let last: Vec<_> = table.rows[1].iter().rev().take(4).collect();
        let told: Vec<&str> = last.iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!((told, last[0].tone), (vec!["2", "7", "0", "5"], "fail"));
        assert_eq!(table.rows[0].len(), table.columns.len());
    }

    #[test]
    fn a_partition_with_a_wrong_record_has_a_row() {
        let wrong = [
            Ledger {
                good_dead_lettered: 1,
                ..stage(Some(1))
            },
            Ledger {
                corrupted: 1,
                accepted_malformed: 1,
                ..stage(Some(2))
            },
        ];
        let table = of(&[&[stage(None), stage(Some(0))], &wrong[..]].concat());
        let names: Vec<&str> = table.rows.iter().map(|row| row[0].text.as_str()).collect();
        assert_eq!(
            names,
            ["stored", "stored, partition 1", "stored, partition 2"]
        );
        assert_eq!(table.rows[2][0].note, "1 malformed and accepted");
    }
}
