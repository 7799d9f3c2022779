//! The model world and the kernel behind one door, so that a case can be put to both.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::Scene;
use guard::{acts::Hands, checks, clock::Clock, engine_socket::Engine};
use model::{
    act::{Act, Undo},
    check::Check,
    facts::Facts,
    units::Nanos,
    world::World,
};

/// Longer than any check needs on a busy machine.
const LOOK: Nanos = Nanos::secs(4);

/// Where acts are done and checks are looked at.
pub trait Ground {
    fn facts(&self) -> Vec<Facts>;
    fn record(&mut self, act: &Act) -> Undo;
    fn act(&mut self, act: &Act);
    fn undo(&mut self, undo: &Undo);
    /// Does it as the guard does: the undo of that very act.
    fn carry_out(&mut self, act: &Act) -> Undo;
    /// Whether the check comes to say `wanted`.
    fn sees(&mut self, check: &Check, wanted: bool) -> bool;
    /// As the guard injects: looks (it must not hold yet), acts, looks until it holds.
    fn proves(&mut self, act: &Act, effective: &Check) -> bool;
    /// A connection from the first node to the second stands from now on.
    fn connect(&mut self) {}
    /// A resolver answers in the first node.
    fn resolve(&mut self) {}
}

impl Ground for World {
    fn facts(&self) -> Vec<Facts> {
        World::facts(self)
    }
    fn record(&mut self, act: &Act) -> Undo {
        World::record(self, act)
    }
    fn act(&mut self, act: &Act) {
        World::act(self, act);
    }
    fn undo(&mut self, undo: &Undo) {
        World::undo(self, undo);
    }
    fn carry_out(&mut self, act: &Act) -> Undo {
        let undo = World::record(self, act);
        World::act(self, act);
        undo
    }
    fn sees(&mut self, check: &Check, wanted: bool) -> bool {
        self.holds(check) == wanted
    }
    fn proves(&mut self, act: &Act, effective: &Check) -> bool {
        let before = self.holds(effective);
        World::act(self, act);
        !before && self.holds(effective)
    }
}

pub struct Kernel {
    pub scene: Scene,
    pub hands: Hands,
}

impl Ground for Kernel {
    fn facts(&self) -> Vec<Facts> {
        self.scene.facts()
    }
    fn record(&mut self, act: &Act) -> Undo {
        self.hands
            .prepare(act)
            .map_or(Undo::Nothing, |deed| deed.undo())
    }
    fn act(&mut self, act: &Act) {
        if let Ok(mut deed) = self.hands.prepare(act) {
            deed.ready().unwrap();
            deed.go().unwrap();
        }
    }
    fn undo(&mut self, undo: &Undo) {
        self.hands.undo(undo).unwrap();
    }
    fn carry_out(&mut self, act: &Act) -> Undo {
        let mut deed = self.hands.prepare(act).unwrap();
        let undo = deed.undo();
        deed.ready().unwrap();
        deed.go().unwrap();
        undo
    }
    fn sees(&mut self, check: &Check, wanted: bool) -> bool {
        // "Not decided in time" must not pass for "they do not arrive": ask for that itself.
        if let (Check::Datagrams { from, to, arrive }, false) = (check, wanted) {
            let (from, to, arrive) = (from.clone(), to.clone(), !arrive);
            return self.sees(&Check::Datagrams { from, to, arrive }, true);
        }
        if let (Check::All(parts), false) = (check, wanted) {
            return parts.iter().any(|part| self.sees(part, false));
        }
        let clock = Clock::since(0);
        let Ok(mut watches) = checks::open(check, &self.hands.engine) else {
            return !wanted;
        };
        let look = checks::until(&mut watches, wanted, clock, clock.now().plus(LOOK));
        look.seen.held == wanted
    }
    fn proves(&mut self, act: &Act, effective: &Check) -> bool {
        let clock = Clock::since(0);
        let mut watches = checks::open(effective, &self.hands.engine).unwrap();
        let before = checks::once(&mut watches, clock, clock.now().plus(LOOK));
        let mut deed = self.hands.prepare(act).unwrap();
        deed.ready().unwrap();
        watches.iter_mut().for_each(|watch| watch.forget());
        deed.go().unwrap();
        let after = checks::until(&mut watches, true, clock, clock.now().plus(LOOK));
        println!(
            "before: {}\n after: {}",
            before.seen.evidence, after.seen.evidence
        );
        !before.seen.held && after.seen.held
    }
    fn connect(&mut self) {
        self.scene.connect();
    }
    fn resolve(&mut self) {
        self.scene.resolve();
    }
}

pub fn world() -> impl Ground {
    World::of(1)
}

pub fn kernel() -> Kernel {
    let scene = Scene::new();
    let mut hands = Hands::of(&scene.name, Engine::find());
    hands.program = env!("CARGO_BIN_EXE_guard-standin").into();
    Kernel { scene, hands }
}
