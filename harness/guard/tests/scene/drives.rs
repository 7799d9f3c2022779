//! Drives of a scratch run, a process that holds a file on the first of them, and an engine that only knows how to stop and start it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::process_of;
use guard::{acts::Hands, drives, engine_socket::Engine, registry::Registry};
use model::{
    act::{Act, disk},
    drive::{Drive, DriveSpec, Spot, Throttle},
    facts::{Facts, RevivedBy, Unit},
};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::{
        fs::MetadataExt,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

static NEXT: AtomicU32 = AtomicU32::new(0);
pub const CONTAINER: &str = "c0ffee";

/// The process that uses the drives, as the engine sees it.
type Holder = Arc<Mutex<Option<Child>>>;

pub struct Drives {
    pub hands: Hands,
    pub drives: Vec<Drive>,
    pub folder: PathBuf,
    group: PathBuf,
    holder: Holder,
}

pub fn registry(folder: &Path) -> Registry {
    Registry::at(folder.join("open"))
}

pub fn specs(count: u32) -> Vec<DriveSpec> {
    let spec = |number| DriveSpec {
        node: "store-1".into(),
        inside: format!("/drives/{number}"),
        size_bytes: 96 << 20,
        layered: false,
    };
    (1..=count).map(spec).collect()
}

/// A folder on a disk: drives in memory are refused.
pub fn scratch() -> (String, PathBuf) {
    let name = format!(
        "brinell-disk-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let folder = Path::new("/var/tmp").join(&name);
    fs::create_dir_all(&folder).unwrap();
    (name, folder)
}

impl Drives {
    pub fn new(count: u32) -> Self {
        let (name, folder) = scratch();
        let holder = Holder::default();
        let engine = engine(&folder, holder.clone());
        let hands = Hands::of(&name, engine).beside(&registry(&folder));
        let home = hands.drives_folder.to_string_lossy().into_owned();
        let wanted = specs(count);
        let act = Act::Disk(Box::new(disk::Act::Make {
            folder: home.clone(),
            drives: wanted.clone(),
        }));
        let mut deed = hands.prepare(&act).unwrap();
        deed.ready().unwrap();
        deed.go().expect("run this as root on a Linux with loop devices and e2fsprogs: sudo -E cargo test -p guard");
        drop(deed);
        let drives = wanted
            .iter()
            .map(|spec| drives::made(&home, spec).unwrap())
            .collect();
        let v1 = Path::new("/sys/fs/cgroup/blkio");
        let group = if v1.exists() {
            v1
        } else {
            Path::new("/sys/fs/cgroup")
        }
        .join(&name);
        fs::create_dir_all(&group).unwrap();
        let made = Self {
            hands,
            drives,
            folder,
            group,
            holder,
        };
        made.fill();
        made
    }

    /// A file on each drive, and somebody who holds one open.
    fn fill(&self) {
        for drive in &self.drives {
            let mut file = File::create(format!("{}/data", drive.mount)).unwrap();
            file.write_all(&[0x5a; 8192]).unwrap();
            file.sync_all().unwrap();
        }
        *self.holder.lock().unwrap() = Some(hold(&self.drives[0]));
    }

    pub fn facts(&self) -> Facts {
        let holder = self.holder.lock().unwrap();
        let init = process_of(holder.as_ref().map_or(0, Child::id));
        // The holder sees the machine's own mounts: there the drive is at its mount.
        let seen = |drive: &Drive| Drive {
            inside: drive.mount.clone(),
            ..drive.clone()
        };
        let spot = |drive: &Drive| {
            let file = format!("{}/data", drive.below);
            Spot {
                inode: fs::metadata(&file).unwrap().ino(),
                file,
                offset: 4000,
                byte: 0x5a,
            }
        };
        Facts {
            node: "store-1".into(),
            role: "server".into(),
            unit: Unit::Container,
            container: CONTAINER.into(),
            address: [127, 0, 0, 1].into(),
            init: init.clone(),
            processes: vec![init.clone()],
            freezer: None,
            revived_by: RevivedBy::Guard,
            role_count: 1,
            credential: None,
            rotation: None,
            drives: self.drives.iter().map(seen).collect(),
            layers: Vec::new(),
            control: Default::default(),
            scratch: Default::default(),
            spots: self.drives.iter().map(spot).collect(),
            throttle: Some(Throttle {
                init,
                group: self.group.to_string_lossy().into_owned(),
                unified: !self.group.starts_with("/sys/fs/cgroup/blkio"),
            }),
        }
    }
}

impl Drop for Drives {
    fn drop(&mut self) {
        drives::remove::thaw_all(&self.hands.drives_folder);
        if let Some(mut child) = self.holder.lock().unwrap().take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let removed = drives::remove::all(&self.hands.drives_folder);
        let _ = fs::remove_dir(&self.group);
        let _ = fs::remove_dir_all(&self.folder);
        if !thread::panicking() {
            removed.unwrap();
        }
    }
}

fn hold(drive: &Drive) -> Child {
    let line = format!("exec sleep 600 3<'{}/data'", drive.mount);
    let child = Command::new("sh").args(["-c", &line]).spawn().unwrap();
    let open = format!("/proc/{}/fd/3", child.id());
    super::wait_for("the holder", || fs::read_link(&open).is_ok());
    child
}

/// Stops by killing the holder, starts by making another one without a file.
fn engine(folder: &Path, holder: Holder) -> Engine {
    let socket = folder.join("engine.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &mut holder.lock().unwrap());
        }
    });
    Engine::at(socket)
}

fn answer(mut stream: UnixStream, holder: &mut Option<Child>) {
    let mut asked = String::new();
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    lines.read_line(&mut asked).unwrap();
    while lines.read_line(&mut String::new()).unwrap() > 2 {}
    let runs = |holder: &mut Option<Child>| {
        let alive = holder
            .as_mut()
            .is_some_and(|child| child.try_wait().unwrap().is_none());
        alive.then(|| holder.as_ref().map_or(0, Child::id))
    };
    let body = match asked.split(' ').nth(1).unwrap() {
        path if !path.contains(CONTAINER) => "[]".to_owned(),
        path if path.contains("/stop") => {
            if let Some(mut child) = holder.take() {
                child.kill().unwrap();
                child.wait().unwrap();
            }
            String::new()
        }
        path if path.ends_with("/start") => {
            *holder = Some(Command::new("sleep").arg("600").spawn().unwrap());
            String::new()
        }
        _ => {
            let pid = runs(holder);
            format!(
                r#"{{"State":{{"Running":{},"Paused":false,"Pid":{}}}}}"#,
                pid.is_some(),
                pid.unwrap_or(0)
            )
        }
    };
    let code = if body.is_empty() {
        "204 No Content"
    } else {
        "200 OK"
    };
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {code}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
}
