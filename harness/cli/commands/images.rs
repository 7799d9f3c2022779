//! `brinell images`: list, build, remove.
use crate::{
    args::{self, ImagesVerb},
    error::CliError,
    exit::{self, Code},
    setup,
};
use systems::docker::images::Listed;

/// Does what was asked; lists where nothing was.
pub fn run(args: &args::Images) -> Result<Code, CliError> {
    match &args.verb {
        None | Some(ImagesVerb::List) => print_list(&setup::list()?, args.json),
        Some(ImagesVerb::Build(consent)) => {
            let ready = setup::ready(consent.given(), &|_| true)?;
            ready
                .images
                .iter()
                .for_each(|(name, image)| println!("{name:<10} {} {}", image.tag, image.version));
        }
        Some(ImagesVerb::Remove) => setup::remove()?
            .iter()
            .for_each(|tag| println!("removed  {tag}")),
    }
    Ok(exit::OK)
}

fn print_list(images: &[Listed], json: bool) {
    if json {
        let item = |image: &Listed| {
            serde_json::json!({"name": image.name, "tag": image.tag, "version": image.version, "needed": image.needed,
                "present": image.is_present(), "size_bytes": image.size_bytes, "inputs": image.inputs})
        };
        println!(
            "{:#}",
            serde_json::Value::Array(images.iter().map(item).collect())
        );
        return;
    }
    for image in images {
        let size = image.size_bytes.map_or("missing".to_owned(), |bytes| {
            format!("{} MB", bytes / 1_000_000)
        });
        println!(
            "{:<10} {:<32} {size:>8}  {}",
            image.name, image.tag, image.version
        );
    }
}
