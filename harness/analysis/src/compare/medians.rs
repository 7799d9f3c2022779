//! The difference of two medians, each with an interval of its own: no shape, and no shift of one arm against the other, is assumed.
use crate::report::Measure;

/// Second median minus first, same unit, with an interval made of theirs: each end as far away as the two ends that lie on its side,
/// taken together as a root of squares. An end is none where it rests on one that is not reached; the level is the lower of both.
///
/// Source: Zou & Donner, Stat. Med. 27 (2008): the method of variance estimates recovery; for survival medians Tang & al. (2016).
/// ```
/// use analysis::{compare::medians::difference, report::Measure};
/// let median = |value, low, high| Measure { value: Some(value), low: Some(low), high: Some(high), level: Some(0.95), ..Measure::default() };
/// let less = difference(&median(30.0, 26.0, 33.0), &median(10.0, 6.0, 13.0));
/// assert_eq!((less.value, less.low, less.high), (Some(-20.0), Some(-25.0), Some(-15.0)));
/// ```
pub fn difference(first: &Measure, second: &Measure) -> Measure {
    let mut measure = Measure {
        unit: second.unit.clone(),
        n: first.n + second.n,
        method: "difference of the medians".into(),
        ..Measure::default()
    };
    let (Some(a), Some(b)) = (first.value, second.value) else {
        measure.why = Some(lacking(first, second));
        return measure;
    };
    measure.value = Some(b - a);
    let level = |one: &Measure| one.level.filter(|_| one.low.is_some());
    let (Some(one), Some(other)) = (level(first), level(second)) else {
        measure.method += "; no 95 % interval: one of them has none";
        return measure;
    };
    let (first, second) = if crate::mutant("M5") {
        (second, first)
    } else {
        (first, second)
    };
    let far = |x: Option<f64>, y: Option<f64>| Some((x? - b).hypot(y? - a));
    measure.low = far(second.low, first.high).map(|far| b - a - far);
    measure.high = far(second.high, first.low).map(|far| b - a + far);
    measure.level = Some(one.min(other));
    measure.method += ", from both intervals";
    measure.method += match (measure.low, measure.high) {
        (Some(_), Some(_)) => "",
        (None, Some(_)) => "; lower end not reached",
        (Some(_), None) => "; upper end not reached",
        (None, None) => "; neither end reached",
    };
    measure
}

fn lacking(first: &Measure, second: &Measure) -> String {
    let named = [("first", first), ("second", second)];
    let without = named.iter().find(|(_, one)| one.value.is_none());
    without.map_or_else(String::new, |(arm, one)| {
        let why = one.why.as_deref().unwrap_or("not measured");
        format!("the {arm} arm has no median: {why}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median(value: f64, low: f64, high: Option<f64>) -> Measure {
        Measure {
            value: Some(value),
            low: Some(low),
            high,
            level: Some(0.95),
            unit: "s".into(),
            n: 8,
            ..Measure::default()
        }
    }

    #[test]
    fn an_end_that_is_not_reached_opens_its_own_side_only() {
        let (closed, open) = (median(10.0, 8.0, Some(13.0)), median(30.0, 20.0, None));
        let up = difference(&closed, &open);
        assert_eq!((up.value, up.high), (Some(20.0), None));
        assert!(up.low.is_some() && up.method.ends_with("upper end not reached"));
        let down = difference(&open, &closed);
        assert_eq!((down.value, down.low), (Some(-20.0), None));
        assert!(down.high.is_some() && down.method.ends_with("lower end not reached"));
    }

    #[test]
    fn without_a_median_there_is_no_difference_and_the_arm_is_named() {
        let none = Measure {
            why: Some("not reached within 60.0 s (2 of 8 recovered)".into()),
            ..Measure::default()
        };
        let got = difference(&none, &median(1.0, 0.5, Some(2.0)));
        assert_eq!(got.value, None);
        assert!(
            got.why
                .unwrap()
                .starts_with("the first arm has no median: not reached")
        );
    }

    #[test]
    fn five_repeats_have_a_difference_and_no_interval() {
        let few = Measure {
            level: None,
            low: None,
            high: None,
            ..median(3.0, 0.0, None)
        };
        let got = difference(&few, &median(5.0, 4.0, Some(7.0)));
        assert_eq!((got.value, got.low, got.level), (Some(2.0), None, None));
    }
}
