//! What this machine lacks before anything can run, and, with consent, getting it: Debian packages and a running engine.
//!
//! Nothing here asks. The caller shows [`plan`]'s lines to the user, and calls [`carry_out`] only with consent.
use super::{
    engine,
    images::progress::{Progress, watch},
};
use std::{
    env, io,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};
use tokio::process::Command;

/// Longest wait for a started engine to answer.
const ENGINE_UP: Duration = Duration::from_secs(60);
/// Longest time for the package manager, downloads included.
const PACKAGES: Duration = Duration::from_secs(600);
/// Program, Debian package that has it, and what it is for.
const TOOLS: [(&str, &str, &str); 4] = [
    ("iptables", "iptables", "the engine's networks need it"),
    ("nft", "nftables", "network faults are nftables rules"),
    (
        "ip",
        "iproute2",
        "network faults look at links and addresses",
    ),
    (
        "mmdebstrap",
        "mmdebstrap",
        "makes the base image where no registry answers",
    ),
];

/// How to get what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Install the Debian package of that name.
    Package,
    /// Start the engine that is installed, or about to be.
    Start,
}

/// One thing this machine lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Name of the package to install, or of the program to start.
    pub name: String,
    /// What getting it means.
    pub remedy: Remedy,
    /// What it is for, as half a sentence.
    pub why: String,
}

impl Missing {
    /// The command that [`carry_out`] would run for it.
    pub fn command(&self) -> String {
        match self.remedy {
            Remedy::Package => format!("apt-get install --no-install-recommends {}", self.name),
            Remedy::Start if has_systemd() => format!("systemctl start {}", self.name),
            Remedy::Start => "setsid dockerd".into(),
        }
    }
}

/// Why the machine could not be given what it lacks.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// Only Debian and its kin have the packages we know by name.
    #[error(
        "install {packages}: there is no apt-get here, install them by your own package manager"
    )]
    NoApt {
        /// What would have been installed.
        packages: String,
    },
    /// A command could not be run, failed, or took too long.
    #[error("run `{command}`: {why}")]
    Command {
        /// The command line.
        command: String,
        /// Its exit code or the reason, with the end of what it wrote.
        why: String,
    },
    /// The engine was started, and does not answer.
    #[error("start the Docker Engine: it did not answer within {} s; the end of {}:\n{tail}", ENGINE_UP.as_secs(), log.display())]
    Silent {
        /// Where its log is.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
}

/// What this machine lacks, in the order to get it; empty where everything is there.
pub async fn plan() -> Vec<Missing> {
    let engine_answers = engine::find().await.is_ok();
    plan_from(
        engine_answers,
        env::var_os("DOCKER_HOST").is_some(),
        |program| find_program(program).is_some(),
    )
}

fn plan_from(
    engine_answers: bool,
    host_is_named: bool,
    has: impl Fn(&str) -> bool,
) -> Vec<Missing> {
    let item = |name: &str, remedy, why: &str| Missing {
        name: name.into(),
        remedy,
        why: why.into(),
    };
    let mut missing = Vec::new();
    // A named engine that does not answer is the user's to mend: another one beside it would not be used.
    let ours_to_start = !engine_answers && !host_is_named;
    if ours_to_start && !has("dockerd") {
        missing.push(item(
            "docker.io",
            Remedy::Package,
            "the testbed runs in containers",
        ));
    }
    let lacking = TOOLS.iter().filter(|(program, ..)| !has(program));
    missing.extend(lacking.map(|(_, package, why)| item(package, Remedy::Package, why)));
    if ours_to_start {
        missing.push(item("docker", Remedy::Start, "no Docker Engine answers"));
    }
    missing
}

/// Gets everything on the list: all packages in one go, then the engine, which must answer within a minute.
///
/// # Errors
/// `NoApt` on a machine without apt, `Command` where a command fails, `Silent` where the engine does not come up.
pub async fn carry_out(
    missing: &[Missing],
    log: &Path,
    progress: &dyn Progress,
) -> Result<(), InstallError> {
    let named = |remedy| {
        missing
            .iter()
            .filter(move |one| one.remedy == remedy)
            .map(|one| one.name.as_str())
    };
    let packages: Vec<&str> = named(Remedy::Package).collect();
    if !packages.is_empty() {
        watch(
            progress,
            "machine",
            || format!("install {}", packages.join(" ")),
            install(&packages),
        )
        .await?;
    }
    if named(Remedy::Start).next().is_some() {
        watch(
            progress,
            "machine",
            || "start the Docker Engine".into(),
            start(log),
        )
        .await?;
    }
    Ok(())
}

async fn install(packages: &[&str]) -> Result<(), InstallError> {
    if find_program("apt-get").is_none() {
        return Err(InstallError::NoApt {
            packages: packages.join(" "),
        });
    }
    run(&["apt-get", "-q", "update"]).await?;
    let words = ["apt-get", "-q", "-y", "install", "--no-install-recommends"];
    run(&[&words[..], packages].concat()).await
}

async fn run(words: &[&str]) -> Result<(), InstallError> {
    let failed = |why: String| InstallError::Command {
        command: words.join(" "),
        why,
    };
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    match tokio::time::timeout(PACKAGES, command.output()).await {
        Err(_) => Err(failed(format!("not done after {} s", PACKAGES.as_secs()))),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Ok(Ok(done)) if !done.status.success() => {
            Err(failed(format!("{}\n{}", done.status, last_words(&done))))
        }
        Ok(Ok(_)) => Ok(()),
    }
}

fn last_words(done: &Output) -> String {
    tail(&format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    ))
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// Starts the engine, and returns when it answers. It outlives us: the next run finds it.
async fn start(log: &Path) -> Result<(), InstallError> {
    if engine::find().await.is_ok() {
        return Ok(()); // installing the package may have started it
    }
    if has_systemd() {
        run(&["systemctl", "start", "docker"]).await?;
    } else {
        start_detached(log).map_err(|error| InstallError::Command {
            command: "setsid dockerd".into(),
            why: error.to_string(),
        })?;
    }
    let answers = async {
        while engine::find().await.is_err() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let in_time = tokio::time::timeout(ENGINE_UP, answers).await;
    in_time.map_err(|_| InstallError::Silent {
        log: log.to_owned(),
        tail: tail(&std::fs::read_to_string(log).unwrap_or_default()),
    })
}

/// In a session of its own, so that no signal meant for us reaches it.
fn start_detached(log: &Path) -> io::Result<()> {
    let out = std::fs::File::create(log)?;
    let mut command = std::process::Command::new("setsid");
    command
        .args(["--fork", "dockerd"])
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out);
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(status.to_string()))
    }
}

fn has_systemd() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// The program on `PATH`, or in the places that only root has there.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let also = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path)
        .chain(also)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::{Remedy, plan_from};

    #[test]
    fn a_machine_with_everything_needs_nothing() {
        assert_eq!(plan_from(true, false, |_| true), []);
    }

    #[test]
    fn an_installed_engine_that_sleeps_is_only_started() {
        let plan = plan_from(false, false, |_| true);
        assert_eq!(
            plan.iter()
                .map(|one| (one.name.as_str(), one.remedy))
                .collect::<Vec<_>>(),
            [("docker", Remedy::Start)]
        );
    }

    #[test]
    fn an_empty_machine_gets_packages_first_and_the_engine_last() {
        let plan = plan_from(false, false, |_| false);
        let names: Vec<_> = plan.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "docker.io",
                "iptables",
                "nftables",
                "iproute2",
                "mmdebstrap",
                "docker"
            ]
        );
    }

    #[test]
    fn no_second_engine_is_started_beside_a_named_one() {
        let plan = plan_from(false, true, |program| program != "nft");
        assert_eq!(
            plan.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
            ["nftables"]
        );
    }
}
