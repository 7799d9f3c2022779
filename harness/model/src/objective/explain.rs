//! What can be judged, for people: the same lists that the parser knows, with a sentence and an example each.
use super::metric::{self, Metric};
use crate::{
    system::{ProbeKind, ProbeSpec},
    units::Nanos,
};
use serde::Serialize;

/// One measure, explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// As it stands in a key; `PROBE` and `GAUGE` for the probes of the testbed.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its tags; the first ones it cannot do without.
    pub tags: &'static [&'static str],
    /// Its methods.
    pub methods: &'static [&'static str],
    /// Unit of its values.
    pub unit: String,
    /// A key with a threshold.
    pub example: &'static str,
}

/// Every method, with what it makes of the samples.
pub const METHODS: &[(&str, &str)] = &[
    ("count", "how many; with `class`, how many of that class"),
    (
        "rate",
        "share: of operations that succeeded, of faults that were recovered from, of rows that are good; with `class`, of operations of that class",
    ),
    (
        "gap",
        "longest time without a success, the edges of the window counted as such",
    ),
    ("value", "the last one"),
    ("avg", "the mean"),
    ("min", "the least"),
    ("max", "the most"),
    ("med", "the middle one"),
    (
        "p(N)",
        "the N-th percentile; needs enough samples (299 for p(99)), else unknown",
    ),
];

/// Every tag, with its values.
pub const TAGS: &[(&str, &str)] = &[
    (
        "window",
        "`baseline`, `fault`, `recovery`, or `whole`, which is the default: samples and records due in that part of the run",
    ),
    (
        "outcome",
        "`all`, which is the default: a failed operation counts at its deadline; `ok`: only those that succeeded",
    ),
    (
        "class",
        "operations that ended with this class of error, as the report's table of errors names it",
    ),
    ("fault", "id of a fault of the scenario"),
    (
        "probe",
        "name of a probe; the first to suffer and the last to recover where it is left out",
    ),
    (
        "from",
        "`effective`, which is the default: timed from when the fault took effect; `healed`: from when its heal was proved, nothing for what came back before",
    ),
    (
        "column",
        "one of the workload's `required` columns; the worst of them where it is left out",
    ),
    (
        "stage",
        "one stage of the ledger; all together where it is left out",
    ),
];

const DOCS: &[(&str, &str, &str)] = &[
    (
        "PROBE",
        "a probe that times an operation: the time from its intended start to its answer",
        "`\"produce{window:fault}\": [\"gap > 8s\", \"rate < 50%\"]`",
    ),
    (
        "GAUGE",
        "a probe that reads a value, in its own unit",
        "`\"health{window:fault}\": [\"min == 200\"]`",
    ),
    (
        "recovery",
        "time until a probe was good again for the settle time; `rate` is the share of repeats with impact that got there, so `rate == 0%` says that none did",
        "`\"recovery{fault:cut,probe:put}\": [\"rate == 0%\"]`",
    ),
    (
        "redundancy",
        "time until every probe with a full number was full again (T5); `rate` is the share of repeats with loss that got there",
        "`\"redundancy{fault:loss,from:healed}\": [\"max < 30s\"]`",
    ),
    (
        "availability",
        "share of good samples, answered and within the probe's bound, over good and bad ones",
        "`\"availability{probe:put,window:fault}\": [\"rate > 99%\"]`",
    ),
    (
        "records_lost",
        "records acknowledged and not there at the end, neither in the table nor among the dead letters",
        "`records_lost: [\"count == 0\"]`",
    ),
    (
        "records_duplicated",
        "extra copies",
        "`records_duplicated: [\"count == 0\"]`",
    ),
    (
        "records_corrupted",
        "records whose checksum does not fit, or that cannot be read, or that were sent malformed on purpose and accepted",
        "`records_corrupted: [\"count == 0\"]`",
    ),
    (
        "records_dead_lettered",
        "good records that are among the dead letters only; those sent malformed on purpose belong there and are not counted",
        "`records_dead_lettered: [\"count == 0\"]`",
    ),
    (
        "completeness",
        "share of the table's rows with a cell that is not null, of one required column or of the worst of them",
        "`\"completeness{column:customer_id,window:fault}\": [\"rate >= 99%\"]`",
    ),
    (
        "uniqueness",
        "distinct records over rows of the table",
        "`\"uniqueness{window:fault}\": [\"rate == 100%\"]`",
    ),
    (
        "conformity",
        "share of the table's rows that are as the workload's `schema` says: no wrong type, no column missing, none unknown",
        "`conformity: [\"rate == 100%\"]`",
    ),
    (
        "slip",
        "how late the load itself was sent",
        "`slip: [\"p(99) < 50ms\"]`",
    ),
];

/// Every measure.
pub fn all() -> Vec<Explained> {
    let probe = |name: &str, kind| ProbeSpec {
        name: name.into(),
        kind,
        unit: "its own".into(),
        doc: String::new(),
        period_ns: Nanos(1),
        deadline_ns: Nanos(1),
        full: None,
    };
    let probes = [
        probe("PROBE", ProbeKind::Latency),
        probe("GAUGE", ProbeKind::GaugeLow),
    ];
    DOCS.iter()
        .filter_map(|(name, doc, example)| {
            let Metric {
                tags,
                methods,
                unit,
                ..
            } = metric::lookup(name, &probes)?;
            Some(Explained {
                name,
                doc,
                tags,
                methods,
                unit,
                example,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_method_and_tag_is_explained_once() {
        let all = all();
        for name in metric::OURS {
            assert_eq!(
                all.iter().filter(|one| one.name == *name).count(),
                1,
                "{name}"
            );
        }
        assert_eq!(all.len(), metric::OURS.len() + 2);
        for one in &all {
            let known =
                |list: &[(&str, &str)], word: &&str| list.iter().any(|(name, _)| name == word);
            assert!(
                one.methods.iter().all(|method| known(METHODS, method)),
                "{one:?}"
            );
            assert!(one.tags.iter().all(|tag| known(TAGS, tag)), "{one:?}");
        }
    }
}
