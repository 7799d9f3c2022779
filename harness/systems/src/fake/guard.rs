//! A guard that acts on the model world, in the order of the real one: look, record, act, look.
use super::Shared;
use model::{
    BoxFuture,
    act::Undo,
    check::Seen,
    fault::Step,
    guard::{Answer, GuardLost, GuardPort, Healed, Injected, Request, Undone},
    ids::{FaultId, UndoId},
    units::Nanos,
};
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// The fake guard.
pub struct FakeGuard {
    world: Shared,
    epoch: Instant,
    pending: Mutex<Vec<(FaultId, UndoId, Undo)>>,
    /// Planted defect: undos are forgotten.
    pub forgets: bool,
}

impl FakeGuard {
    /// A guard of this world.
    pub const fn new(world: Shared, epoch: Instant) -> Self {
        Self {
            world,
            epoch,
            pending: Mutex::new(Vec::new()),
            forgets: false,
        }
    }

    fn t(&self) -> Nanos {
        Nanos(self.epoch.elapsed().as_nanos() as u64)
    }

    fn inject(&self, fault: FaultId, step: &Step) -> Answer {
        let mut state = self.world.now();
        if state.world.holds(&step.effective) {
            return Answer::Refused {
                why: "find the target unhurt: the effect is there before the act".into(),
            };
        }
        let how = state.world.record(&step.act);
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let undo = UndoId(pending.len() as u64 + 1);
        pending.push((fault, undo, how.clone()));
        state.world.act(&step.act);
        let proof = Seen {
            held: state.world.holds(&step.effective),
            evidence: "seen in the model world".into(),
        };
        let t = self.t();
        Answer::Injected(Injected {
            undo,
            how,
            backend: "model".into(),
            recorded: t,
            began: t,
            acted: t,
            proof,
            proved: t,
        })
    }

    fn undo(&self, of: impl Fn(&FaultId) -> bool) -> Vec<Undone> {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.world.now();
        let mut undone = Vec::new();
        for (_, undo, how) in pending
            .extract_if(.., |(fault, ..)| of(fault))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            if !self.forgets {
                state.world.undo(&how);
            }
            undone.push(Undone {
                undo,
                took: Nanos(0),
                failed: None,
            });
        }
        undone
    }
}

impl GuardPort for FakeGuard {
    fn ask(&self, request: Request) -> BoxFuture<'_, Result<Answer, GuardLost>> {
        let answer = match request {
            Request::Own { .. } => Answer::Owned,
            Request::Provide { .. } => Answer::Refused {
                why: "make drives: the model has its own".into(),
            },
            Request::Inject { fault, step, .. } => self.inject(fault, &step),
            Request::Heal { fault, healed, .. } => {
                let began = self.t();
                let undone = self.undo(|one| *one == fault);
                let held = healed
                    .iter()
                    .all(|check| self.world.now().world.holds(check));
                let proof = Seen {
                    held,
                    evidence: "seen in the model world".into(),
                };
                Answer::Healed(Healed {
                    undone,
                    began,
                    proved: self.t(),
                    proof,
                })
            }
            Request::Restart { containers, .. } => {
                let mut state = self.world.now();
                containers.iter().for_each(|one| state.world.restart(one));
                Answer::Restarted
            }
            Request::Look { check } => Answer::Seen(Seen {
                held: self.world.now().world.holds(&check),
                evidence: String::new(),
            }),
            Request::Close => {
                self.undo(|_| true);
                Answer::Closed {
                    leftovers: Vec::new(),
                }
            }
        };
        Box::pin(std::future::ready(Ok(answer)))
    }
}
