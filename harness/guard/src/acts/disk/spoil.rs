//! Lets filesystems find an error in themselves: they allow reads only from then on, as they were mounted to.
use super::Deed;
use crate::drives::trigger;
use model::{
    act::{Undo, disk},
    drive::Drive,
};
use std::{
    fs::{File, OpenOptions},
    io::Write,
};

struct Spoil {
    drives: Vec<Drive>,
    triggers: Vec<File>,
    container: String,
}

/// Opens the file that takes the error.
///
/// # Errors
/// The kernel has no such file, or the drive is not mounted.
pub fn prepare(drives: &[Drive], container: &str) -> Result<impl Deed + use<>, String> {
    let triggers = drives.iter().map(|drive| {
        let path = trigger(drive);
        let file = OpenOptions::new().write(true).open(&path);
        file.map_err(|error| format!("open {}: {error}", path.display()))
    });
    Ok(Spoil {
        drives: drives.to_vec(),
        triggers: triggers.collect::<Result<_, _>>()?,
        container: container.to_owned(),
    })
}

impl Deed for Spoil {
    fn undo(&self) -> Undo {
        Undo::Disk(Box::new(disk::Undo::Remount {
            drives: self.drives.clone(),
            container: self.container.clone(),
        }))
    }
    fn backend(&self) -> String {
        "trigger_fs_error".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        let spoilt = self
            .triggers
            .iter_mut()
            .try_for_each(|file| file.write_all(b"brinell"));
        spoilt.map_err(|error| format!("let the filesystem find an error: {error}"))
    }
}
