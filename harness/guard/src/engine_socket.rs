//! The few engine calls that an undo needs, over the engine's unix socket: blocking HTTP/1.1, one connection a call.
//!
//! Paths carry no API version: every engine takes its own. A thing that is gone is an answer, not an error.
use serde_json::Value;
use std::{
    collections::BTreeMap,
    env,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    time::Duration,
};

/// How long the engine may take for one answer; removing a busy container is the slowest.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers beyond this are cut off: lists of labelled things are small.
const LONGEST: u64 = 16 << 20;

/// The label whose value is the run.
pub const RUN_LABEL: &str = "brinell.run";
/// The label whose value is the run's owner, as `pid:start ticks:boot id`.
pub const OWNER_LABEL: &str = "brinell.owner";

/// Where the engine listens.
#[derive(Clone, Debug)]
pub struct Engine {
    socket: PathBuf,
}

/// What the engine says of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether it runs; late by some 70 ms after a kill from outside.
    pub running: bool,
    /// Whether the engine paused it.
    pub paused: bool,
    /// Host pid of its init, 0 where it does not run.
    pub pid: u32,
}

/// What can carry a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A container.
    Container,
    /// A network.
    Network,
    /// A volume.
    Volume,
}

impl Kind {
    /// In the order in which they can be removed.
    pub const ALL: [Self; 3] = [Self::Container, Self::Network, Self::Volume];

    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Network => "network",
            Self::Volume => "volume",
        }
    }

    const fn list(self) -> &'static str {
        match self {
            Self::Container => "/containers/json?all=1&filters=",
            Self::Network => "/networks?filters=",
            Self::Volume => "/volumes?filters=",
        }
    }
}

/// One labelled thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// How the engine addresses it.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

impl Engine {
    /// The engine of `DOCKER_HOST`, or the first usual socket that exists.
    pub fn find() -> Self {
        let named = env::var("DOCKER_HOST").ok();
        let named = named.and_then(|host| host.strip_prefix("unix://").map(PathBuf::from));
        let usual = || usual().into_iter().find(|path| path.exists());
        Self {
            socket: named
                .or_else(usual)
                .unwrap_or_else(|| "/var/run/docker.sock".into()),
        }
    }

    /// The engine that listens at `socket`.
    pub fn at(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// What it says of a container; none where there is no such container.
    ///
    /// # Errors
    /// The engine does not answer.
    pub fn state(&self, container: &str) -> Result<Option<State>, String> {
        let (code, body) = self.call("GET", &format!("/containers/{container}/json"))?;
        if code == 404 {
            return Ok(None);
        }
        let told = expect(code, &[200], &body)?;
        let state = &told["State"];
        let flag = |key: &str| state[key].as_bool().unwrap_or_default();
        Ok(Some(State {
            running: flag("Running"),
            paused: flag("Paused"),
            pid: state["Pid"].as_u64().unwrap_or_default() as u32,
        }))
    }

    /// Starts a container; one that runs, or is gone, is fine.
    ///
    /// # Errors
    /// The engine does not answer, or cannot start it.
    pub fn start(&self, container: &str) -> Result<(), String> {
        let (code, body) = self.call("POST", &format!("/containers/{container}/start"))?;
        expect(code, &[204, 304, 404], &body).map(drop)
    }

    /// Ends a container at once and starts it again; gone is fine.
    ///
    /// # Errors
    /// The engine does not answer, or cannot start it.
    pub fn restart(&self, container: &str) -> Result<(), String> {
        let (code, body) = self.call("POST", &format!("/containers/{container}/restart?t=0"))?;
        expect(code, &[204, 404], &body).map(drop)
    }

    /// Ends a container at once; one that does not run, or is gone, is fine.
    ///
    /// # Errors
    /// The engine does not answer, or cannot end it.
    pub fn stop(&self, container: &str) -> Result<(), String> {
        let (code, body) = self.call("POST", &format!("/containers/{container}/stop?t=0"))?;
        expect(code, &[204, 304, 404], &body).map(drop)
    }

    /// Undoes the engine's own pause; one that is not paused is fine.
    ///
    /// # Errors
    /// The engine does not answer.
    pub fn unpause(&self, container: &str) -> Result<(), String> {
        let (code, body) = self.call("POST", &format!("/containers/{container}/unpause"))?;
        expect(code, &[204, 304, 404, 409, 500], &body).map(drop)
    }

    /// Everything of `kind` that carries `label` (a key, or `key=value`).
    ///
    /// # Errors
    /// The engine does not answer.
    pub fn labelled(&self, kind: Kind, label: &str) -> Result<Vec<Thing>, String> {
        let filter = serde_json::json!({ "label": [label] }).to_string();
        let (code, body) = self.call("GET", &format!("{}{}", kind.list(), escaped(&filter)))?;
        let told = expect(code, &[200], &body)?;
        let list = if kind == Kind::Volume {
            &told["Volumes"]
        } else {
            &told
        };
        let things = list.as_array().into_iter().flatten();
        Ok(things.filter_map(|one| thing(kind, one)).collect())
    }

    /// Removes it, running or not; gone is fine. A removal already under way is looked at again by the caller.
    ///
    /// # Errors
    /// The engine does not answer, or it is still in use.
    pub fn remove(&self, thing: &Thing) -> Result<(), String> {
        let path = match thing.kind {
            Kind::Container => format!("/containers/{}?force=1&v=1", thing.id),
            Kind::Network => format!("/networks/{}", thing.id),
            Kind::Volume => format!("/volumes/{}?force=1", thing.id),
        };
        let (code, body) = self.call("DELETE", &path)?;
        expect(code, &[200, 204, 404], &body).map(drop)
    }

    fn call(&self, method: &str, path: &str) -> Result<(u16, Vec<u8>), String> {
        let fails =
            |error: io::Error| format!("reach the engine at {}: {error}", self.socket.display());
        let mut stream = UnixStream::connect(&self.socket).map_err(fails)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(fails)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(fails)?;
        let head = "Host: engine\r\nConnection: close\r\nContent-Length: 0";
        let request = format!("{method} {path} HTTP/1.1\r\n{head}\r\n\r\n");
        stream.write_all(request.as_bytes()).map_err(fails)?;
        answer(BufReader::new(stream.take(LONGEST))).map_err(fails)
    }
}

fn usual() -> Vec<PathBuf> {
    let under = |variable: &str, rest: &str| {
        env::var(variable)
            .ok()
            .map(|base| PathBuf::from(base).join(rest))
    };
    let fixed = ["/var/run/docker.sock", "/run/docker.sock"].map(PathBuf::from);
    let own = [
        under("XDG_RUNTIME_DIR", "docker.sock"),
        under("HOME", ".docker/run/docker.sock"),
        under("HOME", ".docker/desktop/docker.sock"),
    ];
    fixed.into_iter().chain(own.into_iter().flatten()).collect()
}

fn expect(code: u16, fine: &[u16], body: &[u8]) -> Result<Value, String> {
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    if fine.contains(&code) {
        return Ok(told);
    }
    let why = told["message"].as_str().unwrap_or("no reason given");
    Err(format!("get the engine to do it: {why} (status {code})"))
}

fn thing(kind: Kind, told: &Value) -> Option<Thing> {
    let text = |key: &str| told[key].as_str().map(str::to_owned);
    let first = told["Names"][0]
        .as_str()
        .map(|name| name.trim_start_matches('/').to_owned());
    let id = text("Id").or_else(|| text("Name"))?;
    let label = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    Some(Thing {
        kind,
        name: first.or_else(|| text("Name")).unwrap_or_else(|| id.clone()),
        labels: told["Labels"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(label)
            .collect(),
        id,
    })
}

fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            (byte as char).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Status and body; a body in chunks, of a told length, or up to the end of the connection.
fn answer(mut from: impl BufRead) -> io::Result<(u16, Vec<u8>)> {
    let status = line(&mut from)?;
    let code = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let code = code.ok_or_else(|| io::Error::other(format!("no HTTP status in `{status}`")))?;
    let (mut length, mut chunked) = (None, false);
    loop {
        let header = line(&mut from)?.to_ascii_lowercase();
        match header.split_once(':') {
            None => break,
            Some(("content-length", value)) => {
                length = value
                    .trim()
                    .parse::<usize>()
                    .ok()
                    .filter(|length| *length as u64 <= LONGEST)
            }
            Some(("transfer-encoding", value)) => chunked = value.contains("chunked"),
            Some(_) => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        chunks(&mut from, &mut body)?;
    } else if let Some(length) = length {
        body.resize(length, 0);
        from.read_exact(&mut body)?;
    } else if !matches!(code, 204 | 304) {
        from.read_to_end(&mut body)?;
    }
    Ok((code, body))
}

fn chunks(from: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let size = line(from)?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
        if size == 0 {
            return Ok(());
        }
        if from.by_ref().take(size).read_to_end(body)? as u64 != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line(from)?;
    }
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut text = String::new();
    if from.read_line(&mut text)? == 0 || !text.ends_with('\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_in_chunks_is_put_together() {
        let reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\n\r\n";
        let (code, body) = answer(reply.as_bytes()).unwrap();
        assert_eq!((code, body.as_slice()), (200, &b"{\"a\":1}"[..]));
    }

    #[test]
    fn a_reply_without_body_ends_at_its_head() {
        let (code, body) = answer(&b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"[..]).unwrap();
        assert_eq!((code, body.len()), (204, 0));
    }

    #[test]
    fn a_reply_cut_anywhere_is_an_error_or_shorter_never_a_panic() {
        let reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n";
        for cut in 0..reply.len() - 5 {
            assert!(answer(&reply.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn things_keep_name_and_labels() {
        let told = serde_json::json!({"Id": "i", "Names": ["/n"], "Labels": {"brinell.run": "r"}});
        let read = thing(Kind::Container, &told).unwrap();
        assert_eq!((read.id.as_str(), read.name.as_str()), ("i", "n"));
        assert_eq!(read.labels[RUN_LABEL], "r");
        assert_eq!(escaped("{\"a=b\"}"), "%7B%22a%3Db%22%7D");
    }
}
