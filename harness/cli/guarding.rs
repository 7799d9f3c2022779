//! The guard as the engine sees it: its blocking client, each question on a thread that may wait.
use crate::error::CliError;
use analysis::report::Degraded;
use guard::{Config, Guard, engine_socket::Engine, recover::recover, registry::Registry, sweep};
use model::{
    BoxFuture,
    facts::{Capability, Offer},
    guard::{Answer, GuardLost, GuardNews, GuardPort, Request},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Starts a guard for a run of this process, before any runtime exists.
pub fn start(run: &str, folder: &Path, epoch_mono_ns: u64) -> Result<Guard, CliError> {
    let config = Config::new(run, folder.to_owned(), epoch_mono_ns);
    let program = Path::new("/proc/self/exe");
    Guard::start(program, &[crate::hidden::GUARD], &config).map_err(|error| CliError::Unsupported {
        what: format!("start the guard: {error}"),
        hint: "the guard needs root on Linux; `brinell doctor` says what is missing".into(),
    })
}

/// Adapts the blocking client. Where the guard has died, this process replays its journal itself before it says what is left.
pub struct Port {
    /// The guard.
    pub guard: Guard,
    /// Run id.
    pub run: String,
    /// Its journal of undos.
    pub undos: PathBuf,
}

/// What the guard would have done: undo what is recorded, remove what is labelled, say what remains.
fn stand_in(run: &str, undos: &Path, pid: u32) -> Result<Answer, GuardLost> {
    let engine = Engine::find();
    let healed = recover(undos, &engine);
    let removed = sweep::remove(&engine, run);
    let lost = |why| GuardLost { pid, why };
    let mut leftovers = removed
        .and_then(|()| sweep::leftovers(&engine, run))
        .map_err(lost)?;
    leftovers.extend(healed.failed);
    if leftovers.is_empty() {
        // As the guard does when it is done; should that fail, the next run tries again.
        let _ = Registry::usual().leave(run);
    }
    Ok(Answer::Closed { leftovers })
}

impl GuardPort for Port {
    fn ask(&self, request: Request) -> BoxFuture<'_, Result<Answer, GuardLost>> {
        let (guard, pid) = (self.guard.clone(), self.guard.pid());
        let (run, undos) = (self.run.clone(), self.undos.clone());
        Box::pin(async move {
            let closing = request == Request::Close;
            let asked = tokio::task::spawn_blocking(move || match guard.ask(request) {
                Err(_) if closing => stand_in(&run, &undos, pid),
                answer => answer,
            });
            let asked = asked.await;
            asked.unwrap_or_else(|error| {
                Err(GuardLost {
                    pid,
                    why: error.to_string(),
                })
            })
        })
    }

    fn news(&self) -> BoxFuture<'_, Vec<GuardNews>> {
        Box::pin(async move {
            loop {
                let news = self.guard.news();
                if !news.is_empty() {
                    return news;
                }
                tokio::time::sleep(LISTEN).await;
            }
        })
    }
}

/// How late what the guard did unasked is noticed.
const LISTEN: std::time::Duration = std::time::Duration::from_millis(200);

/// What the machine lacks, by capability, with the reason.
pub fn lacks(offers: &[(Capability, Offer)]) -> BTreeMap<Capability, String> {
    let lack = |(capability, offer): &(Capability, Offer)| match offer {
        Offer::None { why } => Some((*capability, why.clone())),
        _ => None,
    };
    offers.iter().filter_map(lack).collect()
}

/// Faults of a catalog that this machine carries by a lesser mechanism: fault, best, used, what that costs.
pub fn degraded<'a>(
    needs: impl Iterator<Item = (&'a str, &'a [Capability])>,
    offers: &[(Capability, Offer)],
) -> Vec<Degraded> {
    let of = |fault: &str, need: &Capability| {
        offers.iter().find_map(|(capability, offer)| match offer {
            Offer::Degraded { from, to, lost } if capability == need => Some(Degraded {
                fault: fault.to_owned(),
                from: from.clone(),
                to: to.clone(),
                lost: lost.clone(),
            }),
            _ => None,
        })
    };
    let mut all: Vec<Degraded> = needs
        .flat_map(|(fault, needs)| needs.iter().filter_map(move |need| of(fault, need)))
        .collect();
    all.dedup();
    all
}
