//! One run as a row of the table of records: what the last stage holds, what a naive listing would, and where a wrong began.
use crate::{
    Error, RunInput, analyze,
    report::{Finding, FindingKind, Ledger},
};
use model::verdict::Verdict;
use serde::Serialize;

/// The records of one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Account {
    /// Scenario, as `folder/name`.
    pub scenario: String,
    /// Names of its faults, each once.
    pub faults: Vec<String>,
    /// All partitions of each stage together, in the order in which a record passes them.
    pub stages: Vec<Ledger>,
    /// Whether every stage balances and was read to its end; else what does not.
    pub balance: Result<(), String>,
    /// Verdict of the run.
    pub verdict: Verdict,
    /// Run id.
    pub run: String,
}

/// The account of a run; none where nothing was read back.
///
/// # Errors
/// Those of [`analyze`].
pub fn account(input: &RunInput) -> Result<Option<Account>, Error> {
    let analysis = analyze(input)?;
    let mut faults: Vec<String> = analysis
        .timeline
        .faults
        .iter()
        .map(|fault| fault.fault.clone())
        .collect();
    faults.sort();
    faults.dedup();
    let whole = |ledger: &Ledger| ledger.partition.is_none();
    let stages: Vec<Ledger> = analysis.ledger.into_iter().filter(whole).collect();
    let account = Account {
        scenario: analysis.run.scenario,
        faults,
        balance: balance(&analysis.findings),
        verdict: analysis.verdict.value,
        run: analysis.run.id,
        stages,
    };
    Ok((!account.stages.is_empty()).then_some(account))
}

fn balance(findings: &[Finding]) -> Result<(), String> {
    let mut ledgers = findings
        .iter()
        .filter(|finding| finding.kind == FindingKind::Ledger);
    let wrong = ledgers.find(|finding| finding.verdict != Verdict::Pass);
    wrong.map_or(Ok(()), |finding| {
        Err(format!("{}: {}", finding.name, finding.why))
    })
}

/// The table, one line a run, in Markdown.
pub fn markdown(accounts: &[Account]) -> String {
    let head = "# Records\n\nMade by `brinell results --records` from run folders; nothing here is typed. Lost, doubled, damaged: in the last \
        stage, which is what a reader of the data gets. Naive copies: in a bare listing of the table's files. Began in: the first stage \
        that lacks, doubles, damages or wrongly sets aside records, and how many.\n\n| scenario | faults | acknowledged | lost | doubled | damaged | naive copies \
        | began in | balances | verdict | run |\n|---|---|---|---|---|---|---|---|---|---|---|\n";
    head.to_owned() + &accounts.iter().map(line).collect::<String>()
}

fn line(account: &Account) -> String {
    let empty = Ledger::default();
    let last = account.stages.last().unwrap_or(&empty);
    let known = |count: Option<u64>| count.map_or_else(|| "unknown".into(), |n| n.to_string());
    let naive = account.stages.iter().find(|stage| stage.copies_allowed);
    let naive = naive.map_or_else(|| "–".into(), |stage| stage.duplicated.to_string());
    let balances = account
        .balance
        .as_ref()
        .map_or_else(Clone::clone, |()| "yes".into());
    format!(
        "| {} | {} | {} | {} | {} | {} | {naive} | {} | {balances} | {} | {} |\n",
        account.scenario,
        account.faults.join(", "),
        last.ok,
        known(last.lost),
        last.duplicated,
        last.corrupted,
        began(&account.stages),
        account.verdict.word(),
        account.run,
    )
}

/// What went wrong first in which stage; nothing where all is well.
fn began(stages: &[Ledger]) -> String {
    let some = |count: u64, what: &str, stage: &Ledger| {
        (count > 0).then(|| format!("`{}`: {count} {what}", stage.stage))
    };
    let lost = stages
        .iter()
        .find_map(|stage| some(stage.lost_here.unwrap_or(0), "lost", stage));
    let doubled = stages
        .iter()
        .find_map(|stage| some(stage.doubled_here, "doubled", stage));
    let damaged = stages
        .iter()
        .find_map(|stage| some(stage.corrupted, "damaged", stage));
    let aside = stages
        .iter()
        .find_map(|stage| some(stage.good_dead_lettered, "good dead letters", stage));
    [lost, doubled, damaged, aside]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &str) -> Ledger {
        Ledger {
            stage: name.into(),
            ok: 10,
            lost: Some(0),
            lost_here: Some(0),
            ..Ledger::default()
        }
    }

    #[test]
    fn a_row_names_the_stage_in_which_each_wrong_began() {
        let listed = Ledger {
            lost_here: Some(2),
            doubled_here: 1,
            duplicated: 3,
            copies_allowed: true,
            ..stage("listed")
        };
        let stored = Ledger {
            lost: Some(2),
            ..stage("stored")
        };
        assert_eq!(
            began(&[stage("log"), listed.clone(), stored.clone()]),
            "`listed`: 2 lost; `listed`: 1 doubled"
        );
        let account = Account {
            scenario: "x/y".into(),
            faults: vec!["kill".into()],
            stages: vec![listed, stored],
            balance: Ok(()),
            verdict: Verdict::Fail,
            run: "r".into(),
        };
        let told = markdown(&[account]);
        assert!(
            told.contains("| x/y | kill | 10 | 2 | 0 | 0 | 3 |"),
            "{told}"
        );
    }
}
