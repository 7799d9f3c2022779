//! Acts on the wall clock of running processes.
//!
//! - `image` where a process has its clock code.  - `code` what replaces it.  - `skew` how it is put there and taken away.
pub mod code;
pub mod image;
pub mod skew;
