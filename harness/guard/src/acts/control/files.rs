//! How many descriptors a process may hold: its soft limit, by prlimit(2), without its knowledge.
use super::super::Deed;
use crate::process;
use model::{
    act::{self, control::Undo},
    facts::Process,
};
use std::{io, ptr};

struct Files {
    had: Vec<(Process, u64)>,
    most: u64,
}

/// Reads the limits. Who ends meanwhile is left out.
///
/// # Errors
/// None of them is there, or the kernel refuses.
pub fn prepare(processes: &[Process], most: u64) -> Result<impl Deed + use<>, String> {
    let mut had = Vec::new();
    for process in processes.iter().filter(|one| process::lives(one)) {
        let limit = limit(process, None).map_err(|error| refused(process, &error))?;
        had.push((process.clone(), limit.rlim_cur));
    }
    if had.is_empty() {
        return Err("find a process of the target: all have ended".to_owned());
    }
    Ok(Files { had, most })
}

fn refused(process: &Process, error: &io::Error) -> String {
    format!("limit the descriptors of process {}: {error}", process.pid)
}

/// The limit before; with a new soft one, sets it.
fn limit(process: &Process, soft: Option<u64>) -> io::Result<libc::rlimit64> {
    let call = |new: *const libc::rlimit64, old: *mut libc::rlimit64| {
        // SAFETY: both pointers are null or to a local that outlives the call.
        let done = unsafe { libc::prlimit64(process.pid as i32, libc::RLIMIT_NOFILE, new, old) };
        if done == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    };
    let mut old = libc::rlimit64 {
        rlim_cur: 0,
        rlim_max: 0,
    };
    call(ptr::null(), &raw mut old)?;
    if let Some(soft) = soft {
        let new = libc::rlimit64 {
            rlim_cur: soft.min(old.rlim_max),
            ..old
        };
        call(&raw const new, ptr::null_mut())?;
    }
    Ok(old)
}

/// Sets the soft limit of each that still lives; who ends meanwhile is fine.
fn each(limits: impl Iterator<Item = (Process, u64)>) -> Result<(), String> {
    for (process, soft) in limits {
        let done = if process::lives(&process) {
            limit(&process, Some(soft)).map(drop)
        } else {
            Ok(())
        };
        match done {
            Err(error) if process::lives(&process) => return Err(refused(&process, &error)),
            _ => {}
        }
    }
    Ok(())
}

impl Deed for Files {
    fn undo(&self) -> act::Undo {
        act::Undo::Control(Undo::Files {
            had: self.had.clone(),
        })
    }
    fn backend(&self) -> String {
        format!("prlimit of {} processes", self.had.len())
    }
    fn go(&mut self) -> Result<(), String> {
        let most = self.most;
        each(self.had.iter().map(|(process, _)| (process.clone(), most)))
    }
}

/// Gives each its own limit back.
///
/// # Errors
/// What the kernel says.
pub fn give_back(had: &[(Process, u64)]) -> Result<(), String> {
    each(had.iter().cloned())
}
