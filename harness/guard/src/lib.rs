//! The privileged process: does, journals and undoes acts.
