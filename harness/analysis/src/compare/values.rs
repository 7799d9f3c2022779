//! One value of a run for each measure of a comparison, as far as it is known. The run is the unit: records and seconds within one
//! are not independent of each other.
use super::{hodges_lehmann::Known, runs::percentile};
use crate::{
    Analysis,
    report::{FindingKind, Ledger},
};
use model::{compare::Measured, verdict::Verdict};

/// The value of one run, in [`unit`].
///
/// # Errors
/// Why there is none, for the reader.
pub fn value(measured: Measured, analysis: &Analysis, probe: &str) -> Result<Known, String> {
    match measured {
        Measured::Recovery => Err("recovery is a value of an injection, not of a run".into()),
        Measured::Violations => violations(analysis),
        Measured::Quality => per_million(analysis, |last| {
            last.duplicated + last.corrupted + last.good_dead_lettered
        }),
        Measured::Lost => per_million(analysis, |_| 0),
        Measured::Availability => available(analysis, probe),
        Measured::Freshness => oldest(analysis, probe),
        Measured::Throughput => kept(analysis),
    }
}

/// What exactly is measured, in words.
pub fn what(measured: Measured, probe: &str) -> String {
    match measured {
        Measured::Recovery => format!(
            "Time from a fault's effect to sustained good at probe `{probe}`: the median over all injections of an arm; the ratio pairs each fault with itself"
        ),
        Measured::Violations => "Objectives of the scenario that a run missed; those that could not be judged widen the interval".into(),
        Measured::Quality => "Records lost, doubled, damaged or wrongly set aside in the last stage of the ledger per million acknowledged, over a run".into(),
        Measured::Lost => "Acknowledged records that are not in the last stage of the ledger, per million acknowledged, over a run".into(),
        Measured::Availability => format!("Share of good time of probe `{probe}` in the fault windows of a run"),
        Measured::Freshness => format!("Greatest value of probe `{probe}` in the fault windows of a run"),
        Measured::Throughput => "Records that came where they belong by the end of a run (good ones into the last stage of the ledger, malformed ones aside) over records sent: the share of the load that was kept".into(),
    }
}

/// Unit of the values.
pub const fn unit(measured: Measured) -> &'static str {
    match measured {
        Measured::Recovery | Measured::Freshness => "s",
        Measured::Violations => "objectives",
        Measured::Quality | Measured::Lost => "per million",
        Measured::Availability | Measured::Throughput => "1",
    }
}

fn violations(analysis: &Analysis) -> Result<Known, String> {
    let judged = analysis
        .findings
        .iter()
        .filter(|finding| finding.kind == FindingKind::Objective && finding.id != "objectives");
    let verdicts: Vec<Verdict> = judged.map(|finding| finding.verdict).collect();
    let count = |verdict| verdicts.iter().filter(|one| **one == verdict).count() as f64;
    if verdicts.is_empty() {
        return Err("its scenario has no objective".into());
    }
    let missed = count(Verdict::Fail);
    let unknown = if crate::mutant("H6") {
        0.0
    } else {
        count(Verdict::Unknown)
    };
    Ok(Known {
        lo: missed,
        mid: missed,
        hi: missed + unknown,
    })
}

/// The stage that a reader of the data gets, all its partitions together.
fn last(analysis: &Analysis) -> Result<&Ledger, String> {
    let whole = analysis
        .ledger
        .iter()
        .rfind(|ledger| ledger.partition.is_none());
    whole.ok_or_else(|| "no stage was read back".into())
}

/// Lost and `others` per million acknowledged. Where the end was not reached, what was found is the least that is wrong.
fn per_million(analysis: &Analysis, others: fn(&Ledger) -> u64) -> Result<Known, String> {
    let last = last(analysis)?;
    if last.ok == 0 {
        return Err("nothing was acknowledged".into());
    }
    let wrong = last.lost.unwrap_or(0) + others(last);
    let rate = wrong as f64 * 1e6 / last.ok as f64;
    match &last.incomplete {
        None if last.lost.is_some() || crate::mutant("H7") => Ok(Known::exact(rate)),
        Some(_) if crate::mutant("H7") => Ok(Known::exact(rate)),
        _ if wrong > 0 => Ok(Known::above(rate)),
        why => Err(format!(
            "`{}` was not read to a known end{}",
            last.stage,
            why.as_ref()
                .map_or_else(String::new, |why| format!(": {why}"))
        )),
    }
}

fn available(analysis: &Analysis, probe: &str) -> Result<Known, String> {
    let mut rows = analysis.availability.iter();
    let row = rows.find(|row| row.probe == probe && row.window == "fault");
    let measure = row.map(|row| &row.availability);
    match measure.and_then(|one| Some((one.value?, one.low?, one.high?))) {
        Some((mid, lo, hi)) => Ok(Known { lo, mid, hi }),
        None => Err(format!(
            "probe `{probe}` has no samples in the fault windows"
        )),
    }
}

fn oldest(analysis: &Analysis, probe: &str) -> Result<Known, String> {
    let Some(most) = percentile(analysis, probe, "fault", 100.0) else {
        return Err(format!(
            "probe `{probe}` has no greatest value in the fault windows"
        ));
    };
    match (most.value, most.low, most.high) {
        _ if most.unit != "s" => Err(format!(
            "probe `{probe}` is no age: its unit is {}",
            most.unit
        )),
        (Some(mid), lo, hi) => Ok(Known {
            lo: lo.unwrap_or(mid).max(0.0),
            mid,
            hi: hi.unwrap_or(mid),
        }),
        (None, Some(least), _) => Ok(Known::above(least.max(0.0))),
        _ => Err(most
            .why
            .clone()
            .unwrap_or_else(|| "it was not measured".into())),
    }
}

fn kept(analysis: &Analysis) -> Result<Known, String> {
    let last = last(analysis)?;
    let Some(lost) = last.lost.filter(|_| last.incomplete.is_none()) else {
        return Err(format!("`{}` was not read to a known end", last.stage));
    };
    if last.sent == 0 {
        return Err("nothing was sent".into());
    }
    let gone = lost + last.unseen_tail + last.good_dead_lettered;
    let there = last.ok.saturating_sub(gone) + last.recovered + last.resurrected;
    Ok(Known::exact(there as f64 / last.sent as f64))
}
