//! Debian from its packages alone, where no registry answers.
//!
//! `mmdebstrap` runs on the host, so it asks the same mirrors, with the same trust, as the host's own apt.
use super::{ImageError, base::SUITE, build, progress::Tail, shop::Shop};
use crate::docker::install::find_program;
use futures_util::StreamExt;
use std::{fs, path::Path, process::Stdio, time::Duration};
use testcontainers::bollard::{body_try_stream, query_parameters::CreateImageOptionsBuilder};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

/// Longest bootstrap; 30 to 60 s are usual.
const BOUND: Duration = Duration::from_secs(900);
/// Settings of the host's apt that decide whom it asks and what it believes.
const INHERITED: [&str; 5] = [
    "Acquire::Check-Valid-Until",
    "Acquire::Check-Date",
    "Acquire::http::Proxy",
    "Acquire::https::Proxy",
    "Acquire::Retries",
];
/// Nobody reads these inside a container.
const LEFT_OUT: [&str; 3] = [
    "/usr/share/man/*",
    "/usr/share/doc/*",
    "/usr/share/locale/*",
];

/// Makes image `raw` of that variant (`essential`, or `apt` where packages are managed later) with those packages.
///
/// # Errors
/// Where `mmdebstrap` is missing (then with `refusal`, what the registry said), fails, or the engine refuses the result.
pub(super) async fn bootstrap(
    shop: &Shop<'_>,
    (name, raw): (&str, &str),
    variant: &str,
    packages: &str,
    refusal: &str,
) -> Result<(), ImageError> {
    let step = (name, "bootstrap Debian");
    if find_program("mmdebstrap").is_none() {
        return Err(ImageError::NoBase {
            refusal: refusal.to_owned(),
        });
    }
    let scratch = shop.cache.scratch()?;
    let tar = scratch.join("rootfs.tar");
    let tail = Tail::default();
    let words = words(variant, packages, &tar).await;
    let work = tokio::time::timeout(BOUND, debootstrap(&words, &scratch, &tail));
    let done = shop.watch_tail(step, &tail, work).await;
    done.unwrap_or_else(|_| Err("it took too long".into()))
        .map_err(|why| ImageError::step(step, why, &tail))?;
    shop.watch(name, "import Debian", import(shop, raw, &tar))
        .await?;
    fs::remove_dir_all(&scratch).map_err(|error| ImageError::step(step, error.to_string(), &tail))
}

async fn words(variant: &str, packages: &str, tar: &Path) -> Vec<String> {
    let root = fs::metadata("/proc/self")
        .is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0);
    let mut words: Vec<String> = Vec::new();
    if find_program("setpriv").is_some() {
        // It cleans up after itself on SIGTERM, which this sends it when we end.
        words.extend(["setpriv", "--pdeathsig", "TERM"].map(str::to_owned));
    }
    words.push("mmdebstrap".into());
    words.push(format!("--mode={}", if root { "root" } else { "unshare" }));
    words.push(format!("--variant={variant}"));
    words.push(format!("--include={}", packages.replace(' ', ",")));
    words.extend(
        apt_settings()
            .await
            .into_iter()
            .map(|setting| format!("--aptopt={setting}")),
    );
    words.extend(LEFT_OUT.map(|path| format!("--dpkgopt=path-exclude={path}")));
    // Java's installer makes a link there, and fails without the folder.
    words.push("--essential-hook=mkdir -p \"$1/usr/share/man/man1\"".into());
    words.extend([SUITE.to_owned(), tar.display().to_string()]);
    words.extend(own_sources());
    words
}

/// The host's own lists of mirrors, where it runs the same suite.
fn own_sources() -> Vec<String> {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !release
        .lines()
        .any(|line| line == format!("VERSION_CODENAME={SUITE}"))
    {
        return Vec::new();
    }
    let lists = [
        "/etc/apt/sources.list",
        "/etc/apt/sources.list.d/debian.sources",
    ];
    let names_mirror = |file: &&&str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        text.lines()
            .any(|line| line.starts_with("deb ") || line.starts_with("Types:"))
    };
    lists
        .iter()
        .filter(names_mirror)
        .map(|&file| file.to_owned())
        .collect()
}

async fn apt_settings() -> Vec<String> {
    let dump = Command::new("apt-config")
        .arg("dump")
        .stdin(Stdio::null())
        .output()
        .await;
    dump.map(|done| inherited(&String::from_utf8_lossy(&done.stdout)))
        .unwrap_or_default()
}

/// The lines of `apt-config dump` that are passed on, without their semicolon.
fn inherited(dump: &str) -> Vec<String> {
    let wanted = |line: &&str| {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        INHERITED.contains(&key) && value != "\"\";"
    };
    dump.lines()
        .filter(wanted)
        .map(|line| line.trim_end_matches(';').to_owned())
        .collect()
}

async fn debootstrap(words: &[String], scratch: &Path, tail: &Tail) -> Result<(), String> {
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .env("TMPDIR", scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr).lines();
        while let Some(line) = lines.next_line().await.map_err(|error| error.to_string())? {
            tail.push(&line);
        }
    }
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err(status.to_string())
    }
}

async fn import(shop: &Shop<'_>, raw: &str, tar: &Path) -> Result<(), ImageError> {
    let failed = |error| ImageError::engine("import Debian", error);
    let (repo, tag) = raw.rsplit_once(':').unwrap_or((raw, "latest"));
    let options = CreateImageOptionsBuilder::new()
        .from_src("-")
        .repo(repo)
        .tag(tag)
        .build();
    let body = build::upload(tar)
        .await
        .map_err(|error| failed(error.into()))?;
    let mut events =
        shop.engine
            .client()
            .create_image(Some(options), Some(body_try_stream(body)), None);
    while let Some(event) = events.next().await {
        event.map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::inherited;

    #[test]
    fn only_trust_and_proxies_of_the_hosts_apt_are_passed_on() {
        let dump = "APT \"\";\nAcquire::Check-Date \"false\";\nAcquire::http::Proxy \"\";\nAcquire::Languages:: \"none\";\n";
        assert_eq!(inherited(dump), ["Acquire::Check-Date \"false\""]);
    }
}
