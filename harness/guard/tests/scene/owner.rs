//! A stand-in for the harness that a test can kill or stop, and the steps that it asks its guard for.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::Scene;
use model::{
    act::{
        Act,
        net::{self, Fate, Flow},
    },
    check::Check,
    fault::{Lifetime, Step},
    guard::{Answer, Request},
    units::Nanos,
};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Instant,
};

/// A stand-in for the harness with a guard of its own.
pub struct Owner {
    pub child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Process of its guard.
    pub guard: u32,
}

impl Owner {
    pub fn of(config: &guard::Config) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guard-standin"));
        let command = command.arg("owner").args(config.to_args());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut owner = Self {
            child,
            input,
            output,
            guard: 0,
        };
        owner.guard = owner.hear();
        owner
    }

    pub fn ask(&mut self, request: &Request) -> Answer {
        self.tell(request);
        self.hear()
    }

    /// Asks, and does not wait for the answer.
    pub fn tell(&mut self, request: &Request) {
        let text = serde_json::to_string(request).unwrap();
        writeln!(self.input, "{text}").unwrap();
    }

    fn hear<T: serde::de::DeserializeOwned>(&mut self) -> T {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    pub fn signal(&self, pid: u32, signal: i32) {
        // SAFETY: both are children of this test or of its child.
        assert_eq!(unsafe { libc::kill(pid as i32, signal) }, 0);
    }

    /// Ends without a word, as `kill -9` does.
    pub fn kill(&mut self) -> Instant {
        let at = Instant::now();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        at
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn ends(scene: &Scene, from: usize, to: usize, arrive: bool) -> Check {
    let end = |at: usize| scene.end(at);
    Check::Datagrams {
        from: end(from),
        to: end(to),
        arrive,
    }
}

pub fn both(scene: &Scene, arrive: bool) -> Check {
    Check::All(vec![ends(scene, 0, 1, arrive), ends(scene, 1, 0, arrive)])
}

pub fn reads(scene: &Scene, frozen: bool) -> Check {
    let freezer = scene.nodes[0].freezer.clone();
    let want = if frozen {
        freezer.frozen
    } else {
        freezer.thawed
    };
    Check::Reads {
        file: freezer.read,
        want,
    }
}

pub fn cut(scene: &Scene) -> Step {
    let [a, b] = [scene.nodes[0].address, scene.nodes[1].address];
    let flows = vec![Flow { from: a, to: b }, Flow { from: b, to: a }];
    Step {
        act: Act::Net(net::Act::Filter {
            fate: Fate::Dropped,
            flows,
            ends: vec![],
            lifetime_ms: 120_000,
        }),
        effective: both(scene, false),
        healed: both(scene, true),
        lifetime: Lifetime::Kernel,
    }
}

pub fn freeze(scene: &Scene) -> Step {
    Step {
        act: Act::Freeze {
            freezer: scene.nodes[0].freezer.clone(),
        },
        effective: reads(scene, true),
        healed: reads(scene, false),
        lifetime: Lifetime::Guard,
    }
}

pub fn inject(fault: &str, step: Step, deadline: Nanos) -> Request {
    Request::Inject {
        fault: fault.into(),
        step: Box::new(step),
        deadline,
        prove: Nanos::secs(2),
    }
}

/// Far enough for any test.
pub const LATER: Nanos = Nanos::secs(3600);

/// An owner whose guard holds a frozen group and a cut, both proved.
pub fn hurt(scene: &Scene) -> Owner {
    let mut owner = Owner::of(&scene.config());
    for (fault, step) in [("freeze", freeze(scene)), ("cut", cut(scene))] {
        let answer = owner.ask(&inject(fault, step, LATER));
        assert!(
            matches!(&answer, Answer::Injected(done) if done.proof.held),
            "{answer:?}"
        );
    }
    owner
}

pub fn process(pid: u32) -> model::facts::Process {
    let start_ticks = guard::process::start_ticks(pid).unwrap_or_default();
    model::facts::Process { pid, start_ticks }
}
