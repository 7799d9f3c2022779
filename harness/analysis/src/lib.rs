//! From the journal of one run to numbers, intervals and verdicts. Pure.
