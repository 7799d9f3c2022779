# The verbs. Each is one or two lines that call cargo, so nothing needs `just`.
default:
    @just --list

# everything that needs no containers: format, lints, layers, tests
check:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test --workspace -- --skip real_

# all tests, those on real containers too
test:
    BRINELL_SETUP=yes cargo test --workspace

# only the tests on real containers
test-docker:
    BRINELL_SETUP=yes cargo test --test docker -- --nocapture

# one scenario
run SCENARIO="scenarios/spark/executor-kill.yaml":
    cargo run --release -- run {{SCENARIO}} --setup

# the reports of a run again
report RUN="runs/latest":
    cargo run --release -- report {{RUN}}

# undo and remove whatever dead runs left
clean:
    cargo run --release -- clean

# rewrite the golden plans and reports; read the difference before committing it
golden:
    BRINELL_GOLDEN=write cargo test --test golden --test compare
    BRINELL_GOLDEN=write cargo test -p reports

# how often printed intervals hold what they should, over N simulated sets of each design
coverage N="1000000":
    BRINELL_SETS={{N}} cargo test --release -p analysis --test coverage -- --nocapture --test-threads 1

# outages of known length through the harness's own probes, N of each of eight probes: every bar must hold
outages N="26":
    BRINELL_OUTAGES={{N}} cargo test --release -p engine --test outages -- --nocapture

# planted defects of the checkers: killed / total, by group
mutants:
    cargo test -p analysis -p faults -p guard mutant -- --nocapture

# random faults, then SIGKILL for harness, guard, both or a container at N random instants; look for leftovers
storm N="20":
    BRINELL_SETUP=yes BRINELL_STORM={{N}} cargo test --release --test docker real_storm -- --nocapture

# the whole testbed hurt, then SIGKILL for the harness at N random instants; look for leftovers
deadman N="20":
    BRINELL_SETUP=yes BRINELL_KILLS={{N}} cargo test --release --test docker real_sigkill -- --nocapture

# a run folder of a million samples to its analysis
bench-analysis:
    cargo bench -p analysis --bench analysis

# decision to effect and to heal beside the engine's API and command line (needs a built image); simulated lifetimes beside SimPy's
bench:
    cargo bench --bench speed
    cargo bench -p analysis --bench monte_carlo
