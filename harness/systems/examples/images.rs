//! Builds what is missing of the images, printing every step: `cargo run -p systems --example images [list|remove]`.
use std::{env, time::Duration};
use systems::docker::{
    engine,
    images::{self, Config, progress::Progress},
};

struct Print;

impl Progress for Print {
    fn step(&self, image: &str, what: &str, elapsed: Duration) {
        println!("{:>5.0} s  {image}: {what}", elapsed.as_secs_f64());
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (engine, config) = (engine::find().await?, Config::from_env());
    println!(
        "engine {} API {} at {}",
        engine.version(),
        engine.api(),
        engine.address()
    );
    match env::args().nth(1).as_deref() {
        Some("list") => {
            for image in images::list(&engine, &config).await? {
                println!("{} {} {:?}", image.tag, image.version, image.size_bytes);
            }
        }
        Some("remove") => println!("removed {:?}", images::remove(&engine).await?),
        _ => {
            let images = images::ensure(&engine, &config, &|_| true, &Print).await?;
            images
                .iter()
                .for_each(|(name, image)| println!("{name} {} {}", image.tag, image.id));
        }
    }
    Ok(())
}
