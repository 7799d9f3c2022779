//! Builds what is missing of the images, printing every step: `cargo run -p systems --example images`.
use std::time::Duration;
use systems::docker::{
    engine,
    images::{self, progress::Progress},
};

struct Print;

impl Progress for Print {
    fn step(&self, image: &str, what: &str, elapsed: Duration) {
        println!("{:>5.0} s  {image}: {what}", elapsed.as_secs_f64());
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = engine::find().await?;
    println!(
        "engine {} API {} at {}",
        engine.version(),
        engine.api(),
        engine.address()
    );
    let images = images::ensure(&engine, &images::Config::from_env(), &Print).await?;
    images
        .iter()
        .for_each(|(name, image)| println!("{name} {} {}", image.tag, image.id));
    Ok(())
}
