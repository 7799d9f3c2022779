//! Processes of our own, exec'd from `/proc/self/exe` before any thread or runtime exists. Not in the help: nobody types them.
use guard::queue::{self, worker};
use std::process::ExitCode;

/// The guard.
pub const GUARD: &str = "guard";

/// Uses memory up inside a container; the guard starts it.
const HOG: &str = "hog";

/// Becomes one of them where the command line says so.
pub fn dispatch() -> Option<ExitCode> {
    let mut args = std::env::args().skip(1);
    match args.next()?.as_str() {
        GUARD => Some(code(guard::main(args))),
        queue::WORKER => Some(code(worker::main(args))),
        fusefs::WORKER => Some(code(fusefs::main(args))),
        HOG => Some(code(guard::acts::control::hog::main(args))),
        _ => None,
    }
}

fn code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
