//! The guard as the engine sees it: its blocking client, each question on a thread that may wait.
use crate::error::CliError;
use guard::{Config, Guard};
use model::{
    BoxFuture,
    facts::Capability,
    guard::{Answer, GuardLost, GuardPort, Request},
};
use std::{collections::BTreeMap, path::Path};

/// Starts a guard for a run of this process, before any runtime exists.
pub fn start(run: &str, folder: &Path, epoch_mono_ns: u64) -> Result<Guard, CliError> {
    let config = Config::new(run, folder.to_owned(), epoch_mono_ns);
    let program = Path::new("/proc/self/exe");
    Guard::start(program, &[crate::hidden::GUARD], &config).map_err(|error| CliError::Unsupported {
        what: format!("start the guard: {error}"),
        hint: "the guard needs root on Linux; `brinell doctor` says what is missing".into(),
    })
}

/// Adapts the blocking client.
pub struct Port(pub Guard);

impl GuardPort for Port {
    fn ask(&self, request: Request) -> BoxFuture<'_, Result<Answer, GuardLost>> {
        let (guard, pid) = (self.0.clone(), self.0.pid());
        Box::pin(async move {
            let asked = tokio::task::spawn_blocking(move || guard.ask(request)).await;
            asked.unwrap_or_else(|error| Err(GuardLost { pid, why: error.to_string() }))
        })
    }
}

/// What the machine lacks, by capability, with the reason.
pub fn lacks() -> BTreeMap<Capability, String> {
    guard::probe::probe().into_iter().filter_map(|(capability, found)| found.err().map(|why| (capability, why))).collect()
}
