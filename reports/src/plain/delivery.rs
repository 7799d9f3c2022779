//! `brinell delivery` as text.
use super::{explained, lines};
use crate::number::{fixed, share};
use analysis::{delivery::Delivery, report::Measure};

/// All of it.
#[must_use]
pub fn text(figures: &Delivery) -> String {
    let failures = figures.change_failures.map_or_else(
        || "unknown: no deployment is recorded".to_owned(),
        |of| {
            format!(
                "{} [{}, {}] %",
                share(&of).replace('\u{a0}', " "),
                fixed(of.low * 100.0, 2),
                fixed(of.high * 100.0, 2)
            )
        },
    );
    format!("delivery, {} deployments\n", figures.deployments)
        + &lines(&[
            ("deployed", explained(&figures.deployed_a_day)),
            ("possible", explained(&figures.possible_a_day)),
            ("cycle time", explained(&in_hours(&figures.cycle_time))),
            ("lead time", explained(&in_hours(&figures.lead_time))),
            ("change failure rate", failures),
        ])
}

fn in_hours(measure: &Measure) -> Measure {
    let hours = |value: Option<f64>| value.map(|s| s / 3_600.0);
    Measure {
        value: hours(measure.value),
        low: hours(measure.low),
        high: hours(measure.high),
        unit: "h".into(),
        ..measure.clone()
    }
}
