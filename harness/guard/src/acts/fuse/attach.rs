//! Starting and ending the process of a layer.
//!
//! Its page tells who it is before it mounts, so that it can be ended whenever its starter dies; a closed page turns away one
//! that comes late.
use super::super::Deed;
use crate::process;
use fusefs::{Page, worker};
use model::{
    act::{
        Undo,
        fuse::{self, Layer},
    },
    facts::Process,
};
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a program may take to start and mount on a busy machine.
const START: Duration = Duration::from_secs(10);
/// How long a killed process may take to be gone; one that waits for a dead disk may take for ever.
const END: Duration = Duration::from_secs(2);
/// Between two looks.
const ROUND: Duration = Duration::from_millis(1);

struct Attach {
    program: PathBuf,
    layer: Layer,
    page: Option<Page>,
}

/// Looks whether both directories are there and nothing of ours is.
///
/// # Errors
/// What is missing, or in the way.
pub fn prepare(program: &Path, layer: &Layer) -> Result<impl Deed + use<>, String> {
    for folder in [&layer.below, &layer.mount] {
        if !Path::new(folder).is_dir() {
            return Err(format!("find folder {folder} for a layer"));
        }
    }
    if Path::new(&layer.page).exists() {
        return Err(format!(
            "attach a layer to {}: its page is there",
            layer.mount
        ));
    }
    Ok(Attach {
        program: program.to_owned(),
        layer: layer.clone(),
        page: None,
    })
}

impl Deed for Attach {
    fn undo(&self) -> Undo {
        Undo::Fuse(fuse::Undo::Detach {
            layer: self.layer.clone(),
        })
    }
    fn backend(&self) -> String {
        "FUSE".to_owned()
    }
    fn ready(&mut self) -> Result<(), String> {
        let page = Page::create(Path::new(&self.layer.page));
        let page = page.map_err(|error| format!("make page {}: {error}", self.layer.page))?;
        self.page = Some(page);
        Ok(())
    }
    fn go(&mut self) -> Result<(), String> {
        let fails = |why: String| format!("attach a layer to {}: {why}", self.layer.mount);
        let page = self.page.as_ref().ok_or(fails("no page".to_owned()))?;
        let mut child = self.start().map_err(|error| fails(error.to_string()))?;
        let deadline = Instant::now() + START;
        let serves = || {
            page.worker()
                .is_some_and(|one| one.mounted && one.beat_ns != 0)
        };
        while !serves() {
            let ended = child.try_wait().is_ok_and(|code| code.is_some());
            if ended || Instant::now() > deadline {
                return Err(fails(self.last_words()));
            }
            thread::sleep(ROUND);
        }
        // So that it leaves no corpse behind while this process lives.
        thread::spawn(move || child.wait());
        Ok(())
    }
}

impl Attach {
    fn start(&self) -> io::Result<Child> {
        let Layer { below, mount, page } = &self.layer;
        Command::new(&self.program)
            .args([fusefs::WORKER, below, mount, page])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(log(page))?)
            .spawn()
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(log(&self.layer.page)).unwrap_or_default();
        let last = text.lines().last().unwrap_or("it did not come");
        last.trim_start_matches("failed to ").to_owned()
    }
}

fn log(page: &str) -> String {
    format!("{page}.log")
}

/// Ends the process and the mount, then forgets the page.
///
/// # Errors
/// It does not end, or what the machine says.
pub fn detach(layer: &Layer) -> Result<(), String> {
    let fails = |error: io::Error| format!("detach the layer of {}: {error}", layer.mount);
    let (mount, path) = (Path::new(&layer.mount), Path::new(&layer.page));
    let ended = match Page::open(path) {
        Ok(page) => {
            page.close();
            end(&page)
        }
        Err(_) => Ok(()),
    };
    while let Some(connection) = worker::connection(mount, path) {
        // Whoever serves it although its page is gone ends with the connection.
        let _ = super::abort(connection);
        worker::unmount(mount).map_err(fails)?;
    }
    ended.map_err(fails)?;
    for file in [layer.page.clone(), log(&layer.page)] {
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(fails(error)),
            _ => {}
        }
    }
    Ok(())
}

fn end(page: &Page) -> io::Result<()> {
    let Some(worker) = page.worker() else {
        return Ok(());
    };
    let process = Process {
        pid: worker.pid,
        start_ticks: worker.start_ticks,
    };
    kill(&process)?;
    if gone(&process) {
        return Ok(());
    }
    // It waits for its own disk: free those who wait for it, at least.
    super::abort(worker.connection)?;
    let stuck = || io::Error::other(format!("process {} does not end", process.pid));
    gone(&process).then_some(()).ok_or_else(stuck)
}

/// Kills this very process, stopped or not.
pub(super) fn kill(process: &Process) -> io::Result<()> {
    let Some(target) = process::open(process)? else {
        return Ok(());
    };
    match process::signal(&target, libc::SIGKILL) {
        Err(error) if error.raw_os_error() != Some(libc::ESRCH) => Err(error),
        _ => Ok(()),
    }
}

fn gone(process: &Process) -> bool {
    let deadline = Instant::now() + END;
    while process::lives(process) {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(ROUND);
    }
    true
}
