//! A notice, a grace, the end. The end is sent by a thread of the guard: with the guard it is gone, and nobody sends it.
use super::super::Deed;
use crate::process::{self, ends_within};
use model::{
    act::{self, Signal, process::Undo},
    facts::Process,
};
use std::{
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// The ends that are still to come.
#[derive(Default)]
pub struct Notices {
    coming: Mutex<Vec<(Process, Arc<Mutex<bool>>)>>,
}

impl Notices {
    fn expect(&self, victim: &Process) -> Arc<Mutex<bool>> {
        let called_off = Arc::new(Mutex::new(false));
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        coming.push((victim.clone(), called_off.clone()));
        called_off
    }

    /// Nobody ends this process any more.
    pub fn call_off(&self, victim: &Process) {
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, called_off) in coming.iter().filter(|(one, _)| one == victim) {
            *called_off.lock().unwrap_or_else(PoisonError::into_inner) = true;
        }
        coming.retain(|(one, _)| one != victim);
    }
}

struct Notice<'a> {
    notices: &'a Notices,
    told: OwnedFd,
    number: i32,
    end: Option<OwnedFd>,
    victim: Process,
    grace_ms: u64,
    start: Option<String>,
}

/// Whom to tell, and how; whom to end, and when.
pub struct Plan<'a> {
    /// Who is told.
    pub told: &'a Process,
    /// How.
    pub signal: Signal,
    /// Who is ended.
    pub victim: &'a Process,
    /// How long after.
    pub grace_ms: u64,
    /// The container to start again, if any.
    pub start: Option<String>,
}

/// Opens both processes.
///
/// # Errors
/// One of them is gone.
pub fn prepare<'a>(notices: &'a Notices, plan: &Plan) -> Result<impl Deed + use<'a>, String> {
    let open = |process: &Process| {
        let fd = process::open(process).map_err(|error| format!("open process: {error}"))?;
        fd.ok_or(format!("find process {}: it has ended", process.pid))
    };
    Ok(Notice {
        notices,
        told: open(plan.told)?,
        number: plan.signal.number(),
        end: Some(open(plan.victim)?),
        victim: plan.victim.clone(),
        grace_ms: plan.grace_ms,
        start: plan.start.clone(),
    })
}

impl Deed for Notice<'_> {
    fn undo(&self) -> act::Undo {
        act::Undo::Process(Undo::Recall {
            victim: self.victim.clone(),
            start: self.start.clone(),
        })
    }
    fn backend(&self) -> String {
        format!(
            "signal {} by pidfd, SIGKILL {} ms later",
            self.number, self.grace_ms
        )
    }
    fn go(&mut self) -> Result<(), String> {
        process::signal(&self.told, self.number)
            .map_err(|error| format!("give notice: {error}"))?;
        if let Some(end) = self.end.take() {
            let called_off = self.notices.expect(&self.victim);
            let grace_ms = self.grace_ms;
            thread::spawn(move || kill_after(&end, grace_ms, &called_off));
        }
        Ok(())
    }
}

/// Waits for the grace, or the victim's own end; called off, nothing is sent.
fn kill_after(end: &OwnedFd, grace_ms: u64, called_off: &Mutex<bool>) {
    if ends_within(end, i32::try_from(grace_ms).unwrap_or(i32::MAX)) {
        return;
    }
    let called_off = called_off.lock().unwrap_or_else(PoisonError::into_inner);
    if !*called_off {
        // One that has just ended by itself is as good.
        let _ = process::signal(end, libc::SIGKILL);
    }
}
