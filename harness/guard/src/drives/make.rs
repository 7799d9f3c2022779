//! Makes drives: side by side, some 50 ms each.
use super::{loops, mounts};
use model::drive::{Drive, DriveSpec};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::Path,
    process::{Command, Stdio},
    thread,
};

/// Inode tables and journal are written by and by instead of now, and nothing is kept back for root.
const MKFS: [&str; 7] = [
    "-q",
    "-F",
    "-m0",
    "-Elazy_itable_init=1,lazy_journal_init=1,nodiscard",
    "-O^resize_inode",
    "-Jsize=16",
    "-eremount-ro",
];

/// Makes every drive below `folder`. What was made when one fails stays for [`super::remove::all`].
///
/// # Errors
/// The first that could not be made, and why.
pub fn all(folder: &Path, specs: &[DriveSpec]) -> Result<Vec<Drive>, String> {
    let fails = |error: io::Error| format!("make drives in {}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(fails)?;
    if mounts::in_memory(folder) {
        return Err(format!(
            "make drives in {}: it is in memory",
            folder.display()
        ));
    }
    let homes: BTreeSet<_> = specs
        .iter()
        .map(|spec| folder.join(spec.node.as_str()))
        .collect();
    for home in homes {
        share(&home.join("at")).map_err(fails)?;
    }
    thread::scope(|scope| {
        let each: Vec<_> = specs
            .iter()
            .map(|spec| scope.spawn(|| one(folder, spec)))
            .collect();
        let joined = each.into_iter().map(|made| made.join());
        joined
            .map(|made| {
                made.unwrap_or_else(|_| Err("make a drive: its thread ended early".to_owned()))
            })
            .collect()
    })
}

/// The folder that is bound into the container; what is mounted in it later on arrives there only if it is shared.
fn share(at: &Path) -> io::Result<()> {
    fs::create_dir_all(at)?;
    mounts::bind(at, at)?;
    mounts::share(at)
}

fn one(folder: &Path, spec: &DriveSpec) -> Result<Drive, String> {
    let planned = Drive::placed(folder.to_string_lossy().as_ref(), spec, "", "");
    let fails = |what: &str, why: String| format!("make drive {}: {what}: {why}", planned.mount);
    let (device, number) =
        filesystem(&planned, spec.size_bytes).map_err(|(what, why)| fails(what, why))?;
    let drive = Drive::placed(folder.to_string_lossy().as_ref(), spec, &device, &number);
    let at = Path::new(&drive.mount);
    // Over a layered one the guard attaches its layer here.
    let show = || match drive.layered {
        true => Ok(()),
        false => mounts::bind(Path::new(&drive.below), at),
    };
    point(at)
        .and_then(|()| show())
        .map_err(|error| fails("show it", error.to_string()))?;
    Ok(drive)
}

/// Image, device, filesystem, mounted at `below`; gives device and number.
///
/// # Errors
/// What was tried and why it failed.
pub fn filesystem(drive: &Drive, size: u64) -> Result<(String, String), (&'static str, String)> {
    let (image, below) = (Path::new(&drive.image), Path::new(&drive.below));
    let plain = |what| move |error: io::Error| (what, error.to_string());
    File::create(image)
        .and_then(|file| file.set_len(size))
        .map_err(plain("write its image"))?;
    mkfs(image).map_err(|why| ("make a filesystem", why))?;
    let device = loops::attach(image).map_err(plain("find a loop device"))?;
    point(below).map_err(plain("make its mount point"))?;
    mount(&device.path, below, &drive.filesystem).map_err(plain("mount it"))?;
    Ok((device.path.to_string_lossy().into_owned(), device.number))
}

/// Makes an empty filesystem in an image.
///
/// # Errors
/// There is no such tool, or what it wrote.
pub fn mkfs(image: &Path) -> Result<(), String> {
    tool("mkfs.ext4", &MKFS, image)
}

/// Mounts, and takes away the folder for lost files: a system would take it for one of its own.
///
/// # Errors
/// What the kernel says.
pub fn mount(device: &Path, below: &Path, kind: &str) -> io::Result<()> {
    mounts::mount(device, below, kind)?;
    // Not empty after a repair: then what was found is worth more than its absence.
    let _ = fs::remove_dir(below.join("lost+found"));
    Ok(())
}

/// A folder that nobody can write to while nothing is mounted on it.
fn point(at: &Path) -> io::Result<()> {
    fs::create_dir_all(at)?;
    mounts::immutable(at, true)
}

/// Runs a tool of e2fsprogs on `path`; 1 means that it mended something.
///
/// # Errors
/// There is no such tool, or what it wrote.
pub fn tool(name: &str, args: &[&str], path: &Path) -> Result<(), String> {
    let search = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let ran = Command::new(name)
        .args(args)
        .arg(path)
        .env("PATH", search)
        .stdin(Stdio::null())
        .output();
    let ran = ran.map_err(|error| format!("run {name}: {error}; it comes with e2fsprogs"))?;
    match ran.status.code() {
        Some(0 | 1) => Ok(()),
        _ => Err(format!(
            "{name}: {}",
            String::from_utf8_lossy(&ran.stderr).trim()
        )),
    }
}
