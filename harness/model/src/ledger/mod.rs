//! What one stage of a pipeline holds: one bit a record, streamed in while it is read, and where each record lies.
//!
//! A record is known by its partition and its dense sequence there. A stage takes every copy that a reader meets, and keeps per
//! partition bitmaps (there intact, there more than once, there damaged, among the dead letters), a few counts, and the runs of
//! consecutive records by which a record is found again: memory is a bit or two a record and some bytes a file. Which records were
//! sent malformed on purpose is the sender's to tell; it travels as one bitmap more, and [`Rejects`] says what must become of them.
//! - [`bits`] the bitmap.   - [`lane`] one partition.   - [`stage`] all of them.   - [`quality`] how good the rows of a table are.
//! - [`codec`] the file of a stage.
pub mod bits;
pub mod codec;
pub mod lane;
pub mod quality;
mod rejects;
pub mod stage;

pub use bits::Bits;
pub use lane::{Lane, Run};
pub use quality::Quality;
pub use rejects::Rejects;
pub use stage::Stage;
