//! Data of open files: read, write, flush, allocate.
use super::Passage;
use crate::calls::{done, reopen};
use fuser::{Errno, FileHandle, INodeNo};
use model::act::fuse::Op;
use std::{
    io,
    os::{fd::AsRawFd, unix::fs::FileExt},
};

/// What the kernel does itself or through other requests, so that it must not happen twice below.
const TRANSLATED: i32 = libc::O_APPEND
    | libc::O_CREAT
    | libc::O_DIRECT
    | libc::O_DSYNC
    | libc::O_EXCL
    | libc::O_NOFOLLOW
    | libc::O_SYNC
    | libc::O_TRUNC;

/// Flags with which to open below.
pub(super) const fn below(flags: i32) -> i32 {
    flags & !TRANSLATED
}

impl Passage {
    pub(super) fn open_file(&self, node: INodeNo, flags: i32) -> io::Result<FileHandle> {
        let name = self.nodes.open(node)?;
        Ok(self.handles.keep(reopen(&name, below(flags))?))
    }

    pub(super) fn read_piece(
        &self,
        file: FileHandle,
        offset: u64,
        size: u32,
    ) -> io::Result<Vec<u8>> {
        let open = self.handles.get(file)?;
        let mut data: Vec<u8> = Vec::with_capacity(size as usize);
        loop {
            let (fd, at) = (open.file.as_raw_fd(), data.as_mut_ptr());
            // SAFETY: the buffer has room for `size` bytes, and as many as were read are initialised after.
            let got = unsafe { libc::pread64(fd, at.cast(), size as usize, offset as i64) };
            match usize::try_from(got) {
                Ok(got) => {
                    // SAFETY: see above.
                    unsafe { data.set_len(got) };
                    return Ok(data);
                }
                Err(_) => retry(io::Error::last_os_error())?,
            }
        }
    }

    pub(super) fn write_piece(
        &self,
        file: FileHandle,
        offset: u64,
        data: &[u8],
    ) -> Result<(), Errno> {
        let verdict = self.judge(Op::Write);
        if let Some(errno) = verdict.errno {
            return Err(Errno::from_i32(errno));
        }
        let open = self.handles.get(file)?;
        if !verdict.torn {
            return Ok(open.file.write_all_at(data, offset)?);
        }
        // The length is as promised, as on a disk whose journal holds the length and whose second half never arrived.
        open.file.write_all_at(&data[..data.len() / 2], offset)?;
        let end = offset + data.len() as u64;
        if open.file.metadata()?.len() < end {
            open.file.set_len(end)?;
        }
        Ok(())
    }

    pub(super) fn flush_file(&self, file: FileHandle, data_only: bool) -> io::Result<()> {
        let open = self.handles.get(file)?;
        if data_only {
            open.file.sync_data()
        } else {
            open.file.sync_all()
        }
    }

    pub(super) fn allocate(
        &self,
        file: FileHandle,
        at: u64,
        length: u64,
        mode: i32,
    ) -> io::Result<()> {
        let open = self.handles.get(file)?;
        let (fd, at, length) = (open.file.as_raw_fd(), at as i64, length as i64);
        // SAFETY: a valid descriptor.
        done(unsafe { libc::fallocate64(fd, mode, at, length) }).map(drop)
    }

    pub(super) fn seek(&self, file: FileHandle, offset: i64, whence: i32) -> io::Result<i64> {
        let open = self.handles.get(file)?;
        // SAFETY: a valid descriptor; nobody uses its position.
        let at = unsafe { libc::lseek64(open.file.as_raw_fd(), offset, whence) };
        if at < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(at)
        }
    }
}

fn retry(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::Interrupted {
        Ok(())
    } else {
        Err(error)
    }
}
