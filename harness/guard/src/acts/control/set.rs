//! Values in control files, and a hog that uses up what they leave. Every value that is put back was read before.
use super::{
    super::{Deed, Hands},
    hog::{Hogs, Waiting},
};
use crate::process;
use model::act::{
    self,
    control::{Hog, Setting, Undo},
};
use std::{fs, io};

struct Set<'a> {
    settings: Vec<Setting>,
    had: Vec<Setting>,
    hogs: &'a Hogs,
    hog: Option<Waiting>,
    start: Option<String>,
}

/// Reads what stands there; the hog is started, and waits outside.
///
/// # Errors
/// A file is not there, or its process is gone.
pub fn prepare<'a>(
    hands: &'a Hands,
    settings: &[Setting],
    hog: Option<&Hog>,
    start: &Option<String>,
) -> Result<impl Deed + use<'a>, String> {
    let had: Result<Vec<Setting>, String> = settings.iter().map(read).collect();
    Ok(Set {
        settings: settings.to_vec(),
        had: had?,
        hogs: &hands.hogs,
        hog: hog
            .map(|hog| Hogs::start(&hands.program, hog))
            .transpose()?,
        start: start.clone(),
    })
}

fn read(setting: &Setting) -> Result<Setting, String> {
    let file = &setting.file;
    let text = fs::read_to_string(file).map_err(|error| format!("read {file}: {error}"))?;
    if !process::lives(&setting.of) {
        return Err(format!("read {file}: process {} has ended", setting.of.pid));
    }
    let value = value(&text, &setting.key);
    let to = value.ok_or(format!("find `{}` in {file}", setting.key))?;
    Ok(Setting {
        to,
        ..setting.clone()
    })
}

/// The value after `key`, or the whole of a file that holds one value.
pub fn value(text: &str, key: &str) -> Option<String> {
    if key.is_empty() {
        return Some(text.trim().to_owned());
    }
    let after = |line: &str| Some(line.strip_prefix(key)?.strip_prefix(' ')?.trim().to_owned());
    text.lines().find_map(after)
}

fn write(setting: &Setting) -> io::Result<()> {
    fs::write(&setting.file, &setting.to)
}

impl Deed for Set<'_> {
    fn undo(&self) -> act::Undo {
        act::Undo::Control(Undo::Put {
            settings: self.had.clone(),
            hog: self.hog.as_ref().map(Waiting::process),
            start: self.start.clone(),
        })
    }
    fn backend(&self) -> String {
        let names = self.settings.iter().map(|one| {
            let name = one.file.rsplit('/').next().unwrap_or_default();
            format!("{name}={}", one.to)
        });
        names.collect::<Vec<_>>().join(", ")
    }
    fn ready(&mut self) -> Result<(), String> {
        self.hog.as_ref().map_or(Ok(()), Waiting::join)
    }
    fn go(&mut self) -> Result<(), String> {
        for setting in &self.settings {
            let done = write(setting);
            done.map_err(|error| format!("write {} to {}: {error}", setting.to, setting.file))?;
        }
        match self.hog.take() {
            Some(hog) => self.hogs.feed(hog),
            None => Ok(()),
        }
    }
}

/// Writes back, last written first; a process that is gone took its files with it.
///
/// # Errors
/// What the kernel says. One that fails does not keep the others.
pub fn put(had: &[Setting]) -> Result<(), String> {
    let put = |setting: &Setting| {
        if !process::lives(&setting.of) {
            return Ok(());
        }
        match write(setting) {
            Err(error) if process::lives(&setting.of) => {
                Err(format!("write {} to {}: {error}", setting.to, setting.file))
            }
            _ => Ok(()),
        }
    };
    let done: Vec<Result<(), String>> = had.iter().rev().map(put).collect();
    done.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn a_value_is_found_by_its_whole_key() {
        let text = "oom_kill_disable 0\nunder_oom 1\noom_kill 3\n";
        assert_eq!(value(text, "oom_kill"), Some("3".into()));
        assert_eq!(value(text, "oom"), None);
        assert_eq!(value("max 100000\n", ""), Some("max 100000".into()));
    }
}
