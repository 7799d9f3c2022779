//! The files of an image, as the tar that the engine takes.
//!
//! Every entry has the same fixed time and belongs to root: a class-data archive is valid only for jars that keep the size and time it
//! was made from, and the same inputs should give the same layers.
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use tar::{Builder, EntryType, Header};

/// The time of every file in an image (14 November 2023), also set by the scripts that lay out folders.
const TIME_S: u64 = 1_700_000_000;

/// Where the bytes of one entry come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Text(String),
    File(PathBuf),
    /// A folder with everything in it.
    Tree(PathBuf),
    /// A folder with nothing in it, and its mode.
    Empty(u32),
}

/// Files of an image by their place in it, without the leading slash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context(Vec<(String, Source)>);

impl Context {
    pub(crate) fn with(mut self, to: impl Into<String>, source: Source) -> Self {
        self.0.push((to.into(), source));
        self
    }

    pub(crate) fn text(self, to: &str, text: impl Into<String>) -> Self {
        self.with(to, Source::Text(text.into()))
    }

    /// Writes the tar with that Dockerfile; the files are under `root/`.
    pub(crate) fn write(&self, dockerfile: &str, to: &Path) -> io::Result<()> {
        let mut tar = Builder::new(BufWriter::new(File::create(to)?));
        put(
            &mut tar,
            Path::new("Dockerfile"),
            dockerfile.as_bytes(),
            dockerfile.len() as u64,
            0o644,
        )?;
        for (place, source) in &self.0 {
            let place = Path::new("root").join(place);
            match source {
                Source::Text(text) => put(
                    &mut tar,
                    &place,
                    text.as_bytes(),
                    text.len() as u64,
                    mode_of(&place),
                )?,
                Source::File(file) => put_file(&mut tar, &place, file)?,
                Source::Tree(dir) => put_tree(&mut tar, &place, dir)?,
                Source::Empty(mode) => put_dir(&mut tar, &place, *mode)?,
            }
        }
        tar.into_inner()?.flush()
    }
}

fn mode_of(place: &Path) -> u32 {
    if place.extension().is_some_and(|end| end == "sh") {
        0o755
    } else {
        0o644
    }
}

fn header(kind: EntryType, size: u64, mode: u32) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(TIME_S);
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn put(
    tar: &mut Builder<impl Write>,
    place: &Path,
    bytes: impl io::Read,
    size: u64,
    mode: u32,
) -> io::Result<()> {
    tar.append_data(&mut header(EntryType::Regular, size, mode), place, bytes)
}

fn put_dir(tar: &mut Builder<impl Write>, place: &Path, mode: u32) -> io::Result<()> {
    tar.append_data(
        &mut header(EntryType::Directory, 0, mode),
        place,
        io::empty(),
    )
}

fn put_file(tar: &mut Builder<impl Write>, place: &Path, file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let opened = File::open(file)?;
    let about = opened.metadata()?;
    let mode = if about.permissions().mode() & 0o100 == 0 {
        0o644
    } else {
        0o755
    };
    put(tar, place, opened, about.len(), mode)
}

/// In sorted order, so that the same files give the same tar.
fn put_tree(tar: &mut Builder<impl Write>, place: &Path, dir: &Path) -> io::Result<()> {
    put_dir(tar, place, 0o755)?;
    let mut entries = fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (place, from) = (place.join(entry.file_name()), entry.path());
        match entry.file_type()? {
            kind if kind.is_dir() => put_tree(tar, &place, &from)?,
            kind if kind.is_file() => put_file(tar, &place, &from)?,
            _ => {
                return Err(io::Error::other(format!(
                    "{} is no plain file",
                    from.display()
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Context, Source, TIME_S};
    use std::{fs, path::PathBuf};

    #[test]
    fn every_entry_has_the_fixed_time_and_an_owner_that_exists_everywhere() {
        let dir = std::env::temp_dir().join(format!("brinell-context-{}", std::process::id()));
        fs::create_dir_all(dir.join("tree/b")).unwrap();
        fs::write(dir.join("tree/b/c"), b"x").unwrap();
        let context = Context::default()
            .text("opt/start.sh", "exit")
            .with("opt/tree", Source::Tree(dir.join("tree")))
            .with("tmp", Source::Empty(0o1777));
        context.write("FROM scratch\n", &dir.join("t.tar")).unwrap();
        let mut tar = tar::Archive::new(fs::File::open(dir.join("t.tar")).unwrap());
        let mut seen = Vec::new();
        for entry in tar.entries().unwrap() {
            let entry = entry.unwrap();
            assert_eq!(
                (
                    entry.header().mtime().unwrap(),
                    entry.header().uid().unwrap()
                ),
                (TIME_S, 0)
            );
            seen.push((
                entry.path().unwrap().into_owned(),
                entry.header().mode().unwrap(),
            ));
        }
        fs::remove_dir_all(&dir).unwrap();
        let want = [
            ("Dockerfile", 0o644),
            ("root/opt/start.sh", 0o755),
            ("root/opt/tree", 0o755),
            ("root/opt/tree/b", 0o755),
            ("root/opt/tree/b/c", 0o644),
            ("root/tmp", 0o1777),
        ];
        assert_eq!(seen, want.map(|(path, mode)| (PathBuf::from(path), mode)));
    }
}
