//! System calls that the standard library lacks: files named by a descriptor and a name within it, or by their handle.
use std::{
    ffi::{CString, OsStr},
    io,
    mem::MaybeUninit,
    os::{
        fd::{AsFd, AsRawFd, FromRawFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
};

/// Longest handle of any file system (`MAX_HANDLE_SZ`).
const HANDLE_BYTES: usize = 128;

/// A file's lasting name within its file system: it survives renames, and another file never gets it.
#[derive(Clone, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Handle {
    bytes: libc::c_uint,
    kind: libc::c_int,
    name: [u8; HANDLE_BYTES],
}

/// Gives the result of a call, or what the kernel said.
///
/// # Errors
/// The last error, where `result` is negative.
pub fn done(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// A name for the kernel.
///
/// # Errors
/// It holds a zero byte.
pub fn text(name: &OsStr) -> io::Result<CString> {
    Ok(CString::new(name.as_bytes())?)
}

/// A path that leads to the file behind a descriptor, for calls that take no descriptor.
pub fn path_of(fd: &impl AsRawFd) -> CString {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    CString::new(path).expect("digits hold no zero byte")
}

/// `openat`.
///
/// # Errors
/// What the kernel says.
pub fn open_at(folder: &impl AsFd, name: &OsStr, flags: i32, mode: u32) -> io::Result<OwnedFd> {
    let name = text(name)?;
    let (folder, flags) = (folder.as_fd().as_raw_fd(), flags | libc::O_CLOEXEC);
    // SAFETY: a valid descriptor and C string.
    let fd = done(unsafe { libc::openat(folder, name.as_ptr(), flags, mode) })?;
    // SAFETY: the call succeeded, so the descriptor is ours.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Opens anew what is behind `fd`, which may be a mere name (`O_PATH`).
///
/// # Errors
/// What the kernel says.
pub fn reopen(fd: &OwnedFd, flags: i32) -> io::Result<OwnedFd> {
    let path = path_of(fd);
    // SAFETY: a valid C string.
    let fd = done(unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC) })?;
    // SAFETY: the call succeeded, so the descriptor is ours.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// `fstat`, also of a mere name.
///
/// # Errors
/// What the kernel says.
pub fn stat(fd: &impl AsFd) -> io::Result<libc::stat64> {
    let mut stat = MaybeUninit::uninit();
    // SAFETY: a valid descriptor; the kernel fills `stat` where it succeeds.
    unsafe {
        done(libc::fstat64(fd.as_fd().as_raw_fd(), stat.as_mut_ptr()))?;
        Ok(stat.assume_init())
    }
}

/// `statvfs` of the file system that `fd` lies in.
///
/// # Errors
/// What the kernel says.
pub fn statvfs(fd: &impl AsFd) -> io::Result<libc::statvfs64> {
    let mut stat = MaybeUninit::uninit();
    // SAFETY: a valid descriptor; the kernel fills `stat` where it succeeds.
    unsafe {
        done(libc::fstatvfs64(fd.as_fd().as_raw_fd(), stat.as_mut_ptr()))?;
        Ok(stat.assume_init())
    }
}

/// The lasting name of what is behind `fd`.
///
/// # Errors
/// The file system has no such names.
pub fn handle(fd: &impl AsFd) -> io::Result<Handle> {
    let mut handle = Handle {
        bytes: HANDLE_BYTES as libc::c_uint,
        kind: 0,
        name: [0; HANDLE_BYTES],
    };
    let mut mount = 0;
    let (fd, at) = (fd.as_fd().as_raw_fd(), (&raw mut handle).cast());
    // SAFETY: `handle` is laid out as the kernel's `file_handle` with room for the longest name.
    let made = unsafe {
        libc::name_to_handle_at(fd, c"".as_ptr(), at, &raw mut mount, libc::AT_EMPTY_PATH)
    };
    done(made)?;
    Ok(handle)
}

/// The file of a lasting name, as a mere name (`O_PATH`); `within` lies in the same file system.
///
/// # Errors
/// It is gone, or this process may not (`CAP_DAC_READ_SEARCH`).
pub fn open_handle(within: &impl AsFd, handle: &Handle) -> io::Result<OwnedFd> {
    let mut handle = handle.clone();
    let flags = libc::O_PATH | libc::O_CLOEXEC | libc::O_NOFOLLOW;
    let (within, at) = (within.as_fd().as_raw_fd(), (&raw mut handle).cast());
    // SAFETY: `handle` was filled by `name_to_handle_at`.
    let fd = done(unsafe { libc::open_by_handle_at(within, at, flags) })?;
    // SAFETY: the call succeeded, so the descriptor is ours.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Gives a new file to whoever asked for it.
///
/// # Errors
/// What the kernel says.
pub fn give(fd: &impl AsFd, uid: u32, gid: u32) -> io::Result<()> {
    let (fd, empty) = (fd.as_fd().as_raw_fd(), c"".as_ptr());
    // SAFETY: a valid descriptor and C string.
    done(unsafe { libc::fchownat(fd, empty, uid, gid, libc::AT_EMPTY_PATH) }).map(drop)
}
