//! Whether this machine can carry a plan: refused before anything starts, at the place of the fault.
use super::Plan;
use crate::{facts::Capability, scenario::Refusal};
use std::collections::BTreeMap;

/// Refuses the first fault that needs what the machine lacks. `lacks` holds, by capability, why and what would fix it.
///
/// # Errors
/// The fault's place, what it needs, why that is not to be had.
pub fn admit(plan: &Plan, lacks: &BTreeMap<Capability, String>) -> Result<(), Refusal> {
    for fault in &plan.faults {
        if let Some((need, why)) = fault
            .needs
            .iter()
            .find_map(|need| lacks.get_key_value(need))
        {
            let need = serde_json::to_value(need)
                .ok()
                .and_then(|name| name.as_str().map(str::to_owned))
                .unwrap_or_default();
            return Err(Refusal::new(
                fault.at(),
                format!("carry fault `{}` on this machine", fault.fault),
            )
            .label(format!("needs `{need}`: {why}"))
            .hint("`brinell doctor` lists what this machine supports"));
        }
    }
    Ok(())
}
