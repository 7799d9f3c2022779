//! Who competes: our guard, the engine's API, the engine's command line. Each does the same three things; one instrument watches.
use super::{
    beat::Beat,
    datagrams::Stream,
    figures::{self, Spans},
    stage::{Line, Stage},
};
use guard::{clock::mono_ns, process};
use model::{
    facts::Targets,
    fault::AnyFault,
    guard::{Answer, Request},
    units::Nanos,
};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// Name of our own row.
pub const OURS: &str = "brinell";

/// The engine's own work after a container's end.
const TIDY: Duration = Duration::from_millis(300);

/// One way to hurt.
pub enum Contender {
    /// The guard, through its pipe, with the shipped faults.
    Ours {
        /// Names the injections.
        count: u32,
    },
    /// HTTP over the engine's socket, the connection open before the clock starts.
    Api,
    /// The `docker` program.
    Program,
}

/// Everybody who is here.
pub fn all(_: &Stage) -> Vec<Contender> {
    let mut all = vec![Contender::Ours { count: 0 }, Contender::Api];
    let there = Command::new("docker")
        .arg("version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if there.is_ok_and(|status| status.success()) {
        all.push(Contender::Program);
    } else {
        println!("docker CLI: skipped, there is none here");
    }
    all
}

/// What was decided when: undo on disk (ours only), the instant the clock starts, the instant the call returned.
struct Done {
    recorded: Option<u64>,
    decided: u64,
    replied: u64,
}

impl Contender {
    /// As in the table.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ours { .. } => OURS,
            Self::Api => "engine API",
            Self::Program => "docker CLI",
        }
    }

    /// The container's process is killed and the container started again.
    pub fn kill(&mut self, stage: &Stage) -> Result<Spans, String> {
        let (victim, group) = (stage.init(1)?, stage.group(1)?);
        let fd = process::open(&victim)
            .map_err(|error| error.to_string())?
            .ok_or("find the victim")?;
        let watch = thread::spawn(move || death(&fd));
        let id = &stage.nodes[1].id;
        let hurt = self.hurt(
            stage,
            "kill",
            json!({"signal": "KILL"}),
            ("POST", format!("/containers/{id}/kill"), Value::Null),
            &["kill", id],
        )?;
        let dead = watch.join().map_err(|_| "watch the victim".to_owned())??;
        // The engine notices a death from outside late, then tidies up; whoever heals, the clock of the heal starts when it has.
        let until = mono_ns() + 5_000_000_000;
        while stage.init(1).is_ok() && mono_ns() < until {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(TIDY);
        let heal = self.heal(
            stage,
            ("POST", format!("/containers/{id}/start"), Value::Null),
            &["start", id],
            || filled(&group, victim.pid),
        )?;
        Ok(spans(&hurt, dead, &heal))
    }

    /// Every process of the container is frozen and thawed.
    pub fn pause(&mut self, stage: &Stage) -> Result<Spans, String> {
        let beat = Beat::start(&stage.folder, &stage.group(1)?)?;
        let id = &stage.nodes[1].id;
        let hurt = self.hurt(
            stage,
            "pause",
            json!({}),
            ("POST", format!("/containers/{id}/pause"), Value::Null),
            &["pause", id],
        )?;
        let last = beat.last_before_silence()?;
        let heal = self.heal(
            stage,
            ("POST", format!("/containers/{id}/unpause"), Value::Null),
            &["unpause", id],
            || beat.first_after(last),
        )?;
        Ok(spans(&hurt, last, &heal))
    }

    /// No packet passes between the containers, then packets pass again.
    pub fn partition(&mut self, stage: &Stage) -> Result<Spans, String> {
        let (id, net, address) = (&stage.nodes[1].id, &stage.network, stage.nodes[1].address);
        let stream = Stream::open(stage.init(0)?.pid, (stage.init(1)?.pid, address))?;
        let text = address.to_string();
        let off = json!({"Container": id, "Force": false});
        let on = json!({"Container": id, "EndpointConfig": {"IPAMConfig": {"IPv4Address": text}}});
        let hurt = self.hurt(
            stage,
            "partition",
            json!({}),
            ("POST", format!("/networks/{net}/disconnect"), off),
            &["network", "disconnect", net, id],
        )?;
        let last = stream.last_before_silence()?;
        let cli = ["network", "connect", "--ip", &text, net, id];
        let heal = self.heal(
            stage,
            ("POST", format!("/networks/{net}/connect"), on),
            &cli,
            || stream.first_after(last),
        )?;
        Ok(spans(&hurt, last, &heal))
    }

    fn hurt(
        &mut self,
        stage: &Stage,
        fault: &str,
        settings: Value,
        api: (&str, String, Value),
        cli: &[&str],
    ) -> Result<Done, String> {
        match self {
            Self::Ours { count } => {
                *count += 1;
                inject(stage, fault, &settings, &format!("bench#{count}"))
            }
            Self::Api => call(api),
            Self::Program => program(cli),
        }
    }

    /// Heals, and gives when it was decided, when the effect was gone, when the call returned.
    fn heal(
        &self,
        stage: &Stage,
        api: (&str, String, Value),
        cli: &[&str],
        seen: impl Fn() -> Result<u64, String> + Sync,
    ) -> Result<(u64, u64), String> {
        thread::scope(|scope| {
            let watch = scope.spawn(&seen);
            let decided = match self {
                Self::Ours { count } => {
                    let decided = mono_ns();
                    let request = Request::Heal {
                        fault: format!("bench#{count}").as_str().into(),
                        healed: vec![],
                        prove: Nanos::secs(20),
                    };
                    stage
                        .guard
                        .ask(request)
                        .map_err(|error| error.to_string())?;
                    decided
                }
                Self::Api => call(api)?.decided,
                Self::Program => program(cli)?.decided,
            };
            let gone = watch.join().map_err(|_| "watch the heal".to_owned())??;
            Ok((decided, gone))
        })
    }
}

fn spans(hurt: &Done, effect: u64, heal: &(u64, u64)) -> Spans {
    Spans {
        recorded: hurt.recorded,
        effect: effect.saturating_sub(hurt.decided).max(figures::RESOLUTION),
        heal: heal.1.saturating_sub(heal.0),
        reply: hurt.replied.saturating_sub(hurt.decided),
    }
}

fn inject(stage: &Stage, name: &str, settings: &Value, id: &str) -> Result<Done, String> {
    let fault: &dyn AnyFault = *faults::CATALOG
        .iter()
        .find(|fault| fault.name() == name)
        .ok_or("find the fault")?;
    let settings = fault.check(settings).map_err(|error| error.to_string())?;
    let on = Targets {
        hurt: vec![stage.facts(1)?],
        peers: if fault.peers() {
            vec![stage.facts(0)?]
        } else {
            vec![]
        },
        seed: 1,
    };
    let step = fault
        .steps(&settings, &on)
        .map_err(|error| error.to_string())?
        .swap_remove(0);
    let (asked, deadline) = (mono_ns(), Nanos(mono_ns() - stage.epoch + 60_000_000_000));
    let request = Request::Inject {
        fault: id.into(),
        step: Box::new(step),
        deadline,
        prove: Nanos::secs(5),
    };
    match stage
        .guard
        .ask(request)
        .map_err(|error| error.to_string())?
    {
        Answer::Injected(done) if done.proof.held => Ok(Done {
            recorded: Some(stage.epoch + done.recorded.0 - asked),
            decided: stage.epoch + done.recorded.0,
            replied: mono_ns(),
        }),
        Answer::Injected(done) => Err(format!("prove {name}: {}", done.proof.evidence)),
        other => Err(format!("inject {name}: {other:?}")),
    }
}

fn call((method, path, body): (&str, String, Value)) -> Result<Done, String> {
    let line = Line::open()?;
    let decided = mono_ns();
    let (code, told) = line.ask(method, &path, &body)?;
    let done = Done {
        recorded: None,
        decided,
        replied: mono_ns(),
    };
    if code < 400 {
        Ok(done)
    } else {
        Err(format!("{method} {path}: {code} {told}"))
    }
}

fn program(args: &[&str]) -> Result<Done, String> {
    let decided = mono_ns();
    let done = Command::new("docker")
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let done = done.map_err(|error| error.to_string())?;
    let told = Done {
        recorded: None,
        decided,
        replied: mono_ns(),
    };
    if done.success() {
        Ok(told)
    } else {
        Err(format!("docker {}: {done}", args.join(" ")))
    }
}

/// The instant at which the kernel reports the end of the process; fails after 10 s.
fn death(fd: &std::os::fd::OwnedFd) -> Result<u64, String> {
    use std::os::fd::AsRawFd as _;
    let mut one = libc::pollfd {
        fd: fd.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one valid pollfd.
    let ready = unsafe { libc::poll(&raw mut one, 1, 10_000) };
    if ready > 0 {
        Ok(mono_ns())
    } else {
        Err("see the victim end within 10 s".to_owned())
    }
}

/// The instant at which the group holds a process other than `not`; fails after 10 s.
fn filled(group: &Path, not: u32) -> Result<u64, String> {
    let until = mono_ns() + 10_000_000_000;
    while mono_ns() < until {
        let text = std::fs::read_to_string(group).unwrap_or_default();
        if text.lines().any(|pid| pid != not.to_string()) {
            return Ok(mono_ns());
        }
        thread::sleep(Duration::from_micros(200));
    }
    Err("see the container start within 10 s".to_owned())
}
