//! Turns one bit of a file over, as a medium does that forgets: its times stay as they were, and the page cache gives the new byte
//! because the old page is dropped from it.
use super::Deed;
use model::{
    act::{Undo, disk},
    drive::Spot,
};
use std::{
    fs::{File, FileTimes, OpenOptions},
    io,
    os::{
        fd::AsRawFd,
        unix::fs::{FileExt, MetadataExt},
    },
};

struct Rot {
    spot: Spot,
    file: File,
}

/// Opens the file and looks at the byte.
///
/// # Errors
/// It is another file by now, or another byte.
pub fn prepare(spot: &Spot) -> Result<impl Deed + use<>, String> {
    let found = same(spot).map_err(|error| format!("open {}: {error}", spot.file))?;
    let file = found.ok_or(format!("find {}: it was written afresh", spot.file))?;
    let byte = read(&file, spot).map_err(|error| format!("read {}: {error}", spot.file))?;
    if byte != spot.byte {
        return Err(format!(
            "find {} as it was: its byte at {} has changed",
            spot.file, spot.offset
        ));
    }
    let spot = spot.clone();
    Ok(Rot { spot, file })
}

impl Deed for Rot {
    fn undo(&self) -> Undo {
        Undo::Disk(Box::new(disk::Undo::Mend {
            spot: self.spot.clone(),
        }))
    }
    fn backend(&self) -> String {
        "pwrite, page dropped".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        let done = write(&self.file, &self.spot, self.spot.byte ^ 1);
        done.map_err(|error| format!("write {}: {error}", self.spot.file))
    }
}

/// Writes the byte back, unless the system has written the file afresh, or another byte there.
///
/// # Errors
/// What the kernel says.
pub fn mend(spot: &Spot) -> Result<(), String> {
    let mended = same(spot).and_then(|found| match found {
        Some(file) if read(&file, spot)? == spot.byte ^ 1 => write(&file, spot, spot.byte),
        _ => Ok(()),
    });
    mended.map_err(|error| format!("write {}: {error}", spot.file))
}

/// The file, if it is still the same.
///
/// # Errors
/// What the kernel says, other than that it is gone.
pub fn same(spot: &Spot) -> io::Result<Option<File>> {
    let file = OpenOptions::new().read(true).write(true).open(&spot.file);
    match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        file => {
            let file = file?;
            let about = file.metadata()?;
            let same = about.ino() == spot.inode && about.len() > spot.offset;
            Ok(same.then_some(file))
        }
    }
}

/// The byte there.
///
/// # Errors
/// What the kernel says.
pub fn read(file: &File, spot: &Spot) -> io::Result<u8> {
    let mut byte = [0];
    file.read_exact_at(&mut byte, spot.offset)?;
    Ok(byte[0])
}

fn write(file: &File, spot: &Spot, byte: u8) -> io::Result<()> {
    let about = file.metadata()?;
    let times = FileTimes::new()
        .set_accessed(about.accessed()?)
        .set_modified(about.modified()?);
    file.write_all_at(&[byte], spot.offset)?;
    file.set_times(times)?;
    file.sync_all()?;
    // SAFETY: an open descriptor.
    unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    Ok(())
}
