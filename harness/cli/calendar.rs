//! Boundaries of budget windows that follow a calendar: months differ, days change with the clocks of their zone.
use analysis::report::Bounds;
use jiff::{Span, Timestamp, Zoned, civil::DateTime, tz::TimeZone};
use model::{
    scenario::{Placed, Refusal},
    slo::{Calendar, Unit},
};

/// The window of the calendar that holds an instant of wall time, ns since 1970 UTC.
///
/// # Errors
/// A start or zone that is none, or a start after the instant: at its place.
pub fn around(calendar: &Calendar, at_ns: u64) -> Result<Bounds, Refusal> {
    let start = start(calendar)?;
    let at = i64::try_from(at_ns / 1_000_000_000).unwrap_or(i64::MAX);
    let began = start.timestamp().as_second();
    if at < began {
        return Err(
            refuse(&calendar.start, "count from a boundary after the last run")
                .hint("let `startTime` be any boundary before it"),
        );
    }
    let far = || {
        refuse(&calendar.start, "reach the last run from so far back")
            .hint("let `startTime` be a later boundary")
    };
    // So many windows have passed at least: from days on, one is at most a twentieth and an hour longer than its nominal length.
    let nominal = i64::from(calendar.count) * (calendar.unit.length().0 / 1_000_000_000) as i64;
    let slack = if nominal >= 86_400 {
        nominal / 20 + 3_600
    } else {
        0
    };
    let mut passed = (at - began) / (nominal + slack);
    let mut lo = boundary(&start, calendar, passed).ok_or_else(far)?;
    loop {
        let hi = boundary(&start, calendar, passed + 1).ok_or_else(far)?;
        if at < hi.as_second() || hi <= lo {
            return Ok(Bounds {
                lo: ns(lo),
                hi: ns(hi),
            });
        }
        (passed, lo) = (passed + 1, hi);
    }
}

fn ns(at: Timestamp) -> u64 {
    u64::try_from(at.as_nanosecond()).unwrap_or_default()
}

fn start(calendar: &Calendar) -> Result<Zoned, Refusal> {
    let zone = TimeZone::get(&calendar.zone.value);
    let zone = zone.map_err(|_| {
        refuse(&calendar.zone, "find the zone")
            .hint("name it as the IANA database does, like `Europe/Berlin` or `UTC`")
    })?;
    let civil: Result<DateTime, _> = calendar.start.value.parse();
    let civil = civil.and_then(|civil| civil.to_zoned(zone));
    civil.map_err(|_| {
        refuse(&calendar.start, "read the startTime").hint("write it like `2026-01-01 00:00:00`")
    })
}

fn refuse(what: &Placed<String>, why: &str) -> Refusal {
    Refusal::new(what.at, format!("{why} `{}`", what.value)).wide(what.value.chars().count())
}

/// The start and so many windows after it.
fn boundary(start: &Zoned, calendar: &Calendar, windows: i64) -> Option<Timestamp> {
    let units = windows.checked_mul(i64::from(calendar.count))?;
    let span = Span::new();
    let span = match calendar.unit {
        Unit::Minute => span.try_minutes(units),
        Unit::Hour => span.try_hours(units),
        Unit::Day => span.try_days(units),
        Unit::Week => span.try_weeks(units),
        Unit::Month => span.try_months(units),
        Unit::Quarter => span.try_months(units.checked_mul(3)?),
        Unit::Year => span.try_years(units),
    };
    Some(start.checked_add(span.ok()?).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::scenario::Place;

    fn calendar(count: u32, unit: Unit, start: &str, zone: &str) -> Calendar {
        let placed = |text: &str| Placed {
            value: text.into(),
            at: Place { line: 3, column: 4 },
        };
        Calendar {
            count,
            unit,
            start: placed(start),
            zone: placed(zone),
        }
    }

    fn window(calendar: &Calendar, at: &str) -> (String, String) {
        let at: Timestamp = at.parse().unwrap();
        let found = around(calendar, ns(at)).unwrap();
        let show = |ns: u64| {
            Timestamp::from_nanosecond(i128::from(ns))
                .unwrap()
                .to_string()
        };
        (show(found.lo), show(found.hi))
    }

    #[test]
    fn months_and_quarters_follow_the_calendar_of_their_zone() {
        let months = calendar(1, Unit::Month, "2020-01-01 00:00:00", "UTC");
        assert_eq!(
            window(&months, "2026-02-28T23:59:59Z"),
            ("2026-02-01T00:00:00Z".into(), "2026-03-01T00:00:00Z".into())
        );
        assert_eq!(
            window(&months, "2026-03-01T00:00:00Z").0,
            "2026-03-01T00:00:00Z"
        );
        let quarters = calendar(1, Unit::Quarter, "2020-01-01 00:00:00", "Europe/Berlin");
        assert_eq!(
            window(&quarters, "2026-05-05T00:00:00Z"),
            ("2026-03-31T22:00:00Z".into(), "2026-06-30T22:00:00Z".into())
        );
        let weeks = calendar(4, Unit::Week, "1971-01-04 00:00:00", "UTC");
        let (lo, hi) = window(&weeks, "2026-05-05T00:00:00Z");
        assert!(
            lo.as_str() <= "2026-05-05" && hi.as_str() > "2026-05-05",
            "{lo} {hi}"
        );
    }

    #[test]
    fn what_cannot_be_is_refused_at_its_place() {
        let at = 1_767_225_600_000_000_000;
        for wrong in [
            calendar(1, Unit::Day, "2026-13-01 00:00:00", "UTC"),
            calendar(1, Unit::Day, "2020-01-01 00:00:00", "Europe/Berlinn"),
            calendar(1, Unit::Day, "2030-01-01 00:00:00", "UTC"),
        ] {
            let refusal = around(&wrong, at).unwrap_err();
            assert_eq!(
                (refusal.at.line, refusal.hint.is_some()),
                (3, true),
                "{refusal:?}"
            );
        }
    }
}
