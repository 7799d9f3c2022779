//! Starting `brinell`, following its journal, and looking for what is left.
use guard::{
    engine_socket::{Engine, RUN_LABEL},
    sweep,
};
use model::{
    journal::{self, Event, Line},
    seed::Draw,
};
use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Two testbeds at once would measure each other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The turn of one test, the machine set up.
pub fn turn() -> MutexGuard<'static, ()> {
    let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    static READY: OnceLock<bool> = OnceLock::new();
    let ready = *READY.get_or_init(|| {
        brinell()
            .args(["images", "build"])
            .status()
            .is_ok_and(|status| status.success())
    });
    assert!(
        ready,
        "no testbed here: set BRINELL_SETUP=yes to let this test install and build what is missing (see above for what that is)"
    );
    turn
}

fn brinell() -> Command {
    Command::new(env!("CARGO_BIN_EXE_brinell"))
}

/// A run under way, with a folder of its own.
pub struct Running {
    pub child: Child,
    out: PathBuf,
    said: PathBuf,
}

/// What a run left.
pub struct Done {
    pub code: i32,
    pub lines: Vec<Line>,
    pub folder: PathBuf,
    pub said: String,
}

/// Starts a run of this scenario.
pub fn start(name: &str, scenario: &str) -> Running {
    let out = std::env::temp_dir().join(format!("brinell-docker-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&out).expect("a scratch folder");
    let file = out.join(format!("{name}.yaml"));
    fs::write(&file, scenario).expect("a scratch scenario");
    let said = out.join("said.txt");
    let words = fs::File::create(&said).expect("a scratch file");
    let mut command = brinell();
    command
        .args(["run", "--seed", "7", "--out"])
        .arg(out.join("runs"))
        .arg(&file);
    let child = command
        .stdin(Stdio::null())
        .stdout(words.try_clone().expect("a copy"))
        .stderr(words)
        .spawn()
        .expect("brinell starts");
    Running { child, out, said }
}

/// Whether the planner accepts this scenario.
pub fn plans(name: &str, scenario: &str) -> bool {
    let file =
        std::env::temp_dir().join(format!("brinell-docker-{}-{name}.yaml", std::process::id()));
    fs::write(&file, scenario).expect("a scratch scenario");
    let planned = brinell()
        .args(["plan", "--seed", "7"])
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let _ = fs::remove_file(&file);
    planned.is_ok_and(|status| status.success())
}

/// `brinell clean RUN`; everything it was asked for must be clean afterwards.
pub fn clean(run: &str) {
    let done = brinell()
        .args(["clean", run])
        .output()
        .expect("brinell starts");
    assert!(
        done.status.success(),
        "clean {run}: {}",
        String::from_utf8_lossy(&done.stdout)
    );
}

/// Sends a signal to a process.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status();
    assert!(
        sent.is_ok_and(|status| status.success()),
        "kill -{name} {pid}"
    );
}

/// Host pid of a container of the run that runs now, drawn; none where none does.
pub fn container_pid(run: &str, draw: &mut Draw) -> Option<u32> {
    let engine = Engine::find();
    let all = engine
        .labelled(
            guard::engine_socket::Kind::Container,
            &format!("{RUN_LABEL}={run}"),
        )
        .ok()?;
    let pids: Vec<u32> = all
        .iter()
        .filter_map(|one| engine.state(&one.id).ok()?)
        .filter(|state| state.running)
        .map(|state| state.pid)
        .collect();
    pids.get(draw.below(pids.len().max(1) as u64) as usize)
        .copied()
}

/// Longest that any of these runs may take.
const LIMIT: Duration = Duration::from_secs(600);

impl Running {
    /// The run's folder, once there.
    pub fn folder(&self) -> Option<PathBuf> {
        fs::canonicalize(self.out.join("runs/current"))
            .or_else(|_| fs::canonicalize(self.out.join("runs/latest")))
            .ok()
    }

    /// Waits for the first journal line that is wanted; fails where the run ends before.
    pub fn wait_for(&mut self, what: &str, wanted: impl Fn(&Event) -> bool) -> Event {
        let since = Instant::now();
        loop {
            let lines = self
                .folder()
                .map(|folder| lines(&folder))
                .unwrap_or_default();
            if let Some(event) = lines
                .into_iter()
                .filter_map(|line| line.event)
                .find(|event| wanted(event))
            {
                return event;
            }
            let ended = self.child.try_wait().expect("a child").is_some();
            assert!(
                !ended && since.elapsed() < LIMIT,
                "no {what}; the run said:\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the first journal line that is wanted; false where the run ends before, which a busy machine may bring about.
    pub fn reaches(&mut self, wanted: impl Fn(&Event) -> bool) -> bool {
        let since = Instant::now();
        loop {
            let ended = self.is_over();
            let found = self
                .folder()
                .map(|folder| lines(&folder))
                .unwrap_or_default();
            if found
                .iter()
                .filter_map(|line| line.event.as_ref())
                .any(&wanted)
            {
                return true;
            }
            if ended || since.elapsed() > LIMIT {
                return false;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Deletes what it wrote: hundreds of rounds would fill a disk.
    pub fn forget(&self) {
        let _ = fs::remove_dir_all(&self.out);
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// Sends a signal to the harness.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{name}");
    }

    /// Waits until the run has ended, however.
    pub fn end(&mut self) {
        let since = Instant::now();
        while self.child.try_wait().expect("a child").is_none() {
            assert!(
                since.elapsed() < LIMIT,
                "the run does not end; it said:\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the end.
    pub fn done(mut self) -> Done {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(
                since.elapsed() < LIMIT,
                "the run does not end; it said:\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(50));
        };
        let folder = fs::canonicalize(self.out.join("runs/latest"))
            .unwrap_or_else(|_| newest(&self.out.join("runs")));
        Done {
            code: status.code().unwrap_or(-1),
            lines: lines(&folder),
            said: self.said(),
            folder,
        }
    }
}

/// The run folder below `runs/*/*/`, where no link points at it.
fn newest(runs: &Path) -> PathBuf {
    let below = |path: &Path| -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(path) else {
            return Vec::new();
        };
        entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir() && !path.is_symlink())
            .collect()
    };
    let found = below(runs)
        .iter()
        .flat_map(|group| below(group))
        .flat_map(|scenario| below(&scenario).into_iter().chain([scenario]))
        .filter(|path| path.join("run.json").exists())
        .max();
    found.unwrap_or_else(|| panic!("no run folder below {}", runs.display()))
}

/// The readable lines of a journal.
pub fn lines(folder: &Path) -> Vec<Line> {
    let mut text = String::new();
    let read = fs::File::open(folder.join("events.jsonl"))
        .and_then(|mut file| file.read_to_string(&mut text));
    if read.is_err() {
        return Vec::new();
    }
    journal::parse(&text)
        .map(|journal| journal.lines)
        .unwrap_or_default()
}

impl Done {
    /// The facts.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.lines.iter().filter_map(|line| line.event.as_ref())
    }

    /// How many facts are wanted.
    pub fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.events().filter(|event| wanted(event)).count()
    }

    /// `report.json`.
    pub fn report(&self) -> serde_json::Value {
        let text = fs::read_to_string(self.folder.join("report.json"))
            .unwrap_or_else(|error| panic!("report.json: {error}; the run said:\n{}", self.said));
        serde_json::from_str(&text).expect("JSON")
    }

    /// Run id.
    pub fn run(&self) -> String {
        self.folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    }

    /// Nothing labelled with the run is left.
    pub fn nothing_left(&self) {
        assert_eq!(
            labelled(&self.run()),
            Vec::<String>::new(),
            "left behind; the run said:\n{}",
            self.said
        );
    }
}

/// Containers, networks and volumes of a run that are still there.
pub fn labelled(run: &str) -> Vec<String> {
    sweep::leftovers(&Engine::find(), run).expect("the engine answers")
}

/// A scenario on the full testbed with one fault, as short as can be.
pub fn short(fault: &str, more: &str) -> String {
    format!(
        "brinell: 1
claim: A short run.
testbed: {{spark: {{workers: 2}}, kafka: {{brokers: 1}}, minio: {{nodes: 1, drives: 4}}}}
workload: {{pipeline: {{rate: 100/s}}}}
phases: {{warm_up: 3s, baseline: 6s, recovery: 8s, settle: 2s, cool_down: 60s}}
faults:
  - {fault}
{more}
"
    )
}

/// A gate that any machine passes: one window, every probe answering.
pub const EASY: &str =
    "steady: {windows: 1, window: 5s, within: 100%}\nobjectives: {records_lost: \"count == 0\"}";
