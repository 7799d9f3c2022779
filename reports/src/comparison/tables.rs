//! The tables of a comparison, for HTML and Markdown alike.
use crate::number::{count, fixed, show};
use crate::tables::{Cell, Table};
use crate::text::clip;
use analysis::compare::report::{Comparison, Fault, Line, LogRank, Ran, Side};
use analysis::report::Measure;

/// The name of an arm in a heading: short, and without the stroke that sets a unit apart there.
fn named(arm: &str) -> String {
    clip(arm, 40).replace('/', "\u{2215}")
}

/// Claims with what was measured of them, in their own order.
#[must_use]
pub fn before_after(c: &Comparison) -> Table {
    let [a, b] = [0, 1].map(|arm| named(&c.arms[arm]));
    let columns = [
        "verdict".to_owned(),
        "claim".into(),
        format!("claimed of {a}"),
        format!("claimed of {b}"),
        format!("#measured {a}"),
        format!("#measured {b}"),
        format!("#{b} against {a}"),
        "why".into(),
    ];
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    Table::new("What was claimed, what was measured", &columns)
        .noted(LINES)
        .rows(c.lines.iter().map(line))
}

const LINES: &str = "A ratio is the second arm over the first: below 1 it has less. It rests on every pair of one value of each arm, so its n counts \
pairs; an end that is not reached has no bound. A claim passes where the whole interval keeps it, fails where all of it breaks it, and is unknown \
else. Values are medians over runs or injections, with order-statistic or Kaplan-Meier intervals.";

fn line(l: &Line) -> Vec<Cell> {
    let measured = l.measure.is_some();
    let verdict = match l.verdict {
        Some(verdict) => Cell::verdict(verdict),
        None if measured => Cell::new("measured").tone("quiet"),
        None => Cell::new("not measured").tone("quiet"),
    };
    let value = |m: &Measure| {
        if measured {
            Cell::measure(m)
        } else {
            Cell::none()
        }
    };
    vec![
        verdict,
        Cell::new(&l.metric).note(&l.claimed),
        Cell::new(&l.without),
        Cell::new(&l.with),
        value(&l.arms[0]),
        value(&l.arms[1]),
        effects(l),
        Cell::new(&l.reason),
    ]
}

fn effects(l: &Line) -> Cell {
    let mut all = l.effects.iter();
    let Some(first) = all.next() else {
        return Cell::none();
    };
    let shown = show(&first.value);
    let rest = all.map(|one| format!("{} {}", one.what, show(&one.value).line()));
    let own = if shown.why.is_empty() {
        shown.detail()
    } else {
        shown.why.clone()
    };
    let note: Vec<String> = [first.what.clone(), own]
        .into_iter()
        .chain(rest)
        .filter(|part| !part.is_empty())
        .collect();
    let cell = if shown.why.is_empty() {
        Cell::new(&shown.figure())
    } else {
        Cell::new(nothing(&first.value)).tone("unknown")
    };
    cell.note(&note.join("; "))
}

/// A ratio of nothing to nothing is not unknown: there was none.
fn nothing(m: &Measure) -> &'static str {
    match m.why.as_deref() {
        Some("none in either arm") => "none",
        _ => "unknown",
    }
}

/// Recovery by fault, one row an arm.
#[must_use]
pub fn faults(c: &Comparison) -> Table {
    let ratio = format!("#{} over {}", named(&c.arms[1]), named(&c.arms[0]));
    let columns = [
        "fault",
        "arm",
        "#injections",
        "#left out",
        "#absorbed",
        "#recovered",
        "#censored",
        "#median recovery",
        &ratio,
        "#p",
    ];
    let rows = c
        .faults
        .iter()
        .flat_map(|fault| [0, 1].map(|arm| of_arm(c, fault, arm)));
    Table::new(&format!("Recovery by fault, seen by {}", c.probe), &columns)
        .noted(FAULTS)
        .rows(rows)
}

const FAULTS: &str = "Left out: not proved effective, or of a run that cannot be used. Absorbed: nothing left the normal band of the probe, so there is \
no recovery time. Censored: not recovered while watched, at the limits given. The ratio is that of medians after Hodges and Lehmann, its n counts \
pairs; p is that of the log-rank test over labellings of the repeats.";

fn of_arm(c: &Comparison, fault: &Fault, arm: usize) -> Vec<Cell> {
    let side = &fault.arms[arm];
    let mut cells = vec![
        name(fault, arm),
        Cell::new(&c.arms[arm]).note(&format!("{} runs", side.runs)),
        Cell::new(&count(side.injections)),
        Cell::new(&count(side.left_out)),
        Cell::new(&count(side.absorbed)),
        Cell::new(&count(side.recovered)),
        censored(side),
        median(side),
    ];
    cells.extend(match arm {
        0 => [Cell::measure(&fault.ratio), p(&fault.log_rank)],
        _ => [Cell::default(), Cell::default()],
    });
    cells
}

fn name(fault: &Fault, arm: usize) -> Cell {
    let cell = Cell::new(&fault.fault);
    match arm {
        0 => cell.note(&format!("round {}", fault.round)),
        _ => cell.tone("again"),
    }
}

fn censored(side: &Side) -> Cell {
    let cell = Cell::new(&count(side.censored));
    match (side.limits.first(), side.limits.last()) {
        (Some(least), Some(most)) => {
            let (least, most) = (fixed(*least, 1), fixed(*most, 1));
            let limits = if least == most {
                most
            } else {
                format!("{least} to {most}")
            };
            cell.note(&format!("at\u{a0}{limits}\u{a0}s")).tone("fail")
        }
        _ => cell,
    }
}

/// A median that was not reached is not just unknown: enough repeats outlasted the watch.
fn median(side: &Side) -> Cell {
    let cell = Cell::measure(&side.median);
    match (side.median.value, side.censored, side.absorbed) {
        (None, 1.., _) => Cell {
            text: "not reached".to_owned(),
            ..cell
        },
        (None, 0, 1..) => Cell {
            text: "absorbed".to_owned(),
            tone: "quiet",
            ..cell
        },
        _ => cell,
    }
}

fn p(test: &LogRank) -> Cell {
    let cell = test.p.map_or_else(Cell::none, |p| Cell::new(&small(p)));
    cell.note(&test.method)
}

/// Two digits of a probability.
#[must_use]
pub fn small(p: f64) -> String {
    let decimals = (2..=6).find(|d| p * 10_f64.powi(*d) >= 10.0).unwrap_or(6);
    fixed(p, decimals.unsigned_abs() as usize)
}

/// What was measured by which method, for the lines that were.
#[must_use]
pub fn methods(c: &Comparison) -> Table {
    let measured = c.lines.iter().filter(|line| line.measure.is_some());
    let [a, b] = [0, 1].map(|arm| named(&c.arms[arm]));
    let columns = ["claim", "what was measured", &a, &b, "against each other"];
    let rows = measured.map(|line| {
        let effects: Vec<String> = line
            .effects
            .iter()
            .map(|one| format!("{}: {}", one.what, one.value.method))
            .collect();
        let of = |m: &Measure| Cell::new(m.why.as_ref().unwrap_or(&m.method));
        vec![
            Cell::new(&line.metric),
            Cell::new(&line.what),
            of(&line.arms[0]),
            of(&line.arms[1]),
            Cell::new(&effects.join("; ")),
        ]
    });
    Table::new("How each line was measured", &columns).rows(rows)
}

/// The machine under both arms.
#[must_use]
pub fn baseline(c: &Comparison) -> Table {
    let row = |(arm, value): (&String, &Measure)| {
        vec![
            Cell::new(arm),
            Cell::measure(value),
            Cell::new(&value.method),
        ]
    };
    Table::new(
        &format!("{} before anything was hurt", c.probe),
        &["arm", "#median of the baselines", "how"],
    )
    .noted("Where the arms differ here, more lies between them than what the faults show.")
    .rows(c.arms.iter().zip(&c.baseline).map(row))
}

/// Every run, in the order in which they ran.
#[must_use]
pub fn runs(c: &Comparison) -> Table {
    let columns = [
        "arm",
        "round",
        "#repeat",
        "run",
        "verdict",
        "#baseline",
        "used",
    ];
    Table::new("Runs, in the order in which they ran", &columns)
        .rows(c.runs.iter().map(|ran| run(c, ran)))
}

fn run(c: &Comparison, ran: &Ran) -> Vec<Cell> {
    let used = ran.left_out.as_ref().map_or_else(
        || Cell::new("yes"),
        |why| Cell::new(&format!("no: {why}")).tone("unknown"),
    );
    vec![
        Cell::new(c.arms.get(ran.arm).map_or("", String::as_str)),
        Cell::new(&ran.round),
        Cell::new(&count(ran.repeat.saturating_add(1))),
        Cell::new(&ran.run).note(&ran.folder).tone("code"),
        ran.verdict.map_or_else(Cell::none, Cell::verdict),
        Cell::measure(&Measure {
            n: 0,
            ..ran.baseline.clone()
        }),
        used,
    ]
}
