//! Turns an order into a site: which nodes, at which addresses, behind which ports. Pure but for the ports it is given.
use super::{Drive, Kind, Placed, Site, engine, subnet::Subnet, wait::failed};
use model::{
    facts::Unit,
    system::{BedError, BedOrder},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// A system of the order with its settings.
pub(crate) type Ordered = (&'static dyn Kind, Value);

/// The systems the order names, in the order of the catalog, with every default explicit.
pub(crate) fn systems(
    known: &'static [&'static dyn Kind],
    order: &BedOrder,
) -> Result<Vec<Ordered>, BedError> {
    let stranger = order
        .testbed
        .keys()
        .find(|name| !known.iter().any(|kind| kind.name() == name.as_str()));
    if let Some(name) = stranger {
        return Err(failed(
            format!("find system `{name}`"),
            "this build has no such system",
        ));
    }
    let ordered = known
        .iter()
        .filter_map(|kind| Some((*kind, order.testbed.get(kind.name())?)));
    ordered
        .map(|(kind, settings)| {
            let checked = kind.check(settings);
            checked
                .map(|settings| (kind, settings))
                .map_err(|error| failed(format!("read the settings of `{}`", kind.name()), error))
        })
        .collect()
}

/// The workload the order names, with every default explicit.
pub(crate) fn workload(
    known: &'static [&'static dyn Drive],
    order: &BedOrder,
) -> Result<(&'static dyn Drive, Value), BedError> {
    let name = &order.workload.0;
    let drive = known.iter().find(|drive| drive.name() == name.as_str());
    let drive = drive.ok_or_else(|| {
        failed(
            format!("find workload `{name}`"),
            "this build has no such workload",
        )
    })?;
    let missing = drive
        .needs()
        .iter()
        .find(|need| !order.testbed.contains_key(**need));
    if let Some(need) = missing {
        return Err(failed(
            format!("set up workload `{name}`"),
            format!("it needs `{need}` in the testbed"),
        ));
    }
    let checked = drive.check(&order.workload.1);
    let checked =
        checked.map_err(|error| failed(format!("read the settings of `{name}`"), error))?;
    Ok((*drive, checked))
}

/// The site of these systems on this subnet: containers count up from the tenth address.
pub(crate) fn site(
    order: &BedOrder,
    systems: &[Ordered],
    subnet: Subnet,
) -> Result<Site, BedError> {
    let placed = systems.iter().flat_map(|(kind, settings)| {
        let system = kind.name();
        kind.nodes(settings)
            .into_iter()
            .map(move |spec| Placed { spec, system })
    });
    let nodes: Vec<Placed> = placed.collect();
    let containers = nodes
        .iter()
        .filter(|placed| placed.spec.unit == Unit::Container);
    let addresses = containers
        .zip(10..)
        .map(|(placed, host)| (placed.spec.node.0.clone(), subnet.address(host)));
    let mut site = Site {
        run: order.run.clone(),
        owner: order.owner.clone(),
        seed: order.seed,
        addresses: addresses.collect(),
        ports: ports(systems, &nodes)?,
        nodes,
        wanted: systems
            .iter()
            .flat_map(|(kind, settings)| kind.drives(settings))
            .collect(),
        drives: order.drives.clone(),
        offers: BTreeMap::new(),
        submission: super::Submission::default(),
        gates: super::site::Gates::default(),
    };
    for (kind, settings) in systems {
        let offers = kind.offers(settings, &site);
        site.offers.extend(offers);
    }
    Ok(site)
}

fn ports(systems: &[Ordered], nodes: &[Placed]) -> Result<BTreeMap<(String, u16), u16>, BedError> {
    let mut wanted = Vec::new();
    for placed in nodes
        .iter()
        .filter(|placed| placed.spec.unit == Unit::Container)
    {
        let kind = systems
            .iter()
            .find(|(kind, _)| kind.name() == placed.system);
        let inside = kind.map_or(&[][..], |(kind, _)| kind.ports(&placed.spec.role));
        wanted.extend(
            inside
                .iter()
                .map(|port| (placed.spec.node.0.clone(), *port)),
        );
    }
    let picked = engine::pick_ports(wanted.len())
        .map_err(|error| failed("find free ports on 127.0.0.1", error))?;
    Ok(wanted.into_iter().zip(picked).collect())
}
