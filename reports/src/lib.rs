//! From an analysis to the bytes of a report. Pure.
