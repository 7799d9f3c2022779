//! Decision to effect and decision to heal of kill, pause and partition: ours, the engine's API and its command line, in one run.
//!
//! One instrument times every contender's *effect*, never its reply: the death of the very process, the last and the first beat
//! of a thread inside the container's groups, the last and the first of numbered datagrams between two network namespaces. Ours
//! starts when the undo is on disk; the time it took to get there stands beside it. The others have no undo to write.
//!
//! `cargo bench --bench speed` as root with an engine and one built image. `BRINELL_ROUNDS` sets the rounds (20).
mod beat;
mod contenders;
mod datagrams;
mod figures;
mod hundred;
mod stage;

use contenders::Contender;
use figures::Figures;
use stage::Stage;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["beat", file] => return beat::run(file),
        ["owner", folder, rest @ ..] => return hundred::own(folder, rest),
        // `cargo test --benches` asks for a list: there is nothing to list.
        _ if args.iter().any(|arg| arg == "--list") => return,
        _ => {}
    }
    let rounds = std::env::var("BRINELL_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20);
    let stage = match Stage::set() {
        Ok(stage) => stage,
        Err(why) => return println!("skipped: failed to {why}"),
    };
    println!("{}", stage.versions());
    let mut contenders = contenders::all(&stage);
    let mut figures = Figures::default();
    for _ in 0..rounds {
        for contender in &mut contenders {
            round(&stage, contender, &mut figures);
        }
    }
    figures.print(rounds);
    hundred::measure(&stage);
}

/// One round of one contender: the three faults, each healed before the next.
fn round(stage: &Stage, contender: &mut Contender, figures: &mut Figures) {
    for (fault, outcome) in [
        ("kill", contender.kill(stage)),
        ("pause", contender.pause(stage)),
        ("partition", contender.partition(stage)),
    ] {
        match outcome {
            Ok(spans) => figures.add(contender.name(), fault, spans),
            Err(why) => figures.skip(contender.name(), fault, why),
        }
    }
}
