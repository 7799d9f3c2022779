//! Loop devices: a block device on a file. Each goes by itself once nothing has it open or mounted, so none outlives its mount.
use std::{
    ffi::c_int,
    fs::{self, File, OpenOptions},
    io,
    os::{
        fd::AsRawFd,
        unix::fs::{FileTypeExt, MetadataExt},
    },
    path::{Path, PathBuf},
};

const GET_FREE: libc::c_ulong = 0x4C82;
const CONFIGURE: libc::c_ulong = 0x4C0A;
const CLEAR: libc::c_ulong = 0x4C01;
/// The device is freed by the kernel with its last user.
const AUTOCLEAR: u32 = 4;
/// Others may take a device between asking for a free one and taking it.
const TRIES: usize = 32;

/// `struct loop_info64` of the kernel.
#[repr(C)]
struct Info {
    device: u64,
    inode: u64,
    rdevice: u64,
    offset: u64,
    size_limit: u64,
    number: u32,
    encrypt_type: u32,
    encrypt_key_size: u32,
    flags: u32,
    file_name: [u8; 64],
    crypt_name: [u8; 64],
    encrypt_key: [u8; 32],
    init: [u64; 2],
}

/// `struct loop_config` of the kernel.
#[repr(C)]
struct Config {
    file: u32,
    block_size: u32,
    info: Info,
    reserved: [u64; 8],
}

/// A loop device that is open: held until it is mounted, or it would go again.
#[derive(Debug)]
pub struct Loop {
    /// Its path.
    pub path: PathBuf,
    /// `major:minor`.
    pub number: String,
    file: File,
}

/// Puts a loop device on `image`.
///
/// # Errors
/// What the kernel says.
pub fn attach(image: &Path) -> io::Result<Loop> {
    let backing = OpenOptions::new().read(true).write(true).open(image)?;
    let control = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/loop-control")?;
    for _ in 0..TRIES {
        // SAFETY: takes no argument, gives a number or -1.
        let index = unsafe { libc::ioctl(control.as_raw_fd(), GET_FREE) };
        if index < 0 {
            return Err(io::Error::last_os_error());
        }
        let device = open(index)?;
        let config = config(&backing);
        // SAFETY: `config` has the layout the kernel expects and outlives the call.
        if unsafe { libc::ioctl(device.file.as_raw_fd(), CONFIGURE, &raw const config) } == 0 {
            return Ok(device);
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(libc::EBUSY) {
            return Err(error);
        }
    }
    Err(io::Error::other(
        "every free loop device was taken by others",
    ))
}

fn config(backing: &File) -> Config {
    // SAFETY: plain numbers and bytes, for which zero is a value.
    let mut config: Config = unsafe { std::mem::zeroed() };
    config.file = backing.as_raw_fd() as u32;
    config.info.flags = AUTOCLEAR;
    config
}

/// Where no udev runs, the node of a device beyond the first ones has to be made.
fn open(index: c_int) -> io::Result<Loop> {
    let path = PathBuf::from(format!("/dev/loop{index}"));
    let made = fs::metadata(&path).is_ok_and(|found| found.file_type().is_block_device());
    if !made {
        let name = crate::drives::mounts::c(&path)?;
        // SAFETY: a valid C string; 7 is the major number of loop devices.
        unsafe {
            libc::mknod(
                name.as_ptr(),
                libc::S_IFBLK | 0o660,
                libc::makedev(7, index as u32),
            )
        };
    }
    opened(path)
}

/// Opens a device that is there.
///
/// # Errors
/// What the kernel says.
pub fn opened(path: PathBuf) -> io::Result<Loop> {
    let file = OpenOptions::new().read(true).write(true).open(&path)?;
    let number = file.metadata()?.rdev();
    let number = format!("{}:{}", libc::major(number), libc::minor(number));
    Ok(Loop { path, number, file })
}

/// Every device whose file lies in `folder`, or is that file; a deleted file still tells where it was.
pub fn behind(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir("/sys/block").into_iter().flatten().flatten();
    let ours = entries.filter_map(|entry| {
        let file = fs::read_to_string(entry.path().join("loop/backing_file")).ok()?;
        let file = file.trim_end_matches('\n').trim_end_matches(" (deleted)");
        let ours = Path::new(file).starts_with(folder);
        ours.then(|| Path::new("/dev").join(entry.file_name()))
    });
    ours.collect()
}

/// Takes a device off its file; while it is in use, as soon as it is not.
///
/// # Errors
/// What the kernel says, other than that it is off already.
pub fn detach(path: &Path) -> io::Result<()> {
    let device = File::open(path)?;
    // SAFETY: takes no argument.
    if unsafe { libc::ioctl(device.as_raw_fd(), CLEAR) } == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::ENXIO) => Ok(()),
        _ => Err(error),
    }
}
