//! The pinned lists: every file that is downloaded, with the digest it must have. A list that cannot be read is refused whole.
//!
//! ```text
//! # comment
//! group:artifact:version sha256 bytes          a jar from the Maven repository
//! name==version sha256 bytes                   a wheel or sdist from the Python index
//! module@version release                       a Go module; Go checks its digest against the checksum database
//! ```

/// A file to download, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) what: What,
    /// 64 lower-case hex digits.
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

/// Whom to ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Jar {
        group: String,
        artifact: String,
        version: String,
    },
    Python {
        name: String,
        version: String,
    },
}

impl Pin {
    /// Name of the jar in a folder of jars; for a Python file, what to ask the index for.
    pub(crate) fn name(&self) -> String {
        match &self.what {
            What::Jar {
                artifact, version, ..
            } => format!("{artifact}-{version}.jar"),
            What::Python { name, version } => format!("{name}=={version}"),
        }
    }
}

/// A Go module to compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    pub(crate) path: String,
    pub(crate) version: String,
    pub(crate) release: String,
}

/// What a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lock {
    pub(crate) pins: Vec<Pin>,
    pub(crate) modules: Vec<Module>,
}

/// A line of a pinned list that is not one of the three forms.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("read pinned list `{list}`, line {line}: {why}")]
pub struct LockError {
    /// Name of the list.
    pub list: String,
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Reads a list.
///
/// # Errors
/// [`LockError`] with the first line that is none of the forms; nothing of the list is used then.
pub(crate) fn parse(list: &str, text: &str) -> Result<Lock, LockError> {
    let mut lock = Lock::default();
    for (index, line) in text.lines().enumerate() {
        let at = |why| LockError {
            list: list.to_owned(),
            line: index + 1,
            why,
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            [module, release] => lock.modules.push(read_module(module, release).map_err(at)?),
            [name, sha256, bytes] => lock.pins.push(read_pin(name, sha256, bytes).map_err(at)?),
            _ => return Err(at("expected a name, a digest and a size")),
        }
    }
    Ok(lock)
}

fn read_module(module: &str, release: &str) -> Result<Module, &'static str> {
    let (path, version) = module.split_once('@').ok_or("expected module@version")?;
    Ok(Module {
        path: path.into(),
        version: version.into(),
        release: release.into(),
    })
}

fn read_pin(name: &str, sha256: &str, bytes: &str) -> Result<Pin, &'static str> {
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if sha256.len() != 64 || !sha256.chars().all(hex) {
        return Err("the digest is not 64 lower-case hex digits");
    }
    let bytes = bytes
        .parse()
        .map_err(|_| "the size is not a number of bytes")?;
    Ok(Pin {
        what: read_what(name)?,
        sha256: sha256.into(),
        bytes,
    })
}

fn read_what(name: &str) -> Result<What, &'static str> {
    if let Some((name, version)) = name.split_once("==") {
        return Ok(What::Python {
            name: name.into(),
            version: version.into(),
        });
    }
    match name.split(':').collect::<Vec<_>>()[..] {
        [group, artifact, version] => Ok(What::Jar {
            group: group.into(),
            artifact: artifact.into(),
            version: version.into(),
        }),
        _ => Err("expected group:artifact:version or name==version"),
    }
}

#[cfg(test)]
mod tests {
    use super::{What, parse};
    const DIGEST: &str = "53ca085f4a150f703f49e1aabd935bd03b43e1ea3d55d135438292af22cef56b";

    #[test]
    fn the_three_forms_are_read() {
        let text = format!("# c\n\ng:a:1 {DIGEST} 7\nn==2 {DIGEST} 8\nx/y@v3 R4\n");
        let lock = parse("l", &text).unwrap();
        assert_eq!(lock.pins[0].name(), "a-1.jar");
        assert_eq!(
            lock.pins[1].what,
            What::Python {
                name: "n".into(),
                version: "2".into()
            }
        );
        assert_eq!(
            (
                lock.modules[0].version.as_str(),
                lock.modules[0].release.as_str()
            ),
            ("v3", "R4")
        );
    }

    #[test]
    fn a_bad_line_is_refused_with_its_number() {
        let short = format!("# c\ng:a:1 {} 7\n", &DIGEST[1..]);
        let upper = format!("g:a:1 {} 7\n", DIGEST.to_uppercase());
        let sizeless = format!("g:a:1 {DIGEST} big\n");
        let nameless = format!("g:a {DIGEST} 7\n");
        for (text, line) in [
            (short, 2),
            (upper, 1),
            (sizeless, 1),
            (nameless, 1),
            ("a b c d".into(), 1),
        ] {
            assert_eq!(parse("l", &text).unwrap_err().line, line, "{text}");
        }
    }
}
