//! What a machine needs before a run: an engine, the fault tools, the images. Listed without consent, provided with it.
use crate::{catalog::CATALOG, error::CliError};
use model::{plan::Plan, system::Bed};
use std::{
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use systems::docker::{
    engine::{self, Engine},
    images::{self, Images, progress::Progress},
    install,
};

/// A machine that can carry a testbed.
pub struct Ready {
    /// The engine.
    pub engine: Engine,
    /// The images, by name.
    pub images: Images,
}

/// Makes the machine ready, or lists what that would take.
pub fn ready(consent: bool) -> Result<Ready, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::Internal(format!("start the runtime: {error}")))?;
    runtime.block_on(prepare(consent))
}

async fn prepare(consent: bool) -> Result<Ready, CliError> {
    let missing = install::plan().await;
    if !missing.is_empty() {
        if !consent {
            return Err(CliError::Consent { missing: missing_lines(&missing, true) });
        }
        install::carry_out(&missing, &log(), &Print).await.map_err(|error| testbed(&error, ""))?;
    }
    let engine = engine::find().await.map_err(|error| testbed(&error, "start it, or let `--setup` do it"))?;
    let config = images::Config::from_env();
    let unbuilt: Vec<String> = images::list(&engine, &config).await.map_err(|error| testbed(&error, ""))?.into_iter().filter(|image| !image.present).map(|image| format!("build the image {}", image.tag)).collect();
    if !unbuilt.is_empty() && !consent {
        return Err(CliError::Consent { missing: unbuilt });
    }
    let images = images::ensure(&engine, &config, &Print).await.map_err(|error| testbed(&error, "run it again: what was built is kept"))?;
    Ok(Ready { engine, images })
}

/// Each as what would be done.
fn missing_lines(missing: &[install::Missing], images_too: bool) -> Vec<String> {
    let mut lines: Vec<String> = missing.iter().map(|one| format!("run `{}`: {}", one.command(), one.why)).collect();
    if images_too {
        lines.push("build the images of the testbed where they are missing (Debian packages, PyPI, Maven Central, Go modules)".into());
    }
    lines
}

fn log() -> PathBuf {
    std::env::temp_dir().join("brinell-dockerd.log")
}

fn testbed(error: &dyn std::error::Error, hint: &str) -> CliError {
    CliError::Testbed { what: error.to_string(), hint: hint.into() }
}

/// The testbed of a plan on this machine.
pub async fn bed(ready: &Ready, plan: &Plan) -> Result<Arc<dyn Bed>, CliError> {
    let _ = plan;
    Ok(Arc::new(systems::testbed(&ready.engine, &ready.images, &CATALOG)))
}

/// Progress on stderr: a line when something begins that takes long, one every 30 s, one when it is done.
pub struct Print;

impl Progress for Print {
    fn step(&self, image: &str, what: &str, elapsed: Duration) {
        eprintln!("setup   {image:<8} {what} ({} s)", elapsed.as_secs());
    }
}
