//! Which runs can be held against each other, and why the others cannot. What could not be measured is left out and counted.
use super::report::Ran;
use crate::{
    Analysis,
    report::{ALL_PROBES, FindingKind, Measure},
};
use model::{
    compare::{Order, RunOf},
    verdict::Verdict,
};

/// One run with what is known of it.
pub struct Run<'a> {
    /// Its place in the comparison.
    pub of: &'a RunOf,
    /// What it showed; none where it could not be analysed.
    pub analysis: Option<&'a Analysis>,
    /// Why it is left out.
    pub left_out: Option<String>,
}

/// Every run of the comparison, in its order.
pub fn runs<'a>(order: &'a Order, analyses: &'a [Result<Analysis, String>]) -> Vec<Run<'a>> {
    let all = order.runs.iter().enumerate();
    all.map(|(at, of)| match analyses.get(at) {
        Some(Ok(analysis)) => Run {
            of,
            analysis: Some(analysis),
            left_out: why_not(order, of, analysis),
        },
        other => Run {
            of,
            analysis: None,
            left_out: Some(format!(
                "could not be analysed: {}",
                other.map_or("nothing was read of it", |read| read
                    .as_ref()
                    .err()
                    .map_or("", |why| why))
            )),
        },
    })
    .collect()
}

fn why_not(order: &Order, of: &RunOf, analysis: &Analysis) -> Option<String> {
    let seed = order.seed.wrapping_add(of.repeat);
    if of.arm > 1 {
        return Some(format!("arm {} is none of the two", of.arm));
    }
    if let Some(why) = &analysis.run.interrupted {
        return Some(format!("interrupted: {why}"));
    }
    if analysis.run.seed != seed && !crate::mutant("A4") {
        return Some(format!(
            "ran with seed {}, not with {seed}: not under the faults of the other arm",
            analysis.run.seed
        ));
    }
    unsound(analysis, &order.probe)
}

/// Not steady before it was hurt, a record that cannot be believed, or a probe that did not measure all the time.
fn unsound(analysis: &Analysis, probe: &str) -> Option<String> {
    let of_probe = format!("probe-{probe}");
    let decides = |id: &str, kind| {
        kind == FindingKind::SteadyState || ["journal", "plan", of_probe.as_str()].contains(&id)
    };
    let mut findings = analysis.findings.iter();
    let known = probe == ALL_PROBES || analysis.findings.iter().any(|one| one.id == of_probe);
    if !known {
        return Some(format!("probe `{probe}` is not in its plan"));
    }
    findings
        .find(|one| decides(&one.id, one.kind) && one.verdict != Verdict::Pass)
        .map(|one| format!("{}: {}", one.name, one.why))
}

impl<'a> Run<'a> {
    /// What it showed, where it can be used.
    pub fn used(&self) -> Option<&'a Analysis> {
        let broken = self.left_out.is_some() && !crate::mutant("H4");
        self.analysis.filter(|_| !broken)
    }

    /// Whether it may have been hurt and yet says nothing: what is missing may be what would have spoken against a claim.
    pub fn is_silent(&self) -> bool {
        let hurt = |analysis: &Analysis| {
            let mut marks = analysis.timeline.faults.iter();
            marks.any(|mark| mark.effective_ns.is_some())
        };
        self.left_out.is_some() && self.analysis.is_none_or(hurt)
    }

    /// Its line in the list of runs.
    pub fn line(&self, probe: &str) -> Ran {
        Ran {
            arm: self.of.arm,
            round: self.of.round.clone(),
            repeat: self.of.repeat,
            folder: self.of.folder.clone(),
            run: self
                .analysis
                .map_or_else(String::new, |analysis| analysis.run.id.clone()),
            verdict: self.analysis.map(|analysis| analysis.verdict.value),
            baseline: self.analysis.map_or_else(
                || none("it could not be analysed"),
                |analysis| baseline(analysis, probe),
            ),
            left_out: self.left_out.clone(),
        }
    }
}

fn none(why: &str) -> Measure {
    Measure {
        why: Some(why.into()),
        ..Measure::default()
    }
}

/// Median of the probe in the baseline of one run.
pub fn baseline(analysis: &Analysis, probe: &str) -> Measure {
    percentile(analysis, probe, "baseline", 50.0)
        .cloned()
        .unwrap_or_else(|| none(&format!("probe `{probe}` has no quantiles in the baseline")))
}

/// A quantile of a probe in a window.
pub fn percentile<'a>(
    analysis: &'a Analysis,
    probe: &str,
    window: &str,
    p: f64,
) -> Option<&'a Measure> {
    let row = analysis
        .latency
        .iter()
        .find(|row| row.source == probe && row.window == window)?;
    let quantile = row
        .percentiles
        .iter()
        .find(|one| (one.p - p).abs() < 1e-9)?;
    Some(&quantile.value_s)
}
