//! Each effect of a rule as its victim sees it, its end, and the layer's own death.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod drive;

use drive::{Drive, LONG, rule, wait_for};
use fusefs::worker;
use model::{
    act::fuse::{Effect, Errno, Op},
    units::Nanos,
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

fn code<T>(done: io::Result<T>) -> Option<i32> {
    done.err().and_then(|error| error.raw_os_error())
}

#[test]
fn each_error_reaches_the_caller_and_ends_when_lifted() {
    let drive = Drive::new();
    let file = File::create(drive.at("a")).unwrap();
    for (errno, number) in [
        (Errno::Eio, libc::EIO),
        (Errno::Enospc, libc::ENOSPC),
        (Errno::Erofs, libc::EROFS),
    ] {
        let fails = rule(&[Op::Write, Op::Fsync], Effect::Fail(errno));
        drive.impose(&fails, LONG);
        assert_eq!(code(file.write_at(b"x", 0)), Some(number));
        assert_eq!(code(file.sync_all()), Some(number));
        assert_eq!(code(file.set_len(3)), Some(number));
        assert_eq!(code(File::create(drive.at(&number.to_string()))), None);
        assert!(drive.page.hits(&fails) >= 3);
        drive.page.lift(&fails);
        let hits = drive.page.hits(&fails);
        file.write_all_at(b"whole", 0).unwrap();
        file.sync_all().unwrap();
        assert_eq!(fs::read(drive.at("a")).unwrap(), b"whole");
        assert_eq!(drive.page.hits(&fails), hits);
    }
}

#[test]
fn each_class_suffers_alone() {
    let drive = Drive::new();
    fs::write(drive.at("a"), b"data").unwrap();
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_DIRECT)
        .open(drive.at("a"))
        .unwrap();
    let mut buffer = vec![0u64; 1024];
    let skip = buffer.as_ptr().cast::<u8>().align_offset(4096);
    // SAFETY: plain bytes of the vector, and only looked at while it lives.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.as_mut_ptr().cast::<u8>(), 8192) };
    let aligned = &mut bytes[skip..skip + 4096];
    for op in Op::ALL {
        let fails = rule(&[op], Effect::Fail(Errno::Eio));
        drive.impose(&fails, LONG);
        let tried = match op {
            Op::Read => code(file.read_at(aligned, 0)),
            Op::Write => code(file.write_at(aligned, 0)),
            Op::Fsync => code(file.sync_data()),
            Op::Create => code(File::create(drive.at("new"))),
            Op::Metadata => code(fs::remove_file(drive.at("gone"))),
        };
        assert_eq!(tried, Some(libc::EIO), "{op:?}");
        drive.page.lift(&fails);
    }
    file.write_at(aligned, 0).unwrap();
    file.read_at(aligned, 0).unwrap();
    file.sync_all().unwrap();
    File::create(drive.at("new")).unwrap();
}

/// The caller is told that all was written, and the length is right; the second half is what was there before.
#[test]
fn a_torn_write_keeps_its_first_half_only() {
    let drive = Drive::new();
    let tears = rule(&[Op::Write], Effect::Tear);
    fs::write(drive.at("old"), vec![1; 8192]).unwrap();
    drive.impose(&tears, LONG);
    fs::write(drive.at("new"), vec![2; 8192]).unwrap();
    let old = OpenOptions::new()
        .write(true)
        .open(drive.at("old"))
        .unwrap();
    old.write_all_at(&[2; 8192], 0).unwrap();
    drive.page.lift(&tears);
    assert!(drive.page.hits(&tears) >= 2);
    for (name, rest) in [("new", 0), ("old", 1)] {
        let seen = fs::read(drive.at(name)).unwrap();
        let half = [vec![2; 4096], vec![rest; 4096]].concat();
        assert!(
            seen == half,
            "{name}: {} bytes, {:?}",
            seen.len(),
            &seen[4095..4097]
        );
    }
    fs::write(drive.at("new"), vec![3; 8192]).unwrap();
    assert_eq!(fs::read(drive.at("new")).unwrap(), vec![3; 8192]);
}

/// A delay is a lower bound; several at once do not wait for each other.
#[test]
fn delayed_operations_wait_side_by_side() {
    let drive = Drive::new();
    let span = Duration::from_millis(200);
    let slow = rule(&[Op::Write], Effect::Delay(Nanos::ms(200)));
    let files: Vec<_> = (0..6)
        .map(|at| File::create(drive.at(&at.to_string())).unwrap())
        .collect();
    drive.impose(&slow, LONG);
    let began = Instant::now();
    thread::scope(|scope| {
        for file in &files {
            scope.spawn(|| file.write_all_at(b"x", 0).unwrap());
        }
    });
    let took = began.elapsed();
    assert!(took >= span && took < span * 6, "{took:?}");
}

/// Nobody lifts it, nobody looks after it: the layer itself ends it at its instant.
#[test]
fn a_rule_ends_by_itself() {
    let drive = Drive::new();
    let file = File::create(drive.at("a")).unwrap();
    let fails = rule(&[Op::Write], Effect::Fail(Errno::Eio));
    let began = Instant::now();
    drive.impose(&fails, Duration::from_millis(300));
    assert_eq!(code(file.write_at(b"x", 0)), Some(libc::EIO));
    wait_for("the end of the rule", || file.write_at(b"x", 0).is_ok());
    assert!(began.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_killed_layer_gives_errors_and_never_hangs() {
    let drive = Drive::new();
    let file = File::create(drive.at("a")).unwrap();
    drive.signal(libc::SIGKILL);
    wait_for("an error", || {
        code(file.write_at(b"x", 0)) == Some(libc::ENOTCONN)
    });
    assert_eq!(code(fs::metadata(drive.at("a"))), Some(libc::ENOTCONN));
}

/// A stopped layer is silent, who uses it waits; its death sets them free.
#[test]
fn a_stopped_layer_is_silent_and_its_death_frees_who_waits() {
    let drive = Drive::new();
    let file = File::create(drive.at("a")).unwrap();
    drive.signal(libc::SIGSTOP);
    let (tell, told) = mpsc::channel();
    // A stop takes a moment: the last writes before it may still be served.
    let waits = move || loop {
        if let Some(number) = code(file.write_at(b"x", 0)) {
            return tell.send(number);
        }
    };
    thread::spawn(waits);
    wait_for("silence", || {
        worker::silent_ns(&drive.page) > Some(1_000_000_000)
    });
    assert!(told.try_recv().is_err());
    drive.signal(libc::SIGKILL);
    let got = told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(
        matches!(got, libc::ENOTCONN | libc::ECONNABORTED),
        "{got:?}"
    );
}

#[test]
fn a_closed_page_ends_its_layer_and_its_mount() {
    let mut drive = Drive::new();
    assert!(worker::connection(&drive.mount, &drive.folder.join("page")).is_some());
    drive.page.close();
    assert!(drive.child.wait().unwrap().success());
    assert_eq!(
        worker::connection(&drive.mount, &drive.folder.join("page")),
        None
    );
}
