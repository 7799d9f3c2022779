//! Stopped processes, limits, clocks and files: the same cases against the model world and the kernel, and what only a kernel shows.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod scene;

use guard::{checks, clock::Clock, process};
use model::{
    act::{
        Act, Signal, Undo, clock, control,
        control::{Hog, Setting},
        files, process as acts,
    },
    check::{self, Check},
    facts::{Facts, Process, RevivedBy},
    units::Nanos,
};
use scene::{
    ground::{Ground, kernel, world},
    wait_for,
};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};

macro_rules! cases {
    ($($name:ident)*) => {
        mod model_world {
            $(#[test] fn $name() { super::$name(&mut super::world()); })*
        }
        mod on_kernel {
            $(#[test] fn $name() { super::$name(&mut super::kernel()); })*
        }
    };
}

cases! {
    a_stopped_process_is_stopped_until_it_goes_on
    who_was_stopped_before_stays_stopped
    a_value_stands_there_until_the_old_one_is_put_back
    a_full_group_refuses_forks_and_its_neighbour_does_not
    a_process_that_holds_as_many_files_as_it_may_is_full
    a_group_out_of_memory_waits_and_goes_on_when_the_limit_is_raised
    a_shifted_clock_reads_shifted_until_it_is_restored
    hidden_files_are_lost_until_they_are_shown
    another_process_with_that_pid_keeps_its_clock_and_runs_on
    undoing_for_who_has_ended_is_a_success
}

fn stop(process: &Process) -> Act {
    let process = process.clone();
    Act::Process(acts::Act::Stop { process })
}

fn stopped(of: &Facts, stopped: bool) -> Check {
    let process = of.init.clone();
    Check::Process(check::process::Check::Stopped { process, stopped })
}

fn setting(of: &Facts, file: String, key: &str, to: &str) -> Setting {
    Setting {
        file,
        key: key.to_owned(),
        to: to.to_owned(),
        of: of.init.clone(),
    }
}

fn set(settings: Vec<Setting>, hog: Option<Hog>) -> Act {
    Act::Control(control::Act::Set {
        settings,
        hog,
        start: None,
    })
}

fn reads(file: String, want: &str) -> Check {
    let want = want.to_owned();
    Check::Reads { file, want }
}

fn grew(file: String, key: &str) -> Check {
    let key = key.to_owned();
    Check::Control(check::control::Check::Grew { file, key })
}

fn forks(of: &Facts, works: bool) -> Check {
    let group = of.control.tasks.as_ref().unwrap().procs();
    Check::Control(check::control::Check::Forks { group, works })
}

fn full(of: &Facts, full: bool) -> Check {
    Check::Control(check::control::Check::Full {
        process: of.init.clone(),
        most: 3,
        full,
    })
}

fn hog(of: &Facts) -> Hog {
    Hog {
        group: of.control.memory.as_ref().unwrap().procs(),
        bytes: 64 << 20,
        until: of.init.clone(),
    }
}

fn skew(of: &Facts, process: &Process, by_s: i64) -> Act {
    Act::Clock(clock::Act::Skew {
        processes: vec![process.clone()],
        by_s,
        freezer: of.freezer.clone().unwrap(),
    })
}

fn shifted(process: &Process, by_s: i64) -> Check {
    let process = process.clone();
    Check::Clock(check::clock::Check::Shifted { process, by_s })
}

fn lost(of: &Facts, lost: bool) -> Check {
    Check::Files(check::files::Check::Lost {
        process: of.init.clone(),
        patterns: of.scratch.clone(),
        lost,
    })
}

fn a_stopped_process_is_stopped_until_it_goes_on(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let act = stop(&nodes[0].init);
    let undo = ground.record(&act);
    assert!(ground.sees(&stopped(&nodes[0], true), false));
    ground.act(&act);
    assert!(ground.sees(&stopped(&nodes[0], true), true));
    assert!(ground.sees(&stopped(&nodes[1], true), false));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(&stopped(&nodes[0], false), true));
    }
}

fn who_was_stopped_before_stays_stopped(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let act = stop(&nodes[0].init);
    ground.act(&act);
    assert!(ground.sees(&stopped(&nodes[0], true), true));
    let undo = ground.record(&act);
    ground.act(&act);
    ground.undo(&undo);
    assert!(ground.sees(&stopped(&nodes[0], true), true));
}

fn a_value_stands_there_until_the_old_one_is_put_back(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let cpu = nodes[0].control.cpu.clone().unwrap();
    // The kernel's default is not what is put back: somebody had set another value before.
    let earlier = cpu.quota(0.7);
    ground.act(&set(
        vec![setting(&nodes[0], cpu.file(), "", &earlier)],
        None,
    ));
    let act = set(
        vec![setting(&nodes[0], cpu.file(), "", &cpu.quota(0.1))],
        None,
    );
    let undo = ground.record(&act);
    ground.act(&act);
    assert!(ground.sees(&reads(cpu.file(), &cpu.quota(0.1)), true));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(&reads(cpu.file(), &earlier), true));
    }
}

fn a_full_group_refuses_forks_and_its_neighbour_does_not(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let file = nodes[0].control.tasks.as_ref().unwrap().file();
    let act = set(vec![setting(&nodes[0], file, "", "1")], None);
    let undo = ground.record(&act);
    assert!(ground.sees(&forks(&nodes[0], true), true));
    ground.act(&act);
    assert!(ground.sees(&forks(&nodes[0], false), true));
    assert!(ground.sees(&forks(&nodes[1], true), true));
    ground.undo(&undo);
    assert!(ground.sees(&forks(&nodes[0], true), true));
}

fn a_process_that_holds_as_many_files_as_it_may_is_full(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let act = Act::Control(control::Act::Files {
        processes: vec![nodes[0].init.clone()],
        most: 3,
    });
    let undo = ground.record(&act);
    assert!(ground.sees(&full(&nodes[0], true), false));
    ground.act(&act);
    assert!(ground.sees(&full(&nodes[0], true), true));
    assert!(ground.sees(&full(&nodes[1], true), false));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(&full(&nodes[0], false), true));
    }
}

fn a_group_out_of_memory_waits_and_goes_on_when_the_limit_is_raised(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let memory = nodes[0].control.memory.clone().unwrap();
    let limit = memory.just_above(4 << 20).to_string();
    let settings = vec![
        setting(&nodes[0], memory.events(), "oom_kill_disable", "1"),
        setting(&nodes[0], memory.file(), "", &limit),
    ];
    let act = set(settings, Some(hog(&nodes[0])));
    // The hog of one look is not that of another: what is recorded must be what is done.
    let undo = ground.carry_out(&act);
    assert!(ground.sees(&reads(memory.events(), "under_oom 1"), true));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(&reads(memory.events(), "under_oom 0"), true));
        assert!(ground.sees(&reads(memory.file(), &memory.now), true));
    }
    let Undo::Control(control::Undo::Put { hog: Some(hog), .. }) = undo else {
        panic!("no hog in {undo:?}");
    };
    assert!(ground.sees(&Check::Gone { process: hog }, true));
}

fn a_shifted_clock_reads_shifted_until_it_is_restored(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let act = skew(&nodes[0], &nodes[0].init, 300);
    let undo = ground.record(&act);
    assert!(ground.sees(&shifted(&nodes[0].init, 0), true));
    ground.act(&act);
    assert!(ground.sees(&shifted(&nodes[0].init, 300), true));
    assert!(ground.sees(&shifted(&nodes[1].init, 0), true));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(&shifted(&nodes[0].init, 0), true));
    }
}

fn hidden_files_are_lost_until_they_are_shown(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let act = Act::Files(files::Act::Hide {
        process: nodes[0].init.clone(),
        patterns: nodes[0].scratch.clone(),
    });
    assert!(ground.sees(&lost(&nodes[0], true), false));
    let undo = ground.carry_out(&act);
    assert!(ground.sees(&lost(&nodes[0], false), false));
    assert!(ground.sees(&lost(&nodes[1], false), true));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(&lost(&nodes[0], false), true));
    }
}

fn another_process_with_that_pid_keeps_its_clock_and_runs_on(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let mut stranger = nodes[0].init.clone();
    stranger.start_ticks += 1;
    ground.act(&stop(&stranger));
    ground.act(&skew(&nodes[0], &stranger, 300));
    assert!(ground.sees(&stopped(&nodes[0], true), false));
    assert!(ground.sees(&shifted(&nodes[0].init, 0), true));
}

fn undoing_for_who_has_ended_is_a_success(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let cpu = nodes[0].control.cpu.clone().unwrap();
    let acts = [
        stop(&nodes[0].init),
        skew(&nodes[0], &nodes[0].init, -30),
        set(
            vec![setting(&nodes[0], cpu.file(), "", &cpu.quota(0.5))],
            None,
        ),
    ];
    let undos: Vec<Undo> = acts.iter().map(|act| ground.record(act)).collect();
    ground.act(&Act::Signal {
        process: nodes[0].init.clone(),
        signal: Signal::Kill,
        container: nodes[0].container.clone(),
        revived_by: RevivedBy::Platform,
    });
    let gone = Check::Gone {
        process: nodes[0].init.clone(),
    };
    assert!(ground.sees(&gone, true));
    undos.iter().for_each(|undo| ground.undo(undo));
}

/// A child of the test, in the groups of a node.
struct Guest(Child);

impl Guest {
    fn of(node: &Facts, program: &str, args: &[&str]) -> Self {
        let mut command = Command::new(program);
        let command = command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let guest = Self(command.spawn().unwrap());
        let cpu = &node.control.cpu.as_ref().unwrap().group;
        let freezer = node
            .freezer
            .as_ref()
            .unwrap()
            .write
            .rsplit_once('/')
            .unwrap()
            .0;
        for group in [cpu.as_str(), freezer] {
            fs::write(format!("{group}/cgroup.procs"), guest.0.id().to_string()).unwrap();
        }
        guest
    }

    fn process(&self) -> Process {
        let pid = self.0.id();
        let start_ticks = process::start_ticks(pid).unwrap();
        Process { pid, start_ticks }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The counter of the kernel moved, so a process was really held back.
#[test]
fn a_busy_process_is_throttled_and_an_idle_one_is_not() {
    let mut ground = kernel();
    let nodes = ground.facts();
    let cpu = nodes[0].control.cpu.clone().unwrap();
    let act = set(
        vec![setting(&nodes[0], cpu.file(), "", &cpu.quota(0.05))],
        None,
    );
    let undo = ground.carry_out(&act);
    let throttled = grew(cpu.stat(), "nr_throttled");
    assert!(ground.sees(&throttled, false));
    let _busy = Guest::of(&nodes[0], "sh", &["-c", "while :; do :; done"]);
    assert!(ground.sees(&throttled, true));
    ground.undo(&undo);
    assert!(ground.sees(&reads(cpu.file(), &cpu.now), true));
}

/// The kernel counted one, and that very process has ended; its neighbour has not.
#[test]
fn a_marked_process_is_ended_for_want_of_memory() {
    let mut ground = kernel();
    let nodes = ground.facts();
    let memory = nodes[0].control.memory.clone().unwrap();
    // Larger than the hog is without what it touches, so that the mark and not the size decides.
    let large = "x=$(head -c 16000000 /dev/zero | tr '\\0' x); echo; read y";
    let mut victim = Guest::of(&nodes[0], "sh", &["-c", large]);
    let mut told = BufReader::new(victim.0.stdout.take().unwrap()).lines();
    told.next().unwrap().unwrap();
    let process = victim.process();
    fs::write(memory.procs(), process.pid.to_string()).unwrap();
    let of = |file, to: &str| Setting {
        file,
        key: String::new(),
        to: to.to_owned(),
        of: process.clone(),
    };
    let settings = vec![
        of(format!("/proc/{}/oom_score_adj", process.pid), "1000"),
        of(memory.file(), &memory.just_above(4 << 20).to_string()),
    ];
    let hog = Hog {
        until: process.clone(),
        ..hog(&nodes[0])
    };
    let counted = grew(memory.events(), "oom_kill");
    let mut watches = checks::open(&counted, &ground.hands.engine).unwrap();
    let gone = Check::Gone {
        process: process.clone(),
    };
    assert!(ground.sees(&gone, false));
    let undo = ground.carry_out(&set(settings, Some(hog)));
    assert!(ground.sees(&gone, true));
    let clock = Clock::since(0);
    let look = checks::until(&mut watches, true, clock, clock.now().plus(Nanos::secs(2)));
    assert!(look.seen.held, "{}", look.seen.evidence);
    ground.undo(&undo);
    assert!(process::lives(&nodes[0].init));
}

/// The process itself says what time it is: only the wall clock of that process moved, and back.
#[test]
fn a_running_program_tells_the_shifted_time() {
    let mut ground = kernel();
    let nodes = ground.facts();
    let mut guest = Guest::of(&nodes[0], env!("CARGO_BIN_EXE_guard-standin"), &["clock"]);
    let mut told = BufReader::new(guest.0.stdout.take().unwrap()).lines();
    let mut ask = guest.0.stdin.take().unwrap();
    let mut ahead = || {
        writeln!(ask).unwrap();
        let theirs: i64 = told.next().unwrap().unwrap().parse().unwrap();
        // SAFETY: a null pointer asks for the value alone.
        theirs - unsafe { libc::time(std::ptr::null_mut()) }
    };
    let near = |shift: i64, wanted: i64| (shift - wanted).abs() < 30;
    assert!(near(ahead(), 0));
    for by_s in [3600, -300] {
        let undo = ground.carry_out(&skew(&nodes[0], &guest.process(), by_s));
        assert!(near(ahead(), by_s));
        ground.undo(&undo);
        assert!(near(ahead(), 0));
    }
}

fn notice(told: &Process, victim: &Process, grace_ms: u64) -> (Act, Check) {
    let signal = Signal::Pwr;
    let act = Act::Process(acts::Act::Notice {
        process: told.clone(),
        signal,
        victim: victim.clone(),
        grace_ms,
        container: "none".to_owned(),
        revived_by: RevivedBy::Platform,
    });
    let check = Check::Process(check::process::Check::Interrupted {
        told: told.clone(),
        signal,
        victim: victim.clone(),
    });
    (act, check)
}

/// A shell that goes on when the power is about to fail.
fn hearing(node: &Facts) -> Guest {
    let guest = Guest::of(
        node,
        "sh",
        &["-c", "trap : PWR; while :; do sleep 0.02; done"],
    );
    let handles = || process::handles(&guest.process(), Signal::Pwr.number());
    wait_for("the shell's handler", handles);
    guest
}

/// The end was seen through a process descriptor, later than the notice by the grace.
#[test]
fn the_end_comes_after_the_grace_and_both_instants_are_told() {
    let mut ground = kernel();
    let nodes = ground.facts();
    let (guest, clock) = (hearing(&nodes[0]), Clock::since(0));
    let (act, check) = notice(&guest.process(), &guest.process(), 300);
    let mut watches = checks::open(&check, &ground.hands.engine).unwrap();
    watches.iter_mut().for_each(|watch| watch.forget());
    let began = clock.now();
    ground.act(&act);
    let until = clock.now().plus(Nanos::secs(10));
    let look = checks::until(&mut watches, true, clock, until);
    assert!(look.seen.held, "{}", look.seen.evidence);
    assert!(
        look.seen
            .evidence
            .contains("had a handler for PWR and got it at")
    );
    assert!(look.at.since(began) >= Nanos::ms(300));
}

/// The grace has passed by the time a second victim, with a longer one, has ended; the first lives.
#[test]
fn an_end_that_is_called_off_never_comes() {
    let mut ground = kernel();
    let nodes = ground.facts();
    let (spared, other) = (hearing(&nodes[0]), hearing(&nodes[0]));
    let undo = ground.carry_out(&notice(&spared.process(), &spared.process(), 100).0);
    ground.undo(&undo);
    let (act, check) = notice(&other.process(), &other.process(), 200);
    ground.act(&act);
    assert!(ground.sees(&check, true));
    assert!(process::lives(&spared.process()));
}

#[test]
fn a_notice_that_nobody_hears_is_not_effective() {
    let mut ground = kernel();
    let nodes = ground.facts();
    let deaf = Guest::of(&nodes[0], "sleep", &["600"]);
    let (act, check) = notice(&deaf.process(), &deaf.process(), 1);
    let clock = Clock::since(0);
    let mut watches = checks::open(&check, &ground.hands.engine).unwrap();
    let ended = deaf.process();
    ground.act(&act);
    wait_for("its end", || !process::lives(&ended));
    let look = checks::once(&mut watches, clock, clock.now().plus(Nanos::secs(1)));
    assert!(!look.seen.held, "{}", look.seen.evidence);
}

/// With the hands the pipe goes, as it would with a guard that is killed.
#[test]
fn a_hog_ends_with_whoever_started_it() {
    let mut ground = kernel();
    let nodes = ground.facts();
    let undo = ground.carry_out(&set(Vec::new(), Some(hog(&nodes[0]))));
    let Undo::Control(control::Undo::Put { hog: Some(hog), .. }) = undo else {
        panic!("no hog in {undo:?}");
    };
    assert!(process::lives(&hog));
    drop(ground);
    assert!(!process::lives(&hog));
}
