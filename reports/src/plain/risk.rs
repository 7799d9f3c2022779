//! `brinell risk` as text.
use super::table;
use crate::{
    number::{fixed, share},
    text::clean,
};
use analysis::risk::{Coverage, LayerRisk, Product, Risk, TARGET};

/// All of it.
#[must_use]
pub fn text(risk: &Risk) -> String {
    let row = |layer: &LayerRisk| {
        let passed = layer.passed.map_or_else(
            || "not probed".into(),
            |of| share(&of).replace('\u{a0}', " "),
        );
        vec![
            clean(&layer.name),
            passed,
            short(layer.risk),
            short(layer.upper),
        ]
    };
    let rows: Vec<Vec<String>> = risk.layers.iter().map(row).collect();
    let mut out = table(
        "layers",
        &["layer", "probes passed", "risk", "not more than, 95 %"],
        &rows,
    );
    out += &risk.total.map_or_else(String::new, total);
    out += &risk.coverage.as_ref().map_or_else(String::new, coverage);
    out.trim_start().to_owned()
}

/// Four significant digits.
fn short(value: f64) -> String {
    match value {
        v if v == 0.0 || v >= 0.01 => {
            let text = fixed(v, 4);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        v => format!("{v:.3e}"),
    }
}

fn total(product: Product) -> String {
    let unprobed = match product.unprobed {
        0 => String::new(),
        n => format!("; {n} not probed, taken as passed by everything"),
    };
    format!(
        "  total risk {}, not more than {} (all bounds hold in at least {} %), if layers fail independently{unprobed}\n",
        short(product.risk),
        short(product.upper),
        fixed(product.level * 100.0, 0)
    )
}

fn coverage(of: &Coverage) -> String {
    let target = fixed(TARGET * 100.0, 0);
    let word = if of.proven { "shown" } else { "not shown" };
    let need = if of.proven {
        String::new()
    } else {
        format!(
            "; {} of {} detected in a row would show it",
            of.would_do, of.would_do
        )
    };
    let false_alarms = match of.clean_runs {
        0 => format!(
            "{} false alarms, no clean run to hold them against",
            of.false_alarms
        ),
        runs => format!("{} false alarms in {runs} clean runs", of.false_alarms),
    };
    if of.detected.n == 0 {
        return format!(
            "\nalert coverage unknown: there was no incident; {} detected in a row would show more than {target} %\n  {false_alarms}\n",
            of.would_do
        );
    }
    format!(
        "\nalert coverage {} [{}, {}] %, more than {target} % {word}{need}\n  {false_alarms}\n",
        share(&of.detected).replace('\u{a0}', " "),
        fixed(of.detected.low * 100.0, 2),
        fixed(of.detected.high * 100.0, 2)
    )
}
