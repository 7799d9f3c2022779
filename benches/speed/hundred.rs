//! A hundred faults in effect, their owner killed: how long until the last of them, the first that was injected, is undone.
use super::{datagrams::Stream, stage::Stage};
use guard::{Config, Guard, clock::mono_ns};
use model::{
    act::{
        Act,
        net::{self, Fate, Flow},
    },
    check::{Check, End},
    fault::{Lifetime, Step},
    guard::{Answer, Request},
    units::Nanos,
};
use std::{
    io::{BufRead, BufReader},
    net::Ipv4Addr,
    path::Path,
    process::{Command, Stdio},
};

const FAULTS: u8 = 100;
const FIRST_ALIAS: u8 = 100;
const ROUNDS: usize = 5;

/// Prints the median and the worst of some rounds.
pub fn measure(stage: &Stage) {
    let mut spans: Vec<u64> = Vec::new();
    let addressed = stage
        .init(1)
        .and_then(|init| address(init.pid, stage.nodes[1].address));
    if let Err(why) = addressed {
        return println!(
            "undo of {FAULTS} faults after the owner's death: not measured, failed to {why}"
        );
    }
    for round in 0..ROUNDS {
        match once(stage, round) {
            Ok(span) => spans.push(span),
            Err(why) => {
                return println!(
                    "undo of {FAULTS} faults after the owner's death: not measured, failed to {why}"
                );
            }
        }
    }
    spans.sort_unstable();
    let ms = |at: usize| spans[at] as f64 / 1e6;
    println!(
        "undo of {FAULTS} active faults after the owner's SIGKILL: {:.1} ms, median of {ROUNDS}, worst {:.1}",
        ms(ROUNDS / 2),
        ms(ROUNDS - 1)
    );
}

fn once(stage: &Stage, round: usize) -> Result<u64, String> {
    let [from, to] = [stage.init(0)?, stage.init(1)?];
    let stream = Stream::open(from.pid, (to.pid, stage.nodes[1].address))?;
    let ends = [0, 1].map(|at| {
        stage.facts(at).map(|facts| End {
            process: facts.init,
            address: facts.address,
        })
    });
    let [a, b] = ends;
    let ends = serde_json::to_string(&(a?, b?)).map_err(|error| error.to_string())?;
    let mut owner = Command::new("/proc/self/exe");
    let owner = owner
        .arg("owner")
        .arg(&stage.folder)
        .args([&format!("hundred-{}-{round}", std::process::id()), &ends]);
    let mut owner = owner
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut line = String::new();
    let told = owner
        .stdout
        .take()
        .map(|out| BufReader::new(out).read_line(&mut line));
    if told.is_none() || line.trim() != "ready" {
        let _ = owner.kill();
        let _ = owner.wait();
        return Err(format!("inject {FAULTS} faults: {line}"));
    }
    let last = stream.last_before_silence()?;
    let killed = mono_ns();
    owner.kill().map_err(|error| error.to_string())?;
    let healed = stream.first_after(last);
    owner.wait().map_err(|error| error.to_string())?;
    Ok(healed?.saturating_sub(killed))
}

/// The owner: a guard of its own, a hundred cuts, then it waits to be killed.
pub fn own(folder: &str, rest: &[&str]) {
    match press(folder, rest) {
        Ok(guard) => {
            println!("ready");
            std::thread::sleep(std::time::Duration::from_secs(60));
            drop(guard);
        }
        Err(why) => println!("{why}"),
    }
}

fn press(folder: &str, rest: &[&str]) -> Result<Guard, String> {
    let [run, ends] = rest else {
        return Err("read the arguments".to_owned());
    };
    let (from, to): (End, End) = serde_json::from_str(ends).map_err(|error| error.to_string())?;
    let folder = Path::new(folder).join(run);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let config = Config::new(run, folder, mono_ns());
    let guard = Guard::start(
        Path::new(env!("CARGO_BIN_EXE_brinell")),
        &["guard"],
        &config,
    )
    .map_err(|error| error.to_string())?;
    for number in 0..FAULTS {
        let step = cut(number, &from, &to);
        let request = Request::Inject {
            fault: format!("f{number}").as_str().into(),
            step: Box::new(step),
            deadline: Nanos::secs(60),
            prove: Nanos::secs(5),
        };
        match guard.ask(request).map_err(|error| error.to_string())? {
            Answer::Injected(done) if done.proof.held => {}
            other => return Err(format!("inject fault {number}: {other:?}")),
        }
    }
    Ok(guard)
}

/// Cuts the way to the `number`th address of the receiver; the first is the one that is watched.
fn cut(number: u8, from: &End, to: &End) -> Step {
    let to = End {
        address: alias(number, to.address),
        ..to.clone()
    };
    let flow = Flow {
        from: from.address,
        to: to.address,
    };
    let arrive = |arrive| Check::Datagrams {
        from: from.clone(),
        to: to.clone(),
        arrive,
    };
    let act = Act::Net(net::Act::Filter {
        fate: Fate::Dropped,
        flows: vec![flow],
        ends: vec![],
        lifetime_ms: 60_000,
    });
    Step {
        act,
        effective: arrive(false),
        healed: arrive(true),
        lifetime: Lifetime::Kernel,
    }
}

/// The container's own address, then as many more as there are faults.
fn alias(number: u8, own: Ipv4Addr) -> Ipv4Addr {
    let [a, b, c, d] = own.octets();
    Ipv4Addr::new(a, b, c, if number == 0 { d } else { FIRST_ALIAS + number })
}

/// Gives the receiver its addresses, in its own network namespace: they go with the container.
fn address(pid: u32, own: Ipv4Addr) -> Result<(), String> {
    let link = link(pid)?;
    let pid = pid.to_string();
    for number in 1..FAULTS {
        let address = format!("{}/24", alias(number, own));
        let words = [
            "-t", &pid, "-n", "ip", "addr", "replace", &address, "dev", &link,
        ];
        let done = Command::new("nsenter").args(words).status();
        if !done
            .map_err(|error| format!("start nsenter: {error}"))?
            .success()
        {
            return Err(format!("give the receiver the address {address}"));
        }
    }
    Ok(())
}

/// Its one link beside the loopback: a cable that was pulled and plugged in again has another name.
fn link(pid: u32) -> Result<String, String> {
    let table = std::fs::read_to_string(format!("/proc/{pid}/net/dev"))
        .map_err(|error| error.to_string())?;
    let mut names = table
        .lines()
        .filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned()));
    names
        .find(|name| name.starts_with("eth"))
        .ok_or("find the receiver's link".to_owned())
}
