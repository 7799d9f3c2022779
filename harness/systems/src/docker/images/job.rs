//! One bounded script in a container: a download, a compile, a training run.
//!
//! A job must not outlive us. Its standard input is ours to hold: when we end, however we end, the input closes, and the container ends
//! itself and is removed by the engine. What still stays behind (an engine that was restarted) goes in the next build's sweep, by label.
use super::{
    ImageError,
    owner::{BUILD_LABEL, owner},
    progress::Tail,
};
use crate::docker::engine::Engine;
use futures_util::StreamExt;
use std::{collections::HashMap, fs, path::PathBuf, time::Duration};
use testcontainers::bollard::{
    container::AttachContainerResults,
    errors::Error,
    models::{ContainerCreateBody, HostConfig},
    query_parameters::{
        AttachContainerOptionsBuilder, CreateContainerOptions, RemoveContainerOptionsBuilder,
        StartContainerOptions,
    },
};

/// Runs the script beside a watcher of standard input; TERM to PID 1, the engine's init, ends everything inside. Files that root made
/// go to the user who asked for them, and the exit code is a file, since the container is gone when we could ask for it.
const WRAPPER: &str = r#"exec 3<&0
(cat <&3 > /dev/null; kill -TERM 1) &
sh /job/script.sh "$@" < /dev/null 3<&-
code=$?
chown -R "$BRINELL_OWNER" /out
echo $code > /job/exit
exit $code"#;

/// How often, and how many times, the engine is asked whether a container is gone: 10 s, after which the next sweep has it.
const LOOK: Duration = Duration::from_millis(100);
const GOING: usize = 100;

/// A folder or file of the host inside the job.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    pub(crate) from: PathBuf,
    pub(crate) to: &'static str,
    pub(crate) writable: bool,
}

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Job<'a> {
    pub(crate) image: String,
    pub(crate) script: &'a str,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<String>,
    pub(crate) mounts: Vec<Mount>,
    /// Longest time it may take.
    pub(crate) bound: Duration,
    /// Share of the processor against others, of 1024; a long compile takes what is left over.
    pub(crate) cpu_shares: i64,
}

/// Where a job finds its things: `job` holds the script and the exit code, `out` what it makes.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) job: PathBuf,
    pub(crate) out: PathBuf,
}

/// Runs the job to its end; what it prints goes to `tail`.
///
/// # Errors
/// Where the engine refuses, the script fails or the bound passes: named `step` of `image`, with the end of what it printed.
pub(crate) async fn run(
    engine: &Engine,
    step: (&str, &str),
    job: &Job<'_>,
    place: &Place,
    tail: &Tail,
) -> Result<(), ImageError> {
    let failed = |why: String| ImageError::step(step, why, tail);
    fs::write(place.job.join("script.sh"), job.script)
        .map_err(|error| failed(error.to_string()))?;
    let made = engine
        .client()
        .create_container(None::<CreateContainerOptions>, body(job, place))
        .await;
    let id = made.map_err(|error| failed(error.to_string()))?.id;
    let ended = tokio::time::timeout(job.bound, follow(engine, &id, tail)).await;
    remove(engine, &id).await;
    match ended {
        Err(_) => Err(failed(format!("not done after {} s", job.bound.as_secs()))),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Ok(Ok(())) => match fs::read_to_string(place.job.join("exit"))
            .as_deref()
            .map(str::trim)
        {
            Ok("0") => Ok(()),
            Ok(code) => Err(failed(format!("exit code {code}"))),
            Err(_) => Err(failed("it was ended from outside".into())),
        },
    }
}

/// Starts the container and reads what it prints until it ends. The input must live as long.
async fn follow(engine: &Engine, id: &str, tail: &Tail) -> Result<(), Error> {
    let options = AttachContainerOptionsBuilder::new()
        .stdin(true)
        .stdout(true)
        .stderr(true)
        .stream(true)
        .build();
    let AttachContainerResults {
        mut output,
        input: _held,
    } = engine.client().attach_container(id, Some(options)).await?;
    engine
        .client()
        .start_container(id, None::<StartContainerOptions>)
        .await?;
    while let Some(chunk) = output.next().await {
        tail.push(&chunk?.to_string());
    }
    Ok(())
}

/// Returns when the container is gone. One that ended is being removed by the engine already; until that is done its image is in use.
async fn remove(engine: &Engine, id: &str) {
    let options = || {
        RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build()
    };
    for _ in 0..GOING {
        match engine.client().remove_container(id, Some(options())).await {
            Ok(())
            | Err(Error::DockerResponseServerError {
                status_code: 404, ..
            }) => return,
            Err(error) => tracing::debug!(%id, %error, "build container is still going"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn body(job: &Job<'_>, place: &Place) -> ContainerCreateBody {
    let own = [
        Mount {
            from: place.job.clone(),
            to: "/job",
            writable: true,
        },
        Mount {
            from: place.out.clone(),
            to: "/out",
            writable: true,
        },
    ];
    let bind = |mount: &Mount| {
        format!(
            "{}:{}:{}",
            mount.from.display(),
            mount.to,
            if mount.writable { "rw" } else { "ro" }
        )
    };
    let mut env = job.env.clone();
    env.push(format!("BRINELL_OWNER={}", owner_ids()));
    ContainerCreateBody {
        image: Some(job.image.clone()),
        entrypoint: Some(
            ["/bin/sh", "-c", WRAPPER, "job"]
                .map(str::to_owned)
                .to_vec(),
        ),
        cmd: Some(job.args.clone()),
        env: Some(env),
        labels: Some(HashMap::from([(BUILD_LABEL.to_owned(), owner())])),
        open_stdin: Some(true),
        stdin_once: Some(true),
        attach_stdin: Some(true),
        host_config: Some(HostConfig {
            binds: Some(own.iter().chain(&job.mounts).map(bind).collect()),
            init: Some(true),
            auto_remove: Some(true),
            cpu_shares: Some(job.cpu_shares),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// `uid:gid` of this process, from what the kernel says of it.
fn owner_ids() -> String {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").map_or_else(
        |_| "0:0".into(),
        |about| format!("{}:{}", about.uid(), about.gid()),
    )
}
