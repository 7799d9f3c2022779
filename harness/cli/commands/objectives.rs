//! `brinell objectives`: what can be judged, as the parser knows it.
use crate::{
    args,
    error::CliError,
    exit::{self, Code},
};
use model::objective::explain::{self, Explained, METHODS, TAGS};

/// Prints every measure, tag and method.
pub fn run(args: &args::List) -> Result<Code, CliError> {
    let all = explain::all();
    if args.json {
        let pairs = |list: &[(&str, &str)]| -> serde_json::Value {
            list.iter()
                .map(|(name, doc)| serde_json::json!({"name": name, "doc": doc}))
                .collect()
        };
        let json =
            serde_json::json!({"measures": all, "tags": pairs(TAGS), "methods": pairs(METHODS)});
        println!("{json:#}");
    } else if args.markdown {
        print!("{}", markdown(&all));
    } else {
        all.iter().for_each(|one| print!("{}", text(one)));
    }
    Ok(exit::OK)
}

fn text(one: &Explained) -> String {
    format!(
        "{}\n  {}\n  tags       {}\n  methods    {}\n  unit       {}\n  like       {}\n\n",
        one.name,
        one.doc,
        one.tags.join(", "),
        one.methods.join(", "),
        one.unit,
        one.example.trim_matches('`')
    )
}

const HEAD: &str = "# Objectives\n\nMade by `brinell objectives --markdown`; a test holds it to the parser.\n\n\
An objective is a measure and what must hold of it: `\"measure{tag:value}\": [\"method < bound\"]`, the operators `< <= > >= == !=`, \
the bound with its unit (`8s`, `1%`; counts and gauges are plain numbers). It passes if all of the measured interval meets the bound, \
fails if none of it does, else it is unknown; without samples it is unknown.\n";

fn markdown(all: &[Explained]) -> String {
    let code = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        if words.is_empty() {
            "none".to_owned()
        } else {
            words.join(" ")
        }
    };
    let row = |one: &Explained| {
        format!(
            "| `{}` | {} | {} | {} | {} | {} |\n",
            one.name,
            one.doc,
            code(one.tags),
            code(one.methods),
            one.unit,
            one.example
        )
    };
    let list = |title: &str, pairs: &[(&str, &str)]| {
        let lines: String = pairs
            .iter()
            .map(|(name, doc)| format!("| `{name}` | {doc} |\n"))
            .collect();
        format!("\n| {title} | meaning |\n|---|---|\n{lines}")
    };
    let rows: String = all.iter().map(row).collect();
    format!(
        "{HEAD}\n| measure | what it is | tags | methods | unit | like |\n|---|---|---|---|---|---|\n{rows}{}{}",
        list("tag", TAGS),
        list("method", METHODS)
    )
}
