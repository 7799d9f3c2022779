//! Every assumption that the answer rests on, in words.
use super::{
    file::{Class, File, Life, MONTH_H, Need, Ranged, Throughput},
    shape::Shape,
};
use crate::scaling::Needed;

/// All of them, the general ones first.
pub(super) fn assumptions(
    file: &File,
    needed: Option<&Needed>,
    shapes: &[Option<Shape>],
) -> Vec<String> {
    let mut all = vec![
        "groups fail independently of each other: what is shared by several (host, rack, network, credentials) is in none of the numbers".to_owned(),
        "all parts are on and exposed to failure, spares too; nothing but failures takes one out of service".to_owned(),
        "the system is up while every group is; an overload, a bad deployment or a lost record is no outage here".to_owned(),
    ];
    all.extend(load(file, needed));
    if file
        .classes
        .iter()
        .any(|(_, class)| matches!(class.life, Life::Rates { .. }))
    {
        all.push(format!(
            "times to failure and repair are exponential: no ageing, no early failures, no common maintenance; a month has {MONTH_H} h"
        ));
        all.push("mean time to repair runs from the failure to full service: detection and re-protection are in it".into());
    }
    for (name, class) in &file.classes {
        all.extend(of_class(&name.value, class));
    }
    for (group, shape) in file.groups.iter().zip(shapes) {
        all.extend(of_group(&group.name.value, &group.need, shape.as_ref()));
    }
    all
}

fn load(file: &File, needed: Option<&Needed>) -> Vec<String> {
    let mut all = vec![format!(
        "load is {} records/s at its peak, steady; {:.3} % of the throughput is kept free",
        file.load,
        file.headroom * 100.0
    )];
    all.push(match &file.throughput {
        Throughput::Points(points) => format!(
            "throughput follows the Universal Scalability Law through {} runs, with the same data, settings and CPU share each executor as in them; where an n has fewer than 6 runs, runs spread alike at every n; the plan takes the hurtful end of the 95 % interval",
            points.len()
        ),
        Throughput::Law(_) => "the given law of throughput is exact".into(),
        Throughput::Each { each, efficiency } => format!(
            "throughput is n t eff with t {} and eff {}, the same at every n",
            said(each),
            said(efficiency)
        ),
    });
    if needed.is_some_and(|needed| needed.extrapolated) {
        all.push(
            "extrapolated: the number of executors lies beyond the largest measured one".into(),
        );
    }
    all.push(match &file.outage {
        Some(outage) => format!("the outage before a catch-up is {}, with nothing done in it", said(outage)),
        None => "the outage before a catch-up is the mean repair of what carries the load, with nothing done in it".into(),
    });
    all
}

fn said(range: &Ranged) -> String {
    if range.is_wide() {
        format!(
            "{:.6} [{:.6}, {:.6}] ({})",
            range.value, range.low, range.high, range.from
        )
    } else {
        format!("{} without an interval ({})", range.value, range.from)
    }
}

fn of_class(name: &str, class: &Class) -> Vec<String> {
    let mut all = vec![match &class.life {
        Life::Availability(up) => format!("{name}: each is up {} of the time", said(up)),
        Life::Rates { fail, mttr } => format!(
            "{name}: failures per h {}; mean time to repair in h {}",
            said(fail),
            said(mttr)
        ),
    }];
    if class.beta.high > 0.0 {
        all.push(format!(
            "{name}: of its failures a share of {} strikes all parts of a group together (same host, disk, image, flag, credentials); {}",
            said(&class.beta),
            if class.crews.is_some() {
                "they are repaired one by one"
            } else {
                "they come back together; the simulation beside it has them come back one by one"
            }
        ));
    } else {
        all.push(format!(
            "{name}: nothing strikes several parts together (beta 0): measure it"
        ));
    }
    all.push(match class.crews {
        Some(crews) => format!(
            "{name}: {crews} repairs at the same time in all of a group, in the order of failure; no other group shares the crews"
        ),
        None => format!("{name}: as many repairs at the same time as are needed"),
    });
    all
}

fn of_group(name: &str, need: &Need, shape: Option<&Shape>) -> Vec<String> {
    match (need, shape) {
        (Need::Replicas(need), Some(shape)) => {
            let mut all = vec![format!(
                "{name}: partitions lie on any brokers, so all are writable only while at most {} of {} brokers are down; every replica that is up is in sync",
                shape.n - shape.k,
                shape.n
            )];
            if need.each.is_some() {
                all.push(format!(
                    "{name}: the brokers that must be up carry the write of every replica"
                ));
            }
            if let Some(controllers) = shape.controllers {
                all.push(format!(
                    "{name}: {controllers} controllers run on the same nodes: one block, a node's failure counts once"
                ));
                if controllers < shape.n {
                    all.push(format!(
                        "{name}: the chain of repairs and the simulation let any node be a controller, which is worse than it is"
                    ));
                }
            }
            all
        }
        (Need::Erasure(_), Some(shape)) => vec![format!(
            "{name}: objects lie in every set, so all {} sets must write; a failed drive is replaced and healed within its mean time to repair",
            shape.copies
        )],
        (_, Some(shape)) if shape.copies > 1 => {
            vec![format!("{name}: all {} copies are needed", shape.copies)]
        }
        _ => Vec::new(),
    }
}
