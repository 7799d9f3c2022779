//! What the guard does for each request; each runs on a thread of its own.
use crate::{charge::Charge, checks, drives, filter::table_of, sweep};
use model::{
    act::{Act, Undo, disk, fuse},
    check::{Check, Seen},
    drive::{Drive, DriveSpec},
    fault::Step,
    guard::{Answer, Healed, Injected, Request, Undone},
    ids::FaultId,
    units::Nanos,
};

/// How long one look before an act, or on request, may take to know.
const LOOK: Nanos = Nanos::secs(2);
/// How long a failed undo is tried again when everything is undone.
pub const UNDO_ALL: Nanos = Nanos::secs(60);

/// The answer to a request.
pub fn answer(charge: &Charge, request: Request) -> Answer {
    let done = match request {
        Request::Own { run, deadline } => own(charge, run, deadline),
        Request::Provide { drives, deadline } => provide(charge, drives, deadline),
        Request::Inject {
            fault,
            step,
            deadline,
            prove,
        } => inject(charge, fault, &step, deadline, prove).map(Answer::Injected),
        Request::Heal {
            fault,
            healed,
            prove,
        } => Ok(Answer::Healed(heal(charge, &fault, healed, prove))),
        Request::Restart { containers, .. } => restart(charge, &containers),
        Request::Look { check } => Ok(Answer::Seen(look(charge, &check))),
        Request::Close => Ok(close(charge)),
    };
    done.unwrap_or_else(|why| Answer::Refused { why })
}

fn own(charge: &Charge, run: String, deadline: Nanos) -> Result<Answer, String> {
    if run != charge.hands.run {
        return Err(format!(
            "own run {run}: this is the guard of {}",
            charge.hands.run
        ));
    }
    charge.carry_out(None, &Act::Own { run }, deadline, || ())?;
    Ok(Answer::Owned)
}

fn provide(charge: &Charge, wanted: Vec<DriveSpec>, deadline: Nanos) -> Result<Answer, String> {
    let folder = charge.hands.drives_folder.to_string_lossy().into_owned();
    let act = Act::Disk(Box::new(disk::Act::Make {
        folder: folder.clone(),
        drives: wanted.clone(),
    }));
    charge.carry_out(None, &act, deadline, || ())?;
    let drives = wanted.iter().map(|spec| drives::made(&folder, spec));
    let drives = drives.collect::<Result<Vec<Drive>, _>>()?;
    for layer in drives.iter().filter_map(Drive::layer) {
        let attach = Act::Fuse(fuse::Act::Attach { layer });
        charge.carry_out(None, &attach, deadline, || ())?;
    }
    Ok(Answer::Provided { drives })
}

/// Look (must not hold yet), undo to disk, act, look until it holds; what did not take effect is undone at once.
fn inject(
    charge: &Charge,
    fault: FaultId,
    step: &Step,
    deadline: Nanos,
    prove: Nanos,
) -> Result<Injected, String> {
    let (clock, engine) = (charge.clock, &charge.hands.engine);
    let effective = step.effective.split().0;
    let effective = effective.ok_or("find a check of the effect that the machine can see")?;
    let mut watches = checks::open(&effective, engine)?;
    let before = checks::once(&mut watches, clock, clock.now().plus(LOOK));
    if before.seen.held {
        return Err(format!("find the target unhurt: {}", before.seen.evidence));
    }
    let forget = || watches.iter_mut().for_each(|watch| watch.forget());
    let (done, backend) = charge.carry_out(Some(fault), &step.act, deadline, forget)?;
    let look = checks::until(&mut watches, true, clock, done.acted.plus(prove));
    let mut proof = look.seen;
    if !proof.held {
        let undone = charge.undo(vec![done.entry.clone()], clock.now().plus(LOOK));
        proof.evidence.push_str(&worst(&undone).unwrap_or_default());
    }
    Ok(Injected {
        undo: done.entry.id,
        how: done.entry.undo,
        backend,
        recorded: done.recorded,
        began: done.began,
        acted: done.acted,
        proof,
        proved: look.at,
    })
}

fn worst(undone: &[Undone]) -> Option<String> {
    let failed = undone.iter().find_map(|one| one.failed.as_ref())?;
    Some(format!("; and it could not be undone: {failed}"))
}

fn heal(charge: &Charge, fault: &FaultId, healed: Vec<Check>, prove: Nanos) -> Healed {
    let clock = charge.clock;
    let parts = healed.iter().filter_map(|check| check.split().0).collect();
    let opened = checks::open(&Check::All(parts), &charge.hands.engine);
    let began = clock.now();
    let until = began.plus(prove);
    let undone = charge.undo(charge.of_fault(fault), until);
    let after = clock.now();
    let mut look = match opened {
        Ok(mut watches) => {
            watches.iter_mut().for_each(|watch| watch.forget());
            checks::until(&mut watches, true, clock, until)
        }
        Err(evidence) => checks::Look {
            seen: Seen {
                held: false,
                evidence,
            },
            at: clock.now(),
        },
    };
    if let Some(failed) = worst(&undone) {
        look.seen.held = false;
        look.seen.evidence.push_str(&failed);
    }
    Healed {
        undone,
        began,
        proved: look.at.max(after),
        proof: look.seen,
    }
}

fn restart(charge: &Charge, containers: &[String]) -> Result<Answer, String> {
    let engine = &charge.hands.engine;
    let each = containers.iter().map(|container| engine.restart(container));
    each.collect::<Result<(), String>>()
        .map(|()| Answer::Restarted)
}

fn look(charge: &Charge, check: &Check) -> Seen {
    let clock = charge.clock;
    match checks::open(check, &charge.hands.engine) {
        Ok(mut watches) => checks::once(&mut watches, clock, clock.now().plus(LOOK)).seen,
        Err(evidence) => Seen {
            held: false,
            evidence,
        },
    }
}

fn close(charge: &Charge) -> Answer {
    let owned = charge.pending().removes_testbed();
    charge.undo_all(charge.clock.now().plus(UNDO_ALL));
    Answer::Closed {
        leftovers: leftovers(charge, owned),
    }
}

/// What is still there of the run: undos that failed, labelled things, our table.
pub fn leftovers(charge: &Charge, owned: bool) -> Vec<String> {
    let pending = charge.pending().all();
    let mut left: Vec<String> = pending.iter().map(|entry| remains(&entry.undo)).collect();
    if owned {
        let things = sweep::leftovers(&charge.hands.engine, &charge.hands.run);
        left.extend(things.unwrap_or_else(|why| vec![format!("unknown: {why}")]));
    }
    let mut filter = crate::acts::net::filter::hold(&charge.hands.filter);
    left.extend(drives::remove::leftovers(&charge.hands.drives_folder));
    if filter.used() && (filter.remove().is_err() || filter.exists().unwrap_or(true)) {
        left.push(format!("nft table {}", table_of(&charge.hands.run)));
    }
    drop(filter);
    left.extend(crate::queue::hold(&charge.hands.queue).leftovers());
    left
}

/// What remains of an act that is not undone, in words.
pub fn remains(undo: &Undo) -> String {
    match undo {
        Undo::Thaw { freezer, .. } => format!("frozen {}", freezer.write),
        Undo::Start { container } => format!("stopped container {container}"),
        Undo::Net(undo) => undo.remains(),
        Undo::Queue(undo) => undo.remains(),
        Undo::Fuse(fuse::Undo::Detach { layer }) => format!("layer at {}", layer.mount),
        Undo::Fuse(fuse::Undo::Lift { layer, .. }) => format!("rule on {}", layer.mount),
        Undo::Process(undo) => crate::acts::process::remains(undo),
        Undo::Control(undo) => crate::acts::control::remains(undo),
        Undo::Clock(_) => "shifted clocks".to_owned(),
        Undo::Files(_) => "hidden files".to_owned(),
        Undo::Call(undo) => undo.remains(),
        Undo::Remove { .. } => "testbed".to_owned(),
        Undo::Disk(undo) => drives::remains(undo),
        Undo::Nothing => "an act without undo".to_owned(),
    }
}
