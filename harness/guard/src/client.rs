//! The owner's end: starts the guard, beats, asks, and gives up when the guard is gone. Blocking; one process-wide handle may be
//! shared by many threads, and several requests may be in flight.
use crate::{
    config::Config,
    news::News,
    wire::{self, ToGuard, ToOwner},
};
use model::{
    guard::{Answer, GuardLost, GuardNews, Request},
    units::Nanos,
};
use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

/// Six beats fit into the silence after which an owner is taken for hung.
const BEAT: Duration = Duration::from_millis(500);
/// How long the guard may take to be ready, and beyond what a request allows by itself, to answer.
const PATIENCE: Nanos = Nanos::secs(30);
/// Undoing everything has a bound of its own in the guard; this is longer.
const CLOSING: Nanos = Nanos::secs(120);

/// A running guard. Dropped, its pipe closes, and the guard undoes everything by itself.
#[derive(Clone)]
#[must_use = "dropping the guard ends it, and everything it cares for"]
pub struct Guard {
    inner: Arc<Inner>,
}

struct Inner {
    news: News,
    pid: u32,
    lacks: Vec<String>,
    line: Arc<Line>,
}

/// What the threads of the client share; it does not keep the pipe open by itself.
struct Line {
    pipe: Mutex<Option<ChildStdin>>,
    waiting: Mutex<Waiting>,
}

struct Waiting {
    next: u64,
    replies: BTreeMap<u64, Sender<Box<Answer>>>,
    /// Why there will be no more replies.
    over: Option<String>,
}

impl Guard {
    /// Starts `program args... config...` and waits until it is ready.
    ///
    /// # Errors
    /// It cannot be started, or says why it cannot work.
    pub fn start(program: &Path, args: &[&str], config: &Config) -> io::Result<Self> {
        let mut command = Command::new(program);
        let command = command
            .args(args)
            .args(config.to_args())
            .stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let line = Arc::new(Line {
            pipe: Mutex::new(child.stdin.take()),
            waiting: Mutex::new(Waiting {
                next: 0,
                replies: BTreeMap::new(),
                over: None,
            }),
        });
        let pid = child.id();
        let (ready, first) = mpsc::channel();
        let (reader, news) = (line.clone(), News::default());
        let told = news.clone();
        thread::spawn(move || listen(child, &reader, &ready, &told));
        let told = first.recv_timeout(PATIENCE.as_duration());
        let told = told.unwrap_or_else(|_| Err("it ended at once or did not get ready".to_owned()));
        let lacks = told.map_err(io::Error::other)?;
        let beating = Arc::downgrade(&line);
        thread::spawn(move || {
            while let Some(line) = beating.upgrade() {
                if line.send(&ToGuard::Beat).is_err() {
                    return;
                }
                drop(line);
                thread::sleep(BEAT);
            }
        });
        Ok(Self {
            inner: Arc::new(Inner {
                news,
                pid,
                lacks,
                line,
            }),
        })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.inner.pid
    }

    /// What it wanted and was refused (real-time scheduling, locked memory), for the report.
    pub fn lacks(&self) -> &[String] {
        &self.inner.lacks
    }

    /// What it did unasked and told since the last time, oldest first.
    pub fn news(&self) -> Vec<GuardNews> {
        self.inner.news.take()
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// The guard is gone, or does not answer within what the request allows.
    pub fn ask(&self, request: Request) -> Result<Answer, GuardLost> {
        let patience = patience(&request);
        let line = &self.inner.line;
        let (seq, reply) = line.expect().map_err(|why| self.lost(why))?;
        let sent = line.send(&ToGuard::Ask { seq, request });
        sent.map_err(|error| self.lost(error.to_string()))?;
        let told = reply.recv_timeout(patience.as_duration());
        told.map(|answer| *answer).map_err(|error| {
            self.lost(match error {
                RecvTimeoutError::Timeout => format!("no answer within {} s", patience.as_s()),
                RecvTimeoutError::Disconnected => "it ended".to_owned(),
            })
        })
    }

    fn lost(&self, why: String) -> GuardLost {
        GuardLost {
            pid: self.inner.pid,
            why,
        }
    }
}

impl Drop for Inner {
    /// The reader still holds the line, so the pipe is closed by hand.
    fn drop(&mut self) {
        hold(&self.line.pipe).take();
    }
}

impl Line {
    fn send(&self, message: &ToGuard) -> io::Result<()> {
        let text = wire::line(message)?;
        let mut pipe = hold(&self.pipe);
        let pipe = pipe.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        pipe.write_all(text.as_bytes())
    }

    fn expect(&self) -> Result<(u64, mpsc::Receiver<Box<Answer>>), String> {
        let mut waiting = hold(&self.waiting);
        if let Some(why) = &waiting.over {
            return Err(why.clone());
        }
        waiting.next += 1;
        let (sender, receiver) = mpsc::channel();
        let seq = waiting.next;
        waiting.replies.insert(seq, sender);
        Ok((seq, receiver))
    }
}

/// Passes replies on until the guard ends, then tells everyone who waits, and takes its exit status.
fn listen(mut child: Child, line: &Line, ready: &Sender<Result<Vec<String>, String>>, news: &News) {
    let output = child.stdout.take().into_iter();
    for text in output.flat_map(|pipe| BufReader::new(pipe).lines().map_while(Result::ok)) {
        match serde_json::from_str(&text) {
            Ok(ToOwner::Ready { lacks }) => drop(ready.send(Ok(lacks))),
            Ok(ToOwner::Unable { why }) => drop(ready.send(Err(why))),
            Ok(ToOwner::Reply { seq, answer }) => {
                let waits = hold(&line.waiting).replies.remove(&seq);
                waits.map(|waits| waits.send(answer).ok());
            }
            Ok(ToOwner::News(told)) => news.tell(told),
            Err(error) => {
                hold(&line.waiting).over = Some(format!("it speaks another language: {error}"));
                break;
            }
        }
    }
    hold(&line.pipe).take();
    let ended = child
        .wait()
        .map_or_else(|error| error.to_string(), |status| status.to_string());
    let mut waiting = hold(&line.waiting);
    waiting.over.get_or_insert(format!("it ended ({ended})"));
    waiting.replies.clear();
}

fn patience(request: &Request) -> Nanos {
    match request {
        Request::Inject { prove, .. } | Request::Heal { prove, .. } => prove.plus(PATIENCE),
        Request::Close => CLOSING,
        Request::Restart { .. }
        | Request::Own { .. }
        | Request::Provide { .. }
        | Request::Look { .. } => PATIENCE,
    }
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
