//! The privileged process: it does acts, journals each undo before its act, and undoes everything when its owner dies or hangs.
//!
//! - [`config`] what it is told; [`client`] the owner's end; [`serve`] its loop. Start here.
//! - [`requests`] what it does for each request; [`charge`] the gate through which every act passes.
//! - [`acts`], [`checks`] one file each: how to do, undo, observe. It knows no fault by name.
//! - [`queue`] packets held, reordered or damaged by a worker of ours.
//! - [`pending`], [`journal`] what must be undone, in memory and on disk; [`registry`] which runs are open.
//! - [`mod@clean`], [`mod@recover`], [`sweep`] the last lines: dead runs, replay of a dead guard's journal, removal by label.
//! - [`drives`] filesystems of the run's own.
//! - [`filter`], [`lane`], [`nft`], [`netns`], [`netlink`], [`link`], [`qdisc`], [`sockets`]: the kernel's network.
//! - [`engine_socket`], [`process`], [`clock`], [`detach`], [`mod@probe`], [`news`], [`wire`] what they stand on.
//! ```text
//! owner ==pipe==> serve ---> thread: look - undo to disk - act - look until it holds ---> reply
//!                   | end of pipe, silence, deadline
//!                   +--> undo everything: thaw, mend, start, remove by label
//! ```
pub mod acts;
pub mod charge;
pub mod checks;
pub mod clean;
pub mod client;
pub mod clock;
pub mod config;
pub mod detach;
pub mod drives;
pub mod engine_socket;
pub mod filter;
pub mod http;
pub mod journal;
pub mod lane;
pub mod link;
pub mod netlink;
pub mod netns;
pub mod news;
pub mod nft;
pub mod pending;
pub mod probe;
pub mod process;
pub mod qdisc;
pub mod queue;
pub mod recover;
pub mod registry;
pub mod requests;
pub mod serve;
pub mod sockets;
pub mod sweep;
pub mod wire;

pub use clean::{Scope, clean};
pub use client::Guard;
pub use config::Config;
pub use probe::{offers, probe};
pub use recover::{Report, recover};

/// The hidden subcommand: call it before any thread or runtime exists. Gives the exit code.
pub fn main(args: impl IntoIterator<Item = String>) -> i32 {
    match Config::from_args(args) {
        Ok(config) => serve::serve(&config),
        Err(_) => 2,
    }
}
