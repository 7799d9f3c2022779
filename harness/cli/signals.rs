//! The signals of the whole process, in the order in which they came. They are listened to between runs too: one that nobody heard
//! would let the next run of a comparison begin.
use crate::{
    error::CliError,
    exit::{self, Code},
};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    task::JoinSet,
};

/// What is listened to, by the name that the journal gives it.
const HEARD: [(SignalKind, &str); 3] = [
    (SignalKind::interrupt(), "INT"),
    (SignalKind::terminate(), "TERM"),
    (SignalKind::hangup(), "HUP"),
];
/// Signals that wait to be looked at; the third ends everything at once.
const WAITING: usize = 8;

/// The signals so far.
pub struct Signals {
    /// Their names.
    pub told: mpsc::Receiver<&'static str>,
    _listeners: JoinSet<()>,
    _runtime: Runtime,
}

impl Signals {
    /// Listens from now on; the signals no longer end the process by themselves.
    pub fn listen() -> Result<Self, CliError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .on_thread_start(|| drop(guard::process::take_precedence()))
            .enable_all()
            .build()
            .map_err(|error| CliError::Internal(format!("start the runtime: {error}")))?;
        let (tell, told) = mpsc::channel(WAITING);
        let mut listeners = JoinSet::new();
        let entered = runtime.enter();
        for (kind, name) in HEARD {
            let mut stream = signal(kind)
                .map_err(|error| CliError::Internal(format!("listen for SIG{name}: {error}")))?;
            let tell = tell.clone();
            listeners.spawn(async move {
                while stream.recv().await.is_some() && tell.send(name).await.is_ok() {}
            });
        }
        drop(entered);
        Ok(Self {
            told,
            _listeners: listeners,
            _runtime: runtime,
        })
    }

    /// The code of a signal that came while nothing ran.
    pub fn came(&mut self) -> Option<Code> {
        self.told.try_recv().ok().map(code)
    }
}

/// What a run that was cut short by this signal exits with.
pub fn code(name: &str) -> Code {
    if name == "INT" {
        exit::SIGINT
    } else {
        exit::SIGTERM
    }
}
