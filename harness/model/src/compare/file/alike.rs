//! What both arms must have in common, seen once they are planned: the faults, and the probe by which they are compared.
use crate::{
    plan::Plan,
    scenario::{Placed, Refusal},
};

/// The faults of both arms must be the same: kinds, settings, instants and targets.
///
/// # Errors
/// At the round, where planning made them differ.
pub fn same_faults(round: &Placed<String>, plans: &[Plan; 2]) -> Result<(), Refusal> {
    let [first, second] = plans;
    if first.faults == second.faults {
        return Ok(());
    }
    let mut pairs = first.faults.iter().zip(&second.faults);
    let differs = pairs.find(|(a, b)| a != b);
    let what = differs.map_or("their number", |(fault, _)| fault.id.as_str());
    let name = &round.value;
    Err(
        Refusal::new(round.at, format!("hurt both arms of round `{name}` alike"))
            .wide(name.chars().count())
            .label(format!("the plans differ in {what}"))
            .hint("let both arms have the same nodes"),
    )
}

/// The probe must be one of both arms.
///
/// # Errors
/// At the probe, with those that both have.
pub fn known_probe(probe: &Placed<String>, plans: &[Plan; 2]) -> Result<(), Refusal> {
    let has = |plan: &Plan, name: &str| plan.probes.iter().any(|spec| spec.name == name);
    if plans.iter().all(|plan| has(plan, &probe.value)) {
        return Ok(());
    }
    let of_first = plans[0].probes.iter().map(|spec| spec.name.as_str());
    let known: Vec<&str> = of_first.filter(|name| has(&plans[1], name)).collect();
    let what = format!("find the probe `{}`", probe.value);
    Err(Refusal::unknown(probe.at, what, &probe.value, &known))
}
