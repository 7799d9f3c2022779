//! How fast a budget goes: 1 spends it exactly over the period.
use super::left::Amount;

/// `(bad / valid) / (1 - target)`; none where nothing was valid, or the target leaves no budget to burn.
///
/// Source: The Site Reliability Workbook (2018), chapter 5.
/// ```
/// use analysis::budget::{burn::{burn, exhaustion}, left::Amount};
/// let all_down = burn(0.999, 60.0, Amount::exact(60.0)).unwrap();
/// assert!((all_down.value - 1_000.0).abs() < 1e-6);
/// assert!((exhaustion(30.0 * 86_400.0, all_down.value).unwrap() / 60.0 - 43.2).abs() < 1e-6);
/// ```
pub fn burn(target: f64, valid: f64, bad: Amount) -> Option<Amount> {
    let allowed = super::left::allowed(target, valid);
    (valid > 0.0 && allowed > 0.0).then(|| bad.map(|bad| bad / allowed))
}

/// In what time a whole budget of a period is gone at this rate, s; none where it never is.
pub fn exhaustion(period_s: f64, burn: f64) -> Option<f64> {
    (burn > 0.0).then(|| period_s / burn)
}
