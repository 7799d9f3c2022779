//! What happened when: phases, faults, and every probe in at most [`BUCKETS`] buckets, so that a report of any run stays small.
use crate::{
    availability,
    input::Folder,
    report::{Bounds, FaultMark, Series, Timeline},
    stream::{Sample, State, Stream},
    window::{Injection, Windows},
};
use model::{system::ProbeKind, units::MS};

/// Most buckets of one series: with five series of four lists about 100 kB of text.
pub const BUCKETS: u64 = 600;

/// The whole timeline.
pub fn timeline(
    folder: &Folder,
    windows: &Windows,
    streams: &[Stream],
    load: Option<&Stream>,
    table: Option<Series>,
) -> Timeline {
    let faults = windows
        .injections
        .iter()
        .map(|injection| mark(folder, injection))
        .collect();
    let series = streams
        .iter()
        .chain(load)
        .filter_map(|stream| series(windows, stream))
        .chain(table)
        .collect();
    Timeline {
        phases: windows.phases.clone(),
        faults,
        series,
    }
}

fn mark(folder: &Folder, injection: &Injection) -> FaultMark {
    let planned = &folder.plan.faults[injection.index];
    FaultMark {
        id: injection.id.clone(),
        fault: planned.fault.clone(),
        targets: injection.targets.clone(),
        settings: planned.settings.clone(),
        backend: injection.backends.join(", "),
        requested_ns: injection.requested.map(|at| at.0),
        effective_ns: injection.t0,
        heal_requested_ns: injection.heal_requested.map(|at| at.0),
        healed_ns: injection.healed,
        window_ns: injection.window,
    }
}

fn series(windows: &Windows, stream: &Stream) -> Option<Series> {
    let (first, last) = (stream.samples.first()?, stream.samples.last()?);
    let start = windows
        .phase("warm-up")
        .map_or(first.due.0, |phase| phase.lo.min(first.due.0));
    // Whole milliseconds: edges that a reader can name.
    let width = (last.due.0 - start + 1)
        .div_ceil(BUCKETS)
        .max(stream.spec.period_ns.0)
        .div_ceil(MS)
        * MS;
    let count = ((last.due.0 - start) / width + 1) as usize;
    let mut buckets: Vec<Vec<&Sample>> = vec![Vec::new(); count];
    for sample in &stream.samples {
        buckets[((sample.due.0 - start) / width) as usize].push(sample);
    }
    let outages = availability::outages(stream)
        .iter()
        .map(|outage| Bounds {
            lo: outage.from.mid().0,
            hi: outage.to.mid().0,
        })
        .collect();
    Some(Series {
        id: stream.spec.name.clone(),
        name: stream.spec.doc.clone(),
        unit: if stream.spec.kind == ProbeKind::Latency {
            "s".into()
        } else {
            stream.spec.unit.clone()
        },
        start_ns: start,
        bucket_ns: width,
        values: column(&buckets, |sorted| sorted[(sorted.len() - 1) / 2]),
        low: column(&buckets, |sorted| sorted[0]),
        high: column(&buckets, |sorted| sorted[sorted.len() - 1]),
        bad: buckets.iter().map(|bucket| bad_share(bucket)).collect(),
        bound: stream.bound,
        outages,
    })
}

fn column(buckets: &[Vec<&Sample>], pick: impl Fn(&[f64]) -> f64) -> Vec<Option<f64>> {
    let one = |bucket: &Vec<&Sample>| {
        let mut values: Vec<f64> = bucket
            .iter()
            .filter(|sample| sample.state != State::Missing)
            .filter_map(|sample| sample.value)
            .collect();
        values.sort_by(f64::total_cmp);
        (!values.is_empty()).then(|| rounded(pick(&values)))
    };
    buckets.iter().map(one).collect()
}

/// To a millionth: finer digits cost bytes and show nothing.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn bad_share(bucket: &[&Sample]) -> Option<f64> {
    let bad = bucket.iter().filter(|sample| sample.bad()).count();
    let told = bad + bucket.iter().filter(|sample| sample.good()).count();
    (told > 0).then(|| (bad as f64 / told as f64 * 1e3).round() / 1e3)
}
