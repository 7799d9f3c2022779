//! The answer of `brinell capacity` as text: the word first, then every number with its interval, then every assumption.
mod share;

use crate::{
    number::{count, show},
    text::clean,
};
use analysis::{
    capacity::answer::{Answer, Carried, GroupAnswer},
    capacity::shape::Shape,
    report::Measure,
    scaling::{BAND, Fitted, Needed, Scaling},
};
use share::{down, up};
use std::fmt::Write as _;

/// The answer as text, lines ended by LF.
#[must_use]
pub fn text(answer: &Answer) -> String {
    let mut out = format!("{:<7} {}\n", answer.verdict.word(), clean(&answer.question));
    if let Some(why) = &answer.why {
        let _ = writeln!(out, "        {}", clean(why));
    }
    let _ = writeln!(
        out,
        "        load {}/s   objective {} %   kept free {} %   seed {}\n",
        trim(answer.load),
        trim(answer.slo * 100.0),
        trim(answer.headroom * 100.0),
        answer.seed
    );
    if let Some(scaling) = &answer.scaling {
        out += &curve(scaling);
    }
    out += &carried(answer.needed.as_ref(), &answer.throughput);
    out += "groups\n";
    answer.groups.iter().for_each(|one| out += &group(one));
    out += &whole(answer);
    out += "assumptions\n";
    answer
        .assumptions
        .iter()
        .for_each(|line| out += &format!("  - {}\n", clean(line)));
    out
}

/// Without zeros at its end.
fn trim(x: f64) -> String {
    let text = format!("{x:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn curve(scaling: &Scaling) -> String {
    let mut out = format!(
        "measured throughput (reference band of the efficiency {} to {})\n",
        BAND[0], BAND[1]
    );
    for row in &scaling.efficiency {
        let stands = serde_json::to_value(row.stands)
            .ok()
            .and_then(|word| word.as_str().map(ToOwned::to_owned))
            .unwrap_or_default();
        let cause = if row.cause.is_empty() {
            String::new()
        } else {
            format!(": {}", row.cause)
        };
        let _ = writeln!(
            out,
            "  n = {:<6} {}   eff {}   {stands}{cause}",
            row.n,
            show(&row.throughput).line(),
            show(&row.efficiency).line(),
        );
    }
    out + &law(&scaling.usl) + &law(&scaling.amdahl) + "\n"
}

fn law(fitted: &Fitted) -> String {
    if let Some(why) = &fitted.lambda.why {
        return format!("  {:<7} unknown: {}\n", fitted.name, clean(why));
    }
    let small = |measure: &Measure| {
        let number = |x: Option<f64>| x.map_or("not reached".into(), |x| format!("{x:.4e}"));
        format!(
            "{} [{}, {}]",
            number(measure.value),
            number(measure.low),
            number(measure.high)
        )
    };
    let bounds = if fitted.at_bound.is_empty() {
        String::new()
    } else {
        format!("; at its bound: {}", fitted.at_bound.join(", "))
    };
    let most = if fitted.name == "usl" {
        format!("peak at {}", show(&fitted.peak).line())
    } else {
        format!("limit {}", show(&fitted.limit).line())
    };
    format!(
        "  {:<7} lambda {}   sigma {}   kappa {}   {most}{bounds}\n",
        fitted.name,
        show(&fitted.lambda).line(),
        small(&fitted.sigma),
        if fitted.name == "usl" {
            small(&fitted.kappa)
        } else {
            "0".into()
        },
    )
}

fn carried(needed: Option<&Needed>, rows: &[Carried]) -> String {
    let mut out = String::from("throughput\n");
    if let Some(needed) = needed {
        let number = |n: Option<u64>| n.map_or("none".into(), count);
        let _ = writeln!(
            out,
            "  needed      {} (from {} to {} over the interval){}",
            number(needed.value),
            number(needed.low),
            number(needed.high),
            if needed.extrapolated {
                ", extrapolated"
            } else {
                ""
            }
        );
    }
    for row in rows {
        let _ = writeln!(
            out,
            "  n = {:<6}  {}   {}; free {}; backlog of the outage worked off in {}",
            row.n,
            row.what,
            show(&row.throughput).line(),
            show(&row.headroom).line(),
            show(&row.catch_up).line()
        );
    }
    out + "\n"
}

fn shape(shape: &Shape) -> String {
    let kind = match (shape.replicas, shape.erasure) {
        (Some(replicas), _) => format!(
            ", replication {} with {} in sync{}",
            replicas.factor,
            replicas.min_isr,
            shape
                .controllers
                .map_or(String::new(), |n| format!(", {n} controllers on them"))
        ),
        (_, Some(set)) => format!(", parity {} (EC:{})", set.parity, set.parity),
        _ => String::new(),
    };
    let copies = if shape.copies > 1 {
        format!("{} x ", count(shape.copies))
    } else {
        String::new()
    };
    format!(
        "{copies}{}, {} needed{kind}",
        count(shape.n),
        count(shape.k)
    )
}

fn group(one: &GroupAnswer) -> String {
    let mut out = format!("  {} ({})\n", clean(&one.name), clean(&one.class));
    let mut line = |name: &str, text: String| {
        let _ = writeln!(out, "    {name:<13} {text}");
    };
    let or_none = |plan: Option<Shape>| plan.as_ref().map_or("none".into(), shape);
    line("have", or_none(one.plan));
    if one.by_the_numbers != one.plan || one.at_best != one.plan {
        line("by numbers", or_none(one.by_the_numbers));
        line("at best", or_none(one.at_best));
    }
    line("up", up(&one.availability));
    line("a part is up", up(&one.part));
    if let Some(reads) = &one.reads {
        line("reads up", up(reads));
    }
    if let Some(partition) = &one.one_partition {
        line(
            "one partition",
            format!("{}, beside all of them above", up(partition)),
        );
    }
    if one.floor > 0.0 {
        line(
            "floor",
            format!(
                "down {:.3e} by the common cause, whatever the number",
                one.floor
            ),
        );
    }
    line(
        "first loss",
        format!("after {}", show(&one.first_loss).line()),
    );
    if let Some(outcome) = &one.simulated {
        line(
            "simulated",
            format!(
                "down {}, {} component-lifetimes in {} {}, {}",
                down(&outcome.unavailability),
                count(outcome.lifetimes),
                count(outcome.n),
                outcome.samples,
                outcome.stopped
            ),
        );
    }
    out
}

fn whole(answer: &Answer) -> String {
    let whole = &answer.whole;
    format!(
        "whole\n  parts         {}\n  up            {}\n  down          {} of a year\n\n",
        whole.parts.map_or("unknown".into(), count),
        up(&whole.availability),
        show(&whole.downtime_year).line()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use analysis::capacity::{self, file::parse};
    use model::scenario::Refusal;

    fn solve(text: &str) -> Answer {
        let none = |_: &capacity::file::Source| Err(Refusal::new(Default::default(), "look up"));
        let file = parse(text, &none).unwrap();
        capacity::answer(&file, 7, 1).unwrap()
    }

    const FILE: &str = "brinell: 1
question: \"How\\e[31m many?\"
load: 50000/s
slo: 99.9%
outage: 90s
throughput: {law: {lambda: 8000/s, sigma: 0.02, kappa: 0.0005}}
classes: {node: {availability: 99.5%, beta: 5%}}
groups: {executors: {class: node, need: load}}
";

    #[test]
    fn the_word_comes_first_and_every_assumption_last() {
        let answer = solve(FILE);
        let text = text(&answer);
        assert!(text.starts_with("PASS "));
        assert!(
            text.contains("10, 8 needed") && text.contains("99.974 %"),
            "{text}"
        );
        for line in &answer.assumptions {
            assert!(text.contains(line.as_str()), "{line}");
        }
    }

    #[test]
    fn nothing_that_the_file_says_reaches_the_terminal_as_it_is() {
        assert!(!text(&solve(FILE)).contains('\u{1b}'));
    }

    #[test]
    fn what_is_unknown_says_why() {
        let text = text(&solve(&FILE.replace(
            "{law: {lambda: 8000/s, sigma: 0.02, kappa: 0.0005}}",
            "{points: {1: [8000/s]}}",
        )));
        assert!(
            text.starts_with("UNKNOWN") && text.contains("4 would do"),
            "{text}"
        );
    }
}
