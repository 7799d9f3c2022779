//! `brinell doctor`: what this machine has, lacks, and what that costs. Looks only; installs and starts nothing.
use crate::{
    args,
    catalog::CATALOG,
    error::CliError,
    exit::{self, Code},
    setup,
};
use model::{
    facts::{Capability, Offer},
    fault::AnyFault,
};
use serde::Serialize;

/// Everything that was looked at.
#[derive(Serialize)]
struct Findings {
    machine: Vec<Item>,
    capabilities: Vec<Item>,
    faults: Vec<Item>,
}

/// One thing, had or not.
#[derive(Serialize)]
struct Item {
    name: String,
    state: &'static str,
    text: String,
}

/// Prints what was found.
pub fn run(args: &args::Doctor) -> Result<Code, CliError> {
    let findings = look()?;
    if args.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&findings)
                .map_err(|error| CliError::Internal(error.to_string()))?
        );
    } else {
        print!("{}", text(&findings));
    }
    let impossible = findings
        .faults
        .iter()
        .any(|item| item.state == "impossible");
    Ok(if impossible {
        exit::UNSUPPORTED
    } else {
        exit::OK
    })
}

fn look() -> Result<Findings, CliError> {
    let offers = guard::offers();
    Ok(Findings {
        machine: setup::machine()?
            .into_iter()
            .map(|(name, has, text)| Item {
                name,
                state: if has { "has" } else { "lacks" },
                text,
            })
            .collect(),
        capabilities: offers.iter().map(capability).collect(),
        faults: CATALOG
            .faults
            .iter()
            .map(|one| fault(*one, &offers))
            .collect(),
    })
}

fn capability((capability, offer): &(Capability, Offer)) -> Item {
    let (state, text) = match offer {
        Offer::Full { backend } => ("supported", backend.clone()),
        Offer::Degraded { from, to, lost } => {
            ("degraded", format!("{to} instead of {from}: {lost}"))
        }
        Offer::None { why } => ("impossible", format!("failed to {why}")),
    };
    Item {
        name: word(*capability),
        state,
        text,
    }
}

/// Impossible where one need is, degraded where one need is, else supported.
fn fault(fault: &dyn AnyFault, offers: &[(Capability, Offer)]) -> Item {
    let needed = |one: &&(Capability, Offer)| fault.needs().contains(&one.0);
    let items: Vec<Item> = offers.iter().filter(needed).map(capability).collect();
    let of = |state: &str| -> Vec<String> {
        let of_state = items.iter().filter(|item| item.state == state);
        of_state
            .map(|item| format!("{}: {}", item.name, item.text))
            .collect()
    };
    let (impossible, degraded) = (of("impossible"), of("degraded"));
    let (state, text) = if !impossible.is_empty() {
        ("impossible", format!("needs {}", impossible.join("; ")))
    } else if !degraded.is_empty() {
        ("degraded", degraded.join("; "))
    } else {
        ("supported", fault.doc().to_owned())
    };
    Item {
        name: fault.name().into(),
        state,
        text,
    }
}

/// A capability as it is written everywhere.
pub fn word(capability: Capability) -> String {
    serde_json::to_value(capability)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn text(findings: &Findings) -> String {
    let group = |title: &str, items: &[Item]| {
        let lines: String = items
            .iter()
            .map(|item| format!("  {:<11} {:<18} {}\n", item.state, item.name, item.text))
            .collect();
        format!("{title}\n{lines}")
    };
    group("machine", &findings.machine)
        + &group("capabilities", &findings.capabilities)
        + &group("faults", &findings.faults)
}
