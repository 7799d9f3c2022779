//! One run as an objective sees it. What cannot be seen is said, with what would do.
use super::{
    part::Part,
    see::{holes, samples, unmeasured},
    slice::{Slice, slices},
};
use crate::{
    Analysis, Error, RunInput,
    availability::outages,
    input::Folder,
    report::Finding,
    stream::{Sample, State, Stream},
    window::Windows,
};
use model::{
    delivery::rfc3339,
    objective::Objective,
    slo::{self, Goal, Good},
    units::{Nanos, S},
    verdict::Verdict,
};

/// A run, ready to be held against any objective.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What it shows by itself.
    pub analysis: Analysis,
    /// Wall time of its epoch, ns since 1970 UTC; none where it says none.
    pub epoch: Option<u64>,
    /// Digest of its scenario file.
    pub scenario_sha256: String,
    /// Names of its probes.
    pub probes: Vec<String>,
    /// What its scenario claims.
    pub objectives: Vec<Objective>,
    windows: Windows,
    streams: Vec<Stream>,
}

impl Taken {
    /// Reads and analyses a run folder.
    ///
    /// # Errors
    /// As [`crate::analyze`].
    pub fn of(input: &RunInput) -> Result<Self, Error> {
        let folder = Folder::read(input)?;
        let windows = Windows::of(&folder);
        let streams = crate::streams(&folder, &windows);
        let analysis = crate::of(&folder, &windows, &streams);
        let epoch = rfc3339(&analysis.run.started).map(|s| (s * S as f64).round() as u64);
        Ok(Self {
            analysis,
            epoch,
            probes: folder
                .plan
                .probes
                .iter()
                .map(|spec| spec.name.clone())
                .collect(),
            scenario_sha256: folder.plan.scenario_sha256,
            objectives: folder.plan.objectives,
            windows,
            streams,
        })
    }

    /// What the run shows of a goal, later by `shift` ns.
    ///
    /// # Errors
    /// Why it shows nothing, with what would do.
    pub fn part(&self, goal: &Goal, shift: u64) -> Result<Part, String> {
        let stream = self.stream(&goal.probe.value)?;
        let whole = self.windows.whole().filter(|whole| whole.hi > whole.lo);
        let whole = whole.ok_or("it has no baseline phase, so nothing of it is judged; a run that reaches its baseline would do")?;
        if goal.good == Good::Available && stream.bound.is_none() {
            return Err(format!(
                "probe `{}` had no answer in the baseline, so it has no bound; a longer or calmer baseline would do",
                stream.spec.name
            ));
        }
        let seen: Vec<&Sample> = stream.within(std::slice::from_ref(&whole)).collect();
        if !seen.iter().any(|sample| sample.state != State::Missing) {
            return Err(format!(
                "probe `{}` left no sample in the judged part of the run",
                stream.spec.name
            ));
        }
        let holes = holes(&seen, whole, stream.spec.period_ns);
        let mut part = Part {
            watched: whole,
            period: stream.spec.period_ns,
            outages: Vec::new(),
            unmeasured: Vec::new(),
            judged: Vec::new(),
        };
        match goal.form {
            slo::Form::Time => {
                part.outages = outages(stream);
                part.unmeasured = unmeasured(&seen, &holes, &part.outages, whole, part.period);
            }
            slo::Form::Samples => part.judged = samples(&seen, &holes, goal.good, part.period),
            slo::Form::Slices { length, target } => {
                let all = samples(&seen, &holes, goal.good, part.period);
                part.judged = slices(&all, whole, length, part.period, &|one| one.under(target))?;
            }
            slo::Form::Ratios { length } => {
                let all = samples(&seen, &holes, goal.good, part.period);
                part.judged = slices(&all, whole, length, part.period, &Slice::ratio)?;
            }
        }
        Ok(part.later(shift))
    }

    /// Length of its judged part; none where it did not come to that.
    pub fn watched(&self) -> Option<Nanos> {
        let whole = self.windows.whole()?;
        Some(Nanos(whole.hi.saturating_sub(whole.lo)))
    }

    /// Wall time of the end of its judged part, ns since 1970 UTC.
    pub fn ended(&self) -> Option<u64> {
        Some(self.epoch?.saturating_add(self.windows.whole()?.hi))
    }

    fn stream(&self, probe: &str) -> Result<&Stream, String> {
        let found = self.streams.iter().find(|stream| stream.spec.name == probe);
        found.ok_or_else(|| match self.probes.iter().any(|name| name == probe) {
            true => format!("probe `{probe}` left no samples: its file is missing"),
            false => format!(
                "probe `{probe}` is not in its plan; known there: {}",
                self.probes.join(", ")
            ),
        })
    }

    /// What keeps the run from being believed, where this probe is concerned.
    pub fn doubts<'a>(&'a self, probe: &'a str) -> impl Iterator<Item = &'a Finding> {
        let of_probe = format!("probe-{probe}");
        let decides = move |id: &str| ["journal", "plan", "end", of_probe.as_str()].contains(&id);
        let findings = self.analysis.findings.iter();
        findings.filter(move |one| decides(&one.id) && one.verdict != Verdict::Pass)
    }
}
