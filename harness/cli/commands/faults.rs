//! `brinell faults`: the catalog, as the catalog says it.
use crate::{
    args,
    catalog::CATALOG,
    error::CliError,
    exit::{self, Code},
};
use model::fault::AnyFault;

/// Prints every fault.
pub fn run(args: &args::Faults) -> Result<Code, CliError> {
    if args.schema {
        println!("{:#}", model::scenario::schema(&CATALOG));
    } else if args.list.json {
        let all: Vec<_> = CATALOG.faults.iter().map(|fault| json(*fault)).collect();
        println!("{:#}", serde_json::Value::Array(all));
    } else if args.list.markdown {
        print!("{}", markdown());
    } else {
        CATALOG
            .faults
            .iter()
            .for_each(|fault| print!("{}", text(*fault)));
    }
    Ok(exit::OK)
}

fn json(fault: &dyn AnyFault) -> serde_json::Value {
    serde_json::json!({
        "name": fault.name(), "doc": fault.doc(), "example": fault.example(), "kind": fault.kind(),
        "unit": fault.unit(), "peers": fault.peers(), "takes": fault.takes(), "may_end": fault.may_end(), "escalation": fault.escalation(), "needs": fault.needs(), "proof": fault.proof(), "settings": fault.settings(),
    })
}

fn text(fault: &dyn AnyFault) -> String {
    let mut out = format!(
        "{}\n  {}\n  do: {{{}}}\n",
        fault.name(),
        fault.doc(),
        fault.example()
    );
    for setting in fault.settings() {
        out += &format!(
            "  {:<10} {} (default {})\n",
            setting.name, setting.doc, setting.default
        );
    }
    let needs: Vec<String> = fault
        .needs()
        .iter()
        .map(|need| crate::commands::doctor::word(*need))
        .collect();
    out + &format!(
        "  needs      {}\n  proof      {}\n\n",
        needs.join(", "),
        fault.proof()
    )
}

fn markdown() -> String {
    let row = |fault: &&dyn AnyFault| {
        let setting = |one: &model::fault::SettingDoc| {
            format!("`{}`: {} (default `{}`)", one.name, one.doc, one.default)
        };
        let settings: Vec<String> = fault.settings().iter().map(setting).collect();
        let settings = if settings.is_empty() {
            "none".to_owned()
        } else {
            settings.join("; ")
        };
        let needs: Vec<String> = fault
            .needs()
            .iter()
            .map(|need| crate::commands::doctor::word(*need))
            .collect();
        format!(
            "| `{}` | {} | {settings} | {} | {} |\n",
            fault.name(),
            fault.doc(),
            needs.join(", "),
            fault.proof()
        )
    };
    let head = "# Faults\n\nMade by `brinell faults --markdown`; a test holds it to the catalog.\n\n| fault | what it does | settings | needs | proof |\n|---|---|---|---|---|\n";
    head.to_owned() + &CATALOG.faults.iter().map(row).collect::<String>()
}
