//! All that can be named in a scenario, from the crates that own it.
use model::system::Catalog;

/// Faults, systems and workloads.
pub static CATALOG: Catalog = Catalog {
    faults: faults::CATALOG,
    systems: systems::SYSTEMS,
    workloads: systems::WORKLOADS,
};

/// What can be named in a scenario, as it stands in `--help`.
pub fn help() -> String {
    let list = |title: &str, names: Vec<(&str, &str)>| {
        let lines: String = names
            .iter()
            .map(|(name, doc)| format!("  {name:<12} {doc}\n"))
            .collect();
        format!("{title}:\n{lines}")
    };
    let faults = CATALOG
        .faults
        .iter()
        .map(|fault| (fault.name(), fault.doc()))
        .collect();
    let systems = CATALOG
        .systems
        .iter()
        .map(|system| (system.name(), system.doc()))
        .collect();
    let workloads = CATALOG
        .workloads
        .iter()
        .map(|workload| (workload.name(), workload.doc()))
        .collect();
    list("Faults (`do:`)", faults)
        + &list("Systems (`testbed:`)", systems)
        + &list("Workloads (`workload:`)", workloads)
}
