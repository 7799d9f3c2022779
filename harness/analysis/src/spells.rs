//! Two tables beside the medians: how often and for how long each probe was down under the schedule of this very run, and the means
//! that a sum over many faults needs. Both name what they assume.
use crate::{
    availability::{down_within, outages},
    exponential::mean_time,
    mtbf::{YEAR_S, up_share},
    recovery::recover_times,
    report::{Bounds, Column, Measure, Recovery, Section},
    restricted::restricted_mean,
    span::seconds,
    stream::Stream,
    window::Windows,
};
use serde_json::{Value, json};

/// The tables; a run without effective faults has neither.
pub fn sections(windows: &Windows, streams: &[Stream], recovery: &[Recovery]) -> Vec<Section> {
    let stretches = windows.stretches("fault");
    let spells: Vec<_> = streams
        .iter()
        .filter_map(|stream| spells(stream, &stretches))
        .collect();
    let means: Vec<_> = recovery.iter().filter_map(means).collect();
    let table = |id: &str, title: &str, columns: &[(&str, &str)], rows: Vec<Vec<Value>>| Section {
        id: id.into(),
        title: title.into(),
        columns: columns.iter().map(column).collect(),
        rows,
    };
    [
        table(
            "spells",
            "Down and up under the faults of this run",
            &SPELLS,
            spells,
        ),
        table(
            "mean-recovery",
            "Mean time to recovery, and what it assumes",
            &MEANS,
            means,
        ),
    ]
    .into_iter()
    .filter(|section| !section.rows.is_empty())
    .collect()
}

fn column((name, unit): &(&str, &str)) -> Column {
    Column {
        name: (*name).into(),
        unit: (*unit).into(),
    }
}

const SPELLS: [(&str, &str); 9] = [
    ("probe", ""),
    ("outages", ""),
    ("MTTR", "s"),
    ("plus or minus", "s"),
    ("MTTF (mean up time)", "s"),
    ("MTBF (start to start)", "s"),
    ("MTTF/(MTTF+MTTR)", "1"),
    ("nines", ""),
    ("down a year at this schedule", "h"),
];

/// Of one probe over the fault windows; none where there are none, or no sample in them.
fn spells(stream: &Stream, stretches: &[Bounds]) -> Option<Vec<Value>> {
    let total: f64 = stretches
        .iter()
        .map(|stretch| seconds(stretch.hi, stretch.lo))
        .sum();
    if total <= 0.0 || stream.within(stretches).next().is_none() {
        return None;
    }
    let (count, down, bar) = down_within(&outages(stream), stretches);
    if count == 0 {
        let none = Value::Null;
        let mut row = vec![json!(stream.spec.name), json!(0)];
        row.resize(SPELLS.len(), none);
        return Some(row);
    }
    let each = |seconds: f64| seconds / count as f64;
    let (mttr, mttf) = (each(down), each(total - down));
    let up = up_share(mttf, mttr);
    // Never up has no nines, and nothing is added up from it.
    let nines = (up < 1.0).then(|| -(1.0 - up).log10());
    Some(vec![
        json!(stream.spec.name),
        json!(count),
        json!(mttr),
        json!(each(bar)),
        json!(mttf),
        json!(mttf + mttr),
        json!(up),
        json!(nines),
        json!((1.0 - up) * YEAR_S / 3_600.0),
    ])
}

const MEANS: [(&str, &str); 10] = [
    ("fault", ""),
    ("probe", ""),
    ("recovered", ""),
    ("of", ""),
    ("mean within the limit", "s"),
    ("95 % interval of it", "s"),
    ("limit", "s"),
    ("mean if exponential", "s"),
    ("95 % interval if so", "s"),
    ("time at risk", "s"),
];

/// Of one row of recovery; none where nothing had impact.
fn means(row: &Recovery) -> Option<Vec<Value>> {
    let watched = recover_times(&row.runs, "").watched();
    if watched.is_empty() {
        return None;
    }
    // Every repeat was watched for at least this long: up to here the curve is seen whole.
    let limit = row
        .runs
        .iter()
        .filter(|run| !run.absorbed)
        .map(|run| run.watched_s);
    let limit = limit.reduce(f64::min)?;
    let (restricted, exponential) = (restricted_mean(&watched, limit), mean_time(&watched));
    Some(vec![
        json!(row.fault),
        json!(row.probe),
        json!(watched.iter().filter(|one| one.recovered).count()),
        json!(watched.len()),
        json!(restricted.value),
        json!(interval(&restricted)),
        json!(limit),
        json!(exponential.value),
        json!(interval(&exponential)),
        json!(watched.iter().map(|one| one.t_s).sum::<f64>()),
    ])
}

/// `1.20 to 3.40`, an end that is not bounded as what is known of it.
fn interval(measure: &Measure) -> Option<String> {
    match (measure.low, measure.high) {
        (Some(low), Some(high)) => Some(format!("{low:.2} to {high:.2}")),
        (Some(low), None) => Some(format!("at least {low:.2}")),
        _ => None,
    }
}
