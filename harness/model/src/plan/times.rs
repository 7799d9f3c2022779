//! How long the phases last, and whether they leave room for what is claimed.
use super::{Phases, PlannedFault, Steady, repeat, resolve::Resolved};
use crate::{
    objective,
    scenario::{FaultSpec, Refusal, Scenario},
    units::{Nanos, show},
};

/// `every` must leave room for hold, claimed recovery and settle, or each repeat would cut off the watching of the one before.
pub(super) fn room_to_recover(
    spec: &FaultSpec,
    resolved: &Resolved,
    scenario: &Scenario,
    objectives: &[objective::Objective],
) -> Result<(), Refusal> {
    let Some(every) = &spec.every else {
        return match spec.times.value {
            1 => Ok(()),
            _ => Err(Refusal::new(
                spec.times.at,
                format!("repeat fault `{}` without `every`", spec.id.value),
            )
            .hint("add `every: 20s`")),
        };
    };
    let claimed = objective::claimed_recovery(objectives, &spec.id.value).unwrap_or_default();
    let least = resolved
        .hold
        .unwrap_or_default()
        .plus(claimed)
        .plus(scenario.phases.settle)
        .plus(repeat::staggered(spec, resolved));
    if every.value > least {
        return Ok(());
    }
    Err(Refusal::new(
        every.at,
        format!(
            "repeat fault `{}` every {}",
            spec.id.value,
            show(every.value)
        ),
    )
    .wide(show(every.value).len())
    .label(format!(
        "hold, claimed recovery and settle take {}",
        show(least)
    ))
    .hint(format!("choose more than {}", show(least))))
}

/// End of the fault phase: every injection gets as long a fault window as its repeats have, a single one hold and settle.
pub(super) fn faults_end(scenario: &Scenario, faults: &[PlannedFault]) -> Nanos {
    let every = |fault: &PlannedFault| {
        let spec = scenario
            .faults
            .iter()
            .find(|spec| spec.id.value == fault.group);
        spec.and_then(|spec| spec.every.as_ref())
            .map(|every| every.value)
    };
    let least = |fault: &PlannedFault| {
        fault
            .hold_ns
            .unwrap_or_default()
            .plus(scenario.phases.settle)
    };
    let end = |fault: &PlannedFault| {
        fault
            .at_ns
            .plus(every(fault).unwrap_or_else(|| least(fault)))
    };
    faults.iter().map(end).max().unwrap_or_default()
}

pub(super) fn phases(scenario: &Scenario, faults_ns: Nanos) -> Result<Phases, Refusal> {
    let phases = &scenario.phases;
    if phases.recovery < phases.settle && !scenario.faults.is_empty() {
        return Err(Refusal::new(
            scenario.claim.at,
            "plan a recovery phase shorter than the settle window",
        )
        .hint(format!(
            "make `phases.recovery` at least {}",
            show(phases.settle)
        )));
    }
    Ok(Phases {
        warm_up_ns: phases.warm_up,
        baseline_ns: phases.baseline,
        faults_ns,
        recovery_ns: phases.recovery,
        settle_ns: phases.settle,
        cool_down_ns: phases.cool_down,
    })
}

pub(super) fn steady(scenario: &Scenario) -> Result<Steady, Refusal> {
    let steady = &scenario.steady;
    let need = Nanos(steady.window.0.saturating_mul(u64::from(steady.windows)));
    if need > scenario.phases.baseline {
        return Err(Refusal::new(
            scenario.claim.at,
            format!(
                "judge the steady state in {} windows of {}",
                steady.windows,
                show(steady.window)
            ),
        )
        .hint(format!("make `phases.baseline` at least {}", show(need))));
    }
    Ok(Steady {
        windows: steady.windows,
        window_ns: steady.window,
        within: steady.within,
    })
}
