//! A layer over a drive: passes every operation of a directory through FUSE, and spoils those that a rule in its control page names.
//!
//! - [`page`] the control page: rules, counters, heartbeat; mapped by the layer and by whoever steers it. Start here.
//! - [`worker`] the process: its mount, its heartbeat, its end. [`passage`] one method an operation.
//! - [`nodes`], [`handles`] the kernel's names for files and open files; [`calls`] the system calls beneath.
//!
//! It is a process of its own: a container that uses the mount keeps it although the harness ends, and errs at once when it is
//! killed. Data passes the page cache on both sides, so that shared memory maps work; a flush, or a write to a file opened for
//! synchronous writes, reaches the disk before it returns. What the cache answers never comes here: each open empties it.
//! ```text
//! container -- mount -- kernel --/dev/fuse--> worker: rule? --> directory below (ext4 on its own disk)
//!                                               ^
//!                            guard --- page ----+
//! ```
pub mod calls;
pub mod handles;
pub mod nodes;
pub mod page;
pub mod passage;
pub mod worker;

pub use page::Page;

/// Name of the hidden subcommand.
pub const WORKER: &str = "fusefs";

/// That subcommand: directory below, mount, page. Call it before any thread exists. Gives the exit code.
pub fn main(args: impl IntoIterator<Item = String>) -> i32 {
    let args: Vec<String> = args.into_iter().collect();
    let [below, mount, page] = args.as_slice() else {
        eprintln!("failed to start a layer: give the directory below, the mount and the page");
        return 2;
    };
    match worker::run(below.as_ref(), mount.as_ref(), page.as_ref()) {
        Ok(()) => 0,
        Err(why) => {
            eprintln!("failed to {why}");
            1
        }
    }
}
