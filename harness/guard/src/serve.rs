//! The guard's loop: watches the pipe and the clock, and gives every request a thread of its own.
//!
//! The loop itself never waits for anything but the pipe. It ends when the owner closes the pipe (or dies), is silent for too
//! long, or the testbed's own deadline passes; then everything is undone, whatever the owner has asked for.
use crate::{
    acts::{Hands, fuse::Silences},
    charge::Charge,
    clock::Clock,
    config::Config,
    engine_socket::Engine,
    journal::{Fact, Journal},
    pending::Pending,
    process::Identity,
    registry::{Open, Registry},
    requests::{self, UNDO_ALL},
    wire::{self, ToGuard, ToOwner},
};
use model::{
    act::Undo,
    guard::{Answer, Request},
    ids::UndoId,
    units::Nanos,
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsFd, AsRawFd},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// The loop looks at its clocks at least this often.
const TICK: Duration = Duration::from_millis(100);
/// Before an undo whose deadline passed is tried again.
const AGAIN: Duration = Duration::from_secs(2);
/// Undos whose deadline passed are tried for this long.
const OVERDUE: Nanos = Nanos::secs(1);

type Out = Arc<Mutex<File>>;

/// Serves one run on stdin and stdout until the owner is done or gone. Gives the exit code: 0 where nothing of the run is left.
pub fn serve(config: &Config) -> i32 {
    let lacks = crate::detach::detach();
    let Ok((input, out)) = pipes() else { return 1 };
    let registry = config.registry();
    match open(config, &registry) {
        Ok(charge) => {
            say(&out, &ToOwner::Ready { lacks });
            watch(config, &charge, &registry, input, &out);
            finish(&charge, &registry)
        }
        Err(why) => {
            say(&out, &ToOwner::Unable { why });
            1
        }
    }
}

fn pipes() -> io::Result<(File, Out)> {
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    Ok((input.into(), Arc::new(Mutex::new(output.into()))))
}

fn open(config: &Config, registry: &Registry) -> Result<Arc<Charge>, String> {
    let clock = Clock::since(config.epoch_mono_ns);
    let guard = Identity::own().to_string();
    let opened = Fact::Opened {
        run: config.run.clone(),
        owner: config.owner.to_string(),
        guard: guard.clone(),
        epoch_mono_ns: config.epoch_mono_ns,
    };
    let path = config.journal();
    let journal = Journal::create(&path, clock.now(), &opened);
    let journal = journal.map_err(|error| format!("make {}: {error}", path.display()))?;
    let entered = registry.enter(&Open {
        run: config.run.clone(),
        journal: path,
        owner: config.owner.to_string(),
        guard,
    });
    let place = registry.folder().display();
    entered.map_err(|error| format!("list the run in {place}: {error}"))?;
    let hands = Hands::of(&config.run, Engine::find()).beside(registry);
    let charge = Charge::of(clock, hands, journal, Pending::default());
    Ok(Arc::new(charge))
}

/// Until the owner is done, gone, hung, or out of time.
fn watch(config: &Config, charge: &Arc<Charge>, registry: &Registry, mut input: File, out: &Out) {
    let mut buffer = Vec::new();
    let (mut tried, mut silences) = (BTreeMap::new(), Silences::default());
    let (mut heard, mut looked) = (Instant::now(), Instant::now());
    loop {
        let ready = readable(&input, TICK);
        if ready && !receive(&mut input, &mut buffer) {
            return;
        }
        // Where this loop itself was held up, the owner's silence proves nothing.
        if ready || looked.elapsed() > TICK * 5 {
            heard = Instant::now();
        }
        looked = Instant::now();
        for news in charge.hands.news.take() {
            say(out, &ToOwner::News(news));
        }
        for line in lines(&mut buffer) {
            dispatch(charge, registry, &line, out);
        }
        charge.tend_layers(&mut silences);
        charge.tend_queue();
        if heard.elapsed() > config.silence || overdue(charge, &mut tried) {
            return;
        }
    }
}

/// Undoes what is past its deadline, each on a thread of its own. True where that is the testbed itself.
fn overdue(charge: &Arc<Charge>, tried: &mut BTreeMap<UndoId, Instant>) -> bool {
    for entry in charge.pending().due(charge.clock.now()) {
        if matches!(entry.undo, Undo::Remove { .. }) {
            return true;
        }
        let fresh = tried.get(&entry.id).is_none_or(|at| at.elapsed() > AGAIN);
        if fresh {
            tried.insert(entry.id, Instant::now());
            let charge = charge.clone();
            thread::spawn(move || charge.undo(vec![entry], charge.clock.now().plus(OVERDUE)));
        }
    }
    false
}

fn dispatch(charge: &Arc<Charge>, registry: &Registry, line: &str, out: &Out) {
    let Ok(ToGuard::Ask { seq, request }) = serde_json::from_str(line) else {
        return;
    };
    let (charge, registry, out) = (charge.clone(), registry.clone(), out.clone());
    thread::spawn(move || {
        let answer = answered(&charge, request);
        if matches!(&answer, Answer::Closed { leftovers } if leftovers.is_empty()) {
            // Off the list before the owner hears of it; should that fail, it is tried again at the end.
            let _ = registry.leave(&charge.hands.run);
        }
        let answer = Box::new(answer);
        say(&out, &ToOwner::Reply { seq, answer });
    });
}

/// A panic is a bug of ours, and an answer: the owner must not wait for ever.
fn answered(charge: &Charge, request: Request) -> Answer {
    let done = catch_unwind(AssertUnwindSafe(|| requests::answer(charge, request)));
    done.unwrap_or_else(|_| Answer::Refused {
        why: "do it: the guard has a bug (see its stderr)".to_owned(),
    })
}

fn finish(charge: &Charge, registry: &Registry) -> i32 {
    let owned = charge.pending().removes_testbed();
    charge.undo_all(charge.clock.now().plus(UNDO_ALL));
    let left = requests::leftovers(charge, owned);
    if !left.is_empty() {
        return 1;
    }
    i32::from(registry.leave(&charge.hands.run).is_err())
}

/// Whether something, or the end, can be read within `patience`.
fn readable(input: &File, patience: Duration) -> bool {
    let mut one = libc::pollfd {
        fd: input.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one valid pollfd.
    unsafe { libc::poll(&raw mut one, 1, patience.as_millis() as i32) > 0 }
}

/// False at the end of the pipe.
fn receive(input: &mut File, buffer: &mut Vec<u8>) -> bool {
    let mut bytes = [0; 16 << 10];
    match input.read(&mut bytes) {
        Ok(0) => false,
        Ok(length) => {
            buffer.extend_from_slice(&bytes[..length]);
            true
        }
        Err(error) => error.kind() == io::ErrorKind::Interrupted,
    }
}

/// Takes the whole lines out of the buffer.
fn lines(buffer: &mut Vec<u8>) -> Vec<String> {
    let Some(end) = buffer.iter().rposition(|byte| *byte == b'\n') else {
        return Vec::new();
    };
    let whole: Vec<u8> = buffer.drain(..=end).collect();
    String::from_utf8_lossy(&whole)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// An owner that does not listen any more is noticed on the other pipe.
fn say(out: &Out, message: &ToOwner) {
    let Ok(line) = wire::line(message) else {
        return;
    };
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = out.write_all(line.as_bytes());
}
