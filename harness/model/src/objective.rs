//! Threshold grammar.
