//! Quantities with their units: a bare number where a unit is due is an error that says which units there are.
use serde::{Deserialize, Serialize};

/// Nanoseconds since the run's epoch on the one monotonic clock (`CLOCK_MONOTONIC`), or a span of that clock.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Nanos(pub u64);

/// One millisecond in nanoseconds.
pub const MS: u64 = 1_000_000;
/// One second in nanoseconds.
pub const S: u64 = 1_000_000_000;

impl Nanos {
    /// A span of whole milliseconds.
    pub const fn ms(ms: u64) -> Self {
        Self(ms * MS)
    }
    /// A span of whole seconds.
    pub const fn secs(s: u64) -> Self {
        Self(s * S)
    }
    /// The value in seconds, for printing and statistics.
    pub fn as_s(self) -> f64 {
        self.0 as f64 / S as f64
    }
    /// `self - earlier`, zero where `earlier` is later.
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
    /// `self + span`, at most the end of the clock.
    pub const fn plus(self, span: Self) -> Self {
        Self(self.0.saturating_add(span.0))
    }
    /// The same span for the standard library.
    pub const fn as_duration(self) -> std::time::Duration {
        std::time::Duration::from_nanos(self.0)
    }
}

/// Why a quantity was refused; fits after "failed to".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read `{text}` as {what}; write it like {like}")]
pub struct UnitError {
    /// What stood there.
    pub text: String,
    /// What was due.
    pub what: &'static str,
    /// Examples of how it is written.
    pub like: &'static str,
}

fn split(text: &str) -> Option<(f64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number = text[..at].parse::<f64>().ok()?;
    number.is_finite().then_some((number, text[at..].trim()))
}

/// Reads a duration: a decimal number and one of `us ms s m h`.
///
/// # Errors
/// A bare number, another unit, or more than 1000 h.
pub fn duration(text: &str) -> Result<Nanos, UnitError> {
    let refuse = || UnitError {
        text: text.to_owned(),
        what: "a duration",
        like: "`250ms`, `10s`, `2m` or `1h`",
    };
    let (number, unit) = split(text).ok_or_else(refuse)?;
    let scale = match unit {
        "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 6e10,
        "h" => 3.6e12,
        _ => return Err(refuse()),
    };
    let ns = number * scale;
    if ns > 3.6e15 {
        Err(refuse())
    } else {
        Ok(Nanos(ns.round() as u64))
    }
}

/// Reads a rate in operations per second: `300/s`.
///
/// # Errors
/// Another unit, zero, or more than a million a second.
pub fn rate(text: &str) -> Result<f64, UnitError> {
    let refuse = || UnitError {
        text: text.to_owned(),
        what: "a rate",
        like: "`300/s`",
    };
    match split(text).ok_or_else(refuse)? {
        (number, "/s") if number > 0.0 && number <= 1e6 => Ok(number),
        _ => Err(refuse()),
    }
}

/// Reads a size: a decimal number and one of `B KiB MiB GiB`.
///
/// # Errors
/// A bare number, another unit, or more than 1 TiB.
pub fn bytes(text: &str) -> Result<u64, UnitError> {
    let refuse = || UnitError {
        text: text.to_owned(),
        what: "a size",
        like: "`512B`, `64KiB`, `1.5MiB` or `2GiB`",
    };
    let (number, unit) = split(text).ok_or_else(refuse)?;
    let scale = match unit {
        "B" => 1_u64,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(refuse()),
    };
    let size = number * scale as f64;
    if size > (1_u64 << 40) as f64 {
        Err(refuse())
    } else {
        Ok(size.round() as u64)
    }
}

/// Reads a share: `50%` gives 0.5.
///
/// # Errors
/// A bare number, or a share outside 0 % to 100 %.
pub fn share(text: &str) -> Result<f64, UnitError> {
    let refuse = || UnitError {
        text: text.to_owned(),
        what: "a share",
        like: "`50%`",
    };
    match split(text).ok_or_else(refuse)? {
        // Moved by its digits, not divided: 999 of 1000 is exactly as much as `99.9%`.
        (number, "%") if (0.0..=100.0).contains(&number) => {
            let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit() && c != '.');
            format!("{digits}e-2").parse().map_err(|_| refuse())
        }
        _ => Err(refuse()),
    }
}

/// Reads a count out of a whole: `1 of 3` gives `(1, 3)`.
///
/// # Errors
/// Anything else, or more than the whole.
pub fn count_of(text: &str) -> Result<(u32, u32), UnitError> {
    let refuse = || UnitError {
        text: text.to_owned(),
        what: "a count",
        like: "`1 of 3`",
    };
    let (some, all) = text.split_once(" of ").ok_or_else(refuse)?;
    let parse = |part: &str| part.trim().parse::<u32>().map_err(|_| refuse());
    let (some, all) = (parse(some)?, parse(all)?);
    if some <= all && all > 0 {
        Ok((some, all))
    } else {
        Err(refuse())
    }
}

/// Writes a span the way [`duration`] reads it, without losing a nanosecond above the microsecond.
pub fn show(span: Nanos) -> String {
    match span.0 {
        ns if ns % S == 0 => format!("{}s", ns / S),
        ns if ns % MS == 0 => format!("{}ms", ns / MS),
        ns => format!("{}us", ns as f64 / 1e3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_refused_with_the_units() {
        assert!(duration("10").unwrap_err().to_string().contains("`10s`"));
        assert!(rate("300").is_err());
        assert!(share("0.5").is_err());
    }

    #[test]
    fn quantities_read_as_written() {
        assert_eq!(duration("1.5s"), Ok(Nanos::ms(1500)));
        assert_eq!(duration("2m"), Ok(Nanos::secs(120)));
        assert_eq!(rate("300/s"), Ok(300.0));
        assert_eq!(share("50%"), Ok(0.5));
        for thousandths in 0..=1000_u32 {
            let text = format!("{}.{}%", thousandths / 10, thousandths % 10);
            assert_eq!(share(&text), Ok(f64::from(thousandths) / 1000.0), "{text}");
        }
        assert_eq!(bytes("64KiB"), Ok(65_536));
        assert_eq!(bytes("1.5MiB"), Ok(1_572_864));
        assert!(bytes("64").is_err() && bytes("64KB").is_err());
        assert_eq!(count_of("1 of 3"), Ok((1, 3)));
        assert!(count_of("4 of 3").is_err());
        assert!(duration("-1s").is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_reads_back(ms in 0_u64..10_000_000) {
            proptest::prop_assert_eq!(duration(&show(Nanos::ms(ms))), Ok(Nanos::ms(ms)));
        }
    }
}
