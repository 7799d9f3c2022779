//! Names, settings and limits of a scenario, looked up in the catalogs; every refusal at its place, before anything starts.
use super::{
    Load, Named, Plan, PlannedFault, SCHEMA, clash, drives, repeat,
    target::{self, Whom},
    times,
};
use crate::{
    fault::{AnyFault, SettingsError},
    ids::FaultId,
    objective,
    question::QuestionDoc,
    scenario::{FaultSpec, Placed, Refusal, Scenario, Tree},
    system::{Catalog, NodeSpec, ProbeSpec, Workload},
    units::{Nanos, show},
};
use serde_json::Value;

/// One fault entry with all that the catalogs say of it.
pub(super) struct Resolved {
    pub fault: &'static dyn AnyFault,
    pub settings: Value,
    pub hold: Option<Nanos>,
    pub hurt: Whom,
    pub peers: Option<Whom>,
    pub question: String,
}

/// The plan of a scenario for one seed.
///
/// `name` is the scenario's name, `sha256` the digest of its file in hex.
///
/// # Errors
/// The first thing that cannot be, at its place: an unknown name, settings out of range, no such node, a limit overstepped.
pub fn plan(
    scenario: &Scenario,
    name: &str,
    sha256: &str,
    catalog: &Catalog,
    seed: u64,
) -> Result<Plan, Refusal> {
    let testbed = testbed(scenario, catalog)?;
    let nodes: Vec<NodeSpec> = testbed
        .iter()
        .flat_map(|(system, settings)| system.nodes(settings))
        .collect();
    let drives: Vec<_> = testbed
        .iter()
        .flat_map(|(system, settings)| system.drives(settings))
        .collect();
    let (workload, settings) = workload(scenario, catalog, &testbed)?;
    let (rate, poisson) = workload.load(&settings);
    let probes = probes(scenario, &testbed, workload, &settings)?;
    let objectives = objectives(scenario, &probes)?;
    let questions: Vec<QuestionDoc> = testbed
        .iter()
        .flat_map(|(system, _)| system.questions())
        .copied()
        .collect();
    let mut faults = Vec::new();
    unique_ids(scenario)?;
    for spec in &scenario.faults {
        let resolved = fault(spec, scenario, catalog, &nodes, &questions)?;
        times::room_to_recover(spec, &resolved, scenario, &objectives)?;
        drives::suffice(spec, &resolved, &nodes, &drives)?;
        let before = before(spec, &faults)?;
        let from = before.iter().map(|before| end(before)).max();
        let after: Vec<FaultId> = before.iter().map(|before| before.id.clone()).collect();
        let mut injections = repeat::injections(spec, &resolved, from.unwrap_or_default(), seed);
        injections
            .iter_mut()
            .for_each(|one| one.after.clone_from(&after));
        faults.extend(injections);
    }
    faults.sort_by(|a, b| (a.at_ns, &a.id).cmp(&(b.at_ns, &b.id)));
    clash::no_contradiction(&faults, &nodes, |name| find(catalog, name))?;
    limits_name_roles(scenario, &nodes)?;
    clash::within_blast_radius(&faults, &nodes, &scenario.limits)?;
    clash::episodes(&mut faults);
    let faults_ns = times::faults_end(scenario, &faults);
    Ok(Plan {
        schema: SCHEMA.into(),
        name: name.into(),
        claim: scenario.claim.value.clone(),
        scenario_sha256: sha256.into(),
        seed,
        nodes,
        drives,
        testbed: testbed
            .into_iter()
            .map(|(system, settings)| (system.name().to_owned(), settings))
            .collect(),
        workload: Named {
            name: workload.name().into(),
            settings,
        },
        load: Load { rate, poisson },
        phases: times::phases(scenario, faults_ns)?,
        steady: times::steady(scenario)?,
        faults,
        probes,
        at_most: scenario
            .limits
            .at_most
            .iter()
            .map(|(role, most)| (role.value.clone(), most.value.0))
            .collect(),
        objectives,
    })
}

fn find(catalog: &Catalog, name: &str) -> Option<&'static dyn AnyFault> {
    let mut faults = catalog.faults.iter();
    faults.find(|fault| fault.name() == name).copied()
}

/// When an injection is over, as planned.
fn end(fault: &PlannedFault) -> Nanos {
    fault.at_ns.plus(fault.hold_ns.unwrap_or_default())
}

/// The injections that this entry comes after: only entries above it, so that no circle can be written.
fn before<'a>(
    spec: &FaultSpec,
    faults: &'a [PlannedFault],
) -> Result<Vec<&'a PlannedFault>, Refusal> {
    let Some(after) = &spec.after else {
        return Ok(Vec::new());
    };
    let before: Vec<&PlannedFault> = faults
        .iter()
        .filter(|fault| fault.group == after.value)
        .collect();
    if before.is_empty() {
        let mut known: Vec<&str> = faults.iter().map(|fault| fault.group.as_str()).collect();
        known.dedup();
        let what = format!("find a fault `{}` above this one", after.value);
        return Err(Refusal::unknown(after.at, what, &after.value, &known));
    }
    Ok(before)
}

type Chosen = (&'static dyn crate::system::System, Value);

fn testbed(scenario: &Scenario, catalog: &Catalog) -> Result<Vec<Chosen>, Refusal> {
    let known: Vec<&str> = catalog.systems.iter().map(|system| system.name()).collect();
    let find = |(name, settings): &(Placed<String>, Tree)| {
        let system = catalog
            .systems
            .iter()
            .find(|system| system.name() == name.value);
        let system = system.ok_or_else(|| {
            Refusal::unknown(
                name.at,
                format!("find a system `{}`", name.value),
                &name.value,
                &known,
            )
        })?;
        let checked = system
            .check(&plain(settings))
            .map_err(|error| settings_refused(&error, settings, system.name()))?;
        Ok((*system, checked))
    };
    scenario.testbed.iter().map(find).collect()
}

fn plain(settings: &Tree) -> Value {
    match settings.plain() {
        Value::Null => Value::Object(serde_json::Map::new()),
        other => other,
    }
}

fn settings_refused(error: &SettingsError, settings: &Tree, of: &str) -> Refusal {
    let (at, width) = settings.blame(&error.key);
    Refusal::new(at, error.why.clone())
        .wide(width)
        .label(format!("a setting of `{of}`"))
}

fn workload(
    scenario: &Scenario,
    catalog: &Catalog,
    testbed: &[Chosen],
) -> Result<(&'static dyn Workload, Value), Refusal> {
    let (name, settings) = &scenario.workload;
    let known: Vec<&str> = catalog
        .workloads
        .iter()
        .map(|workload| workload.name())
        .collect();
    let found = catalog
        .workloads
        .iter()
        .find(|workload| workload.name() == name.value);
    let found = found.ok_or_else(|| {
        Refusal::unknown(
            name.at,
            format!("find a workload `{}`", name.value),
            &name.value,
            &known,
        )
    })?;
    if let Some(missing) = found
        .needs()
        .iter()
        .find(|need| !testbed.iter().any(|(system, _)| system.name() == **need))
    {
        return Err(Refusal::new(
            name.at,
            format!("run workload `{}` without system `{missing}`", name.value),
        )
        .wide(name.value.len())
        .hint(format!("add `{missing}: {{}}` to `testbed`")));
    }
    let checked = found
        .check(&plain(settings))
        .map_err(|error| settings_refused(&error, settings, found.name()))?;
    Ok((*found, checked))
}

fn probes(
    scenario: &Scenario,
    testbed: &[Chosen],
    workload: &dyn Workload,
    settings: &Value,
) -> Result<Vec<ProbeSpec>, Refusal> {
    let mut probes: Vec<ProbeSpec> = testbed
        .iter()
        .flat_map(|(system, settings)| system.probes(settings))
        .collect();
    probes.extend(workload.probes(settings));
    let known: Vec<String> = probes.iter().map(|probe| probe.name.clone()).collect();
    for (name, change) in &scenario.probes {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let probe = probes.iter_mut().find(|probe| probe.name == name.value);
        let probe = probe.ok_or_else(|| {
            Refusal::unknown(
                name.at,
                format!("find a probe `{}`", name.value),
                &name.value,
                &known,
            )
        })?;
        probe.period_ns = change.period.unwrap_or(probe.period_ns);
        probe.deadline_ns = change.deadline.unwrap_or(probe.deadline_ns);
        if probe.period_ns.0 < LEAST_PERIOD.0 || probe.deadline_ns < probe.period_ns {
            return Err(
                Refusal::new(name.at, format!("schedule probe `{}`", name.value))
                    .wide(name.value.len())
                    .label(format!(
                        "period at least {}, deadline at least the period",
                        show(LEAST_PERIOD)
                    )),
            );
        }
    }
    Ok(probes)
}

/// A probe is a client, not a load: a thousand operations a second are the most one stream may send.
const LEAST_PERIOD: Nanos = Nanos::ms(1);

fn objectives(
    scenario: &Scenario,
    probes: &[ProbeSpec],
) -> Result<Vec<objective::Objective>, Refusal> {
    let groups: Vec<&str> = scenario
        .faults
        .iter()
        .map(|fault| fault.id.value.as_str())
        .collect();
    let mut read = Vec::new();
    for (key, thresholds) in &scenario.objectives {
        for threshold in thresholds {
            read.push(objective::parse(key, threshold, probes, &groups)?);
        }
    }
    Ok(read)
}

fn fault(
    spec: &FaultSpec,
    scenario: &Scenario,
    catalog: &Catalog,
    nodes: &[NodeSpec],
    questions: &[QuestionDoc],
) -> Result<Resolved, Refusal> {
    let known: Vec<&str> = catalog.faults.iter().map(|fault| fault.name()).collect();
    let name = &spec.fault;
    let fault = find(catalog, &name.value).ok_or_else(|| {
        Refusal::unknown(
            name.at,
            format!("find a fault `{}`", name.value),
            &name.value,
            &known,
        )
    })?;
    let settings = fault
        .check(&plain(&spec.settings))
        .map_err(|error| settings_refused(&error, &spec.settings, fault.name()))?;
    let hurt = target::matching(&spec.target, nodes, fault, questions)?;
    let peers = spec
        .peers
        .as_ref()
        .map(|selector| target::matching(selector, nodes, fault, questions))
        .transpose()?;
    target::both_sides(spec, fault, &hurt, peers.as_ref())?;
    target::can_stagger(spec)?;
    Ok(Resolved {
        hold: target::hold(spec, fault, &settings, scenario)?,
        fault,
        settings,
        hurt,
        peers,
        question: target::question(spec),
    })
}

fn unique_ids(scenario: &Scenario) -> Result<(), Refusal> {
    for (index, spec) in scenario.faults.iter().enumerate() {
        let bad = spec.id.value.is_empty()
            || !spec
                .id
                .value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if bad || spec.id.value.len() > 64 {
            return Err(Refusal::new(
                spec.id.at,
                format!("take `{}` as the id of a fault", spec.id.value),
            )
            .hint("use letters, digits, `-` and `_`, at most 64"));
        }
        if scenario.faults[..index]
            .iter()
            .any(|other| other.id.value == spec.id.value)
        {
            return Err(Refusal::new(
                spec.id.at,
                format!("tell two faults `{}` apart", spec.id.value),
            )
            .wide(spec.id.value.len())
            .hint("give each its own `id`"));
        }
    }
    Ok(())
}

fn limits_name_roles(scenario: &Scenario, nodes: &[NodeSpec]) -> Result<(), Refusal> {
    let known: Vec<&str> = nodes.iter().map(|spec| spec.role.as_str()).collect();
    for (role, most) in &scenario.limits.at_most {
        let have = known.iter().filter(|name| **name == role.value).count();
        if have == 0 {
            let mut known = known.clone();
            known.dedup();
            return Err(Refusal::unknown(
                role.at,
                format!("find a node with role `{}`", role.value),
                &role.value,
                &known,
            ));
        }
        if have != most.value.1 as usize {
            return Err(Refusal::new(
                most.at,
                format!(
                    "limit role `{}` to {} of {}",
                    role.value, most.value.0, most.value.1
                ),
            )
            .label(format!("the testbed has {have}")));
        }
    }
    Ok(())
}
