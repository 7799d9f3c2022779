//! Processes that cannot be mistaken for one another: a pid with its start time, and a process file descriptor.
//!
//! A pid alone is reused; whoever acts on one opens the descriptor first and compares the start time after.
use model::facts::Process;
use std::{
    fmt, fs, io,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::Command,
};

/// Clock ticks from boot to the start of `pid` (field 22 of its `stat`); none where there is no such process.
pub fn start_ticks(pid: u32) -> Option<u64> {
    stat(pid).map(|(_, ticks)| ticks)
}

/// The process that has this pid now; none where there is none.
pub fn find(pid: u32) -> Option<Process> {
    start_ticks(pid).map(|start_ticks| Process { pid, start_ticks })
}

/// Whether this very process runs; a zombie has ended.
pub fn lives(process: &Process) -> bool {
    stat(process.pid)
        .is_some_and(|(state, ticks)| ticks == process.start_ticks && !"ZX".contains(state))
}

/// Whether it leads a process group (field 5 of its `stat`).
pub fn leads(pid: u32) -> bool {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = text.rsplit_once(')').map(|(_, fields)| fields);
    let group = fields.and_then(|fields| fields.split_whitespace().nth(2));
    group.and_then(|group| group.parse().ok()) == Some(pid)
}

/// Whether this very process is stopped by a signal.
pub fn is_stopped(process: &Process) -> bool {
    stat(process.pid).is_some_and(|(state, ticks)| ticks == process.start_ticks && state == 'T')
}

/// Whether it has a handler of its own for this signal.
pub fn handles(process: &Process, number: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", process.pid)).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
    lives(process) && mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

/// Whether the process behind the descriptor has ended, or does within so many ms.
pub fn ends_within(fd: &OwnedFd, ms: i32) -> bool {
    let mut one = libc::pollfd {
        fd: fd.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one valid pollfd.
    unsafe { libc::poll(&raw mut one, 1, ms) > 0 }
}

/// State letter and start time. The command name may hold spaces and brackets: fields count from the last bracket.
fn stat(pid: u32) -> Option<(char, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.nth(18)?.parse().ok()?))
}

/// A name of this boot; another one means that every process of before is gone.
pub fn boot_id() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().to_owned()
}

/// Opens a descriptor of this very process; none where it is gone.
///
/// # Errors
/// What the kernel says, other than that it is gone.
pub fn open(process: &Process) -> io::Result<Option<OwnedFd>> {
    // SAFETY: pidfd_open takes two integers and returns a new descriptor or -1.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, process.pid, 0) };
    if fd < 0 {
        let error = io::Error::last_os_error();
        let gone = matches!(error.raw_os_error(), Some(libc::ESRCH | libc::EINVAL));
        return if gone { Ok(None) } else { Err(error) };
    }
    // SAFETY: the call above succeeded, so `fd` is open and owned by nobody else.
    let fd = unsafe { OwnedFd::from_raw_fd(fd as i32) };
    Ok(lives(process).then_some(fd))
}

/// Lets a program that is about to be started inherit its three standard files and nothing else.
///
/// A library may open sockets without the close-on-exec flag: a child that holds the one that owns our tables would keep them
/// alive after our death.
pub fn inherit_nothing(command: &mut Command) -> &mut Command {
    let close = || {
        let flags = libc::CLOSE_RANGE_CLOEXEC as libc::c_int;
        // SAFETY: one system call on descriptor numbers; it only sets flags, in the child.
        let done = unsafe { libc::close_range(3, libc::c_uint::MAX, flags) };
        if done == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    };
    // SAFETY: between fork and exec only that system call is made.
    unsafe { command.pre_exec(close) }
}

/// Sends a signal to the process behind `fd`, never to a later one with its pid.
///
/// # Errors
/// What the kernel says, such as that it is gone.
pub fn signal(fd: &OwnedFd, number: i32) -> io::Result<()> {
    let info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: `fd` is an open process descriptor; a null siginfo asks for the plain kill behaviour.
    let done =
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd.as_raw_fd(), number, info, 0) };
    if done < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Who owns a run: a process of one boot. Written `pid:start ticks:boot id`, also as the owner label of containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The process.
    pub process: Process,
    /// Its boot.
    pub boot_id: String,
}

impl Identity {
    /// The calling process.
    pub fn own() -> Self {
        Self::of(std::process::id())
    }

    /// Process `pid`; start time 0, which no process has, where it is gone.
    pub fn of(pid: u32) -> Self {
        let start_ticks = 0;
        Self {
            process: find(pid).unwrap_or(Process { pid, start_ticks }),
            boot_id: boot_id(),
        }
    }

    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let pid = parts.next()?.parse().ok()?;
        let start_ticks = parts.next()?.parse().ok()?;
        Some(Self {
            process: Process { pid, start_ticks },
            boot_id: parts.next()?.to_owned(),
        })
    }

    /// Whether it still runs.
    pub fn lives(&self) -> bool {
        self.boot_id == boot_id() && lives(&self.process)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Process { pid, start_ticks } = self.process;
        write!(f, "{pid}:{start_ticks}:{}", self.boot_id)
    }
}

/// Puts the calling thread ahead of ordinary ones for the processor, as whoever measures must be: real-time, yet behind the guard; a
/// better niceness where that is refused. Gives what it got, in words. Threads that it starts are ordinary again: a library's may spin.
pub fn take_precedence() -> String {
    const NICE: i32 = -10;
    if schedule(libc::SCHED_RR | libc::SCHED_RESET_ON_FORK, 1) {
        return "real-time 1".to_owned();
    }
    // SAFETY: plain system calls on the calling thread, which zero means.
    let nice = unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, NICE);
        libc::getpriority(libc::PRIO_PROCESS, 0)
    };
    format!("nice {nice}")
}

/// Makes the calling thread an ordinary one again.
pub fn give_precedence_back() {
    schedule(libc::SCHED_OTHER, 0);
}

fn schedule(policy: libc::c_int, priority: i32) -> bool {
    let wanted = libc::sched_param {
        sched_priority: priority,
    };
    // SAFETY: a system call on the calling thread, which zero means; the pointer is to a local.
    unsafe { libc::sched_setscheduler(0, policy, &raw const wanted) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_is_of_the_calling_thread_alone_and_can_be_given_back() {
        let ordinary = || {
            // SAFETY: a system call on the calling thread, which zero means.
            unsafe { libc::sched_getscheduler(0) == libc::SCHED_OTHER }
        };
        let measuring = std::thread::spawn(move || {
            let refused = take_precedence().starts_with("nice");
            let child = std::thread::spawn(ordinary).join();
            let first = (ordinary(), child.is_ok_and(|ordinary| ordinary));
            give_precedence_back();
            (refused, first, ordinary())
        });
        let (refused, first, after) = measuring.join().unwrap();
        assert_eq!(first, (refused, true));
        assert!(after);
    }

    #[test]
    fn an_identity_reads_back_and_a_reused_pid_is_no_owner() {
        let own = Identity::own();
        assert_eq!(Identity::parse(&own.to_string()), Some(own.clone()));
        assert!(own.lives());
        let mut stranger = own.clone();
        stranger.process.start_ticks += 1;
        assert!(!stranger.lives());
        let mut before_reboot = own;
        before_reboot.boot_id.push('x');
        assert!(!before_reboot.lives());
    }
}
