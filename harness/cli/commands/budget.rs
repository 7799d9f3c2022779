//! `brinell budget`: run folders against the objectives of a file. The exit code is the gate: open 0, blocked 12, could not tell 13.
use crate::{
    args, calendar,
    error::CliError,
    exit::{self, Code},
    report, scenario,
};
use analysis::budget::{
    judge::{self, Asked, Period},
    left::Gate,
    report::{Budget, By, Ran, Report, SCHEMA},
    take::Taken,
};
use model::slo::{self, Slo, Window};

/// Prints budgets, burn-down, alerts and the gate.
pub fn run(args: &args::Budget) -> Result<Code, CliError> {
    let text = report::text(&args.slo)?;
    let file = slo::parse(&text).map_err(|refusal| scenario::refused(&args.slo, &text, refusal))?;
    let runs = args
        .runs
        .iter()
        .map(|run| report::take(&report::named(run)));
    let runs = in_order(runs.collect::<Result<_, _>>()?)?;
    let period = |slo: &Slo| {
        let found = period(slo, &runs);
        found.map_err(|refusal| scenario::refused(&args.slo, &text, refusal))
    };
    let mut budgets = Vec::new();
    for slo in &file.slos {
        budgets.extend(of(slo, period(slo)?, args, &runs));
    }
    let report = summed(budgets, file.notes, by(args.gate), &runs);
    if args.json {
        report::json(&report)?;
    } else {
        print!("{}", reports::plain::budget::text(&report));
    }
    Ok(code(report.gate))
}

/// The code of a gate.
const fn code(gate: Gate) -> Code {
    match gate {
        Gate::Open => exit::OK,
        Gate::Blocked => exit::BLOCKED,
        Gate::Unknown => exit::GATE_UNKNOWN,
    }
}

const fn by(gate: args::Gate) -> By {
    match gate {
        args::Gate::Runs => By::Runs,
        args::Gate::Window => By::Window,
        args::Gate::Forecast => By::Forecast,
    }
}

/// The runs in order of time, none twice: a run counted twice would spend its budget twice.
fn in_order(mut runs: Vec<Taken>) -> Result<Vec<Taken>, CliError> {
    runs.sort_by(|a, b| (a.epoch, &a.analysis.run.id).cmp(&(b.epoch, &b.analysis.run.id)));
    let id = |run: &Taken| run.analysis.run.id.clone();
    let same = |pair: &&[Taken]| id(&pair[0]) == id(&pair[1]);
    let twice = runs.windows(2).find(same).map(|pair| id(&pair[0]));
    match twice {
        Some(run) => Err(CliError::Evidence {
            run: run.into(),
            why: "it was given twice".into(),
        }),
        None => Ok(runs),
    }
}

fn period(slo: &Slo, runs: &[Taken]) -> Result<Period, model::scenario::Refusal> {
    match &slo.window {
        Window::Rolling(length) => Ok(Period::Rolling(length.0)),
        Window::Calendar(calendar) => {
            let last = runs
                .iter()
                .filter_map(Taken::ended)
                .max()
                .unwrap_or_default();
            calendar::around(calendar, last).map(Period::Calendar)
        }
    }
}

fn of(slo: &Slo, period: Period, args: &args::Budget, runs: &[Taken]) -> Vec<Budget> {
    let per_month = args.stated.by_fault();
    let one = |goal| {
        let asked = Asked {
            slo,
            goal,
            period,
            per_month: &per_month,
            by: by(args.gate),
        };
        judge::budget(&asked, runs)
    };
    slo.goals.iter().map(one).collect()
}

fn summed(budgets: Vec<Budget>, notes: Vec<String>, by: By, runs: &[Taken]) -> Report {
    let gate = Gate::worst(budgets.iter().map(|one| one.gate));
    let decides = budgets
        .iter()
        .find(|one| one.gate == gate && gate != Gate::Open);
    let why = decides.map(|one| {
        let why = one.why.as_deref().unwrap_or("no reason given");
        format!("{} {}: {why}", one.slo, one.objective)
    });
    let ran = |taken: &Taken| {
        let run = &taken.analysis.run;
        Ran {
            id: run.id.clone(),
            scenario: run.scenario.clone(),
            started: run.started.clone(),
            verdict: taken.analysis.verdict.value,
        }
    };
    Report {
        schema: SCHEMA.into(),
        gate,
        why,
        by,
        runs: runs.iter().map(ran).collect(),
        budgets,
        notes,
    }
}
