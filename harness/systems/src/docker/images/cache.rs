//! What builds keep outside the work tree, so that an interruption costs only the step it hit.
//!
//! ```text
//! files/<sha256>/<name>   downloads; verified before they get here, and again before each use
//! outputs/<key>/          what a step computed; complete, or not there at all
//! tmp/<n>/                being made now; whatever lies here when a build begins is thrown away
//! shared/<tool>/          a tool's own cache, resumable by that tool
//! lock                    held by the one process that builds
//! ```
use super::lock::Pin;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Why a file was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The file system refused.
    #[error("use the cache at {}: {why}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The bytes are not those of the pinned list; they were thrown away.
    #[error(
        "verify `{name}`: expected sha256 {want} and {want_bytes} bytes, got {got} and {got_bytes} bytes"
    )]
    Digest {
        /// Name in the pinned list.
        name: String,
        /// Digest in the pinned list.
        want: String,
        /// Size in the pinned list.
        want_bytes: u64,
        /// Digest of what came.
        got: String,
        /// Size of what came.
        got_bytes: u64,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> CacheError {
    let path = path.to_owned();
    move |why| CacheError::Io { path, why }
}

/// The folder of all builds of this user.
#[derive(Debug)]
pub(crate) struct Cache {
    root: PathBuf,
    next: AtomicUsize,
}

impl Cache {
    pub(crate) fn open(root: &Path) -> Result<Self, CacheError> {
        for part in ["files", "outputs", "tmp", "shared"] {
            let dir = root.join(part);
            fs::create_dir_all(&dir).map_err(at(&dir))?;
        }
        Ok(Self {
            root: root.to_owned(),
            next: AtomicUsize::new(0),
        })
    }

    /// Takes the lock where nobody holds it. The system drops it with the process, however that ends.
    pub(crate) fn try_lock(&self) -> Result<Option<File>, CacheError> {
        let path = self.root.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(at(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(why)) => Err(CacheError::Io { path, why }),
        }
    }

    /// Throws away what interrupted builds left half done. Only for the holder of the lock.
    pub(crate) fn sweep(&self) -> Result<(), CacheError> {
        let tmp = self.root.join("tmp");
        fs::remove_dir_all(&tmp)
            .and_then(|()| fs::create_dir(&tmp))
            .map_err(at(&tmp))
    }

    /// A fresh folder for work in progress, on the same file system as the rest.
    pub(crate) fn scratch(&self) -> Result<PathBuf, CacheError> {
        let dir = self
            .root
            .join("tmp")
            .join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        fs::create_dir_all(&dir).map_err(at(&dir))?;
        Ok(dir)
    }

    /// A folder that a tool may fill and resume as it likes; nothing in it is trusted.
    pub(crate) fn shared(&self, tool: &str) -> Result<PathBuf, CacheError> {
        let dir = self.root.join("shared").join(tool);
        fs::create_dir_all(&dir).map_err(at(&dir))?;
        Ok(dir)
    }

    /// The pinned file, if it is here and still what it must be; a damaged one is removed, so that it is fetched again.
    pub(crate) fn file(&self, pin: &Pin) -> Option<PathBuf> {
        let dir = self.root.join("files").join(&pin.sha256);
        let file = fs::read_dir(&dir).ok()?.next()?.ok()?.path();
        if verify(&file, pin).is_ok() {
            return Some(file);
        }
        // Where removal fails, the file is refused again next time: nothing depends on it.
        let _ = fs::remove_dir_all(&dir);
        None
    }

    /// Takes a downloaded file in, if it is what the list says; else throws it away.
    pub(crate) fn keep(&self, file: &Path, pin: &Pin) -> Result<PathBuf, CacheError> {
        if let Err(refusal) = verify(file, pin) {
            fs::remove_file(file).map_err(at(file))?;
            return Err(refusal);
        }
        let dir = self.root.join("files").join(&pin.sha256);
        fs::create_dir_all(&dir).map_err(at(&dir))?;
        let kept = dir.join(file.file_name().unwrap_or_default());
        fs::rename(file, &kept).map_err(at(&kept))?;
        Ok(kept)
    }

    /// The finished output of that key.
    pub(crate) fn output(&self, key: &str) -> Option<PathBuf> {
        let dir = self.root.join("outputs").join(key);
        dir.is_dir().then_some(dir)
    }

    /// Makes a scratch folder the finished output of that key, in one rename.
    pub(crate) fn finish(&self, scratch: &Path, key: &str) -> Result<PathBuf, CacheError> {
        let dir = self.root.join("outputs").join(key);
        fs::rename(scratch, &dir).map_err(at(&dir))?;
        Ok(dir)
    }
}

fn verify(file: &Path, pin: &Pin) -> Result<(), CacheError> {
    let (got, got_bytes) = digest(file).map_err(at(file))?;
    if got == pin.sha256 && got_bytes == pin.bytes {
        return Ok(());
    }
    Err(CacheError::Digest {
        name: pin.name(),
        want: pin.sha256.clone(),
        want_bytes: pin.bytes,
        got,
        got_bytes,
    })
}

/// SHA-256 in hex, and size, of a file.
pub(crate) fn digest(file: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(file)?;
    let (mut hash, mut size, mut chunk) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((hex(&hash.finalize()), size)),
            read => {
                hash.update(&chunk[..read]);
                size += read as u64;
            }
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cache, CacheError, Pin, digest};
    use crate::docker::images::lock::What;
    use std::{fs, path::PathBuf};

    /// A folder of this test alone, removed at its end.
    struct Dir(PathBuf);
    impl Dir {
        fn new(name: &str) -> Self {
            let dir =
                std::env::temp_dir().join(format!("brinell-cache-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&dir);
            Self(dir)
        }
    }
    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn downloaded(cache: &Cache, bytes: &[u8]) -> PathBuf {
        let file = cache.scratch().unwrap().join("a-1.jar");
        fs::write(&file, bytes).unwrap();
        file
    }

    fn pin_of(cache: &Cache, bytes: &[u8]) -> Pin {
        let (sha256, size) = digest(&downloaded(cache, bytes)).unwrap();
        let what = What::Jar {
            group: "g".into(),
            artifact: "a".into(),
            version: "1".into(),
        };
        Pin {
            what,
            sha256,
            bytes: size,
        }
    }

    #[test]
    fn a_wrong_download_is_refused_and_thrown_away() {
        let dir = Dir::new("wrong");
        let cache = Cache::open(&dir.0).unwrap();
        let pin = pin_of(&cache, b"right");
        let wrong = downloaded(&cache, b"wrong");
        assert!(matches!(
            cache.keep(&wrong, &pin),
            Err(CacheError::Digest { .. })
        ));
        assert!(!wrong.exists());
        assert_eq!(cache.file(&pin), None);
    }

    #[test]
    fn a_kept_file_that_was_cut_short_later_is_fetched_again() {
        let dir = Dir::new("short");
        let cache = Cache::open(&dir.0).unwrap();
        let pin = pin_of(&cache, b"right");
        let kept = cache.keep(&downloaded(&cache, b"right"), &pin).unwrap();
        assert_eq!(cache.file(&pin), Some(kept.clone()));
        fs::write(&kept, b"righ").unwrap();
        assert_eq!(cache.file(&pin), None);
        assert!(cache.keep(&downloaded(&cache, b"right"), &pin).is_ok());
        assert!(cache.file(&pin).is_some());
    }

    #[test]
    fn an_output_is_whole_or_absent_and_work_in_progress_is_swept() {
        let dir = Dir::new("output");
        let cache = Cache::open(&dir.0).unwrap();
        let half = cache.scratch().unwrap();
        fs::write(half.join("x"), b"1").unwrap();
        assert_eq!(cache.output("k"), None);
        let whole = cache.scratch().unwrap();
        cache.finish(&whole, "k").unwrap();
        cache.sweep().unwrap();
        assert!(cache.output("k").is_some() && !half.exists());
    }

    #[test]
    fn one_builder_at_a_time() {
        let dir = Dir::new("lock");
        let cache = Cache::open(&dir.0).unwrap();
        let held = cache.try_lock().unwrap();
        assert!(held.is_some() && cache.try_lock().unwrap().is_none());
        drop(held);
        assert!(cache.try_lock().unwrap().is_some());
    }
}
