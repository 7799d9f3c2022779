//! Open files and listed folders, by the number that the kernel gives back.
use fuser::{FileHandle, FileType};
use std::{
    collections::HashMap,
    ffi::OsString,
    fs::{self, File},
    io,
    os::{fd::OwnedFd, unix::fs::DirEntryExt},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// One line of a listing.
pub struct Line {
    /// Inode below.
    pub inode: u64,
    /// What it is.
    pub kind: FileType,
    /// Its name.
    pub name: OsString,
}

/// An open file or folder.
pub struct Open {
    /// Its descriptor.
    pub file: File,
    /// A folder's listing, as it was when last read from its start.
    pub lines: Mutex<Arc<Vec<Line>>>,
}

/// All of them.
#[derive(Default)]
pub struct Handles {
    next: AtomicU64,
    open: RwLock<HashMap<u64, Arc<Open>>>,
}

impl Handles {
    /// Keeps an open file.
    pub fn keep(&self, fd: OwnedFd) -> FileHandle {
        let number = 1 + self.next.fetch_add(1, Ordering::Relaxed);
        let open = Open {
            file: fd.into(),
            lines: Mutex::default(),
        };
        let mut all = self.open.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(number, Arc::new(open));
        FileHandle(number)
    }

    /// The open file of a number.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, number: FileHandle) -> io::Result<Arc<Open>> {
        let all = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let open = all.get(&number.0).cloned();
        open.ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
    }

    /// Closes it.
    pub fn close(&self, number: FileHandle) {
        let mut all = self.open.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(&number.0);
    }
}

impl Open {
    /// The folder's listing; read again where `afresh`.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn list(&self, afresh: bool) -> io::Result<Arc<Vec<Line>>> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if afresh {
            let path = crate::calls::path_of(&self.file);
            let path = path.to_str().map_err(io::Error::other)?;
            let own = [".", ".."].map(|name| {
                Ok(Line {
                    inode: 1,
                    kind: FileType::Directory,
                    name: name.into(),
                })
            });
            let entries = fs::read_dir(path)?.map(|entry| line(&entry?));
            *lines = Arc::new(own.into_iter().chain(entries).collect::<io::Result<_>>()?);
        }
        Ok(lines.clone())
    }
}

fn line(entry: &fs::DirEntry) -> io::Result<Line> {
    let kind = FileType::from_std(entry.file_type()?);
    Ok(Line {
        inode: entry.ino(),
        kind: kind.unwrap_or(FileType::RegularFile),
        name: entry.file_name(),
    })
}
