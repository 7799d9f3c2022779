//! Stands in for the harness in tests: becomes a layer.
fn main() {
    std::process::exit(fusefs::main(std::env::args().skip(1)));
}
