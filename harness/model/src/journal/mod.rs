//! The append-only record of a run: numbered, checksummed facts on one clock; the only thing (with the samples beside it) that analysis reads.
//!
//! Why lines of JSON: a crash can cut it at any byte and the prefix still reads; `grep` reads it; a flipped bit is noticed
//! by the line's CRC-32; a lost line by the gap in `n`. Facts only, past tense: opinions are recomputed.
//! - [`event`] what can be recorded.   - [`codec`] lines to facts and back.
pub mod codec;
pub mod event;

pub use codec::{Journal, Line, encode, encode_value, parse};
pub use event::{End, Event};
