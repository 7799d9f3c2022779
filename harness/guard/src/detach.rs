//! Makes the guard hard to stop by accident: a session of its own, deaf to a terminal's signals, first in line for the processor.
use std::io;

/// Above ordinary threads; the kernel keeps 5 % of each second for those, which bounds a bug of ours.
const PRIORITY: i32 = 40;

/// Detaches the calling process; call it before any other thread runs. Gives what was refused, in words.
pub fn detach() -> Vec<String> {
    // SAFETY: plain system calls on the calling process.
    unsafe {
        libc::setsid();
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGPIPE] {
            libc::signal(signal, libc::SIG_IGN);
        }
    }
    first_in_line(PRIORITY)
}

/// Real-time scheduling, locked memory, and sleeps that end on time. Gives what was refused, in words.
pub fn first_in_line(priority: i32) -> Vec<String> {
    // SAFETY: plain system calls on the calling process; the only pointer is to a local.
    unsafe {
        // Sleeps end on time also where real-time scheduling is refused.
        libc::prctl(libc::PR_SET_TIMERSLACK, 1);
        let first = libc::sched_param {
            sched_priority: priority,
        };
        let scheduled = libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const first);
        // Only pages in use: a stack of each thread in full would take longer than an act.
        let locked = libc::mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE | libc::MCL_ONFAULT);
        [
            (scheduled, "real-time scheduling"),
            (locked, "locked memory"),
        ]
        .into_iter()
        .filter(|(done, _)| *done != 0)
        .map(|(_, what)| format!("{what}: {}", io::Error::last_os_error()))
        .collect()
    }
}
