//! Stands in for the harness in tests: `guard ...` is the hidden subcommand; `hog ...` is another; `clock` tells the time in seconds for each line it reads; `owner ...` starts a guard, passes on the requests it
//! reads as JSON lines, and prints the answers, so that a test can kill or stop it in the middle of anything; `clean FOLDER`
//! cleans up after the dead runs listed in that folder.
use guard::{Config, Guard};
use std::{
    io::{self, BufRead, Write},
    process::exit,
};

fn main() {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("guard") => exit(guard::main(args)),
        Some(guard::queue::WORKER) => exit(guard::queue::worker::main(args)),
        Some(fusefs::WORKER) => exit(fusefs::main(args)),
        Some("hog") => exit(guard::acts::control::hog::main(args)),
        Some("clock") => exit(clock().map_or(1, |()| 0)),
        Some("owner") => exit(owner(args).map_or(1, |()| 0)),
        Some("clean") => exit(clean(args.next().unwrap_or_default()).map_or(1, |()| 0)),
        _ => exit(2),
    }
}

fn clock() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        line?;
        // SAFETY: a null pointer asks for the value alone.
        say(&unsafe { libc::time(std::ptr::null_mut()) })?;
    }
    Ok(())
}

fn owner(args: impl Iterator<Item = String>) -> io::Result<()> {
    let mut config = Config::from_args(args).map_err(io::Error::other)?;
    config.owner = guard::process::Identity::own();
    let guard = Guard::start(&std::env::current_exe()?, &["guard"], &config)?;
    say(&guard.pid())?;
    for line in io::stdin().lock().lines() {
        let request = serde_json::from_str(&line?)?;
        say(&guard.ask(request).map_err(io::Error::other)?)?;
    }
    Ok(())
}

fn say(what: &impl serde::Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(what)?)?;
    out.flush()
}

fn clean(folder: String) -> io::Result<()> {
    let registry = guard::registry::Registry::at(folder.into());
    let engine = guard::engine_socket::Engine::find();
    say(&guard::clean::clean_with(
        &guard::Scope::All,
        &registry,
        &engine,
    ))
}
