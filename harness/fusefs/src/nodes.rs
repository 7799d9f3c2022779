//! The kernel's numbers for files, and the lasting names behind them.
//!
//! A number stands for a file as long as the kernel remembers it, through renames and after its removal. Lasting names instead of
//! open descriptors: a drive holds more files than a process may hold open.
use crate::calls::{self, Handle};
use fuser::{FileAttr, FileType, INodeNo};
use std::{
    collections::HashMap,
    ffi::OsStr,
    io,
    os::fd::{AsFd, OwnedFd},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Numbers from here on are not those of the file system below: for a file that got the number of a removed one.
const SECOND_HAND: u64 = 1 << 48;

/// Every file the kernel remembers.
pub struct Nodes {
    root: OwnedFd,
    device: u64,
    root_inode: u64,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    by_number: HashMap<u64, Node>,
    by_handle: HashMap<Handle, u64>,
    second_hand: u64,
}

struct Node {
    handle: Handle,
    lookups: u64,
}

impl Nodes {
    /// The files under `root`.
    ///
    /// # Errors
    /// It cannot be opened, or its file system has no lasting names.
    pub fn under(root: &Path) -> io::Result<Self> {
        let flags = libc::O_RDONLY | libc::O_DIRECTORY;
        let root = calls::open_at(&cwd(), root.as_os_str(), flags, 0)?;
        let stat = calls::stat(&root)?;
        calls::open_handle(&root, &calls::handle(&root)?)?;
        Ok(Self {
            root,
            device: stat.st_dev,
            root_inode: stat.st_ino,
            table: Mutex::default(),
        })
    }

    /// The file of a number, as a mere name.
    ///
    /// # Errors
    /// It is gone.
    pub fn open(&self, number: INodeNo) -> io::Result<OwnedFd> {
        if number == INodeNo::ROOT {
            return self.root.try_clone();
        }
        let handle = self
            .table()
            .by_number
            .get(&number.0)
            .map(|node| node.handle.clone());
        let handle = handle.ok_or_else(|| io::Error::from_raw_os_error(libc::ESTALE))?;
        calls::open_handle(&self.root, &handle)
    }

    /// Looks up `name`: the kernel remembers it once more.
    ///
    /// # Errors
    /// It is not there, or lies in another file system.
    pub fn look_up(&self, folder: INodeNo, name: &OsStr) -> io::Result<FileAttr> {
        let folder = self.open(folder)?;
        let flags = libc::O_PATH | libc::O_NOFOLLOW;
        self.remember(&calls::open_at(&folder, name, flags, 0)?)
    }

    /// The kernel remembers what is behind `fd` once more.
    ///
    /// # Errors
    /// It lies in another file system.
    pub fn remember(&self, fd: &OwnedFd) -> io::Result<FileAttr> {
        let stat = calls::stat(fd)?;
        if stat.st_dev != self.device {
            return Err(io::Error::from_raw_os_error(libc::EXDEV));
        }
        if stat.st_ino == self.root_inode {
            return Ok(attr(INodeNo::ROOT, &stat));
        }
        let number = self.table().enter(calls::handle(fd)?, stat.st_ino);
        Ok(attr(INodeNo(number), &stat))
    }

    /// The kernel forgets it `lookups` times.
    pub fn forget(&self, number: INodeNo, lookups: u64) {
        self.table().leave(number.0, lookups);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsFd for Nodes {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.root.as_fd()
    }
}

impl Table {
    fn enter(&mut self, handle: Handle, inode: u64) -> u64 {
        let known = self.by_handle.get(&handle).copied();
        let number = known.unwrap_or_else(|| self.free(inode));
        self.by_handle.insert(handle.clone(), number);
        let fresh = Node { handle, lookups: 0 };
        self.by_number.entry(number).or_insert(fresh).lookups += 1;
        number
    }

    fn free(&mut self, inode: u64) -> u64 {
        if inode != INodeNo::ROOT.0 && !self.by_number.contains_key(&inode) {
            return inode;
        }
        self.second_hand += 1;
        SECOND_HAND + self.second_hand
    }

    fn leave(&mut self, number: u64, lookups: u64) {
        let Some(node) = self.by_number.get_mut(&number) else {
            return;
        };
        node.lookups = node.lookups.saturating_sub(lookups);
        if node.lookups == 0
            && let Some(node) = self.by_number.remove(&number)
        {
            self.by_handle.remove(&node.handle);
        }
    }
}

/// What the kernel is told of a file.
pub fn attr(number: INodeNo, stat: &libc::stat64) -> FileAttr {
    FileAttr {
        ino: number,
        size: stat.st_size.unsigned_abs(),
        blocks: stat.st_blocks.unsigned_abs(),
        atime: instant(stat.st_atime, stat.st_atime_nsec),
        mtime: instant(stat.st_mtime, stat.st_mtime_nsec),
        ctime: instant(stat.st_ctime, stat.st_ctime_nsec),
        crtime: UNIX_EPOCH,
        kind: kind(stat.st_mode),
        perm: (stat.st_mode & 0o7777) as u16,
        nlink: stat.st_nlink as u32,
        uid: stat.st_uid,
        gid: stat.st_gid,
        rdev: stat.st_rdev as u32,
        blksize: stat.st_blksize as u32,
        flags: 0,
    }
}

fn instant(seconds: i64, nanos: i64) -> SystemTime {
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let at = if seconds < 0 {
        UNIX_EPOCH - whole
    } else {
        UNIX_EPOCH + whole
    };
    at + Duration::from_nanos(nanos.unsigned_abs())
}

fn kind(mode: u32) -> FileType {
    match mode & libc::S_IFMT {
        libc::S_IFDIR => FileType::Directory,
        libc::S_IFLNK => FileType::Symlink,
        libc::S_IFCHR => FileType::CharDevice,
        libc::S_IFBLK => FileType::BlockDevice,
        libc::S_IFIFO => FileType::NamedPipe,
        libc::S_IFSOCK => FileType::Socket,
        _ => FileType::RegularFile,
    }
}

fn cwd() -> std::os::fd::BorrowedFd<'static> {
    // SAFETY: `AT_FDCWD` is no descriptor that could be closed; the calls here take it for the working directory.
    unsafe { std::os::fd::BorrowedFd::borrow_raw(libc::AT_FDCWD) }
}
