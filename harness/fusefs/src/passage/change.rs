//! Attributes of files: mode, owner, size, times, and the named ones.
use super::Passage;
use crate::{
    calls::{done, path_of, stat, text},
    nodes::attr,
};
use fuser::{FileAttr, FileHandle, INodeNo, ReplyXattr, TimeOrNow};
use std::{
    ffi::{CString, OsStr},
    io,
    os::fd::{AsRawFd, OwnedFd},
    time::UNIX_EPOCH,
};

/// What is to be changed of a file.
pub(super) struct Change {
    pub(super) mode: Option<u32>,
    pub(super) owner: (Option<u32>, Option<u32>),
    pub(super) size: Option<u64>,
    pub(super) times: (Option<TimeOrNow>, Option<TimeOrNow>),
}

/// A named attribute, or how long it is where only that was asked.
pub(super) enum Value {
    Length(u32),
    Whole(Vec<u8>),
}

impl Value {
    pub(super) fn give(self, reply: ReplyXattr) {
        match self {
            Self::Length(length) => reply.size(length),
            Self::Whole(bytes) => reply.data(&bytes),
        }
    }
}

/// An id that means "leave it".
const SAME: u32 = u32::MAX;

impl Passage {
    pub(super) fn attributes(
        &self,
        node: INodeNo,
        file: Option<FileHandle>,
    ) -> io::Result<FileAttr> {
        let open = file.and_then(|file| self.handles.get(file).ok());
        let seen = match open {
            Some(open) => stat(&open.file),
            None => stat(&self.nodes.open(node)?),
        };
        Ok(attr(node, &seen?))
    }

    pub(super) fn change(
        &self,
        node: INodeNo,
        file: Option<FileHandle>,
        change: &Change,
    ) -> io::Result<FileAttr> {
        let name = self.nodes.open(node)?;
        let path = path_of(&name);
        if let Some(mode) = change.mode {
            // SAFETY: a valid C string.
            done(unsafe { libc::chmod(path.as_ptr(), mode) })?;
        }
        if change.owner != (None, None) {
            let (uid, gid) = change.owner;
            crate::calls::give(&name, uid.unwrap_or(SAME), gid.unwrap_or(SAME))?;
        }
        if let Some(size) = change.size {
            match file.and_then(|file| self.handles.get(file).ok()) {
                Some(open) => open.file.set_len(size)?,
                // SAFETY: a valid C string.
                None => done(unsafe { libc::truncate64(path.as_ptr(), size as i64) }).map(drop)?,
            }
        }
        if change.times != (None, None) {
            set_times(&name, &change.times)?;
        }
        Ok(attr(node, &stat(&name)?))
    }

    pub(super) fn set_xattr(
        &self,
        node: INodeNo,
        name: &OsStr,
        value: &[u8],
        flags: i32,
    ) -> io::Result<()> {
        let (path, _name, key) = self.named_attribute(node, name)?;
        let (data, length) = (value.as_ptr().cast(), value.len());
        // SAFETY: valid C strings and a buffer of the length given.
        done(unsafe { libc::setxattr(path.as_ptr(), key.as_ptr(), data, length, flags) }).map(drop)
    }

    /// The attribute `name`, or the names of all; its length alone where `size` is 0.
    pub(super) fn get_xattr(
        &self,
        node: INodeNo,
        name: Option<&OsStr>,
        size: u32,
    ) -> io::Result<Value> {
        let (path, _name, key) = self.named_attribute(node, name.unwrap_or_default())?;
        let mut bytes = vec![0u8; size as usize];
        let at = bytes.as_mut_ptr();
        // SAFETY: valid C strings and a buffer of the length given.
        let length = unsafe {
            match name {
                Some(_) => libc::getxattr(path.as_ptr(), key.as_ptr(), at.cast(), bytes.len()),
                None => libc::listxattr(path.as_ptr(), at.cast(), bytes.len()),
            }
        };
        let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
        bytes.truncate(length);
        Ok(match size {
            0 => Value::Length(length as u32),
            _ => Value::Whole(bytes),
        })
    }

    pub(super) fn remove_xattr(&self, node: INodeNo, name: &OsStr) -> io::Result<()> {
        let (path, _name, key) = self.named_attribute(node, name)?;
        // SAFETY: valid C strings.
        done(unsafe { libc::removexattr(path.as_ptr(), key.as_ptr()) }).map(drop)
    }

    /// A path to the file, the descriptor that it leads through, and the key.
    fn named_attribute(
        &self,
        node: INodeNo,
        key: &OsStr,
    ) -> io::Result<(CString, OwnedFd, CString)> {
        let name = self.nodes.open(node)?;
        Ok((path_of(&name), name, text(key)?))
    }
}

fn set_times(name: &OwnedFd, times: &(Option<TimeOrNow>, Option<TimeOrNow>)) -> io::Result<()> {
    let pair = [timespec(times.0), timespec(times.1)];
    let (fd, empty) = (name.as_raw_fd(), c"".as_ptr());
    // SAFETY: a valid descriptor, C string and pair of times.
    done(unsafe { libc::utimensat(fd, empty, pair.as_ptr(), libc::AT_EMPTY_PATH) }).map(drop)
}

fn timespec(time: Option<TimeOrNow>) -> libc::timespec {
    let of = |tv_sec, tv_nsec| libc::timespec { tv_sec, tv_nsec };
    match time {
        None => of(0, libc::UTIME_OMIT),
        Some(TimeOrNow::Now) => of(0, libc::UTIME_NOW),
        Some(TimeOrNow::SpecificTime(at)) => match at.duration_since(UNIX_EPOCH) {
            Ok(since) => of(since.as_secs() as i64, since.subsec_nanos().into()),
            Err(before) => of(-(before.duration().as_secs() as i64), 0),
        },
    }
}
