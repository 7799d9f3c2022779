//! How often each printed interval holds what it is meant to hold, by simulation from a fixed seed.
//!
//! The promise is the coverage that a design attains, not the nominal 95 %: for complete data it is counted here from whole numbers,
//! for censored data and means it stands here as a simulation written apart in another language found it (Efron's redistribution to
//! the right instead of the product of steps, the test turned round at the true value instead of the ends of the curve, xoshiro and
//! the polar method instead of ChaCha and Box and Muller; 400,000 sets each). Every test prints its table.
//!
//! `just coverage` runs it; `BRINELL_SETS` sets the number of simulated sets of each design (100,000).
mod arms;
mod complete;
mod curve;
mod draws;
mod means;
mod shares;

/// Simulated sets of each design.
pub fn sets() -> u32 {
    let asked = std::env::var("BRINELL_SETS").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000)
        .max(1)
}

/// Most that complete data may be off by, in points: eight standard errors at 100,000 sets.
pub const CLOSE: f64 = 0.5;
/// Most that two independent simulations may differ by, in points.
pub const ALIKE: f64 = 1.0;

/// One line of a table, as it is judged: shares in percent, of `valued` sets that had an interval at all.
pub struct Row {
    /// The design.
    pub what: String,
    /// Found here.
    pub got: f64,
    /// To be found.
    pub want: f64,
    /// How far off it may be, in points.
    pub within: f64,
}

fn off(row: &Row) -> f64 {
    row.got - row.want
}

/// Prints a table and fails with all of its lines that are off.
pub fn judge(title: &str, from: &str, rows: &[Row]) {
    println!(
        "{title} ({} sets each)\n{:44} {:>8} {:>8} {:>7}",
        sets(),
        "design",
        "covers",
        from,
        "off"
    );
    for row in rows {
        println!(
            "{:44} {:8.3} {:8.3} {:+7.3}",
            row.what,
            row.got,
            row.want,
            off(row)
        );
    }
    // Fewer sets than by default scatter more: four standard errors of a share near 95 % take the place of the promise.
    let scatter = 400.0 * (0.05 * 0.95 / f64::from(sets())).sqrt();
    let is_off = |row: &&Row| {
        let fits = off(row).abs() <= row.within.max(scatter);
        !fits
    };
    let wrong: Vec<&str> = rows
        .iter()
        .filter(is_off)
        .map(|row| row.what.as_str())
        .collect();
    assert!(
        !rows.is_empty() && wrong.is_empty(),
        "{title}: off in {wrong:?}"
    );
}

/// Whether `[low, high]` holds `value`; an end that is none is open.
pub fn holds(low: Option<f64>, high: Option<f64>, value: f64) -> bool {
    low.is_none_or(|low| low <= value) && high.is_none_or(|high| value <= high)
}

/// Percent of the sets for which `holds` says yes, of those for which it says anything, and percent of those of all.
pub fn share(mut holds: impl FnMut() -> Option<bool>) -> (f64, f64) {
    let (mut held, mut valued) = (0_u32, 0_u32);
    for _ in 0..sets() {
        if let Some(yes) = holds() {
            valued += 1;
            held += u32::from(yes);
        }
    }
    let percent = |k: u32, n: u32| 100.0 * f64::from(k) / f64::from(n);
    (percent(held, valued), percent(valued, sets()))
}
