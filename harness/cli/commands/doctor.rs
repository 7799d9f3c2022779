//! `brinell doctor`: what this machine has, lacks, and what that costs. Looks only; installs and starts nothing.
use crate::{
    args,
    catalog::CATALOG,
    error::CliError,
    exit::{self, Code},
    setup,
};
use model::facts::Capability;
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
    let impossible = findings.faults.iter().any(|item| item.state != "supported");
    Ok(if impossible {
        exit::UNSUPPORTED
    } else {
        exit::OK
    })
}

fn look() -> Result<Findings, CliError> {
    let probed = guard::probe::probe();
    let capability = |(capability, found): &(Capability, Result<String, String>)| Item {
        name: word(*capability),
        state: if found.is_ok() {
            "supported"
        } else {
            "impossible"
        },
        text: found
            .clone()
            .unwrap_or_else(|why| format!("failed to {why}")),
    };
    let lacking = |need: &&Capability| {
        probed
            .iter()
            .any(|(capability, found)| capability == *need && found.is_err())
    };
    let fault = |fault: &&dyn model::fault::AnyFault| {
        let missing: Vec<String> = fault
            .needs()
            .iter()
            .filter(lacking)
            .map(|need| word(*need))
            .collect();
        let (state, text) = if missing.is_empty() {
            ("supported", fault.doc().to_owned())
        } else {
            ("impossible", format!("needs {}", missing.join(", ")))
        };
        Item {
            name: fault.name().into(),
            state,
            text,
        }
    };
    Ok(Findings {
        machine: setup::machine()?
            .into_iter()
            .map(|(name, has, text)| Item {
                name,
                state: if has { "has" } else { "lacks" },
                text,
            })
            .collect(),
        capabilities: probed.iter().map(capability).collect(),
        faults: CATALOG.faults.iter().map(fault).collect(),
    })
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
            .map(|item| format!("  {:<11} {:<16} {}\n", item.state, item.name, item.text))
            .collect();
        format!("{title}\n{lines}")
    };
    group("machine", &findings.machine)
        + &group("capabilities", &findings.capabilities)
        + &group("faults", &findings.faults)
}
