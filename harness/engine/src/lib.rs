//! The run: pure step, thin shell, pacing, probes, journal writer.
