//! The worker as the guard sees it: a child that takes orders, beats, and is killed when it is silent.
use super::{Numbers, Order, Told, WORKER};
use crate::{clock::mono_ns, process, wire};
use model::{facts::Process, units::Nanos};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

/// How long an order may take to be in effect; twice the worker's own beat would do.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long a program may take to start on a busy machine.
const START: Duration = Duration::from_secs(5);
/// Silence after which a worker is taken for hung: five beats.
const SILENCE_NS: u64 = 500_000_000;
/// So many looks in a row must find it silent: one may come after the guard itself was held up.
const LOOKS: u8 = 2;

/// Why a worker did not start.
pub enum Failure {
    /// Somebody else has its queues.
    Busy,
    /// Anything else.
    Other(String),
}

/// A running worker.
pub struct Child {
    process: std::process::Child,
    numbers: Numbers,
    input: Option<ChildStdin>,
    told: Receiver<Told>,
    heard_ns: Arc<AtomicU64>,
    silent: u8,
    lacks: String,
}

impl Child {
    /// Starts one and waits until it has its queues.
    pub fn start(program: &Path, run: &str, numbers: Numbers) -> Result<Self, Failure> {
        let other =
            |error: std::io::Error| Failure::Other(format!("start the packet worker: {error}"));
        let number = numbers.0.to_string();
        let mut command = Command::new(program);
        command.args([WORKER, "--run", run, "--number", &number]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = process::inherit_nothing(&mut command)
            .spawn()
            .map_err(other)?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let heard_ns = Arc::new(AtomicU64::new(mono_ns()));
        let (teller, told) = mpsc::channel();
        let heard = heard_ns.clone();
        thread::spawn(move || output.map(|output| listen(output, &teller, &heard)));
        let mut child = Self {
            process,
            numbers,
            input,
            told,
            heard_ns,
            silent: 0,
            lacks: String::new(),
        };
        let answer = child.told.recv_timeout(START);
        let failed = match answer {
            Ok(Told::Ready { lacks }) => {
                child.lacks = lacks.join(", ");
                return Ok(child);
            }
            Ok(Told::Unable { busy: true, .. }) => Failure::Busy,
            Ok(Told::Unable { why, .. }) => {
                Failure::Other(format!("start the packet worker: {why}"))
            }
            other => Failure::Other(format!("start the packet worker: it said {other:?}")),
        };
        let _ = child.kill();
        Err(failed)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it could not get, in words; empty where it got all.
    pub fn lacks(&self) -> &str {
        &self.lacks
    }

    /// Its numbers, where it still runs.
    pub fn lives(&mut self) -> Option<Numbers> {
        let runs = matches!(self.process.try_wait(), Ok(None));
        runs.then_some(self.numbers)
    }

    /// Gives an order and waits until it is in effect.
    ///
    /// # Errors
    /// It is gone, or does not answer.
    pub fn order(&mut self, order: &Order) -> Result<(), String> {
        let fails = |error: std::io::Error| format!("tell the packet worker: {error}");
        let line = wire::line(order).map_err(fails)?;
        let input = self.input.as_mut().ok_or("find the packet worker")?;
        input.write_all(line.as_bytes()).map_err(fails)?;
        match self.told.recv_timeout(PATIENCE) {
            Ok(Told::Done) => Ok(()),
            other => Err(format!("hear of the packet worker: {other:?}")),
        }
    }

    /// For how long it has been silent, where it must be killed for it.
    pub fn silent(&mut self) -> Option<Nanos> {
        self.lives()?;
        let span = mono_ns().saturating_sub(self.heard_ns.load(Ordering::Relaxed));
        self.silent = if span > SILENCE_NS {
            self.silent + 1
        } else {
            0
        };
        (self.silent >= LOOKS).then_some(Nanos(span))
    }

    /// Ends it at once; the kernel drops what it held and lets later packets pass.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn kill(&mut self) -> Result<(), String> {
        let done = self.process.kill().and_then(|()| self.process.wait());
        done.map(drop)
            .map_err(|error| format!("kill the packet worker: {error}"))
    }

    /// Asks it to let everything go and end, by closing its input; one that does not is killed.
    pub fn end(mut self) {
        drop(self.input.take());
        let deadline = Instant::now() + PATIENCE;
        while self.lives().is_some() {
            if Instant::now() > deadline {
                let _ = self.kill();
                return;
            }
            thread::sleep(Duration::from_micros(200));
        }
    }
}

/// Passes on what the worker says, until it ends.
fn listen(output: ChildStdout, teller: &Sender<Told>, heard_ns: &AtomicU64) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        heard_ns.store(mono_ns(), Ordering::Relaxed);
        match serde_json::from_str(&line) {
            Ok(Told::Beat) | Err(_) => {}
            Ok(told) => {
                let _ = teller.send(told);
            }
        }
    }
}

/// Kills the workers of a run whose guard is gone: one that hangs does not see the end of its input.
pub fn kill_strays(run: &str) {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    for pid in pids.filter(|pid| is_worker(*pid, run)) {
        let start_ticks = process::start_ticks(pid).unwrap_or_default();
        let opened = process::open(&Process { pid, start_ticks });
        if let Ok(Some(stray)) = opened
            && is_worker(pid, run)
        {
            let _ = process::signal(&stray, libc::SIGKILL);
        }
    }
}

fn is_worker(pid: u32, run: &str) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
    let wanted = [WORKER, "--run", run].map(str::as_bytes);
    words.get(1..4) == Some(&wanted[..])
}
