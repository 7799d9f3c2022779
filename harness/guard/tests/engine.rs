//! Removal by label and starting again, against an engine of our own behind a unix socket: so that what a real one does rarely
//! (things that land late, a removal under way, a death not noticed yet) happens every time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use guard::{
    acts::{Hands, signal},
    clean::{Scope, clean_with},
    clock::mono_ns,
    drives,
    engine_socket::{Engine, OWNER_LABEL, RUN_LABEL},
    journal::{Fact, Identity as Of, Journal, Recorded},
    process::Identity,
    registry::{Open, Registry},
    sweep,
};
use model::{
    act::{Act, Undo, call},
    facts::{Credential, Freezer, Request},
    ids::UndoId,
    units::Nanos,
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    fs,
    io::{BufRead, BufReader, ErrorKind, Write},
    net::TcpListener,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// What our engine holds and how it behaves.
#[derive(Default)]
struct State {
    /// Kind (as in its path), id, labels.
    things: Vec<(&'static str, &'static str, Value)>,
    /// Lands once the first list of containers was told to be empty.
    late: Option<(&'static str, &'static str, Value)>,
    /// So many removals of containers are answered "already in progress".
    busy: usize,
    /// What is told of the one container that can be started, in order; the last stays.
    states: VecDeque<Value>,
    starts: usize,
    removed: Vec<&'static str>,
}

struct Fake {
    engine: Engine,
    state: Arc<Mutex<State>>,
    folder: PathBuf,
}

impl Fake {
    fn of(state: State) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("brinell-engine-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let socket = folder.join("engine.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &mut shared.lock().unwrap());
            }
        });
        Self {
            engine: Engine::at(socket),
            state,
            folder,
        }
    }

    fn left(&self) -> Vec<&'static str> {
        self.state
            .lock()
            .unwrap()
            .things
            .iter()
            .map(|(_, id, _)| *id)
            .collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// One request, one answer, in chunks as the real one does for lists.
fn serve(mut stream: UnixStream, state: &mut State) {
    let mut line = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    reader.read_line(&mut line).unwrap();
    let mut header = String::new();
    while reader.read_line(&mut header).is_ok_and(|length| length > 2) {
        header.clear();
    }
    let words: Vec<&str> = line.split(' ').collect();
    let (code, body) = answer(state, words[0], words[1]);
    let text = body.to_string();
    let chunk = format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len());
    let _ = write!(
        stream,
        "HTTP/1.1 {code} X\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"
    );
}

fn answer(state: &mut State, method: &str, path: &str) -> (u16, Value) {
    let path = path
        .replace("%7B", "{")
        .replace("%7D", "}")
        .replace("%22", "\"")
        .replace("%5B", "[")
        .replace("%5D", "]");
    let path = path.replace("%3A", ":").replace("%3D", "=");
    let parts: Vec<&str> = path.trim_start_matches('/').split(['/', '?']).collect();
    match (method, parts.as_slice()) {
        ("GET", ["containers", "json", query]) => {
            let list = listed(state, "containers", query);
            if list.is_empty() {
                state.things.extend(state.late.take());
            }
            (200, json!(list))
        }
        ("GET", ["networks", query]) => (200, json!(listed(state, "networks", query))),
        ("GET", ["volumes", query]) => (200, json!({ "Volumes": listed(state, "volumes", query) })),
        ("GET", ["containers", _, "json"]) => {
            let last = state.states.len() == 1;
            let told = if last {
                state.states.front().cloned()
            } else {
                state.states.pop_front()
            };
            told.map_or((404, json!({"message": "No such container"})), |state| {
                (200, json!({ "State": state }))
            })
        }
        ("POST", ["containers", _, "start"]) => {
            state.starts += 1;
            state.states = [runs(std::process::id())].into();
            (204, json!(null))
        }
        ("DELETE", [kind, id, ..]) => removed(state, kind, id),
        other => (500, json!({ "message": format!("{other:?}") })),
    }
}

fn listed(state: &State, kind: &str, query: &str) -> Vec<Value> {
    let fits = |labels: &Value| {
        let labels = labels.as_object().unwrap();
        let exact = labels
            .iter()
            .any(|(key, value)| query.contains(&format!("\"{key}={}\"", value.as_str().unwrap())));
        exact
            || labels
                .keys()
                .any(|key| query.contains(&format!("\"{key}\"")))
    };
    let things = state
        .things
        .iter()
        .filter(|(of, _, labels)| *of == kind && fits(labels));
    things
        .map(|(_, id, labels)| json!({"Id": id, "Name": id, "Labels": labels}))
        .collect()
}

fn removed(state: &mut State, kind: &str, id: &str) -> (u16, Value) {
    if kind == "containers" && state.busy > 0 {
        state.busy -= 1;
        return (409, json!({"message": "removal is already in progress"}));
    }
    let used = kind == "networks" && state.things.iter().any(|(of, ..)| *of == "containers");
    if used {
        return (403, json!({"message": "network has active endpoints"}));
    }
    let place = state
        .things
        .iter()
        .position(|(of, one, _)| *of == kind && *one == id);
    place.map_or((404, json!({"message": "no such thing"})), |place| {
        let (_, id, _) = state.things.remove(place);
        state.removed.push(id);
        (204, json!(null))
    })
}

fn runs(pid: u32) -> Value {
    json!({"Running": true, "Paused": false, "Pid": pid})
}

fn of(run: &str, owner: Option<&Identity>) -> Value {
    let mut labels = json!({ RUN_LABEL: run });
    if let Some(owner) = owner {
        labels[OWNER_LABEL] = json!(owner.to_string());
    }
    labels
}

/// Nobody of this boot has start time 1.
fn dead() -> Identity {
    let mut identity = Identity::own();
    identity.process.start_ticks = 1;
    identity
}

#[test]
fn removal_takes_containers_first_and_leaves_other_runs() {
    let fake = Fake::of(State {
        things: vec![
            ("networks", "net", of("r", None)),
            ("containers", "one", of("r", None)),
            ("containers", "two", of("r", None)),
            ("volumes", "vol", of("r", None)),
        ],
        busy: 1,
        ..State::default()
    });
    sweep::remove(&fake.engine, "r").unwrap();
    assert_eq!(fake.left(), [] as [&str; 0]);
    let removed = fake.state.lock().unwrap().removed.clone();
    let place = |id: &str| removed.iter().position(|one| *one == id);
    assert!(
        place("net") > place("one") && place("net") > place("two"),
        "{removed:?}"
    );
}

#[test]
fn what_lands_late_is_removed_too() {
    let fake = Fake::of(State {
        things: vec![("containers", "early", of("r", None))],
        late: Some(("containers", "late", of("r", None))),
        ..State::default()
    });
    sweep::remove(&fake.engine, "r").unwrap();
    assert_eq!(fake.state.lock().unwrap().removed, ["early", "late"]);
}

/// Drives go before their containers; a start that was under way then makes the folder of a drive anew.
#[test]
fn a_folder_that_a_late_start_made_goes_with_the_testbed() {
    let fake = Fake::of(State::default());
    let registry = Registry::at(fake.folder.join("open"));
    let hands = Hands::of("r", fake.engine.clone()).beside(&registry);
    let made = drives::home(registry.folder()).join("r").join("node/at");
    fs::create_dir_all(&made).unwrap();
    hands.undo(&Undo::Remove { run: "r".into() }).unwrap();
    assert!(!made.parent().unwrap().parent().unwrap().exists());
}

#[test]
fn an_engine_that_is_gone_is_a_failure_with_its_place() {
    let engine = Engine::at("/nonexistent/engine.sock".into());
    let why = sweep::remove(&engine, "r").unwrap_err();
    assert!(why.contains("/nonexistent/engine.sock"), "{why}");
}

/// Within the first 70 ms after a death the engine says "running": a start would be answered 304 and do nothing.
#[test]
fn a_start_waits_until_the_engine_noticed_the_death() {
    let mut corpse = std::process::Command::new("true").spawn().unwrap();
    corpse.wait().unwrap();
    let late = runs(corpse.id());
    let stopped = json!({"Running": false, "Paused": false, "Pid": 0});
    let fake = Fake::of(State {
        states: [late.clone(), late, stopped].into(),
        ..State::default()
    });
    signal::start(&fake.engine, "c").unwrap();
    assert_eq!(fake.state.lock().unwrap().starts, 1);
    signal::start(&fake.engine, "c").unwrap();
    assert_eq!(
        fake.state.lock().unwrap().starts,
        1,
        "who runs is not started again"
    );
}

#[test]
fn starting_what_was_removed_is_a_success() {
    let fake = Fake::of(State::default());
    signal::start(&fake.engine, "c").unwrap();
    assert_eq!(fake.state.lock().unwrap().starts, 0);
}

#[test]
fn clean_takes_dead_runs_and_leaves_living_and_nameless_ones() {
    let fake = Fake::of(State {
        things: vec![
            ("containers", "dead", of("dead-run", Some(&dead()))),
            (
                "containers",
                "alive",
                of("alive-run", Some(&Identity::own())),
            ),
            ("containers", "nameless", of("nameless-run", None)),
        ],
        ..State::default()
    });
    let registry = Registry::at(fake.folder.join("open"));
    let report = clean_with(&Scope::All, &registry, &fake.engine);
    assert_eq!(fake.left(), ["alive", "nameless"]);
    assert_eq!(report.removed, ["container dead"]);
    let told = report.skipped.join("; ");
    assert!(
        told.contains("alive-run: its owner lives") && told.contains("nameless-run"),
        "{told}"
    );
    assert!(report.is_clean(), "{report:?}");
}

/// A listed run of `guard` and `owner`, with a freeze and a testbed that are not undone.
fn listed_run(fake: &Fake, owner: &Identity) -> (Registry, PathBuf) {
    listed_run_with(fake, owner, "127.0.0.1:1")
}

/// The same, with a credential that a server `at` is to give back.
fn listed_run_with(fake: &Fake, owner: &Identity, at: &str) -> (Registry, PathBuf) {
    let journal = fake.folder.join("undo.jsonl");
    let opened = Fact::Opened {
        run: "r".into(),
        owner: owner.to_string(),
        guard: owner.to_string(),
        epoch_mono_ns: mono_ns(),
    };
    let mut open = Journal::create(&journal, Nanos(0), &opened).unwrap();
    let freezer = Freezer::v1("/brinell-gone");
    let recorded = [
        (
            Act::Own { run: "r".into() },
            Undo::Remove { run: "r".into() },
        ),
        (
            Act::Freeze {
                freezer: freezer.clone(),
            },
            Undo::Thaw {
                freezer,
                was_frozen: false,
            },
        ),
        (
            Act::Own { run: "r".into() },
            Undo::Start {
                container: "c".into(),
            },
        ),
        (Act::Own { run: "r".into() }, Undo::Call(enable(at))),
    ];
    for (id, (act, restore)) in (1..).zip(recorded) {
        let identity = Of::of(&act);
        let recorded = Recorded {
            id: UndoId(id),
            fault: None,
            act,
            identity,
            restore,
            deadline_ns: 1,
        };
        open.append(Nanos(id), &Fact::Undo(Box::new(recorded)))
            .unwrap();
    }
    let registry = Registry::at(fake.folder.join("open"));
    let entry = Open {
        run: "r".into(),
        journal: journal.clone(),
        owner: owner.to_string(),
        guard: owner.to_string(),
    };
    registry.enter(&entry).unwrap();
    (registry, journal)
}

fn enable(at: &str) -> call::Undo {
    let request = Request {
        at: at.into(),
        method: "PUT".into(),
        path: "/".into(),
        headers: vec![],
        body: None,
    };
    call::Undo::Enable {
        credential: Box::new(Credential {
            name: "key".into(),
            disable: request.clone(),
            enable: request.clone(),
            probe: request,
        }),
        container: "c".into(),
        was_refused: false,
    }
}

/// Its server may be dying: an answer would be waited for while drives and rules still stand.
#[test]
fn nobody_of_a_testbed_that_is_removed_is_asked() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let fake = Fake::of(State {
        things: vec![("containers", "c", of("r", None))],
        ..State::default()
    });
    let at = server.local_addr().unwrap().to_string();
    let (registry, journal) = listed_run_with(&fake, &dead(), &at);
    let report = clean_with(&Scope::Run("r".into()), &registry, &fake.engine);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(server.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let replay = guard::journal::Replay::read(&fs::read(journal).unwrap());
    assert!(replay.pending().all().is_empty());
}

/// After a reboot only what the engine keeps is left: nothing is started, everything is removed, the list is empty.
#[test]
fn clean_after_another_boot_removes_what_the_engine_kept() {
    let fake = Fake::of(State {
        things: vec![
            ("containers", "c", of("r", None)),
            ("networks", "n", of("r", None)),
        ],
        ..State::default()
    });
    let mut before = Identity::own();
    before.boot_id = "another-boot".into();
    let (registry, journal) = listed_run(&fake, &before);
    let report = clean_with(&Scope::Run("r".into()), &registry, &fake.engine);
    assert!(
        report.is_clean() && report.undone.iter().any(|what| what.contains("testbed")),
        "{report:?}"
    );
    assert_eq!(
        (fake.left().len(), fake.state.lock().unwrap().starts),
        (0, 0)
    );
    assert_eq!(registry.list().unwrap(), []);
    let replay = guard::journal::Replay::read(&fs::read(journal).unwrap());
    assert!(replay.pending().all().is_empty());
}

#[test]
fn clean_leaves_a_listed_run_whose_owner_lives() {
    let fake = Fake::of(State {
        things: vec![("containers", "c", of("r", None))],
        ..State::default()
    });
    let (registry, journal) = listed_run(&fake, &Identity::own());
    let before = fs::read(&journal).unwrap();
    let report = clean_with(&Scope::All, &registry, &fake.engine);
    assert!(
        report.skipped.iter().any(|why| why.contains("lives")),
        "{report:?}"
    );
    assert_eq!(
        (fake.left(), fs::read(&journal).unwrap()),
        (vec!["c"], before)
    );
}
