//! What carries the load: measured points, a law, or the throughput of one with an efficiency.
use super::quantity::{Ranged, one, parameter, ranged, rate, share};
use crate::scaling::{Law, Point};
use model::scenario::{Fields, Keys, Node, Refusal, Tree};

/// How throughput grows with the number of executors.
#[derive(Clone, Debug, PartialEq)]
pub enum Throughput {
    /// Measured runs.
    Points(Vec<Point>),
    /// A law fitted elsewhere.
    Law(Law),
    /// n t eff.
    Each {
        /// Throughput of one, per s.
        each: Ranged,
        /// Efficiency, 0 to 1.
        efficiency: Ranged,
    },
}

const KEYS: Keys = &[
    (
        "points",
        "by number of executors: the throughput of each run",
    ),
    (
        "law",
        "lambda, sigma and kappa of the Universal Scalability Law",
    ),
    ("each", "throughput of one executor"),
    ("efficiency", "of many against one; with `each`"),
];
const LAW: Keys = &[
    ("lambda", "throughput of one executor"),
    ("sigma", "contention, 0 to 1; default 0"),
    ("kappa", "coherence, 0 to 1; default 0"),
];

pub(super) fn read(tree: &Tree) -> Result<Throughput, Refusal> {
    let fields = Fields::open("the throughput", tree, KEYS)?;
    match (fields.get("points"), fields.get("law"), fields.get("each")) {
        (Some(tree), None, None) => points(tree),
        (None, Some(tree), None) => law(tree),
        (None, None, Some(each)) => Ok(Throughput::Each {
            each: ranged(each, rate)?,
            efficiency: efficiency(fields.need("efficiency")?)?,
        }),
        _ => Err(Refusal::new(tree.at, "find how throughput grows")
            .hint("give one of `points`, `law`, or `each` with `efficiency`")),
    }
}

fn efficiency(tree: &Tree) -> Result<Ranged, Refusal> {
    let share = ranged(tree, share)?;
    if share.low > 0.0 {
        Ok(share)
    } else {
        Err(tree.refuse("take an efficiency of 0: nothing would be carried".into()))
    }
}

fn law(tree: &Tree) -> Result<Throughput, Refusal> {
    let fields = Fields::open("the law", tree, LAW)?;
    let number = |key: &str| fields.or(key, 0.0, |tree| one(tree, parameter));
    Ok(Throughput::Law(Law {
        lambda: one(fields.need("lambda")?, rate)?,
        sigma: number("sigma")?,
        kappa: number("kappa")?,
    }))
}

fn points(tree: &Tree) -> Result<Throughput, Refusal> {
    let Node::Map(members) = &tree.node else {
        return Err(tree
            .refuse("read the points".into())
            .hint("write them like `points: {1: [955/s, 948/s, 960/s], 2: [...]}`"));
    };
    let mut points: Vec<Point> = Vec::new();
    for (key, runs) in members {
        let n = key.value.parse::<u32>().ok();
        let n = n.filter(|n| (1..=1_000_000).contains(n)).ok_or_else(|| {
            Refusal::new(
                key.at,
                format!("read `{}` as a number of executors", key.value),
            )
            .wide(key.value.len())
            .label("a whole number from 1 to 1000000 is due here")
        })?;
        if points.iter().any(|point| point.n == n) {
            return Err(
                Refusal::new(key.at, format!("take {n} executors twice")).wide(key.value.len())
            );
        }
        for (repeat, run) in (1..).zip(runs.items()) {
            points.push(Point {
                n,
                repeat,
                throughput: one(run, rate)?,
            });
        }
    }
    if points.is_empty() {
        return Err(tree
            .refuse("find a measured point".into())
            .hint("give runs at 4 or more numbers of executors, 3 or more of each"));
    }
    if points.len() > crate::scaling::MOST_POINTS {
        return Err(tree.refuse(format!(
            "take {} runs: at most {}",
            points.len(),
            crate::scaling::MOST_POINTS
        )));
    }
    Ok(Throughput::Points(points))
}
