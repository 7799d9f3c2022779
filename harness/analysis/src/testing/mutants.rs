//! Deliberately wrong variants.
pub fn is_on(_: &str) -> bool { false }
