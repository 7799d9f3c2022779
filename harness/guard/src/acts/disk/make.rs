//! Makes the drives of a run. Its undo needs nothing but the folder.
use super::Deed;
use crate::drives::{make, remove};
use model::{
    act::{Undo, disk},
    drive::DriveSpec,
};
use std::path::{Path, PathBuf};

struct Make {
    folder: PathBuf,
    specs: Vec<DriveSpec>,
}

/// Looks that nothing is there.
///
/// # Errors
/// Something is: it would be removed with ours.
pub fn prepare(folder: &str, specs: &[DriveSpec]) -> Result<impl Deed + use<>, String> {
    let left = remove::leftovers(Path::new(folder));
    if !left.is_empty() {
        return Err(format!(
            "make drives in {folder}: there are {}",
            left.join(", ")
        ));
    }
    Ok(Make {
        folder: folder.into(),
        specs: specs.to_vec(),
    })
}

impl Deed for Make {
    fn undo(&self) -> Undo {
        Undo::Disk(Box::new(disk::Undo::Unmake {
            folder: self.folder.to_string_lossy().into_owned(),
        }))
    }
    fn backend(&self) -> String {
        "ext4 on loop devices".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        make::all(&self.folder, &self.specs).map(drop)
    }
}
