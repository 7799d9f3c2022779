//! Tries to shift the clock of a process of our own, and asks that process what time it is.
//!
//! The child is a fork that does nothing but read its clock when asked. This is what proves that the code which the acts put in
//! place is obeyed on this kernel; on a victim only the bytes can be read back.
use crate::acts::clock::{
    code::{self, PARTS},
    image::{Image, symbol},
};
use crate::process::Identity;
use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::{FromRawFd, OwnedFd, RawFd},
};

/// By how much the child is shifted, in s.
const BY: i64 = 3600;

/// Patches a scratch process, sees it obey, and takes the patch out again.
pub fn patch() -> Result<String, String> {
    if !cfg!(target_arch = "x86_64") {
        return Err(
            "write clock code for this processor: there is some for x86-64 only".to_owned(),
        );
    }
    let mut child = Child::start().map_err(|error| format!("start a scratch process: {error}"))?;
    let fails = |error: io::Error| {
        format!(
            "write the clock code of a scratch process: {error}; run as root with ptrace allowed"
        )
    };
    let image = Image::open(&Identity::of(child.pid).process)?;
    let whole = image.bytes().map_err(fails)?;
    let mut had = Vec::new();
    for part in &PARTS {
        let found = symbol(&whole, part.symbol);
        let (at, length) = found.ok_or(format!("find {} in the clock code", part.symbol))?;
        if part.code.len() > length {
            return Err(format!(
                "fit other code into {}: {length} bytes",
                part.symbol
            ));
        }
        had.push((
            image.range.start + at,
            whole[at as usize..at as usize + part.code.len()].to_vec(),
        ));
    }
    let offset_at = had[0].0 + code::OFFSET;
    for (part, (at, _)) in PARTS.iter().zip(&had) {
        image
            .write(*at, &code::placed(part, *at, offset_at))
            .map_err(fails)?;
    }
    image.write(offset_at, &code::offset(BY)).map_err(fails)?;
    let shifted = child.behind().map_err(fails)?;
    for (at, bytes) in &had {
        image.write(*at, bytes).map_err(fails)?;
    }
    let after = child.behind().map_err(fails)?;
    let near = |shift: i64, wanted: i64| (shift - wanted).abs() <= 60;
    let all = shifted.iter().all(|one| near(*one, BY)) && after.iter().all(|one| near(*one, 0));
    all.then(|| "vDSO patch, x86-64".to_owned()).ok_or(format!(
        "shift the clock of a scratch process: it went {shifted:?} s, then {after:?} s"
    ))
}

/// A process that tells its clocks.
struct Child {
    pid: u32,
    ask: File,
    told: File,
}

impl Child {
    fn start() -> io::Result<Self> {
        let (ask_out, ask) = pipe()?;
        let (told, told_in) = pipe()?;
        let raw = |fd: &OwnedFd| std::os::fd::AsRawFd::as_raw_fd(fd);
        let (input, output) = (raw(&ask_out), raw(&told_in));
        let others = [raw(&ask), raw(&told)];
        // SAFETY: the child makes only async-signal-safe calls and ends by _exit.
        let pid = unsafe { libc::fork() };
        match pid {
            -1 => Err(io::Error::last_os_error()),
            // SAFETY: as above.
            0 => unsafe { tell(input, output, others) },
            pid => Ok(Self {
                pid: pid as u32,
                ask: ask.into(),
                told: told.into(),
            }),
        }
    }

    /// By how many seconds each of its clocks is ahead of ours: clock_gettime, gettimeofday, time.
    fn behind(&mut self) -> io::Result<[i64; 3]> {
        self.ask.write_all(b"?")?;
        let mut bytes = [0; 24];
        self.told.read_exact(&mut bytes)?;
        let own = clocks();
        let mut shifts = [0; 3];
        for (at, shift) in shifts.iter_mut().enumerate() {
            let mut one = [0; 8];
            one.copy_from_slice(&bytes[8 * at..8 * at + 8]);
            *shift = i64::from_le_bytes(one) - own[at];
        }
        Ok(shifts)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // SAFETY: our own child, which nobody else waits for.
        unsafe {
            libc::kill(self.pid as i32, libc::SIGKILL);
            libc::waitpid(self.pid as i32, std::ptr::null_mut(), 0);
        }
    }
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends: [RawFd; 2] = [0; 2];
    // SAFETY: room for two descriptors, which nobody else owns.
    unsafe {
        if libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok((OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])))
    }
}

/// Seconds by each of the three ways to ask.
fn clocks() -> [i64; 3] {
    let mut spec = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut val = libc::timeval {
        tv_sec: 0,
        tv_usec: 0,
    };
    // SAFETY: valid places for each answer.
    unsafe {
        libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut spec);
        libc::gettimeofday(&raw mut val, std::ptr::null_mut());
        [spec.tv_sec, val.tv_sec, libc::time(std::ptr::null_mut())]
    }
}

/// Answers until its input ends.
///
/// # Safety
/// In a child just forked.
unsafe fn tell(input: RawFd, output: RawFd, others: [RawFd; 2]) -> ! {
    // SAFETY: async-signal-safe calls on the stack alone.
    unsafe {
        for fd in others {
            libc::close(fd);
        }
        let mut one = 0_u8;
        while libc::read(input, (&raw mut one).cast(), 1) == 1 {
            let now = clocks();
            libc::write(output, now.as_ptr().cast(), 24);
        }
        libc::_exit(0)
    }
}
