//! A repair time that a run measured, from its report.
use super::file::{Ranged, Source};
use crate::{
    Analysis,
    report::{ALL_PROBES, Measure, Recovery},
};

/// Why a report does not give it: what, what is known instead, the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What was looked for, a fragment that fits after "failed to".
    pub what: String,
    /// The word that was not found.
    pub word: String,
    /// What there is instead.
    pub known: Vec<String>,
}

/// The names of measures that are times.
pub const MEASURES: [&str; 5] = [
    "recover",
    "recover_after_heal",
    "detect",
    "catch_up",
    "reprotect",
];

/// The time in h, with the interval of the run, or with the bar of its instrument where there is none.
///
/// # Errors
/// [`Missing`]: no such fault, probe or measure, or one that the run could not measure, or a time of 0.
pub fn measured(report: &Analysis, source: &Source) -> Result<Ranged, Missing> {
    let probe = source
        .probe
        .as_ref()
        .map_or(ALL_PROBES, |probe| probe.value.as_str());
    let names = |of: fn(&Recovery) -> &str| {
        let mut names: Vec<String> = report
            .recovery
            .iter()
            .map(|row| of(row).to_owned())
            .collect();
        names.dedup();
        names
    };
    let missing = |what: String, word: &str, known| Missing {
        what,
        word: word.to_owned(),
        known,
    };
    let fault = &source.fault.value;
    if !report.recovery.iter().any(|row| &row.fault == fault) {
        return Err(missing(
            format!("find the fault `{fault}` in the report"),
            fault,
            names(|row| row.fault.as_str()),
        ));
    }
    let row = report
        .recovery
        .iter()
        .find(|row| &row.fault == fault && row.probe == probe);
    let row = row.ok_or_else(|| {
        missing(
            format!("find the probe `{probe}` of `{fault}` in the report"),
            probe,
            names(|row| row.probe.as_str()),
        )
    })?;
    let name = &source.measure.value;
    let measure = time(row, name).ok_or_else(|| {
        missing(
            format!("find the measure `{name}`"),
            name,
            MEASURES.map(str::to_owned).to_vec(),
        )
    })?;
    let from = format!("{name} of {fault}, {probe}, run {}", report.run.id);
    ranged(&measure, &from).map_err(|why| {
        missing(
            format!("take `{name}` of `{fault}` from the report: {why}"),
            name,
            Vec::new(),
        )
    })
}

fn time(row: &Recovery, name: &str) -> Option<Measure> {
    Some(match name {
        "recover" => row.recover.clone(),
        "recover_after_heal" => row.recover_after_heal.clone().unwrap_or_default(),
        "detect" => row.detect.clone(),
        "catch_up" => row.catch_up.clone(),
        "reprotect" => row.reprotect.clone(),
        _ => return None,
    })
}

/// s to h. An upper end that is not reached, or a lower end at 0, leaves a case without a number.
fn ranged(measure: &Measure, from: &str) -> Result<Ranged, String> {
    let why = || {
        measure
            .why
            .clone()
            .unwrap_or_else(|| "it was not measured".into())
    };
    let value = measure.value.ok_or_else(why)?;
    let bar = measure.error.unwrap_or(0.0);
    let (low, high, how) = match (measure.low, measure.high) {
        (Some(low), Some(high)) => (low.min(value), high.max(value), "its interval"),
        (Some(_), None) => return Err("the upper end of its interval is not reached".into()),
        _ => (value - bar, value + bar, "the bar of the instrument only"),
    };
    if !(low > 0.0 && high.is_finite()) {
        return Err(format!("{low:.3} s to {high:.3} s is no time to repair"));
    }
    let hours = |s: f64| s / 3600.0;
    Ok(Ranged {
        value: hours(value),
        low: hours(low),
        high: hours(high),
        from: format!("{from}, n = {}, {how}", measure.n),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::synthetic::Synthetic;
    use model::scenario::Placed;

    fn source(fault: &str, measure: &str) -> Source {
        let placed = |text: &str| Placed {
            value: text.to_owned(),
            at: Default::default(),
        };
        Source {
            report: placed("report.json"),
            fault: placed(fault),
            probe: None,
            measure: placed(measure),
        }
    }

    #[test]
    fn the_recovery_of_a_run_is_taken_with_its_interval() {
        let report = Synthetic::default().analysis();
        let row = report
            .recovery
            .iter()
            .find(|row| row.probe == ALL_PROBES)
            .unwrap();
        let got = measured(&report, &source(&row.fault, "recover")).unwrap();
        assert!((got.value * 3600.0 - row.recover.value.unwrap()).abs() < 1e-9);
        assert!(got.low < got.value && got.value < got.high);
        assert!(got.from.contains("n = 8"));
    }

    #[test]
    fn what_the_report_lacks_is_said_with_what_it_has() {
        let report = Synthetic::default().analysis();
        let fault = report.recovery[0].fault.clone();
        let missing = measured(&report, &source("kil", "recover")).unwrap_err();
        assert_eq!(missing.known, std::slice::from_ref(&fault));
        let missing = measured(&report, &source(&fault, "recovr")).unwrap_err();
        assert_eq!(missing.known.len(), 5);
    }
}
