//! Takes all free space of a drive with one file that has no name: it is there as long as our descriptor is, so that the kernel
//! frees it when we die.
use super::{Deed, Held, Use, failed, write_out};
use model::{
    act::{Undo, disk},
    drive::Drive,
};
use std::{
    fs::{File, OpenOptions},
    io,
    os::{fd::AsRawFd, unix::fs::OpenOptionsExt},
};

/// The largest piece asked for at once, and the smallest: a block.
const PIECES: (i64, i64) = (1 << 30, 4096);
/// Systems go on writing while we take: so many times it is looked for more.
const ROUNDS: usize = 64;

struct Fill<'a> {
    held: &'a Held,
    drive: Drive,
    ballast: Option<File>,
}

/// Looks at nothing: what is free is found by taking it.
///
/// # Errors
/// It is not there.
pub fn prepare<'a>(held: &'a Held, drive: &Drive) -> Result<impl Deed + use<'a>, String> {
    Ok(Fill {
        held,
        drive: drive.clone(),
        ballast: None,
    })
}

impl Deed for Fill<'_> {
    fn undo(&self) -> Undo {
        Undo::Disk(Box::new(disk::Undo::Drain {
            drive: self.drive.clone(),
        }))
    }
    fn backend(&self) -> String {
        "nameless file, fallocate".to_owned()
    }
    fn ready(&mut self) -> Result<(), String> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_TMPFILE)
            .open(&self.drive.below);
        self.ballast = Some(file.map_err(|error| failed("write to", &self.drive, &error))?);
        Ok(())
    }
    fn go(&mut self) -> Result<(), String> {
        let ballast = self
            .ballast
            .take()
            .ok_or("fill a drive: it was not made ready")?;
        // What others deleted is free only once the filesystem has committed that: what is then left is taken too.
        let taken = take(&ballast, 0).and_then(|end| {
            write_out(&self.drive, &ballast).map_err(io::Error::other)?;
            take(&ballast, end).map(drop)
        });
        self.held.keep(&self.drive, Use::Ballast, ballast);
        taken.map_err(|error| failed("fill", &self.drive, &error))
    }
}

/// Takes pieces of half the size each time one does not fit, until not even a block does. Gives where its file ends then.
fn take(ballast: &File, mut end: i64) -> io::Result<i64> {
    let (mut piece, smallest) = PIECES;
    let mut rounds = 0;
    while piece >= smallest && rounds < ROUNDS {
        // SAFETY: an open descriptor.
        let done = unsafe { libc::fallocate(ballast.as_raw_fd(), 0, end, piece) };
        let error = io::Error::last_os_error();
        match (done, error.raw_os_error()) {
            (0, _) => {
                end += piece;
                rounds += 1;
            }
            (_, Some(libc::ENOSPC)) => piece /= 2,
            (_, Some(libc::EINTR)) => {}
            _ => return Err(error),
        }
    }
    Ok(end)
}
