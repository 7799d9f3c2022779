//! Renders a made-up comparison of the tests, or one read from its JSON, to a folder:
//! `cargo run -p reports --example compared -- FOLDER [CASE | comparison-report.json]`.
use std::{env, error::Error, fs, path::PathBuf};

#[path = "../tests/fixture/mod.rs"]
mod fixture;

#[path = "../tests/arms/mod.rs"]
mod arms;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("name a folder")?);
    let which = env::args().nth(2);
    let comparison = match which.as_deref() {
        None => arms::hardening(),
        Some(path) if path.ends_with(".json") => serde_json::from_slice(&fs::read(path)?)?,
        Some(name) => arms::comparisons()
            .into_iter()
            .find(|(n, _)| *n == name)
            .map(|(_, c)| c)
            .ok_or("no such case")?,
    };
    fs::create_dir_all(&folder)?;
    for file in reports::comparison(&comparison)? {
        println!("{:>9} bytes  {}", file.bytes.len(), file.name);
        fs::write(folder.join(&file.name), &file.bytes)?;
    }
    Ok(())
}
