//! What a layer costs: the same work on a folder and through a layer over it, in turn, in one run.
//!
//! `cargo run --release -p fusefs --example throughput -- FOLDER`, where FOLDER lies on the file system in question.
use fusefs::{Page, worker};
use std::{
    error::Error,
    fs::{self, File, OpenOptions},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Each work is done so often on both sides, in turn.
const ROUNDS: usize = 7;

type Work = (
    &'static str,
    &'static str,
    f64,
    fn(&Path) -> std::io::Result<()>,
);

const WORKS: &[Work] = &[
    ("64 x 1 MiB, then fsync", "MiB/s", 64.0, stream),
    ("2000 x 4 KiB buffered", "writes/s", 2000.0, small),
    ("50 x 4 KiB O_DSYNC", "writes/s", 50.0, synchronous),
    ("500 x create, 4 KiB, rename", "files/s", 500.0, files),
];

fn stream(at: &Path) -> std::io::Result<()> {
    let file = File::create(at.join("stream"))?;
    let block = vec![7; 1 << 20];
    (0..64).try_for_each(|n| file.write_all_at(&block, n << 20))?;
    file.sync_all()
}

fn small(at: &Path) -> std::io::Result<()> {
    let file = File::create(at.join("small"))?;
    (0..2000).try_for_each(|n| file.write_all_at(&[7; 4096], n << 12))
}

fn synchronous(at: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).custom_flags(libc::O_DSYNC);
    let file = options.open(at.join("synchronous"))?;
    (0..50).try_for_each(|n| file.write_all_at(&[7; 4096], n << 12))
}

fn files(at: &Path) -> std::io::Result<()> {
    (0..500).try_for_each(|n| {
        let new = at.join("new");
        fs::write(&new, [7; 4096])?;
        fs::rename(new, at.join(format!("file-{n}")))
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let first = args
        .next()
        .ok_or("give a folder on the file system in question")?;
    if first == fusefs::WORKER {
        std::process::exit(fusefs::main(args));
    }
    let folder = PathBuf::from(first).join(format!("brinell-throughput-{}", std::process::id()));
    let done = compare(&folder);
    let _ = worker::unmount(&folder.join("mount"));
    fs::remove_dir_all(&folder)?;
    done
}

fn compare(folder: &Path) -> Result<(), Box<dyn Error>> {
    let [native, below, mount] = ["native", "below", "mount"].map(|name| folder.join(name));
    for folder in [&native, &below, &mount] {
        fs::create_dir_all(folder)?;
    }
    let place = folder.join("page");
    let page = Page::create(&place)?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg(fusefs::WORKER)
        .args([&below, &mount, &place])
        .stdin(Stdio::null())
        .spawn()?;
    let began = Instant::now();
    while !page
        .worker()
        .is_some_and(|one| one.mounted && one.beat_ns != 0)
    {
        if began.elapsed() > Duration::from_secs(10) {
            return Err("the layer did not come".into());
        }
    }
    for (name, unit, count, work) in WORKS {
        let mut sides = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (side, at) in [&native, &mount].into_iter().enumerate() {
                let began = Instant::now();
                work(at)?;
                sides[side].push(count / began.elapsed().as_secs_f64());
            }
        }
        let [native, layer] = sides.map(median);
        let ratio = layer / native;
        println!(
            "{name:<28} native {native:>8.0} {unit:<9} layer {layer:>8.0} {unit:<9} ratio {ratio:.2}  (medians of {ROUNDS})"
        );
    }
    page.close();
    child.wait()?;
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
