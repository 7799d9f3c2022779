//! What carries the load: how many executors, what they carry, and how long a backlog takes.
use super::{
    case::Case,
    file::{End, Ranged, Throughput},
};
use crate::{
    report::Measure,
    scaling::{self, Law, Needed, Scaling},
};

/// The curve of throughput, in each case.
pub(super) enum Curve {
    /// Fitted to measured points.
    Fitted(Box<Scaling>),
    /// Given.
    Law(Law),
    /// n t eff.
    Each(Ranged, Ranged),
}

impl Curve {
    pub(super) fn of(throughput: &Throughput, seed: u64) -> Result<Self, scaling::Error> {
        Ok(match throughput {
            Throughput::Points(points) => Self::Fitted(Box::new(scaling::scaling(points, seed)?)),
            Throughput::Law(law) => Self::Law(*law),
            Throughput::Each { each, efficiency } => Self::Each(each.clone(), efficiency.clone()),
        })
    }

    /// n t eff as a law.
    fn straight(each: &Ranged, efficiency: &Ranged, end: End) -> Law {
        Law {
            lambda: each.at(end) * efficiency.at(end),
            sigma: 0.0,
            kappa: 0.0,
        }
    }

    /// The fewest that carry this much, in each case; none where it cannot be told, with the reason.
    pub(super) fn least(&self, throughput: f64) -> Result<Needed, String> {
        match self {
            Self::Fitted(scaling) => scaling
                .usl
                .least(throughput)
                .ok_or_else(|| scaling.usl.lambda.why.clone().unwrap_or_default()),
            Self::Law(law) => {
                let value = law.least(throughput);
                Ok(Needed {
                    value,
                    low: value,
                    high: value,
                    extrapolated: false,
                })
            }
            Self::Each(each, efficiency) => {
                let at = |end| Self::straight(each, efficiency, end).least(throughput);
                Ok(Needed {
                    value: at(End::Value),
                    low: at(End::High),
                    high: at(End::Low),
                    extrapolated: false,
                })
            }
        }
    }

    /// Throughput of `n`, per s.
    pub(super) fn at(&self, n: u64) -> Measure {
        let n = n as f64;
        match self {
            Self::Fitted(scaling) => scaling.usl.at(n),
            Self::Law(law) => Measure {
                value: Some(law.at(n)),
                unit: "1/s".into(),
                method: "by the given law, without an interval".into(),
                ..Measure::default()
            },
            Self::Each(each, efficiency) => {
                let at = |end| Self::straight(each, efficiency, end).at(n);
                let wide = each.is_wide() || efficiency.is_wide();
                Measure {
                    value: Some(at(End::Value)),
                    unit: "1/s".into(),
                    low: wide.then(|| at(End::Low)),
                    high: wide.then(|| at(End::High)),
                    method: "n t eff".into(),
                    ..Measure::default()
                }
            }
        }
    }

    /// The most that any number carries, and which; none where more always carry more.
    pub(super) fn most(&self) -> Option<(u64, f64)> {
        let law = match self {
            Self::Fitted(scaling) => scaling.usl.law?,
            Self::Law(law) => *law,
            Self::Each(..) => return None,
        };
        law.peak()?;
        let best = law.best();
        Some((best, law.at(best as f64)))
    }
}

/// One end of a throughput; the value where it has no interval.
fn end(x: &Measure, case: Case) -> Option<f64> {
    match case {
        Case::Best => x.high.or(x.value),
        Case::Given => x.value,
        Case::Worst => x.low.or(x.value),
    }
}

/// How long the backlog of an outage of `outage` h takes with this throughput, s: L D / (X - L).
pub fn catch_up(load: f64, outage: &Ranged, x: &Measure) -> Measure {
    let at = |case: Case| {
        let left = end(x, case)? - load;
        (left > 0.0).then(|| load * outage.at(case.harm()) * 3600.0 / left)
    };
    let value = at(Case::Given);
    let (low, high) = (at(Case::Best), at(Case::Worst));
    let wide = low != high || value != low;
    Measure {
        value,
        unit: "s".into(),
        n: x.n,
        low: low.filter(|_| wide && value.is_some()),
        high: high.filter(|_| wide && value.is_some()),
        method: if high.is_none() && value.is_some() {
            "L D / (X - L); at the low end of the throughput it never ends".into()
        } else {
            "L D / (X - L)".into()
        },
        why: value.is_none().then(|| match x.value {
            Some(x) => format!("never: {x:.0}/s is not more than the load of {load:.0}/s"),
            None => x.why.clone().unwrap_or_default(),
        }),
        ..Measure::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_backlogs_come_out() {
        let outage = Ranged::exactly(90.0 / 3600.0, "given");
        let x = |value| Measure {
            value: Some(value),
            ..Measure::default()
        };
        let at = |value| catch_up(50_000.0, &outage, &x(value));
        assert!((at(60_000.0).value.unwrap() - 450.0).abs() < 1e-9);
        assert!((at(54_794.5).value.unwrap() - 939.0).abs() < 0.5);
        assert_eq!(at(50_000.0).value, None);
        assert!(at(49_000.0).why.unwrap().starts_with("never"));
    }

    #[test]
    fn the_ends_of_a_backlog_are_those_of_outage_and_throughput() {
        let outage = Ranged {
            value: 0.025,
            low: 0.02,
            high: 0.05,
            from: String::new(),
        };
        let x = Measure {
            value: Some(60_000.0),
            low: Some(55_000.0),
            high: Some(70_000.0),
            ..Measure::default()
        };
        let measure = catch_up(50_000.0, &outage, &x);
        let near = |got: Option<f64>, want: f64| assert!((got.unwrap() - want).abs() < 1e-9);
        near(measure.low, 50_000.0 * 72.0 / 20_000.0);
        near(measure.high, 50_000.0 * 180.0 / 5_000.0);
    }

    #[test]
    fn the_worked_peak_throughput_is_n_t_eff() {
        let curve = Curve::Each(Ranged::exactly(8000.0, ""), Ranged::exactly(0.75, ""));
        assert_eq!(curve.at(10).value, Some(60_000.0));
        assert_eq!(curve.least(50_000.0).unwrap().value, Some(9));
        let law = Law {
            lambda: 8000.0,
            sigma: 0.02,
            kappa: 0.0005,
        };
        assert_eq!(Curve::Law(law).least(50_000.0).unwrap().value, Some(8));
    }
}
