//! Finds an engine that answers, on the machine we run on.
//!
//! The client believes in a newer API than a Debian engine speaks, so every client negotiates its version first.
use std::{env, path::Path, time::Duration};
use testcontainers::bollard::{API_DEFAULT_VERSION, Docker};

/// Longest wait for one candidate to answer: a socket of a stopped engine accepts and stays silent.
const ANSWER: Duration = Duration::from_secs(5);
/// Longest wait for the head of one answer, in seconds; an upload of 500 MB to a busy engine comes before it.
const REQUEST_S: u64 = 900;

/// An engine that answered, with a client that speaks its version.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
    address: String,
    version: String,
    api: String,
}

impl Engine {
    /// A client for it; clones share one connection pool.
    pub fn client(&self) -> &Docker {
        &self.docker
    }

    /// Where it was found, as `unix://` or `tcp://` address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Version of the engine, such as `20.10.24+dfsg1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Version of its API that this client speaks, such as `1.41`.
    pub fn api(&self) -> &str {
        &self.api
    }
}

/// One address that was tried, and why it is no engine.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The address, as `unix://` or `tcp://`.
    pub address: String,
    /// What went wrong, in words.
    pub why: String,
}

/// Why no engine was found.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No candidate answered.
    #[error("find a Docker Engine: {}", tried.iter().map(|one| format!("{}: {}", one.address, one.why)).collect::<Vec<_>>().join("; "))]
    NoneAnswers {
        /// What was tried, in order.
        tried: Vec<Tried>,
    },
}

/// The first engine that answers: `DOCKER_HOST` alone where it is set, else the usual sockets.
///
/// # Errors
/// `NoneAnswers` with each address tried and the reason.
pub async fn find() -> Result<Engine, EngineError> {
    let mut tried = Vec::new();
    for address in candidates(|name| env::var(name).ok()) {
        match tokio::time::timeout(ANSWER, connect(&address)).await {
            Ok(Ok(engine)) => return Ok(engine),
            Ok(Err(why)) => tried.push(Tried { address, why }),
            Err(_) => tried.push(Tried {
                address,
                why: format!("no answer within {} s", ANSWER.as_secs()),
            }),
        }
    }
    Err(EngineError::NoneAnswers { tried })
}

/// Addresses to try, in order.
fn candidates(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    if let Some(host) = set("DOCKER_HOST") {
        return vec![host];
    }
    let mut sockets = vec!["unix:///var/run/docker.sock".to_owned()];
    sockets.extend(set("XDG_RUNTIME_DIR").map(|dir| format!("unix://{dir}/docker.sock")));
    sockets.extend(set("HOME").map(|dir| format!("unix://{dir}/.docker/run/docker.sock")));
    sockets
}

async fn connect(address: &str) -> Result<Engine, String> {
    let docker = match address.strip_prefix("unix://") {
        Some(path) if !Path::new(path).exists() => return Err("no such socket".into()),
        Some(_) => Docker::connect_with_unix(address, REQUEST_S, API_DEFAULT_VERSION),
        None => Docker::connect_with_http(address, REQUEST_S, API_DEFAULT_VERSION),
    };
    let docker = docker.map_err(|error| error.to_string())?;
    let docker = docker
        .negotiate_version()
        .await
        .map_err(|error| error.to_string())?;
    let version = docker.version().await.map_err(|error| error.to_string())?;
    Ok(Engine {
        api: docker.client_version().to_string(),
        docker,
        address: address.to_owned(),
        version: version.version.unwrap_or_else(|| "unknown".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::candidates;

    #[test]
    fn a_named_host_is_the_only_candidate() {
        let named = |name: &str| (name == "DOCKER_HOST").then(|| "tcp://127.0.0.1:2375".to_owned());
        assert_eq!(candidates(named), ["tcp://127.0.0.1:2375"]);
    }

    #[test]
    fn an_empty_host_counts_as_unset() {
        let empty = |name: &str| (name == "DOCKER_HOST").then(String::new);
        assert_eq!(candidates(empty), ["unix:///var/run/docker.sock"]);
    }

    #[test]
    fn the_users_own_sockets_come_after_the_machines() {
        let both = |name: &str| match name {
            "XDG_RUNTIME_DIR" => Some("/run/user/7".to_owned()),
            "HOME" => Some("/home/u".to_owned()),
            _ => None,
        };
        let want = [
            "unix:///var/run/docker.sock",
            "unix:///run/user/7/docker.sock",
            "unix:///home/u/.docker/run/docker.sock",
        ];
        assert_eq!(candidates(both), want);
    }
}
