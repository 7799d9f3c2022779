//! The run folder: everything a run leaves behind, and the only thing that analysis reads.
//!
//! Whole files are written under a temporary name, synced and renamed, so that a reader never sees half of one; only streams are appended.
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// One run's folder.
#[derive(Clone, Debug)]
pub struct RunFolder {
    root: PathBuf,
}

impl RunFolder {
    /// Makes the folder and its parents.
    ///
    /// # Errors
    /// What the file system says.
    pub fn create(root: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&root)?;
        Ok(Self { root })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a whole file: temporary name, sync, rename.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.with_parents(name)?;
        let temporary = path.with_extension("tmp");
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)
    }

    /// Opens a stream for appending, new.
    ///
    /// # Errors
    /// What the file system says; also where it is there already.
    pub fn stream(&self, name: &str) -> io::Result<File> {
        File::create_new(self.with_parents(name)?)
    }

    fn with_parents(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        Ok(path)
    }
}
