//! Bytes at rest on a drive: the middle of its largest files, as the system wrote them.
use model::drive::{Drive, Spot};
use std::{
    fs::{self, File},
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

/// Spots of a drive: enough for a fault, few enough for a line of the journal.
const MOST: usize = 8;
/// Files looked at; a drive of a testbed holds some thousands.
const FILES: usize = 20_000;
/// Smaller ones hold the system's own notes rather than data.
const LEAST: u64 = 1024;

/// The spots of a drive; none where it cannot be read from here.
pub(crate) fn of(drive: &Drive) -> Vec<Spot> {
    let mut files = Vec::new();
    walk(Path::new(&drive.below), &mut files);
    // By what they take on the medium: a file made in advance is long and holds nothing.
    files.sort_by(|(a, path_a), (b, path_b)| b.cmp(a).then_with(|| path_a.cmp(path_b)));
    let spots = files.iter().filter_map(|(_, path)| spot(path));
    spots.take(MOST).collect()
}

/// Files below `folder` with their size on the medium. What begins with a dot is the system's own business.
fn walk(folder: &Path, files: &mut Vec<(u64, PathBuf)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if hidden || files.len() >= FILES {
            continue;
        }
        match entry.metadata() {
            Ok(about) if about.is_dir() => walk(&entry.path(), files),
            Ok(about) if about.is_file() && about.len() >= LEAST => {
                files.push((about.blocks() * 512, entry.path()));
            }
            _ => {}
        }
    }
}

fn spot(path: &Path) -> Option<Spot> {
    let file = File::open(path).ok()?;
    let about = file.metadata().ok()?;
    let (offset, mut byte) = (about.len() / 2, [0]);
    file.read_exact_at(&mut byte, offset).ok()?;
    Some(Spot {
        file: path.to_string_lossy().into_owned(),
        inode: about.ino(),
        offset,
        byte: byte[0],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::drive::DriveSpec;

    #[test]
    fn the_largest_files_come_first_and_the_systems_own_do_not_come() {
        let folder = std::env::temp_dir().join(format!("brinell-spots-{}", std::process::id()));
        let spec = DriveSpec {
            node: "n".into(),
            inside: "/drives/1".into(),
            size_bytes: 1,
            layered: false,
        };
        let drive = Drive::placed(&folder.to_string_lossy(), &spec, "", "");
        let below = Path::new(&drive.below);
        fs::create_dir_all(below.join("deep")).expect("a folder");
        fs::create_dir_all(below.join(".own")).expect("a folder");
        for (name, length) in [
            ("small", 100),
            ("deep/middle", 20_000),
            ("large", 90_000),
            (".own/largest", 900_000),
        ] {
            fs::write(below.join(name), vec![7; length]).expect("a file");
        }
        let found = of(&drive);
        let _ = fs::remove_dir_all(&folder);
        let names: Vec<&str> = found
            .iter()
            .filter_map(|spot| spot.file.rsplit('/').next())
            .collect();
        assert_eq!(names, ["large", "middle"]);
        assert_eq!((found[0].offset, found[0].byte), (45_000, 7));
    }
}
