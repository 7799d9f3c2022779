//! A process of its own that writes to a drive: on a frozen one it waits in the kernel, where no signal reaches it, and must not
//! take the guard with it.
//!
//! It writes to a file without a name, so that nothing of it is ever seen. It keeps no descriptor of the guard's but its pipe:
//! one more holder of the packet filter's socket would keep a dead guard's rules alive.
use std::{
    ffi::CString,
    fs::File,
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The size of each write, and how it lies in memory for a direct one.
const BLOCK: usize = 4096;
/// The largest piece of a measured write.
pub const LARGEST: usize = 64 << 10;

#[repr(C, align(4096))]
struct Block([u8; LARGEST]);
static BLOCK_OF_WORK: Block = Block([0x5a; LARGEST]);

/// Processes that did not end at once: they are asked again at the next start.
static LATE: Mutex<Vec<i32>> = Mutex::new(Vec::new());

/// What it is to do.
#[derive(Clone, Copy, Debug)]
pub enum Job {
    /// Write a block, fsync it, read it back from the medium.
    Once,
    /// Join a group through this descriptor, then write so many pieces of so many bytes directly.
    Many {
        /// `cgroup.procs`, open for writing.
        group: i32,
        /// Bytes each, a multiple of the block.
        piece: usize,
        /// How many.
        pieces: u32,
    },
}

/// What it came to: 0 or the errno, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Told {
    /// 0, or the errno.
    pub errno: i32,
    padding: i32,
    /// Time of the writes alone.
    pub took_ns: u64,
}

/// A writer at work.
pub struct Writer {
    pid: i32,
    pipe: OwnedFd,
    began: Instant,
}

/// Starts one on the filesystem at `at`.
///
/// # Errors
/// What the kernel says.
pub fn start(at: &Path, job: Job) -> io::Result<Writer> {
    reap();
    let folder = super::mounts::c(at)?;
    let named = super::mounts::c(&at.join(format!(".brinell-{}", crate::clock::mono_ns())))?;
    let mut ends = [0; 2];
    // SAFETY: room for two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC | libc::O_NONBLOCK) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both were just made and belong to nobody else.
    let [pipe, theirs] = ends.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    let began = Instant::now();
    // SAFETY: the child only makes system calls with what was prepared before, allocates nothing, and never returns.
    let pid = unsafe {
        let pid = libc::fork();
        if pid == 0 {
            child(theirs.as_raw_fd(), &folder, &named, job);
        }
        pid
    };
    if pid < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Writer { pid, pipe, began })
}

impl Writer {
    /// What it came to; none while it is at work.
    pub fn told(&self) -> Option<Told> {
        let mut told = Told {
            errno: 0,
            padding: 0,
            took_ns: 0,
        };
        let size = size_of::<Told>();
        // SAFETY: room for `size` bytes, all values of which are valid.
        let read = unsafe { libc::read(self.pipe.as_raw_fd(), (&raw mut told).cast(), size) };
        match read {
            read if read == size as isize => Some(told),
            // The pipe closed without a word: it was killed.
            0 => Some(Told {
                errno: libc::EINTR,
                padding: 0,
                took_ns: 0,
            }),
            _ => None,
        }
    }

    /// Since when it is at work.
    pub fn began(&self) -> Instant {
        self.began
    }

    /// Whether it waits in the kernel for longer than `patience`.
    pub fn is_stuck(&self, patience: Duration) -> bool {
        self.began.elapsed() > patience && state(self.pid) == Some('D')
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // SAFETY: our own child, not waited for yet.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        LATE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.pid);
        reap();
    }
}

fn reap() {
    let mut late = LATE.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: our own children; asks without waiting and without a status.
    late.retain(|pid| unsafe { libc::waitpid(*pid, std::ptr::null_mut(), libc::WNOHANG) } == 0);
}

fn state(pid: i32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.trim_start().chars().next()
}

/// # Safety
/// Called in a fork of a process with threads: only system calls, no allocation, no return.
unsafe fn child(pipe: i32, folder: &CString, named: &CString, job: Job) -> ! {
    // SAFETY: plain system calls on valid pointers.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        // Descriptors 0 and 1 stay: the pipe, and the group to join.
        let group = if let Job::Many { group, .. } = job {
            libc::dup(group)
        } else {
            -1
        };
        libc::dup2(pipe, 0);
        if group >= 0 {
            libc::dup2(group, 1);
        }
        libc::syscall(
            libc::SYS_close_range,
            if group >= 0 { 2 } else { 1 },
            u32::MAX,
            0,
        );
        let mut told = Told {
            errno: 0,
            padding: 0,
            took_ns: 0,
        };
        told.errno = match job {
            Job::Once => once(folder, named),
            Job::Many { piece, pieces, .. } => {
                many(folder, named, piece, pieces, &mut told.took_ns)
            }
        };
        libc::write(0, (&raw const told).cast(), size_of::<Told>());
        libc::_exit(0)
    }
}

/// A filesystem that knows no files without a name gets one with a name, for a moment.
unsafe fn nameless(folder: &CString, named: &CString, more: i32) -> Result<i32, i32> {
    // SAFETY: valid C strings.
    unsafe {
        let flags = libc::O_RDWR | libc::O_CLOEXEC | more;
        let fd = libc::open(folder.as_ptr(), flags | libc::O_TMPFILE, 0o600);
        if fd >= 0 {
            return Ok(fd);
        }
        if !matches!(
            errno(),
            libc::EOPNOTSUPP | libc::EISDIR | libc::EINVAL | libc::ENOSYS
        ) {
            return Err(errno());
        }
        let fd = libc::open(named.as_ptr(), flags | libc::O_CREAT | libc::O_EXCL, 0o600);
        if fd < 0 {
            return Err(errno());
        }
        libc::unlink(named.as_ptr());
        Ok(fd)
    }
}

unsafe fn once(folder: &CString, named: &CString) -> i32 {
    // SAFETY: the buffers hold a block each.
    unsafe {
        let fd = match nameless(folder, named, 0) {
            Ok(fd) => fd,
            Err(errno) => return errno,
        };
        let work = BLOCK_OF_WORK.0.as_ptr().cast();
        let mut back = [0_u8; BLOCK];
        if libc::pwrite(fd, work, BLOCK, 0) != BLOCK as isize || libc::fsync(fd) != 0 {
            return errno();
        }
        libc::posix_fadvise(fd, 0, 0, libc::POSIX_FADV_DONTNEED);
        if libc::pread(fd, back.as_mut_ptr().cast(), BLOCK, 0) != BLOCK as isize {
            return errno();
        }
        let same = libc::memcmp(back.as_ptr().cast(), work, BLOCK) == 0;
        if same { 0 } else { libc::EBADMSG }
    }
}

unsafe fn many(
    folder: &CString,
    named: &CString,
    piece: usize,
    pieces: u32,
    took_ns: &mut u64,
) -> i32 {
    // SAFETY: `piece` is at most what the aligned buffer holds.
    unsafe {
        if libc::write(1, c"0".as_ptr().cast(), 1) != 1 {
            return errno();
        }
        let fd = match nameless(folder, named, libc::O_DIRECT) {
            Ok(fd) => fd,
            Err(errno) => return errno,
        };
        let began = crate::clock::mono_ns();
        for at in 0..i64::from(pieces) {
            // The same place again and again: what counts is the device, not the space.
            let written = libc::pwrite(
                fd,
                BLOCK_OF_WORK.0.as_ptr().cast(),
                piece,
                (at & 7) * piece as i64,
            );
            if written != piece as isize {
                return errno();
            }
        }
        *took_ns = crate::clock::mono_ns() - began;
        0
    }
}

unsafe fn errno() -> i32 {
    // SAFETY: the calling thread's own errno.
    unsafe { *libc::__errno_location() }
}

/// Opens the list of members of a group, to be joined.
///
/// # Errors
/// There is no such group.
pub fn members(group: &str) -> io::Result<File> {
    std::fs::OpenOptions::new()
        .write(true)
        .open(format!("{group}/cgroup.procs"))
}
