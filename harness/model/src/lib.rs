//! The words of Brinell: scenario, plan, acts and checks as data, journal codec.
