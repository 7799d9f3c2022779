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
    ("R21", "T1 dated by good answers to what was due after it"),
    (
        "R22",
        "late answers of a backlog taken as proof of being down",
    ),
    ("R23", "known to be late before it was sent"),
    ("R24", "own lateness left out of the bar"),
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
    ("M1", "time of the censored left out of the time at risk"),
    ("M2", "the censored counted as recovered in the mean"),
    ("M3", "ends of the mean's interval swapped"),
    ("M4", "mean up to a limit that nobody was watched for"),
    ("M5", "ends of two medians taken from the wrong arm"),
    (
        "M6",
        "MTBF from start to start put into the reference formula",
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
    ("Q1", "no rows read as all of them good"),
    ("Q2", "seconds that an edge cuts counted as inside"),
    ("Q3", "rows judged before the end of the table was reached"),
    ("Q4", "rows without a time forgotten"),
    ("Q5", "the best required column for the worst"),
    ("Q6", "rows of other windows counted"),
    ("K1", "a negative coherence in the law"),
    ("K2", "efficiency the wrong way up"),
    ("K3", "common causes ignored"),
    ("K4", "off by one in k of n"),
    ("K5", "as many crews as are needed"),
    ("K6", "slot times that do not add up taken as whole"),
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
    ("S Y Z", "measures that this version does not have"),
];

/// The groups by the letters of their ids, in the order of the table.
const GROUPS: [(&str, &str); 10] = [
    ("Recovery", "R"),
    ("Two arms", "AH"),
    ("Load and latency", "L"),
    ("Means and rates", "M"),
    ("Availability and budget", "B"),
    ("Capacity", "K"),
    ("Ledger", "D"),
    ("Quality of the table", "Q"),
    ("Band and verdict", "N"),
    ("History", "J"),
];

/// What became of one mutant.
struct Told {
    id: &'static str,
    what: &'static str,
    by: Option<&'static str>,
}

fn notices(claim: fn()) -> bool {
    std::panic::catch_unwind(claim).is_err()
}

/// First claim that notices this variant.
fn killer(name: &str) -> Option<&'static str> {
    ON.set(Some(name.to_owned()));
    let found = super::claims::all(name)
        .find(|(_, claim)| notices(*claim))
        .map(|(claim, _)| *claim);
    ON.set(None);
    found
}

/// All mutants of the code, each on a thread of its own turn: a switch is a thread's.
fn of_code() -> Vec<Told> {
    let share = MUTANTS.len().div_ceil(WORKERS);
    let judge = |part: &'static [(&str, &str)]| -> Vec<Told> {
        let told = |(id, what): &(&'static str, &'static str)| Told {
            id,
            what,
            by: killer(id),
        };
        part.iter().map(told).collect()
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = MUTANTS
            .chunks(share)
            .map(|part| scope.spawn(move || judge(part)))
            .collect();
        let told = workers.into_iter().map(|worker| worker.join());
        told.flat_map(|told| told.expect("a judge of mutants lives"))
            .collect()
    })
}

/// Threads that judge mutants.
const WORKERS: usize = 4;

/// Changed histories, whose verdict must turn.
fn of_history() -> Vec<Told> {
    let told = |change: super::journal::Change| Told {
        id: change.id,
        what: change.what,
        by: (change.analysis.verdict.value == change.verdict).then_some("the verdict"),
    };
    super::journal::changed().into_iter().map(told).collect()
}

/// Rules that are written out beside their wrong variant.
fn of_rules() -> Vec<Told> {
    let told = |rule: &super::variants::Variant| Told {
        id: rule.id,
        what: rule.what,
        by: (rule.right)()
            .then_some(rule.by)
            .filter(|_| !(rule.wrong)()),
    };
    super::variants::ALL.iter().map(told).collect()
}

fn print(all: &[Told]) -> (usize, usize) {
    let (mut killed, mut total) = (0, 0);
    println!("{:24} {:>9} {:>9}", "group", "killed", "harmless");
    for (group, letters) in GROUPS {
        let of_group = |id: &str| id.starts_with(|first| letters.contains(first));
        let told: Vec<&Told> = all.iter().filter(|one| of_group(one.id)).collect();
        let dead = told.iter().filter(|one| one.by.is_some()).count();
        let harmless: Vec<bool> = super::harmless::ALL
            .iter()
            .filter(|change| change.letters == letters)
            .map(|change| (change.changes_nothing)())
            .collect();
        let calm = harmless.iter().filter(|held| **held).count();
        println!(
            "{group:24} {:>9} {:>9}",
            format!("{dead}/{}", told.len()),
            format!("{calm}/{}", harmless.len())
        );
        assert!(harmless.len() >= 2, "{group} has no two harmless changes");
        assert_eq!(
            calm,
            harmless.len(),
            "a harmless change of {group} changed something"
        );
        (killed, total) = (killed + dead, total + told.len());
    }
    (killed, total)
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
    assert_eq!(killer("none"), None, "a claim fails without any mutant");
    let all: Vec<Told> = [of_code(), of_rules(), of_history()]
        .into_iter()
        .flatten()
        .collect();
    for Told { id, what, by } in &all {
        let word = if by.is_some() { "killed" } else { "ALIVE " };
        let by = by.map_or(String::new(), |by| format!(" ({by})"));
        println!("{id:4} {word} {what}{by}");
    }
    LEFT_OUT
        .iter()
        .for_each(|(id, why)| println!("{id:4} left out: {why}"));
    let (killed, total) = print(&all);
    assert_eq!(total, all.len(), "a mutant belongs to no group");
    println!("mutants: killed {killed}/{total}");
    assert_eq!(killed, total);
}
