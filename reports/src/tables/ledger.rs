//! Where every record that was sent has gone, per stage.
use super::{Cell, Table};
use crate::number::count;
use analysis::report::{Analysis, Ledger};

/// One row per stage and partition.
#[must_use]
pub fn ledger(a: &Analysis) -> Table {
    let columns = [
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
        "#dropped",
        "#dead letters",
        "#unseen tail",
    ];
    let note = "Lost: acknowledged and not there although the end was reached. Unseen tail: acknowledged and not there where it was not. Dropped and dead letters: as declared. Stages are in the order in which a record passes them; of a stage whose contract allows copies, they are counted only. Reordered: against the order in which the records were due; the load does not wait for one before it sends the next, so neighbours may overtake each other before any system sees them.";
    Table::new("Records", &columns).noted(note).rows(
        a.ledger
            .iter()
            .filter(|l| l.partition.is_none() || is_wrong(l))
            .map(row),
    )
}

/// A partition has a row of its own only where something is wrong in it; all are in the JSON.
fn is_wrong(l: &Ledger) -> bool {
    let counts = [
        l.duplicated,
        l.corrupted,
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
    let plain = |n: u64| Cell::new(&count(n));
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
        plain(l.dropped),
        plain(l.dead_lettered),
        plain(l.unseen_tail),
    ]
}

/// What has no column: rare, and said only where it is so.
fn remarks(l: &Ledger) -> String {
    let some = |n: u64, words: &str| (n > 0).then(|| format!("{} {words}", count(n)));
    let mut all: Vec<String> = [
        some(l.fail, "refused"),
        some(l.recovered, "unknown and there"),
        some(l.resurrected, "refused and there"),
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
