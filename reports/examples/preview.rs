//! Renders the made-up run of the tests, or an edge case of it, to a folder:
//! `cargo run -p reports --example preview -- FOLDER [EDGE | report.json]`.
use std::{env, error::Error, fs, path::PathBuf};

#[path = "../tests/fixture/mod.rs"]
mod fixture;

#[path = "../tests/edges/mod.rs"]
mod edges;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("name a folder")?);
    let which = env::args().nth(2);
    let analysis = match which.as_deref() {
        None => fixture::executor_kills(),
        Some(path) if path.ends_with(".json") => serde_json::from_slice(&fs::read(path)?)?,
        Some(name) => edges::edges()
            .into_iter()
            .find(|(n, _)| *n == name)
            .map(|(_, a)| a)
            .ok_or("no such edge case")?,
    };
    fs::create_dir_all(&folder)?;
    for file in reports::render_all(&analysis)? {
        println!("{:>9} bytes  {}", file.bytes.len(), file.name);
        fs::write(folder.join(&file.name), &file.bytes)?;
    }
    Ok(())
}
