//! Brinell: one file per subcommand.
fn main() {}
