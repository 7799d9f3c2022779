//! Whether the run can be believed at all. Nothing here fails the system; whatever is wrong makes the run unknown.
use super::{JOURNAL, Measured, file, finding, line, unless};
use crate::report::{Evidence, Finding, FindingKind};
use model::{
    journal::{End, Event},
    verdict::Verdict,
};

pub(super) fn findings(measured: &Measured) -> Vec<Finding> {
    let mut all = vec![journal(measured), plan(measured), ended(measured)];
    all.extend(measured.ledgers.iter().map(balance));
    all.extend(strays(measured));
    all.push(cleanup(measured));
    all
}

fn journal(measured: &Measured) -> Finding {
    let journal = &measured.folder.journal;
    let whole = journal.truncated.is_none() && journal.unknown == 0;
    let lines = journal.lines.len();
    let why = match &journal.truncated {
        Some(why) => format!("{why}; everything after it is lost"),
        None => format!(
            "{} lines are of a kind that this version does not know: read it with the version that wrote it",
            journal.unknown
        ),
    };
    finding(
        FindingKind::Measurement,
        "journal",
        "the journal is whole",
        unless(whole),
    )
    .expected("numbered without gap, every checksum right")
    .measured(format!("{lines} lines"))
    .why(why)
    .evidence(vec![Evidence {
        file: JOURNAL.into(),
        n: journal.truncated.as_ref().map(|_| lines as u64),
    }])
}

/// The journal names the plan it was run by; another one would put faults and bounds where they were not.
fn plan(measured: &Measured) -> Finding {
    let named = measured
        .folder
        .facts()
        .find_map(|(line, event)| match event {
            Event::RunOpened { plan_sha256, .. } => {
                Some((line.n, plan_sha256 == &measured.folder.plan_sha256))
            }
            _ => None,
        });
    let (n, fits) = named.unwrap_or((0, false));
    let mut evidence = line(n);
    evidence.extend(file("plan.json"));
    finding(
        FindingKind::Measurement,
        "plan",
        "the plan is the one that was run",
        unless(fits),
    )
    .expected("the digest that the journal opens with")
    .measured(if fits { "the same" } else { "another" })
    .why("plan.json was changed after the run began")
    .evidence(evidence)
}

fn ended(measured: &Measured) -> Finding {
    let closed = measured
        .folder
        .facts()
        .find_map(|(line, event)| match event {
            Event::RunClosed { end, why, .. } => Some((line.n, *end, why.clone())),
            _ => None,
        });
    let name = "the run went through all its phases";
    let Some((n, end, why)) = closed else {
        return finding(FindingKind::Measurement, "end", name, Verdict::Unknown)
            .expected("a closing line")
            .measured("none")
            .why(
                "the harness ended before it could close the run; what was measured before stays",
            );
    };
    let word = match end {
        End::Finished => "finished",
        End::Signal => "cut short by a signal",
        End::Abort => "cut short by itself",
        End::Error => "cut short by an error",
    };
    finding(
        FindingKind::Measurement,
        "end",
        name,
        unless(end == End::Finished),
    )
    .expected("finished")
    .measured(word)
    .why(why.unwrap_or_else(|| word.into()))
    .evidence(line(n))
}

fn balance(balanced: &crate::ledger::Balanced) -> Finding {
    let ledger = &balanced.ledger;
    let why = match (&balanced.balance, &ledger.incomplete) {
        (Err(why), _) => why.clone(),
        (Ok(()), Some(why)) => format!("not read to a known end: {why}"),
        _ => String::new(),
    };
    let holds = balanced.balance.is_ok() && ledger.incomplete.is_none();
    finding(
        FindingKind::Ledger,
        format!("ledger-{}", ledger.stage),
        format!("the ledger of `{}` balances", ledger.stage),
        unless(holds),
    )
    .expected("read to a known end, every record in exactly one class")
    .measured(format!(
        "{} sent, {} read{}",
        ledger.sent,
        ledger.read,
        here(ledger)
    ))
    .why(why)
    .evidence(line(balanced.line))
}

/// What went wrong in this stage; of losses and copies, what did in none before it.
fn here(ledger: &crate::report::Ledger) -> String {
    let some = |n: u64, words: &str| (n > 0).then(|| format!(", {n} {words}"));
    let lost = some(ledger.lost_here.unwrap_or(0), "missing first here");
    let doubled = some(ledger.doubled_here, "doubled first here");
    let dead = some(
        ledger.good_dead_lettered,
        "good only among the dead letters",
    );
    let accepted = some(ledger.accepted_malformed, "malformed and accepted");
    [lost, doubled, dead, accepted]
        .into_iter()
        .flatten()
        .collect()
}

/// Nodes that ended on their own, a guard that died, a target that went away: each is a finding of its own.
fn strays(measured: &Measured) -> Vec<Finding> {
    let mut all = Vec::new();
    for (at, event) in measured.folder.facts() {
        let (id, name, seen) = match event {
            Event::NodeLost {
                node,
                exit_code,
                expected: false,
            } => (
                format!("lost-{node}"),
                format!("node `{node}` stays up"),
                format!(
                    "it ended by itself, exit code {}",
                    exit_code.map_or("unknown".into(), |code| code.to_string())
                ),
            ),
            Event::GuardLost { pid, why } => (
                "guard".into(),
                "the guard lives".into(),
                format!("process {pid} died: {why}"),
            ),
            Event::TargetVanished {
                id,
                target,
                why,
                of_fault: false,
            } => (
                format!("vanished-{id}-{target}"),
                format!("target `{target}` of fault `{id}` is there"),
                why.clone(),
            ),
            _ => continue,
        };
        let id = if all.iter().any(|other: &Finding| other.id == id) {
            format!("{id}-line-{}", at.n)
        } else {
            id
        };
        all.push(
            finding(FindingKind::Measurement, id, name, Verdict::Unknown)
                .expected("nothing breaks that is not hurt")
                .measured(seen.clone())
                .why(seen)
                .evidence(line(at.n)),
        );
    }
    all
}

fn cleanup(measured: &Measured) -> Finding {
    let mut left: Vec<(u64, String)> = Vec::new();
    let mut closed = None;
    for (at, event) in measured.folder.facts() {
        match event {
            Event::LeftoverFound { name } => left.push((at.n, name.clone())),
            Event::TestbedRemoved { leftovers } => {
                left.extend(leftovers.iter().map(|name| (at.n, name.clone())))
            }
            Event::RunClosed { leftovers, .. } => {
                closed = Some(at.n);
                left.extend(leftovers.iter().map(|name| (at.n, name.clone())));
            }
            _ => {}
        }
    }
    let mut names: Vec<&str> = left.iter().map(|(_, name)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let why = if names.is_empty() {
        "the run was not closed, so nobody looked".to_owned()
    } else {
        format!("{}; run `brinell clean`", names.join(", "))
    };
    finding(
        FindingKind::Cleanup,
        "cleanup",
        "nothing is left behind",
        unless(names.is_empty() && closed.is_some()),
    )
    .expected("nothing of ours remains")
    .measured(format!("{} left", names.len()))
    .why(why)
    .evidence(
        left.first()
            .map(|(n, _)| *n)
            .or(closed)
            .map(line)
            .unwrap_or_default(),
    )
}
