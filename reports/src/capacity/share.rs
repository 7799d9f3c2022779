//! Availabilities: as many digits as their nines need.
use crate::text::clean;
use analysis::report::Measure;

/// `99.974 % [99.96, 99.98]`: two digits of what is missing to 100 %.
pub(super) fn up(measure: &Measure) -> String {
    of(measure, " %", |x| {
        let missing = ((1.0 - x) * 100.0).max(1e-13);
        // One digit more than the place of the first that is not a nine.
        let places = (1.0 - missing.log10().floor()).clamp(1.0, 13.0) as usize;
        format!("{:.places$}", x * 100.0)
    })
}

/// `2.630e-4 [2.1e-4, 3.2e-4]`.
pub(super) fn down(measure: &Measure) -> String {
    of(measure, "", |x| format!("{x:.3e}"))
}

fn of(measure: &Measure, unit: &str, number: impl Fn(f64) -> String) -> String {
    let Some(value) = measure.value else {
        return format!(
            "unknown: {}",
            clean(measure.why.as_deref().unwrap_or_default())
        );
    };
    let end = |x: Option<f64>| x.map_or_else(|| "not reached".to_owned(), &number);
    format!(
        "{}{unit} [{}, {}]   {}",
        number(value),
        end(measure.low),
        end(measure.high),
        clean(&measure.method)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(value: f64) -> Measure {
        Measure {
            value: Some(value),
            low: Some(value),
            high: Some(value),
            ..Measure::default()
        }
    }

    #[test]
    fn a_share_has_two_digits_beyond_its_nines() {
        assert!(up(&share(0.999_737)).starts_with("99.974 % ["));
        assert!(up(&share(0.999_999_6)).starts_with("99.999960 % ["));
        assert!(up(&share(0.5)).starts_with("50.0 % ["));
        assert!(up(&share(1.0)).starts_with("100."));
    }

    #[test]
    fn a_share_that_is_unknown_says_why() {
        let unknown = Measure {
            why: Some("no loss".into()),
            ..Measure::default()
        };
        assert_eq!(up(&unknown), "unknown: no loss");
    }
}
