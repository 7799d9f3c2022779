//! Every operation: first the page is asked, then the same is done to the file below.
//!
//! What the caller asked for that needs translation: synchronous writes are flushed by the kernel through `fsync` here; an append
//! comes with its place; truncation on opening comes as an attribute. Direct I/O comes unaligned, so below it goes through the
//! page cache: it is as lasting as a plain write, until flushed.
mod change;
mod content;
mod tree;

use crate::{
    handles::Handles,
    nodes::Nodes,
    page::{Page, Verdict},
};
use fuser::*;
use model::act::fuse::Op;
use std::{
    ffi::OsStr,
    io,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// How long the kernel may believe what it was told of names and attributes.
const BELIEF: Duration = Duration::from_secs(1);
/// Largest read or write in one piece.
const PIECE: u32 = 1 << 20;
/// Names are never reused with another meaning: see [`crate::nodes`].
const FIRST: Generation = Generation(0);

/// A directory passed through.
pub struct Passage {
    pub(crate) nodes: Nodes,
    pub(crate) handles: Handles,
    pub(crate) page: Arc<Page>,
}

impl Passage {
    /// Passes through what `below` holds, as `page` says.
    ///
    /// # Errors
    /// It cannot be opened, or its file system has no lasting names.
    pub fn of(below: &Path, page: Arc<Page>) -> io::Result<Self> {
        Ok(Self {
            nodes: Nodes::under(below)?,
            handles: Handles::default(),
            page,
        })
    }

    /// What befalls an operation, the wait already over.
    fn judge(&self, op: Op) -> Verdict {
        let verdict = self.page.judge(op);
        if !verdict.delay.is_zero() {
            std::thread::sleep(verdict.delay);
        }
        verdict
    }

    /// Asks the page, then does it.
    fn pass<T>(&self, op: Op, does: impl FnOnce() -> io::Result<T>) -> Result<T, Errno> {
        match self.judge(op).errno {
            Some(errno) => Err(Errno::from_i32(errno)),
            None => does().map_err(Errno::from),
        }
    }
}

/// Answers a request by what came of it.
macro_rules! answer {
    ($reply:ident, $done:expr, $value:pat => $good:expr) => {
        match $done {
            Ok($value) => $good,
            Err(errno) => $reply.error(errno),
        }
    };
}

impl Filesystem for Passage {
    fn init(&mut self, _: &Request, kernel: &mut KernelConfig) -> io::Result<()> {
        // Each is wanted, not needed: an old kernel goes without.
        let _ = kernel.set_max_write(PIECE);
        let _ = kernel.set_max_readahead(PIECE);
        for flag in [
            InitFlags::FUSE_BIG_WRITES,
            InitFlags::FUSE_PARALLEL_DIROPS,
            InitFlags::FUSE_ASYNC_READ,
            InitFlags::FUSE_ASYNC_DIO,
        ] {
            let _ = kernel.add_capabilities(flag);
        }
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let done = self.pass(Op::Metadata, || self.nodes.look_up(parent, name));
        answer!(reply, done, attr => reply.entry(&BELIEF, &attr, FIRST));
    }

    fn forget(&self, _: &Request, node: INodeNo, lookups: u64) {
        self.nodes.forget(node, lookups);
    }

    fn getattr(&self, _: &Request, node: INodeNo, file: Option<FileHandle>, reply: ReplyAttr) {
        let done = self.pass(Op::Metadata, || self.attributes(node, file));
        answer!(reply, done, attr => reply.attr(&BELIEF, &attr));
    }

    fn setattr(
        &self,
        _: &Request,
        node: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _: Option<SystemTime>,
        file: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let op = if size.is_some() {
            Op::Write
        } else {
            Op::Metadata
        };
        let change = change::Change {
            mode,
            owner: (uid, gid),
            size,
            times: (atime, mtime),
        };
        let done = self.pass(op, || self.change(node, file, &change));
        answer!(reply, done, attr => reply.attr(&BELIEF, &attr));
    }

    fn readlink(&self, _: &Request, node: INodeNo, reply: ReplyData) {
        let done = self.pass(Op::Metadata, || self.link_text(node));
        answer!(reply, done, text => reply.data(&text));
    }

    fn mknod(
        &self,
        who: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        device: u32,
        reply: ReplyEntry,
    ) {
        let made = || self.make_node(who, (parent, name), mode & !umask, device);
        let done = self.pass(Op::Create, made);
        answer!(reply, done, attr => reply.entry(&BELIEF, &attr, FIRST));
    }

    fn mkdir(
        &self,
        who: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        let made = || self.make_folder(who, (parent, name), mode & !umask);
        let done = self.pass(Op::Create, made);
        answer!(reply, done, attr => reply.entry(&BELIEF, &attr, FIRST));
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let done = self.pass(Op::Metadata, || self.remove(parent, name, 0));
        answer!(reply, done, () => reply.ok());
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let removed = || self.remove(parent, name, libc::AT_REMOVEDIR);
        let done = self.pass(Op::Metadata, removed);
        answer!(reply, done, () => reply.ok());
    }

    fn symlink(
        &self,
        who: &Request,
        parent: INodeNo,
        name: &OsStr,
        target: &Path,
        reply: ReplyEntry,
    ) {
        let made = || self.make_symlink(who, (parent, name), target);
        let done = self.pass(Op::Create, made);
        answer!(reply, done, attr => reply.entry(&BELIEF, &attr, FIRST));
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let (from, to) = ((parent, name), (new_parent, new_name));
        let done = self.pass(Op::Metadata, || self.move_to(from, to, flags.bits()));
        answer!(reply, done, () => reply.ok());
    }

    fn link(&self, _: &Request, node: INodeNo, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let done = self.pass(Op::Create, || self.make_link(node, (parent, name)));
        answer!(reply, done, attr => reply.entry(&BELIEF, &attr, FIRST));
    }

    fn open(&self, _: &Request, node: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        let done = self.pass(Op::Create, || self.open_file(node, flags.0));
        answer!(reply, done, file => reply.opened(file, FopenFlags::empty()));
    }

    fn create(
        &self,
        who: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        flags: i32,
        reply: ReplyCreate,
    ) {
        let made = || self.make_file(who, (parent, name), mode & !umask, flags);
        let done = self.pass(Op::Create, made);
        answer!(reply, done, (attr, file) => {
            reply.created(&BELIEF, &attr, FIRST, file, FopenFlags::empty());
        });
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        file: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let done = self.pass(Op::Read, || self.read_piece(file, offset, size));
        answer!(reply, done, data => reply.data(&data));
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        file: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let done = self.write_piece(file, offset, data);
        answer!(reply, done, () => reply.written(data.len() as u32));
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        file: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.handles.close(file);
        reply.ok();
    }

    fn fsync(&self, _: &Request, _: INodeNo, file: FileHandle, data: bool, reply: ReplyEmpty) {
        let done = self.pass(Op::Fsync, || self.flush_file(file, data));
        answer!(reply, done, () => reply.ok());
    }

    fn opendir(&self, _: &Request, node: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let done = self.pass(Op::Metadata, || self.open_folder(node));
        answer!(reply, done, file => reply.opened(file, FopenFlags::empty()));
    }

    fn readdir(
        &self,
        _: &Request,
        _: INodeNo,
        folder: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let listed = || self.handles.get(folder)?.list(offset == 0);
        let done = self.pass(Op::Metadata, listed);
        answer!(reply, done, lines => {
            for (at, line) in lines.iter().enumerate().skip(offset as usize) {
                if reply.add(INodeNo(line.inode), at as u64 + 1, line.kind, &line.name) {
                    break;
                }
            }
            reply.ok();
        });
    }

    fn releasedir(
        &self,
        _: &Request,
        _: INodeNo,
        folder: FileHandle,
        _: OpenFlags,
        reply: ReplyEmpty,
    ) {
        self.handles.close(folder);
        reply.ok();
    }

    fn fsyncdir(&self, _: &Request, _: INodeNo, folder: FileHandle, data: bool, reply: ReplyEmpty) {
        let done = self.pass(Op::Fsync, || self.flush_file(folder, data));
        answer!(reply, done, () => reply.ok());
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let done = self.pass(Op::Metadata, || crate::calls::statvfs(&self.nodes));
        answer!(reply, done, s => reply.statfs(
            s.f_blocks, s.f_bfree, s.f_bavail, s.f_files, s.f_ffree,
            s.f_bsize as u32, s.f_namemax as u32, s.f_frsize as u32,
        ));
    }

    fn setxattr(
        &self,
        _: &Request,
        node: INodeNo,
        name: &OsStr,
        value: &[u8],
        flags: i32,
        _: u32,
        reply: ReplyEmpty,
    ) {
        let done = self.pass(Op::Metadata, || self.set_xattr(node, name, value, flags));
        answer!(reply, done, () => reply.ok());
    }

    fn getxattr(&self, _: &Request, node: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        let done = self.pass(Op::Metadata, || self.get_xattr(node, Some(name), size));
        answer!(reply, done, value => value.give(reply));
    }

    fn listxattr(&self, _: &Request, node: INodeNo, size: u32, reply: ReplyXattr) {
        let done = self.pass(Op::Metadata, || self.get_xattr(node, None, size));
        answer!(reply, done, value => value.give(reply));
    }

    fn removexattr(&self, _: &Request, node: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let done = self.pass(Op::Metadata, || self.remove_xattr(node, name));
        answer!(reply, done, () => reply.ok());
    }

    fn fallocate(
        &self,
        _: &Request,
        _: INodeNo,
        file: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        let done = self.pass(Op::Write, || self.allocate(file, offset, length, mode));
        answer!(reply, done, () => reply.ok());
    }

    fn lseek(
        &self,
        _: &Request,
        _: INodeNo,
        file: FileHandle,
        offset: i64,
        whence: i32,
        reply: ReplyLseek,
    ) {
        let done = self.pass(Op::Metadata, || self.seek(file, offset, whence));
        answer!(reply, done, at => reply.offset(at));
    }
}
