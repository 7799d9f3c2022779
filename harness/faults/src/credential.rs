//! What the faults share that take from clients what they prove themselves with.
use model::{
    act::{Act, call},
    check::{self, Check},
    facts::{Credential, Facts, Targets},
    fault::{Lifetime, Step, Unfit},
};

/// One step for each credential among the targets: servers of one cluster share theirs.
pub fn taken(on: &Targets, which: fn(&Facts) -> Option<&Credential>) -> Result<Vec<Step>, Unfit> {
    let mut steps: Vec<(&str, Step)> = Vec::new();
    for node in &on.hurt {
        let credential = which(node).ok_or(Unfit::Lacks("a credential that can be taken away"))?;
        if steps.iter().all(|(name, _)| *name != credential.name) {
            steps.push((&credential.name, step(credential, &node.container)));
        }
    }
    Ok(steps.into_iter().map(|(_, step)| step).collect())
}

fn step(credential: &Credential, container: &str) -> Step {
    let asks = |refused| {
        Check::Call(check::call::Check::Refused {
            credential: Box::new(credential.clone()),
            refused,
        })
    };
    Step {
        act: Act::Call(call::Act::Disable {
            credential: Box::new(credential.clone()),
            container: container.to_owned(),
        }),
        effective: asks(true),
        healed: asks(false),
        lifetime: Lifetime::Guard,
    }
}
