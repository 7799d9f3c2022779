//! What passes a layer is what lies below, and behaves as a file system does.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod drive;

use drive::Drive;
use model::act::fuse::Op;
use std::{
    ffi::CString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::{
        fd::AsRawFd,
        unix::{
            ffi::OsStrExt,
            fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink},
        },
    },
    path::Path,
    thread,
};

const BLOCK: usize = 4096;

fn text(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

/// Memory aligned to a block, as direct I/O wants it.
struct Block(Vec<u8>, usize);

impl Block {
    fn of(byte: u8) -> Self {
        let bytes = vec![byte; 2 * BLOCK];
        let skip = bytes.as_ptr().align_offset(BLOCK);
        Self(bytes, skip)
    }
    fn bytes(&mut self) -> &mut [u8] {
        &mut self.0[self.1..self.1 + BLOCK]
    }
}

#[test]
fn what_is_written_lies_below_and_reads_back() {
    let drive = Drive::new();
    fs::write(drive.at("a"), b"one").unwrap();
    assert_eq!(fs::read(drive.below.join("a")).unwrap(), b"one");
    let mut more = OpenOptions::new().append(true).open(drive.at("a")).unwrap();
    more.write_all(b" two").unwrap();
    assert_eq!(fs::read(drive.at("a")).unwrap(), b"one two");
    fs::write(drive.at("a"), b"3").unwrap();
    assert_eq!(fs::read(drive.at("a")).unwrap(), b"3");
    let again = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(drive.at("a"));
    assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
}

#[test]
fn names_are_made_moved_linked_listed_and_removed() {
    let drive = Drive::new();
    fs::create_dir_all(drive.at("x/y/z")).unwrap();
    fs::write(drive.at("x/y/z/part"), b"data").unwrap();
    let open = File::open(drive.at("x/y/z/part")).unwrap();
    fs::rename(drive.at("x/y"), drive.at("w")).unwrap();
    assert_eq!(fs::read(drive.at("w/z/part")).unwrap(), b"data");
    assert!(!drive.at("x/y").exists());
    fs::write(drive.at("other"), b"new").unwrap();
    fs::rename(drive.at("other"), drive.at("w/z/part")).unwrap();
    assert_eq!(fs::read(drive.at("w/z/part")).unwrap(), b"new");
    let mut old = String::new();
    (&open).read_to_string(&mut old).unwrap();
    assert_eq!(old, "data");
    fs::hard_link(drive.at("w/z/part"), drive.at("second")).unwrap();
    assert_eq!(fs::metadata(drive.at("second")).unwrap().nlink(), 2);
    symlink("w/z", drive.at("short")).unwrap();
    assert_eq!(fs::read_link(drive.at("short")).unwrap(), Path::new("w/z"));
    assert_eq!(fs::read(drive.at("short/part")).unwrap(), b"new");
    let mut names: Vec<_> = fs::read_dir(&drive.mount)
        .unwrap()
        .map(|one| one.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["second", "short", "w", "x"]);
    let full = fs::remove_dir(drive.at("w")).unwrap_err();
    assert_eq!(full.raw_os_error(), Some(libc::ENOTEMPTY));
    fs::remove_dir_all(drive.at("w")).unwrap();
    assert!(!drive.below.join("w").exists());
}

/// More than one answer of the kernel holds.
#[test]
fn a_long_listing_is_whole() {
    let drive = Drive::new();
    (0..3000).for_each(|at| {
        drop(File::create(drive.below.join(format!("file-with-a-longer-name-{at}"))).unwrap())
    });
    assert_eq!(fs::read_dir(&drive.mount).unwrap().count(), 3000);
}

#[test]
fn attributes_change_and_are_told() {
    let drive = Drive::new();
    let path = drive.at("a");
    let file = File::create(&path).unwrap();
    file.set_len(10_000).unwrap();
    assert_eq!(fs::metadata(drive.below.join("a")).unwrap().len(), 10_000);
    // SAFETY: an open descriptor.
    let done = unsafe { libc::fallocate(file.as_raw_fd(), 0, 0, 1 << 20) };
    assert_eq!((done, fs::metadata(&path).unwrap().len()), (0, 1 << 20));
    // SAFETY: a valid C string.
    assert_eq!(unsafe { libc::truncate(text(&path).as_ptr(), 5) }, 0);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::chown(&path, Some(1234), Some(99)).unwrap();
    let then = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 123_000_000);
    file.set_modified(then).unwrap();
    for path in [&path, &drive.below.join("a")] {
        let seen = fs::metadata(path).unwrap();
        assert_eq!(seen.len(), 5);
        assert_eq!(seen.mode() & 0o7777, 0o640);
        assert_eq!((seen.uid(), seen.gid()), (1234, 99));
        assert_eq!(seen.modified().unwrap(), then);
    }
}

#[test]
fn named_attributes_are_kept() {
    let drive = Drive::new();
    fs::write(drive.at("a"), b"").unwrap();
    let (path, key) = (text(&drive.at("a")), c"user.brinell");
    let mut value = [0u8; 16];
    // SAFETY: valid C strings and buffers of the lengths given.
    unsafe {
        let get = |value: &mut [u8]| {
            libc::getxattr(
                path.as_ptr(),
                key.as_ptr(),
                value.as_mut_ptr().cast(),
                value.len(),
            )
        };
        assert_eq!(get(&mut value), -1);
        assert_eq!(
            libc::setxattr(path.as_ptr(), key.as_ptr(), b"v1".as_ptr().cast(), 2, 0),
            0
        );
        assert_eq!((get(&mut []), get(&mut value)), (2, 2));
        assert_eq!(&value[..2], b"v1");
        assert!(libc::listxattr(path.as_ptr(), value.as_mut_ptr().cast(), 16) >= 13);
        assert_eq!(libc::removexattr(path.as_ptr(), key.as_ptr()), 0);
        assert_eq!(get(&mut value), -1);
    }
}

#[test]
fn space_is_that_of_the_file_system_below() {
    let drive = Drive::new();
    let total = |path: &Path| {
        let mut stat: libc::statvfs = unsafe { std::mem::zeroed() };
        // SAFETY: a valid C string and a place for the answer.
        assert_eq!(
            unsafe { libc::statvfs(text(path).as_ptr(), &raw mut stat) },
            0
        );
        stat.f_blocks * stat.f_frsize
    };
    assert_eq!(total(&drive.mount), total(&drive.below));
}

/// The counter of flushes tells: each synchronous write came with one, a plain write with none.
#[test]
fn a_synchronous_write_is_flushed_direct_or_not() {
    let drive = Drive::new();
    let mut block = Block::of(7);
    for flags in [libc::O_DSYNC, libc::O_DSYNC | libc::O_DIRECT, libc::O_SYNC] {
        let mut options = OpenOptions::new();
        options.write(true).create(true).custom_flags(flags);
        let file = options.open(drive.at("a")).unwrap();
        let before = drive.page.ops(Op::Fsync);
        (0..3).for_each(|at| file.write_all_at(block.bytes(), at * BLOCK as u64).unwrap());
        assert_eq!(drive.page.ops(Op::Fsync) - before, 3, "{flags:#o}");
    }
    let plain = File::create(drive.at("b")).unwrap();
    let before = drive.page.ops(Op::Fsync);
    plain.write_all_at(block.bytes(), 0).unwrap();
    assert_eq!(drive.page.ops(Op::Fsync), before);
    plain.sync_data().unwrap();
    assert_eq!(drive.page.ops(Op::Fsync), before + 1);
}

/// The counter of reads tells: direct reads come here each time, and see what others wrote.
#[test]
fn direct_reads_and_writes_pass_the_cache_by() {
    let drive = Drive::new();
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .custom_flags(libc::O_DIRECT);
    let file = options.open(drive.at("a")).unwrap();
    let mut block = Block::of(1);
    file.write_all_at(block.bytes(), 0).unwrap();
    let before = drive.page.ops(Op::Read);
    for byte in 2..5 {
        let below = OpenOptions::new()
            .write(true)
            .open(drive.below.join("a"))
            .unwrap();
        below.write_all_at(&[byte; BLOCK], 0).unwrap();
        file.read_exact_at(block.bytes(), 0).unwrap();
        assert!(block.bytes().iter().all(|seen| *seen == byte));
    }
    assert_eq!(drive.page.ops(Op::Read) - before, 3);
}

/// As index files of a log are used: grown, mapped shared, written through memory, flushed, read through the file.
#[test]
fn shared_memory_maps_are_written_back() {
    let drive = Drive::new();
    let mut options = OpenOptions::new();
    let file = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(drive.at("index"))
        .unwrap();
    file.set_len(10 * BLOCK as u64).unwrap();
    // SAFETY: the file is as long as the mapping, and nobody cuts it meanwhile.
    unsafe {
        let rights = libc::PROT_READ | libc::PROT_WRITE;
        let at = libc::mmap(
            std::ptr::null_mut(),
            10 * BLOCK,
            rights,
            libc::MAP_SHARED,
            file.as_raw_fd(),
            0,
        );
        assert_ne!(at, libc::MAP_FAILED);
        std::slice::from_raw_parts_mut(at.cast::<u8>(), 10 * BLOCK)[5 * BLOCK..5 * BLOCK + 4]
            .copy_from_slice(b"here");
        assert_eq!(libc::msync(at, 10 * BLOCK, libc::MS_SYNC), 0);
        libc::munmap(at, 10 * BLOCK);
    }
    let mut seen = [0; 4];
    File::open(drive.below.join("index"))
        .unwrap()
        .read_exact_at(&mut seen, 5 * BLOCK as u64)
        .unwrap();
    assert_eq!(&seen, b"here");
    file.set_len(6 * BLOCK as u64).unwrap();
    assert_eq!(
        fs::metadata(drive.below.join("index")).unwrap().len(),
        6 * BLOCK as u64
    );
}

#[test]
fn many_writers_at_once_lose_nothing() {
    let drive = Drive::new();
    let shared = File::create(drive.at("shared")).unwrap();
    thread::scope(|scope| {
        for writer in 0..8u8 {
            let (drive, shared) = (&drive, &shared);
            scope.spawn(move || {
                let folder = drive.at(&format!("of-{writer}"));
                fs::create_dir(&folder).unwrap();
                for at in 0..20u64 {
                    let place = (at * 8 + u64::from(writer)) * BLOCK as u64;
                    shared.write_all_at(&[writer; BLOCK], place).unwrap();
                    let temporary = folder.join("new");
                    fs::write(&temporary, vec![writer; 10_000]).unwrap();
                    fs::rename(&temporary, folder.join(at.to_string())).unwrap();
                }
            });
        }
    });
    let bytes = fs::read(drive.below.join("shared")).unwrap();
    assert_eq!(bytes.len(), 160 * BLOCK);
    assert!(
        bytes
            .chunks(BLOCK)
            .enumerate()
            .all(|(at, block)| block.iter().all(|byte| usize::from(*byte) == at % 8))
    );
    for writer in 0..8u8 {
        assert_eq!(
            fs::read_dir(drive.at(&format!("of-{writer}")))
                .unwrap()
                .count(),
            20
        );
        assert!(
            fs::read(drive.at(&format!("of-{writer}/19")))
                .unwrap()
                .iter()
                .all(|byte| *byte == writer)
        );
    }
}

#[test]
fn a_removed_file_lives_as_long_as_it_is_open_and_its_number_means_nobody_else() {
    let drive = Drive::new();
    let mut options = OpenOptions::new();
    let mut file = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(drive.at("a"))
        .unwrap();
    file.write_all(b"first").unwrap();
    fs::remove_file(drive.at("a")).unwrap();
    fs::write(drive.at("a"), b"second").unwrap();
    file.write_all(b" still").unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    let mut seen = String::new();
    file.read_to_string(&mut seen).unwrap();
    assert_eq!(seen, "first still");
    assert_eq!(file.metadata().unwrap().nlink(), 0);
    assert_eq!(fs::read(drive.at("a")).unwrap(), b"second");
}
