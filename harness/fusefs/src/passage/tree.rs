//! Names: making, linking, moving and removing them.
use super::{Passage, content::below};
use crate::calls::{done, give, open_at, path_of, text};
use fuser::{FileAttr, FileHandle, INodeNo, Request};
use std::{
    ffi::OsStr,
    io,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
};

/// A name in a folder.
type Place<'a> = (INodeNo, &'a OsStr);

impl Passage {
    pub(super) fn make_file(
        &self,
        who: &Request,
        (folder, name): Place,
        mode: u32,
        flags: i32,
    ) -> io::Result<(FileAttr, FileHandle)> {
        let folder = self.nodes.open(folder)?;
        let flags = below(flags) | libc::O_CREAT | flags & libc::O_EXCL;
        let fd = open_at(&folder, name, flags | libc::O_NOFOLLOW, mode)?;
        give(&fd, who.uid(), who.gid())?;
        let attr = self.nodes.remember(&fd)?;
        Ok((attr, self.handles.keep(fd)))
    }

    pub(super) fn make_folder(&self, who: &Request, at: Place, mode: u32) -> io::Result<FileAttr> {
        self.make(who, at, |folder, name| {
            // SAFETY: a valid descriptor and C string.
            done(unsafe { libc::mkdirat(folder, name.as_ptr(), mode) })
        })
    }

    pub(super) fn make_node(
        &self,
        who: &Request,
        at: Place,
        mode: u32,
        device: u32,
    ) -> io::Result<FileAttr> {
        self.make(who, at, |folder, name| {
            // SAFETY: a valid descriptor and C string.
            done(unsafe { libc::mknodat(folder, name.as_ptr(), mode, device.into()) })
        })
    }

    pub(super) fn make_symlink(
        &self,
        who: &Request,
        at: Place,
        target: &Path,
    ) -> io::Result<FileAttr> {
        let target = text(target.as_os_str())?;
        self.make(who, at, |folder, name| {
            // SAFETY: a valid descriptor and C strings.
            done(unsafe { libc::symlinkat(target.as_ptr(), folder, name.as_ptr()) })
        })
    }

    /// Makes something, and gives it to whoever asked.
    fn make(
        &self,
        who: &Request,
        (folder, name): Place,
        how: impl FnOnce(i32, &std::ffi::CStr) -> io::Result<i32>,
    ) -> io::Result<FileAttr> {
        let folder = self.nodes.open(folder)?;
        how(folder.as_raw_fd(), &text(name)?)?;
        let made = self.named(&folder, name)?;
        give(&made, who.uid(), who.gid())?;
        self.nodes.remember(&made)
    }

    pub(super) fn make_link(&self, node: INodeNo, (folder, name): Place) -> io::Result<FileAttr> {
        let (node, folder) = (self.nodes.open(node)?, self.nodes.open(folder)?);
        let (path, to, name_text) = (path_of(&node), folder.as_raw_fd(), text(name)?);
        let (from, follow) = (libc::AT_FDCWD, libc::AT_SYMLINK_FOLLOW);
        // SAFETY: a valid descriptor and C strings.
        done(unsafe { libc::linkat(from, path.as_ptr(), to, name_text.as_ptr(), follow) })?;
        self.nodes.remember(&node)
    }

    pub(super) fn move_to(&self, from: Place, to: Place, flags: u32) -> io::Result<()> {
        let (old, new) = (self.nodes.open(from.0)?, self.nodes.open(to.0)?);
        let (old_name, new_name) = (text(from.1)?, text(to.1)?);
        let (old, new) = (old.as_raw_fd(), new.as_raw_fd());
        // SAFETY: valid descriptors and C strings.
        let moved =
            unsafe { libc::renameat2(old, old_name.as_ptr(), new, new_name.as_ptr(), flags) };
        done(moved).map(drop)
    }

    pub(super) fn remove(&self, folder: INodeNo, name: &OsStr, flags: i32) -> io::Result<()> {
        let (folder, name) = (self.nodes.open(folder)?, text(name)?);
        // SAFETY: a valid descriptor and C string.
        done(unsafe { libc::unlinkat(folder.as_raw_fd(), name.as_ptr(), flags) }).map(drop)
    }

    pub(super) fn open_folder(&self, node: INodeNo) -> io::Result<FileHandle> {
        let folder = self.nodes.open(node)?;
        let flags = libc::O_RDONLY | libc::O_DIRECTORY;
        Ok(self
            .handles
            .keep(open_at(&folder, OsStr::new("."), flags, 0)?))
    }

    pub(super) fn link_text(&self, node: INodeNo) -> io::Result<Vec<u8>> {
        let link = self.nodes.open(node)?;
        let mut bytes = vec![0; libc::PATH_MAX as usize];
        let (fd, at) = (link.as_raw_fd(), bytes.as_mut_ptr().cast());
        // SAFETY: a valid descriptor and C string, and a buffer of the length given.
        let length = unsafe { libc::readlinkat(fd, c"".as_ptr(), at, bytes.len()) };
        let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
        bytes.truncate(length);
        Ok(bytes)
    }

    fn named(&self, folder: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
        debug_assert!(!name.as_bytes().contains(&b'/'));
        open_at(folder, name, libc::O_PATH | libc::O_NOFOLLOW, 0)
    }
}
