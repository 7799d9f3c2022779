//! One value a run to one value an arm: the median with its order-statistic interval.
use super::hodges_lehmann::Known;
use crate::{
    median::{middle, ranks},
    report::Measure,
};

/// Median over runs with its order-statistic interval; where the middle is only known to be more, no value.
pub fn median(known: &[Known]) -> Measure {
    let mids: Vec<f64> = known.iter().map(|one| one.mid).collect();
    let n = mids.len();
    let open = mids.iter().filter(|mid| mid.is_infinite()).count();
    let least = match open {
        0 => String::new(),
        k => format!(", {k} of them only known to be more"),
    };
    let mut measure = Measure {
        value: middle(&mids).filter(|value| value.is_finite()),
        method: format!("median of {}{least}", counted(n)),
        ..Measure::default()
    };
    if measure.value.is_none() {
        measure.why = Some(format!("more than can be said in {open} of {}", counted(n)));
    }
    let Some((k, level)) = ranks(n) else {
        measure.method += "; no 95 % interval below 6 runs";
        return measure;
    };
    let nth = |value: fn(&Known) -> f64, k: usize| {
        let mut sorted: Vec<f64> = known.iter().map(value).collect();
        sorted.sort_by(f64::total_cmp);
        Some(sorted[k - 1]).filter(|end| end.is_finite())
    };
    measure.low = nth(|one| one.lo, k);
    measure.high = nth(|one| one.hi, n + 1 - k);
    measure.level = Some(level);
    measure.method += &format!(", ranks {k} and {}", n + 1 - k);
    measure
}

/// `1 run`, `6 runs`.
pub fn counted(n: usize) -> String {
    format!("{n} run{}", if n == 1 { "" } else { "s" })
}
