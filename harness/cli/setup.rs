//! What a machine needs before a run: an engine, the fault tools, the images. Listed without consent, provided with it.
use crate::error::CliError;
use model::{
    facts::{Capability, Offer},
    plan::{Plan, PlannedFault},
    system::Bed,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, future::Future, path::PathBuf, sync::Arc, time::Duration};
use systems::docker::{
    engine::{self, Engine},
    images::{self, Config, Image, Listed, Wanted, progress::Progress},
    install,
};

/// A machine that can carry a testbed.
pub struct Ready {
    /// The engine.
    pub engine: Engine,
    /// The images, by name.
    pub images: BTreeMap<String, Image>,
}

/// Makes the machine ready for a testbed of the wanted systems, or lists what that would take.
pub fn ready(consent: bool, wanted: Wanted<'_>) -> Result<Ready, CliError> {
    wait_for(prepare(consent, wanted))
}

/// All images, present or not.
pub fn list() -> Result<Vec<Listed>, CliError> {
    wait_for(async {
        images::list(&found().await?, &Config::from_env())
            .await
            .map_err(|error| testbed(&error, ""))
    })
}

/// Removes our images; gives their tags.
pub fn remove() -> Result<Vec<String>, CliError> {
    wait_for(async {
        images::remove(&found().await?)
            .await
            .map_err(|error| testbed(&error, "end the containers that use it first"))
    })
}

fn wait_for<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime
        .map_err(|error| CliError::Internal(format!("start the runtime: {error}")))?
        .block_on(work)
}

async fn found() -> Result<Engine, CliError> {
    engine::find()
        .await
        .map_err(|error| testbed(&error, "start it, or let `brinell run ... --setup` do it"))
}

/// Installs and starts what is missing of the engine and the fault tools; false where nothing was.
pub fn tools(consent: bool) -> Result<bool, CliError> {
    wait_for(equip(consent))
}

async fn equip(consent: bool) -> Result<bool, CliError> {
    let missing = install::plan().await;
    if missing.is_empty() {
        return Ok(false);
    }
    if !consent {
        return Err(CliError::Consent {
            missing: lines(&missing),
        });
    }
    install::carry_out(&missing, &log(), &Print)
        .await
        .map_err(|error| testbed(&error, ""))?;
    Ok(true)
}

async fn prepare(consent: bool, wanted: Wanted<'_>) -> Result<Ready, CliError> {
    equip(consent).await?;
    let (engine, config) = (found().await?, Config::from_env());
    let listed = images::list(&engine, &config)
        .await
        .map_err(|error| testbed(&error, ""))?;
    let unbuilt: Vec<String> = listed
        .iter()
        .filter(|image| image.needed && wanted(&image.name) && !image.is_present())
        .map(building)
        .collect();
    if !unbuilt.is_empty() && !consent {
        return Err(CliError::Consent { missing: unbuilt });
    }
    let images = images::ensure(&engine, &config, wanted, &Print)
        .await
        .map_err(|error| testbed(&error, "run it again: what was finished is kept"))?;
    Ok(Ready { engine, images })
}

fn building(image: &Listed) -> String {
    format!("build the image {} ({})", image.tag, image.version)
}

fn lines(missing: &[install::Missing]) -> Vec<String> {
    let mut lines: Vec<String> = missing
        .iter()
        .map(|one| format!("run `{}`: {}", one.command(), one.why))
        .collect();
    lines.push("build the images of the testbed where they are missing, from Debian packages, PyPI, Maven Central and Go modules".into());
    lines
}

fn log() -> PathBuf {
    std::env::temp_dir().join("brinell-dockerd.log")
}

fn testbed(error: &dyn std::error::Error, hint: &str) -> CliError {
    CliError::Testbed {
        what: error.to_string(),
        hint: hint.into(),
    }
}

/// What this machine has and lacks: name, had or not, in words.
pub fn machine() -> Result<Vec<(String, bool, String)>, CliError> {
    wait_for(async {
        let mut found: Vec<(String, bool, String)> = install::plan()
            .await
            .iter()
            .map(|one| {
                (
                    one.name.clone(),
                    false,
                    format!("{}; `--setup` would run `{}`", one.why, one.command()),
                )
            })
            .collect();
        let Ok(engine) = engine::find().await else {
            return Ok(found);
        };
        found.push((
            "engine".into(),
            true,
            format!("Docker Engine {} at {}", engine.version(), engine.address()),
        ));
        let listed = images::list(&engine, &Config::from_env())
            .await
            .map_err(|error| testbed(&error, ""))?;
        found.extend(listed.iter().filter(|image| image.needed).map(|image| {
            let text = if image.is_present() {
                image.version.clone()
            } else {
                "`--setup` would build it".to_owned()
            };
            (image.tag.clone(), image.is_present(), text)
        }));
        Ok(found)
    })
}

/// The testbed on this machine.
pub fn bed(ready: &Ready, _: &Plan) -> Arc<dyn Bed> {
    let tags = ready
        .images
        .iter()
        .map(|(name, image)| (name.clone(), image.tag.clone()))
        .collect();
    Arc::new(systems::testbed(ready.engine.client().clone(), tags))
}

/// `versions.json`: everything that a number may depend on.
pub fn versions(
    ready: &Ready,
    plan: &Plan,
    offers: &[(Capability, Offer)],
    precedence: &str,
) -> Value {
    let read = |path: &str| {
        fs::read_to_string(path)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let memory = read("/proc/meminfo")
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("MemTotal:")
        .trim()
        .to_owned();
    let images: BTreeMap<&String, Value> = ready
        .images
        .iter()
        .map(|(name, image)| {
            (
                name,
                json!({"tag": image.tag, "id": image.id, "version": image.version}),
            )
        })
        .collect();
    let backend = |offer: &Offer| match offer {
        Offer::Full { backend } | Offer::Degraded { to: backend, .. } => backend.clone(),
        Offer::None { why } => format!("none: failed to {why}"),
    };
    let backends: BTreeMap<String, String> = offers
        .iter()
        .map(|(capability, offer)| (crate::commands::doctor::word(*capability), backend(offer)))
        .collect();
    let mut faults: Vec<&PlannedFault> = plan.faults.iter().collect();
    faults.dedup_by_key(|fault| &fault.fault);
    let needs = faults
        .iter()
        .map(|fault| (fault.fault.as_str(), &fault.needs[..]));
    json!({
        "brinell": env!("CARGO_PKG_VERSION"),
        "commit": env!("BRINELL_COMMIT"),
        "kernel": read("/proc/sys/kernel/osrelease"),
        "cpus": std::thread::available_parallelism().map_or(0, usize::from),
        "memory": memory,
        "precedence": precedence,
        "cgroup": if fs::exists("/sys/fs/cgroup/cgroup.controllers").unwrap_or(false) { "v2" } else { "v1" },
        "engine": format!("Docker Engine {} (API {})", ready.engine.version(), ready.engine.api()),
        "images": images,
        "mechanisms": backends,
        "degraded": crate::guarding::degraded(needs, offers),
    })
}

/// Progress on stderr: a line when something begins, then one every 10 s.
pub struct Print;

impl Progress for Print {
    fn step(&self, image: &str, what: &str, elapsed: Duration) {
        if elapsed.as_secs() < 2 || elapsed.as_secs() % 10 < 2 {
            let plain: String = what
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .take(150)
                .collect();
            eprintln!("setup   {image:<8} {plain} ({} s)", elapsed.as_secs());
        }
    }
}
