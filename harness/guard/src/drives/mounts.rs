//! Mounts as the kernel lists them, and how to make and unmake one.
use std::{
    ffi::CString,
    fs::{self, File},
    io,
    os::{fd::AsRawFd, unix::ffi::OsStrExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

const SET_FLAGS: libc::c_ulong = 0x4008_6602;
const GET_FLAGS: libc::c_ulong = 0x8008_6601;
const IMMUTABLE: libc::c_long = 0x10;
/// Between two tries at something that is in use.
const ROUND: Duration = Duration::from_millis(5);
const TMPFS: i64 = 0x0102_1994;

/// One line of the mount table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub at: PathBuf,
    /// `major:minor` of its files.
    pub number: String,
    /// Kind of filesystem.
    pub kind: String,
}

/// A path for the kernel.
///
/// # Errors
/// A zero byte in it.
pub fn c(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(io::Error::other)
}

/// Mounts at or below `folder`, in the order they were made.
///
/// # Errors
/// There is no `/proc`.
pub fn below(folder: &Path) -> io::Result<Vec<Mount>> {
    let table = fs::read_to_string("/proc/self/mountinfo")?;
    let ours = table.lines().filter_map(parse);
    Ok(ours.filter(|mount| mount.at.starts_with(folder)).collect())
}

/// `36 35 7:0 / /at rw,noatime shared:1 - ext4 /dev/loop0 rw`: the fields behind the dash float.
fn parse(line: &str) -> Option<Mount> {
    let mut fields = line.split(' ');
    let number = fields.nth(2)?.to_owned();
    let at = unescaped(fields.nth(1)?);
    let kind = fields.skip_while(|field| *field != "-").nth(1)?.to_owned();
    Some(Mount { at, number, kind })
}

/// The kernel writes space, tab, newline and backslash as three octal digits.
fn unescaped(text: &str) -> PathBuf {
    let plain = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    let text = plain
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.into()
}

/// Mounts a filesystem that stops writing at its first error.
///
/// # Errors
/// What the kernel says.
pub fn mount(device: &Path, at: &Path, kind: &str) -> io::Result<()> {
    let kind = CString::new(kind).map_err(io::Error::other)?;
    let (device, at) = (c(device)?, c(at)?);
    let data = c"errors=remount-ro";
    // SAFETY: valid C strings.
    done(unsafe {
        libc::mount(
            device.as_ptr(),
            at.as_ptr(),
            kind.as_ptr(),
            libc::MS_NOATIME,
            data.as_ptr().cast(),
        )
    })
}

/// Shows `from` at `to` too.
///
/// # Errors
/// What the kernel says.
pub fn bind(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (c(from)?, c(to)?);
    let none = std::ptr::null();
    // SAFETY: valid C strings; a bind takes neither kind nor data.
    done(unsafe { libc::mount(from.as_ptr(), to.as_ptr(), none, libc::MS_BIND, none.cast()) })
}

/// Lets what is mounted below `at` later on reach whoever has it bound.
///
/// # Errors
/// What the kernel says.
pub fn share(at: &Path) -> io::Result<()> {
    let at = c(at)?;
    let none = std::ptr::null();
    // SAFETY: a valid C string; a change of propagation takes neither source, kind nor data.
    done(unsafe { libc::mount(none, at.as_ptr(), none, libc::MS_SHARED, none.cast()) })
}

/// Nothing that is mounted from now on reaches others: for a thread with a mount namespace of its own.
///
/// # Errors
/// What the kernel says.
pub fn keep_to_ourselves() -> io::Result<()> {
    let none = std::ptr::null();
    let flags = libc::MS_PRIVATE | libc::MS_REC;
    // SAFETY: a valid C string; a change of propagation takes neither source, kind nor data.
    done(unsafe { libc::mount(none, c"/".as_ptr(), none, flags, none.cast()) })
}

/// Unmounts; one that is in use is tried again until `patience` is over, one that is not there is fine.
///
/// # Errors
/// What the kernel says.
pub fn unmount(at: &Path, patience: Duration) -> io::Result<()> {
    let path = c(at)?;
    let deadline = Instant::now() + patience;
    loop {
        // SAFETY: a valid C string.
        let done = done(unsafe { libc::umount2(path.as_ptr(), libc::UMOUNT_NOFOLLOW) });
        match done {
            Err(error) if gone(&error) => return Ok(()),
            Err(error)
                if error.raw_os_error() == Some(libc::EBUSY) && Instant::now() < deadline =>
            {
                thread::sleep(ROUND);
            }
            other => return other,
        }
    }
}

/// Takes it out of sight at once; who has files of it open keeps them.
///
/// # Errors
/// What the kernel says; not that there is none.
pub fn unmount_lazily(at: &Path) -> io::Result<()> {
    let path = c(at)?;
    // SAFETY: a valid C string.
    match done(unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH | libc::UMOUNT_NOFOLLOW) }) {
        Err(error) if gone(&error) => Ok(()),
        other => other,
    }
}

fn gone(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOENT))
}

fn done(code: i32) -> io::Result<()> {
    if code == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Whether nobody, not even we, can make or remove anything in a folder.
///
/// # Errors
/// What the filesystem says: some cannot.
pub fn immutable(folder: &Path, wanted: bool) -> io::Result<()> {
    let folder = File::open(folder)?;
    let mut flags: libc::c_long = 0;
    // SAFETY: an open descriptor and a valid number.
    done(unsafe { libc::ioctl(folder.as_raw_fd(), GET_FLAGS, &raw mut flags) })?;
    let new = if wanted {
        flags | IMMUTABLE
    } else {
        flags & !IMMUTABLE
    };
    if new == flags {
        return Ok(());
    }
    // SAFETY: as above.
    done(unsafe { libc::ioctl(folder.as_raw_fd(), SET_FLAGS, &raw const new) })
}

/// Whether files there are kept in memory.
pub fn in_memory(folder: &Path) -> bool {
    let Ok(path) = c(folder) else { return false };
    // SAFETY: plain numbers, for which zero is a value; a valid C string.
    let kind = unsafe {
        let mut about: libc::statfs = std::mem::zeroed();
        (libc::statfs(path.as_ptr(), &raw mut about) == 0).then_some(about.f_type)
    };
    kind == Some(TMPFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_mount_table_reads_with_floating_fields_and_spaces() {
        let line = "36 35 7:3 / /var/a\\040b/1 rw,noatime shared:1 master:2 - ext4 /dev/loop3 rw,errors=remount-ro";
        let read = parse(line).unwrap();
        assert_eq!(read.at, Path::new("/var/a b/1"));
        assert_eq!((read.number.as_str(), read.kind.as_str()), ("7:3", "ext4"));
    }

    #[test]
    fn proc_is_mounted_and_a_folder_that_is_not_there_has_no_mounts() {
        assert!(
            below(Path::new("/proc"))
                .unwrap()
                .iter()
                .any(|mount| mount.kind == "proc")
        );
        assert_eq!(below(Path::new("/no/such/folder")).unwrap(), []);
    }
}
