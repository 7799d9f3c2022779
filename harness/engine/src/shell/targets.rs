//! Whom a fault hits, looked up at its time: questions first, then the facts of every node.
use crate::{clock::Clock, run::Missing};
use model::{
    facts::{Facts, Targets},
    ids::{FaultId, NodeId},
    plan::{Ask, PlannedFault},
    question::Answered,
    seed::Draw,
    system::Bed,
    units::Nanos,
};
use std::time::Duration;

/// Longest answer to one question.
const ANSWER: Duration = Duration::from_secs(10);
/// Pause between two looks for a node that is to come back.
const AGAIN: Duration = Duration::from_millis(100);

/// Every question with its answer, and the facts of all targets.
pub(super) async fn resolve(
    bed: &dyn Bed,
    seed: u64,
    planned: &PlannedFault,
) -> (Vec<Answered>, Result<Targets, Missing>) {
    let mut answers = Vec::new();
    let nodes = nodes(bed, planned, &mut answers).await;
    let targets = match nodes {
        Ok((hurt, peers)) => look_up(bed, &hurt, &peers, self::seed(seed, &planned.id)).await,
        Err(why) => Err(Missing::Answer(why)),
    };
    (answers, targets)
}

async fn nodes(
    bed: &dyn Bed,
    planned: &PlannedFault,
    answers: &mut Vec<Answered>,
) -> Result<(Vec<NodeId>, Vec<NodeId>), String> {
    let hurt = match &planned.ask {
        Some(ask) => answer(bed, ask, answers).await?,
        None => planned.targets.clone(),
    };
    let mut peers = match &planned.ask_peers {
        Some(ask) => answer(bed, ask, answers).await?,
        None => planned.peers.clone(),
    };
    peers.retain(|peer| !hurt.contains(peer));
    peers.truncate(planned.peers_pick.map_or(usize::MAX, |pick| pick as usize));
    Ok((hurt, peers))
}

/// The nodes that a question stands for now: no more than were asked for, and no fewer.
async fn answer(
    bed: &dyn Bed,
    ask: &Ask,
    answers: &mut Vec<Answered>,
) -> Result<Vec<NodeId>, String> {
    let question = &ask.question;
    let told = match tokio::time::timeout(ANSWER, bed.ask(question)).await {
        Ok(told) => told.map_err(|error| format!("failed to {error}")),
        Err(_) => Err(format!(
            "`{question}` was not answered within {} s",
            ANSWER.as_secs()
        )),
    };
    let nodes = told.clone().unwrap_or_default();
    answers.push(Answered {
        question: question.clone(),
        nodes,
    });
    let mut nodes = told?;
    let wanted = ask.pick.map_or(1, |pick| pick as usize);
    if nodes.len() < wanted {
        let got = nodes.len();
        return Err(format!(
            "`{question}` was answered with {got} of {wanted} nodes"
        ));
    }
    nodes.truncate(ask.pick.map_or(usize::MAX, |pick| pick as usize));
    Ok(nodes)
}

/// The draws that the acts of a fault make, from the run's seed.
pub(super) fn seed(run: u64, fault: &FaultId) -> u64 {
    Draw::new(run, &format!("acts of {fault}")).below(u64::MAX)
}

async fn look_up(
    bed: &dyn Bed,
    hurt: &[NodeId],
    peers: &[NodeId],
    seed: u64,
) -> Result<Targets, Missing> {
    Ok(Targets {
        hurt: facts(bed, hurt).await?,
        peers: facts(bed, peers).await?,
        seed,
    })
}

async fn facts(bed: &dyn Bed, nodes: &[NodeId]) -> Result<Vec<Facts>, Missing> {
    let mut all = Vec::new();
    for node in nodes {
        let found = bed.facts(node).await;
        all.push(found.map_err(|error| Missing::Node(node.clone(), format!("failed to {error}")))?);
    }
    Ok(all)
}

/// The targets as they are once they are there again.
pub(super) async fn until_there(
    bed: &dyn Bed,
    nodes: &(Vec<NodeId>, Vec<NodeId>),
    seed: u64,
    (clock, until): (Clock, Nanos),
) -> Result<Targets, String> {
    loop {
        match look_up(bed, &nodes.0, &nodes.1, seed).await {
            Ok(targets) => return Ok(targets),
            Err(Missing::Node(_, why) | Missing::Answer(why)) if clock.now() >= until => {
                return Err(why);
            }
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    }
}
