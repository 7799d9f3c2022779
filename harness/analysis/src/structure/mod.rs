//! Structure: what fails when parts fail, exactly.
pub mod draft;
pub mod exact;
pub mod mef;
pub mod tree;
