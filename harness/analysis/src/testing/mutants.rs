//! Switches one deliberately wrong variant of the code on, asks every claim, and prints how many were noticed.
use std::cell::RefCell;

thread_local! {
    static ON: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Whether this variant is switched on in this thread.
pub fn is_on(name: &str) -> bool {
    ON.with_borrow(|on| on.as_deref() == Some(name))
}

/// Code mutants: id and what is wrong. Journal mutants are in [`super::journal`].
const MUTANTS: &[(&str, &str)] = &[
    ("R1", "censored repeats dropped"),
    ("R2", "censored repeats counted as recovered at their limit"),
    ("R3", "censored at the end instead of end minus settle"),
    ("R5", "settle time ignored"),
    ("R6", "T0 taken from the request"),
    ("R7", "latency from the actual start"),
    ("R8", "missing samples read as good"),
    ("R9", "missing samples read as bad"),
    ("R10", "first instead of last stream recovers"),
    ("R11", "absorbed repeats counted as 0 s"),
    ("R12", "bar halved"),
    ("R14", "late answers counted good"),
    ("R15", "mean instead of median"),
    ("R16", "five repeats given a 95 % interval"),
    ("R17", "ranks off by one"),
    ("R18", "censored before event on ties"),
    ("R19", "Greenwood without square root"),
    ("R20", "recovery before the heal taken as 0"),
    ("L2", "unanswered clamped at the deadline as if answered"),
    ("L3", "no samples as 0"),
    ("L5", "warm-up included"),
    ("L7", "unanswered left out"),
    ("L8", "absent operations not counted"),
    ("A2", "arms swapped in the ratio"),
    ("A3", "censored taken for recovered in the log-rank test"),
    ("A4", "arms under different seeds held against each other"),
    ("H1", "rank of the ratio's interval off by one"),
    ("H2", "censored repeats dropped from the ratio"),
    ("H3", "one-sided p"),
    ("H4", "runs that cannot be used are used"),
    ("H5", "censored repeats enter the ratio at their limit"),
    ("H6", "objectives not judged taken as kept"),
    ("H7", "losses of a stage not read to its end taken as all"),
    ("H8", "a claim judged without an interval"),
    ("H9", "runs that were hurt and say nothing forgotten"),
    (
        "H10",
        "pairs of which nothing is known dropped from the interval",
    ),
    ("B1", "a budget of exactly 0 opens the gate"),
    ("B2", "an outage that straddles the edge counted whole"),
    ("B3", "overlapping outages added twice"),
    ("B4", "unmeasured time as up"),
    ("B5", "a year of twelve months of 30 days"),
    ("B6", "alerts on the long window only"),
    ("B7", "alerts on the short window only"),
    ("B8", "seconds drawn anew instead of runs"),
    ("B9", "MTBF start to start put into MTTF / (MTTF + MTTR)"),
    ("D9", "end not reached taken as reached"),
    ("D10", "info as fail"),
    ("D11", "info as ok"),
    ("D12", "duplicates removed before counting"),
    ("D15", "a loss blamed on every stage that lacks the record"),
    ("D16", "bit off by one at the end of a word"),
    ("D18", "dead letters counted as lost"),
    (
        "D19",
        "good dead letters hidden among those that belong there",
    ),
    ("D20", "a malformed record accepted read as intact"),
    (
        "D21",
        "a malformed record nowhere read as dropped without a declaration",
    ),
    (
        "D22",
        "a copy in the table and one among the dead letters read as one",
    ),
    ("D23", "malformed records judged where nobody validates"),
    ("D24", "what never came as far counted as dropped"),
    ("D25", "dropped before the end was reached"),
    ("N1", "the tested value among those that make its limit"),
    ("N2", "an outlier of the baseline sets the band"),
    ("N3", "fault windows in the baseline"),
    ("N4", "no objectives pass"),
    ("N5", "unknown below pass"),
    ("N11", "a layer that nobody probed stops everything"),
    ("N12", "false alarms counted as detected"),
];

/// Not run here, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "L1",
        "closed loop: a mutant of the generator, not of the analysis; R7 is its trace in the numbers",
    ),
    (
        "L4",
        "averaged percentiles: no code path averages; a claim pins pooled samples",
    ),
    (
        "A1",
        "asymptotic p: no code path has one; H3 and the published exact ones pin it",
    ),
    (
        "N6",
        "NaN passes: killed in model's comparison, which is proved on NaN",
    ),
    (
        "N7",
        "a checker's panic ends the command with code 1, so nothing can pass",
    ),
    (
        "D4 D5 D14",
        "changes of the history or the world: claims of the ledger, and planted defects of the fake testbed",
    ),
    (
        "D17",
        "aborted transactions counted as read: the reader's isolation, not the analysis",
    ),
    (
        "K S Y Z",
        "measures that this version does not have",
    ),
];

fn notices(claim: fn()) -> bool {
    std::panic::catch_unwind(claim).is_err()
}

/// First claim that notices this variant.
fn killer(name: &str) -> Option<&'static str> {
    ON.set(Some(name.to_owned()));
    let found = super::claims::all()
        .find(|(_, claim)| notices(*claim))
        .map(|(claim, _)| *claim);
    ON.set(None);
    found
}

#[test]
fn every_mutant_of_the_code_and_of_the_journal_is_killed() {
    let loud = std::panic::take_hook();
    // Quiet only where a mutant is on: tests beside this one must still be heard.
    std::panic::set_hook(Box::new(move |info| {
        if ON.with_borrow(|on| on.is_none()) {
            loud(info);
        }
    }));
    // A claim that fails anyway would kill everything.
    let sound = killer("none");
    let killed: Vec<(&str, &str, Option<&str>)> = MUTANTS
        .iter()
        .map(|(id, what)| (*id, *what, killer(id)))
        .collect();
    assert_eq!(sound, None, "a claim fails without any mutant");
    let changed = super::journal::changed();
    let turned = changed
        .iter()
        .filter(|(_, analysis, verdict)| analysis.verdict.value == *verdict)
        .count();
    for (id, what, by) in &killed {
        println!(
            "{id:4} {} {what}{}",
            if by.is_some() { "killed" } else { "ALIVE " },
            by.map_or(String::new(), |by| format!(" ({by})"))
        );
    }
    LEFT_OUT
        .iter()
        .for_each(|(id, why)| println!("{id:4} left out: {why}"));
    let dead = killed.iter().filter(|(_, _, by)| by.is_some()).count();
    println!(
        "mutants: killed {}/{} (code {dead}/{}, journal {turned}/{})",
        dead + turned,
        killed.len() + changed.len(),
        killed.len(),
        changed.len()
    );
    assert_eq!((dead, turned), (killed.len(), changed.len()));
}
