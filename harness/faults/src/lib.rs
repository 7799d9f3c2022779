//! The catalog of faults: what to do to a target, and what proves it.
