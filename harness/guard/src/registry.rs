//! The list of open runs: one small file each, so that `brinell clean` finds their undo journals from any folder, also after a
//! reboot. Written before the first act, removed once everything is undone.
use crate::process::Identity;
use serde::{Deserialize, Serialize};
use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Folder of such files.
#[derive(Clone, Debug)]
pub struct Registry {
    folder: PathBuf,
}

/// One open run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Value of the run label.
    pub run: String,
    /// Its undo journal, absolute.
    pub journal: PathBuf,
    /// Who asked, as `pid:start ticks:boot id`.
    pub owner: String,
    /// Who undoes, likewise.
    pub guard: String,
}

impl Open {
    /// Whether who asked for it is there.
    pub fn owner_lives(&self) -> bool {
        Identity::parse(&self.owner).is_some_and(|owner| owner.lives())
    }

    /// The process of ours that still cares for it; none where all are dead.
    pub fn alive(&self) -> Option<String> {
        let lives = |who: &str| Identity::parse(who).is_some_and(|identity| identity.lives());
        let named = [("owner", &self.owner), ("guard", &self.guard)];
        let alive = named.into_iter().find(|(_, who)| lives(who))?;
        Some(format!(
            "its {} ({}) lives",
            alive.0,
            alive.1.split(':').next().unwrap_or_default()
        ))
    }
}

impl Registry {
    /// The usual place: of the machine, or of the user where that cannot be written.
    pub fn usual() -> Self {
        let machine = PathBuf::from("/var/lib/brinell/open");
        let user = || {
            let state = env::var("XDG_STATE_HOME").map(PathBuf::from);
            let home = || env::var("HOME").map(|home| PathBuf::from(home).join(".local/state"));
            state
                .or_else(|_| home())
                .ok()
                .map(|base| base.join("brinell/open"))
        };
        let can_write = fs::create_dir_all(&machine).is_ok() && writable(&machine);
        let folder = if can_write { None } else { user() };
        Self {
            folder: folder.unwrap_or(machine),
        }
    }

    /// Another place, such as one of a test.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Enters an open run; on disk when it returns.
    ///
    /// # Errors
    /// What the disk says.
    pub fn enter(&self, open: &Open) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let (path, fresh) = (
            self.path(&open.run),
            self.path(&open.run).with_extension("new"),
        );
        let mut file = fs::File::create(&fresh)?;
        file.write_all(serde_json::to_string(open)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(fresh, path)?;
        fs::File::open(&self.folder)?.sync_all()
    }

    /// Forgets a run; twice is once.
    ///
    /// # Errors
    /// What the disk says.
    pub fn leave(&self, run: &str) -> io::Result<()> {
        match fs::remove_file(self.path(run)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Every open run, by name.
    ///
    /// # Errors
    /// The folder is there and cannot be read.
    pub fn list(&self) -> io::Result<Vec<Open>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let ours = paths.filter(|path| path.extension().is_some_and(|end| end == "json"));
        let read = |path: PathBuf| serde_json::from_slice(&fs::read(path).ok()?).ok();
        let mut open: Vec<Open> = ours.filter_map(read).collect();
        open.sort_by(|a, b| a.run.cmp(&b.run));
        Ok(open)
    }

    fn path(&self, run: &str) -> PathBuf {
        let letter = |c: char| {
            if c.is_ascii_alphanumeric() || "-._".contains(c) {
                c
            } else {
                '_'
            }
        };
        let name: String = run.chars().map(letter).collect();
        self.folder.join(format!("{name}.json"))
    }
}

fn writable(folder: &Path) -> bool {
    let c = std::ffi::CString::new(folder.as_os_str().as_encoded_bytes());
    // SAFETY: a valid C string.
    c.is_ok_and(|path| unsafe { libc::access(path.as_ptr(), libc::W_OK) } == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_run_is_found_until_it_is_left() {
        let folder = env::temp_dir().join(format!("brinell-registry-{}", std::process::id()));
        let registry = Registry::at(folder.clone());
        let open = Open {
            run: "20260101T000000.000Z-7f3a".into(),
            journal: "/runs/x/undo.jsonl".into(),
            owner: Identity::own().to_string(),
            guard: "1:1:another-boot".into(),
        };
        assert_eq!(registry.list().unwrap(), []);
        registry.enter(&open).unwrap();
        assert_eq!(registry.list().unwrap(), std::slice::from_ref(&open));
        assert!(open.alive().unwrap().contains("owner"));
        registry.leave(&open.run).unwrap();
        registry.leave(&open.run).unwrap();
        assert_eq!(registry.list().unwrap(), []);
        fs::remove_dir_all(folder).unwrap();
    }
}
