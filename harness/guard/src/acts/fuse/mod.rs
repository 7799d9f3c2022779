//! Layers under drives: a process of ours between a directory and a container; see [`fusefs`].
//!
//! It outlives the guard, since a container that lost it would err for ever; its rules end by themselves. [`attach`] starts and
//! ends it, [`impose`] writes its rules, [`silence`] finds it hung.
mod attach;
mod impose;
mod silence;

use super::Deed;
use model::act::fuse::{Act, Undo};
use std::{
    ffi::CString,
    fs::{self, File},
    io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

pub use impose::open;
pub use silence::Silences;

/// Looks at what `act` will change.
///
/// # Errors
/// The directories or the layer are not there.
pub fn prepare<'a>(program: &Path, act: &Act) -> Result<Box<dyn Deed + 'a>, String> {
    Ok(match act {
        Act::Attach { layer } => Box::new(attach::prepare(program, layer)?),
        Act::Impose {
            layer,
            rule,
            lifetime_ms,
        } => Box::new(impose::prepare(layer, rule, *lifetime_ms)?),
    })
}

/// Puts back; twice is once.
///
/// # Errors
/// What the machine says.
pub fn undo(undo: &Undo) -> Result<(), String> {
    match undo {
        Undo::Detach { layer } => attach::detach(layer),
        Undo::Lift {
            layer,
            rule,
            was_there,
        } => impose::lift(layer, rule, *was_there),
    }
}

/// The control page that an act is about.
pub fn page_of(act: &Act) -> &str {
    match act {
        Act::Attach { layer } | Act::Impose { layer, .. } => &layer.page,
    }
}

/// Mounts a file system that nobody serves, for everybody, and takes it away again.
///
/// # Errors
/// What is missing and what would fix it.
pub fn probe() -> Result<String, String> {
    let device = File::options().read(true).write(true).open("/dev/fuse");
    let device = device.map_err(|error| {
        format!("open /dev/fuse: {error}; run as root on a kernel with FUSE (`modprobe fuse`)")
    })?;
    let options = format!(
        "fd={},rootmode=40000,user_id=0,group_id=0,allow_other",
        device.as_raw_fd()
    );
    let mounted = scratch("fuse", &options, |_| Ok(()));
    mounted.map_err(|error| format!("mount a scratch file system: {error}; run as root"))?;
    Ok("FUSE".to_owned())
}

/// Ends a connection from the kernel's side: whoever waits for an answer gets an error, whatever its process is stuck in.
fn abort(connection: u64) -> io::Result<()> {
    let in_folder = |folder: &Path| fs::write(folder.join(format!("{connection}/abort")), "1");
    let usual = PathBuf::from("/sys/fs/fuse/connections");
    if usual.join(connection.to_string()).exists() {
        return in_folder(&usual);
    }
    // Nobody may have mounted the control files.
    scratch("fusectl", "", in_folder)
}

/// Does something with a file system mounted at a folder of its own, and takes both away.
fn scratch(
    kind: &str,
    options: &str,
    does: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let now = crate::clock::mono_ns();
    let name = format!("brinell-scratch-{}-{now}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir(&folder)?;
    let mounted = mount(&folder, kind, options);
    let done = mounted.and_then(|()| {
        let done = does(&folder);
        done.and(fusefs::worker::unmount(&folder))
    });
    done.and(fs::remove_dir(&folder))
}

fn mount(at: &Path, kind: &str, options: &str) -> io::Result<()> {
    let at = CString::new(at.as_os_str().as_encoded_bytes())?;
    let (kind, options) = (CString::new(kind)?, CString::new(options)?);
    let flags = libc::MS_NOSUID | libc::MS_NODEV;
    // SAFETY: valid C strings.
    let done = unsafe {
        let source = c"brinell".as_ptr();
        let options = options.as_ptr().cast();
        libc::mount(source, at.as_ptr(), kind.as_ptr(), flags, options)
    };
    fusefs::calls::done(done).map(drop)
}
