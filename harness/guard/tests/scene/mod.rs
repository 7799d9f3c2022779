//! A scratch piece of machine for tests as root: two processes with a network each, joined by a bridge, in a freezer group each.
//!
//! Everything lives in a network namespace of the calling thread, so rules and links end with it; groups and processes are
//! ended on drop.
#![expect(dead_code, reason = "each test file uses a part of it")]
pub mod drives;
pub mod ground;
pub mod owner;
mod traffic;

use guard::process;
use model::{
    check::End,
    control::Control,
    facts::{Facts, Freezer, Process, RevivedBy, Unit},
};
use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Once,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A number of its own for each scene.
static NEXT: AtomicU32 = AtomicU32::new(0);

pub struct Node {
    pub child: Child,
    pub process: Process,
    pub address: Ipv4Addr,
    pub freezer: Freezer,
    /// Its groups of all controllers.
    groups: Vec<PathBuf>,
    /// A folder with files that it may lose.
    scratch: PathBuf,
}

pub struct Scene {
    pub name: String,
    pub folder: PathBuf,
    pub nodes: Vec<Node>,
    traffic: traffic::Traffic,
}

impl Scene {
    /// Two nodes. Fails, with the fix in its first line, where it cannot be had.
    pub fn new() -> Self {
        need();
        // SAFETY: only this thread changes; the test runner gives each test its own.
        assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNET) }, 0, "unshare");
        let name = format!(
            "brinell-test-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(&name);
        fs::create_dir_all(&folder).expect("a folder for temporary files");
        run("ip", "link add br0 type bridge");
        // As a bridge of the engine has: a reset in another's name is routed before it is bridged.
        run("ip", "addr add 10.77.0.1/24 dev br0");
        run("ip", "link set br0 up");
        let nodes = (1..=2).map(|at| node(&name, &folder, at)).collect();
        Self {
            name,
            folder,
            nodes,
            traffic: traffic::Traffic::default(),
        }
    }

    pub fn end(&self, at: usize) -> End {
        End {
            process: self.nodes[at].process.clone(),
            address: self.nodes[at].address,
        }
    }

    pub fn facts(&self) -> Vec<Facts> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(at, node)| facts(at, node))
            .collect()
    }

    /// Arguments of a guard of this scene.
    pub fn config(&self) -> guard::Config {
        let mut config =
            guard::Config::new(&self.name, self.folder.clone(), guard::clock::mono_ns());
        config.registry = Some(self.folder.join("open"));
        config
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            let _ = fs::write(&node.freezer.write, &node.freezer.thaw);
            let _ = node.child.kill();
            let _ = node.child.wait();
            for group in &node.groups {
                let _ = fs::remove_dir(group);
            }
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What must be there; with consent (`BRINELL_SETUP=yes`) missing packages are installed, once.
fn need() {
    static INSTALL: Once = Once::new();
    let lacks_tools = || {
        ["ip", "unshare", "nsenter", "nft", "iptables"]
            .iter()
            .any(|tool| Command::new(tool).arg("-V").output().is_err())
    };
    let consent = std::env::var("BRINELL_SETUP").is_ok_and(|word| word == "yes");
    INSTALL.call_once(|| {
        if consent && (lacks_tools() || guard::nft::Nft::open().is_err()) {
            run("apt-get", "-q update");
            run(
                "apt-get",
                "-q -y install --no-install-recommends iproute2 util-linux nftables iptables",
            );
        }
    });
    // SAFETY: no preconditions.
    let root = unsafe { libc::geteuid() } == 0;
    let lacks: Vec<String> = guard::probe()
        .into_iter()
        .filter_map(|(_, found)| found.err())
        .collect();
    assert!(
        root && lacks.is_empty(),
        "run this as root on a Linux with iproute2, util-linux, nftables and a freezer (BRINELL_SETUP=yes installs the packages): sudo -E cargo test -p guard\n{lacks:?}"
    );
}

fn node(name: &str, folder: &Path, at: u8) -> Node {
    let (groups, freezer) = groups(&format!("{name}-{at}"));
    for group in &groups {
        fs::create_dir_all(group).expect("root makes groups");
    }
    let scratch = folder.join(format!("scratch-{at}"));
    fs::create_dir_all(&scratch).expect("a folder for temporary files");
    fs::write(scratch.join("kept"), "by a node").expect("a file for the node");
    let mut command = Command::new("unshare");
    let child = command
        .args(["--net", "sleep", "600"])
        .stdin(Stdio::null())
        .spawn();
    let child = child.expect("util-linux has unshare");
    let pid = child.id();
    let sleeps =
        || fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "sleep");
    wait_for("the process in its own network", sleeps);
    for group in &groups {
        fs::write(group.join("cgroup.procs"), pid.to_string()).expect("root moves processes");
    }
    let address = Ipv4Addr::new(10, 77, 0, 10 + at);
    run("ip", &format!("link add v{at} type veth peer name e{at}"));
    run("ip", &format!("link set v{at} master br0 up"));
    run("ip", &format!("link set e{at} netns {pid}"));
    run(
        "nsenter",
        &format!("-t {pid} -n ip addr add {address}/24 dev e{at}"),
    );
    run("nsenter", &format!("-t {pid} -n ip link set e{at} up"));
    let start_ticks = process::start_ticks(pid).expect("it was just seen");
    let process = Process { pid, start_ticks };
    Node {
        child,
        process,
        address,
        freezer,
        groups,
        scratch,
    }
}

/// One of each controller, or the one for all.
fn groups(name: &str) -> (Vec<PathBuf>, Freezer) {
    let mount = Path::new("/sys/fs/cgroup");
    let path = format!("/{name}");
    if mount.join("freezer").exists() {
        let of = |controller| mount.join(controller).join(name);
        let all = ["freezer", "cpu", "memory", "pids"].map(of);
        (all.to_vec(), Freezer::v1(&path))
    } else {
        (vec![mount.join(name)], Freezer::v2(&path))
    }
}

/// What its groups say now.
fn control(pid: u32) -> Control {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    Control::of_cgroup(&groups, &|path| fs::read_to_string(path).ok())
}

fn facts(at: usize, node: &Node) -> Facts {
    Facts {
        node: format!("node-{at}").as_str().into(),
        role: "server".into(),
        unit: Unit::Container,
        container: format!("none-{at}"),
        address: node.address,
        init: node.process.clone(),
        processes: vec![node.process.clone()],
        freezer: Some(node.freezer.clone()),
        control: control(node.process.pid),
        scratch: vec![format!("{}/*", node.scratch.display())],
        revived_by: RevivedBy::Platform,
        role_count: 2,
        layers: Vec::new(),
        drives: Vec::new(),
        spots: Vec::new(),
        throttle: None,
        credential: None,
        rotation: None,
    }
}

fn run(program: &str, args: &str) {
    let done = Command::new(program).args(args.split(' ')).output();
    let done = done.unwrap_or_else(|error| panic!("install {program}: {error}"));
    assert!(
        done.status.success(),
        "{program} {args}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Waits for a fact, at most 30 s; gives how long it took.
pub fn wait_for(what: &str, fact: impl Fn() -> bool) -> Duration {
    let began = Instant::now();
    while !fact() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "never seen: {what}"
        );
        thread::sleep(Duration::from_micros(200));
    }
    began.elapsed()
}

/// A process with its start time.
pub fn process_of(pid: u32) -> Process {
    let start_ticks = process::start_ticks(pid).unwrap_or_default();
    Process { pid, start_ticks }
}
