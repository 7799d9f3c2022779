//! Two containers on a network of their own, a beat and a stream of datagrams between them; all removed at the end.
use guard::{Config, Guard, engine_socket::RUN_LABEL, process};
use model::facts::{Facts, Freezer, Process, RevivedBy, Unit};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::Ipv4Addr,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

/// A corner that neither the engine's defaults nor testbeds use.
const SUBNET: &str = "10.214.77.0/24";
const ADDRESSES: [Ipv4Addr; 2] = [
    Ipv4Addr::new(10, 214, 77, 11),
    Ipv4Addr::new(10, 214, 77, 12),
];

/// One container.
pub struct Node {
    /// Full id.
    pub id: String,
    /// Fixed address.
    pub address: Ipv4Addr,
}

/// Everything that is pressed on.
pub struct Stage {
    /// Its network's name.
    pub network: String,
    /// The containers.
    pub nodes: Vec<Node>,
    /// For temporary files.
    pub folder: PathBuf,
    /// A guard that owns all of it.
    pub guard: Guard,
    /// Where the guard's clock starts.
    pub epoch: u64,
    version: String,
}

impl Stage {
    /// Makes it.
    ///
    /// # Errors
    /// No root, no engine, no image.
    pub fn set() -> Result<Self, String> {
        let run = format!("bench-{}", std::process::id());
        let folder = std::env::temp_dir().join(format!("brinell-{run}"));
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let version = ask("GET", "/version", &Value::Null)?["Version"]
            .as_str()
            .unwrap_or("?")
            .to_owned();
        let image = image()?;
        let epoch = guard::clock::mono_ns();
        let config = Config::new(&run, folder.clone(), epoch);
        let guard = Guard::start(
            Path::new(env!("CARGO_BIN_EXE_brinell")),
            &["guard"],
            &config,
        );
        let guard = guard.map_err(|error| format!("start the guard: {error}"))?;
        let deadline = model::units::Nanos::secs(3600);
        let own = guard.ask(model::guard::Request::Own {
            run: run.clone(),
            deadline,
        });
        own.map_err(|error| format!("own the containers: {error}"))?;
        let network = format!("brinell-{run}");
        let labels = json!({RUN_LABEL: run});
        let pool = json!({"Config": [{"Subnet": SUBNET}]});
        ask(
            "POST",
            "/networks/create",
            &json!({"Name": network, "Driver": "bridge", "IPAM": pool, "Labels": labels}),
        )?;
        let mut nodes = Vec::new();
        for address in ADDRESSES {
            nodes.push(node(&image, &network, &labels, address)?);
        }
        Ok(Self {
            network,
            nodes,
            folder,
            guard,
            epoch,
            version,
        })
    }

    /// What the numbers may depend on.
    pub fn versions(&self) -> String {
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        format!(
            "kernel {}, Docker Engine {}, {} CPUs",
            kernel.trim(),
            self.version,
            std::thread::available_parallelism().map_or(0, usize::from)
        )
    }

    /// Facts of a node, as the testbed gives them.
    pub fn facts(&self, at: usize) -> Result<Facts, String> {
        let node = &self.nodes[at];
        let init = self.init(at)?;
        let groups = std::fs::read_to_string(format!("/proc/{}/cgroup", init.pid))
            .map_err(|error| error.to_string())?;
        Ok(Facts {
            node: format!("bench-{at}").as_str().into(),
            role: "bench".into(),
            unit: Unit::Container,
            container: node.id.clone(),
            address: node.address,
            processes: vec![init.clone()],
            init,
            freezer: Freezer::of_cgroup(&groups),
            control: Default::default(),
            scratch: Vec::new(),
            revived_by: RevivedBy::Guard,
            role_count: 2,
            layers: vec![],
            drives: Vec::new(),
            spots: Vec::new(),
            throttle: None,
            credential: None,
            rotation: None,
        })
    }

    /// Its init, once the engine has one.
    pub fn init(&self, at: usize) -> Result<Process, String> {
        let told = ask(
            "GET",
            &format!("/containers/{}/json", self.nodes[at].id),
            &Value::Null,
        )?;
        let pid = told["State"]["Pid"].as_u64().unwrap_or_default() as u32;
        let start_ticks = process::start_ticks(pid).ok_or("find the container's process")?;
        Ok(Process { pid, start_ticks })
    }

    /// The list of processes of the container's freezer group: the file that fills again when it starts.
    pub fn group(&self, at: usize) -> Result<PathBuf, String> {
        let freezer = self.facts(at)?.freezer.ok_or("find a freezer")?;
        let folder = Path::new(&freezer.write).parent().ok_or("find the group")?;
        Ok(folder.join("cgroup.procs"))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Err(error) = self.guard.ask(model::guard::Request::Close) {
            println!("not removed: {error}");
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn image() -> Result<String, String> {
    let told = ask("GET", "/images/json", &Value::Null)?;
    let tags = told
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|one| one["RepoTags"].as_array().cloned().unwrap_or_default());
    let ours = tags
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .find(|tag| tag.starts_with("brinell/kafka"));
    ours.ok_or("find an image of ours: `brinell images build --setup` makes them".to_owned())
}

fn node(image: &str, network: &str, labels: &Value, address: Ipv4Addr) -> Result<Node, String> {
    let made = ask(
        "POST",
        "/containers/create",
        &json!({"Image": image, "Entrypoint": ["/bin/sleep", "3000"], "Cmd": [], "Labels": labels,
            "HostConfig": {"NetworkMode": network, "Init": false},
            "NetworkingConfig": {"EndpointsConfig": {network: {"IPAMConfig": {"IPv4Address": address.to_string()}}}}}),
    )?;
    let id = made["Id"]
        .as_str()
        .ok_or("read the container's id")?
        .to_owned();
    ask("POST", &format!("/containers/{id}/start"), &Value::Null)?;
    Ok(Node { id, address })
}

/// A connection to the engine, opened before the clock starts.
pub struct Line(UnixStream);

impl Line {
    /// Opens it.
    pub fn open() -> Result<Self, String> {
        let named = std::env::var("DOCKER_HOST").ok();
        let path = named
            .as_deref()
            .and_then(|host| host.strip_prefix("unix://"))
            .unwrap_or("/var/run/docker.sock")
            .to_owned();
        UnixStream::connect(&path)
            .map(Self)
            .map_err(|error| format!("reach the engine at {path}: {error}"))
    }

    /// Asks, and gives code and body.
    pub fn ask(mut self, method: &str, path: &str, body: &Value) -> Result<(u16, Value), String> {
        let fails = |error: std::io::Error| format!("ask the engine: {error}");
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let head = format!(
            "Host: engine\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}",
            text.len()
        );
        self.0
            .write_all(format!("{method} {path} HTTP/1.0\r\n{head}\r\n\r\n{text}").as_bytes())
            .map_err(fails)?;
        let mut reader = BufReader::new(self.0);
        let mut line = String::new();
        reader.read_line(&mut line).map_err(fails)?;
        let code = line
            .split_whitespace()
            .nth(1)
            .and_then(|code| code.parse().ok())
            .ok_or("read the engine's answer")?;
        while reader.read_line(&mut line).map_err(fails)? > 2 {}
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(fails)?;
        Ok((code, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }
}

/// One question on a line of its own.
pub fn ask(method: &str, path: &str, body: &Value) -> Result<Value, String> {
    match Line::open()?.ask(method, path, body)? {
        (code, told) if code < 400 => Ok(told),
        (code, told) => Err(format!("{method} {path}: {code} {told}")),
    }
}
