//! One image from a Dockerfile that only copies, by the engine's classic builder: BuildKit's client is often not there.
use super::{ImageError, context::Context, progress::Tail};
use crate::docker::engine::Engine;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use std::{collections::HashMap, fs, io, path::Path};
use testcontainers::bollard::{body_try_stream, query_parameters::BuildImageOptionsBuilder};
use tokio::io::AsyncReadExt;

/// What to build.
#[derive(Clone, Debug, Default)]
pub(crate) struct Build<'a> {
    /// Image that the progress lines name.
    pub(crate) name: &'a str,
    pub(crate) tag: &'a str,
    pub(crate) dockerfile: &'a str,
    pub(crate) args: &'a [(&'a str, &'a str)],
    pub(crate) labels: &'a [(&'a str, &'a str)],
    pub(crate) files: Context,
}

/// Builds it; the context is written to `scratch` first, since layers can be larger than memory should hold.
///
/// # Errors
/// Where the context cannot be written or the engine refuses a step, with the end of what it printed.
pub(crate) async fn build(
    engine: &Engine,
    what: &Build<'_>,
    scratch: &Path,
    tail: &Tail,
) -> Result<(), ImageError> {
    let failed = |why: String| ImageError::step((what.name, "build the image"), why, tail);
    let tar = scratch.join("context.tar");
    let dockerfile = format!("{}{}", what.dockerfile, label_lines(what.labels));
    let (files, to) = (what.files.clone(), tar.clone());
    let written = tokio::task::spawn_blocking(move || files.write(&dockerfile, &to)).await;
    written
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))?;
    let args: HashMap<&str, &str> = what.args.iter().copied().collect();
    let options = BuildImageOptionsBuilder::new()
        .t(what.tag)
        .buildargs(&args)
        .rm(true)
        .forcerm(true)
        .build();
    let body = upload(&tar)
        .await
        .map_err(|error| failed(error.to_string()))?;
    let mut events = engine
        .client()
        .build_image(options, None, Some(body_try_stream(body)));
    while let Some(event) = events.next().await {
        let event = event.map_err(|error| failed(error.to_string()))?;
        tail.push(event.stream.as_deref().unwrap_or_default());
        if let Some(error) = event.error_detail {
            return Err(failed(error.message.unwrap_or_default()));
        }
    }
    fs::remove_file(&tar).map_err(|error| failed(error.to_string()))
}

/// Labels as instructions: the query string, where the engine takes them too, is too short for a list of packages.
fn label_lines(labels: &[(&str, &str)]) -> String {
    let quote = |text: &str| {
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('$', "\\$")
            .replace('\n', " ")
    };
    labels
        .iter()
        .map(|(key, value)| format!("LABEL \"{key}\"=\"{}\"\n", quote(value)))
        .collect()
}

/// The bytes of a file, a piece at a time.
pub(crate) async fn upload(
    file: &Path,
) -> io::Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>> {
    let file = tokio::fs::File::open(file).await?;
    Ok(stream::try_unfold(file, async |mut file| {
        let mut piece = Vec::with_capacity(1 << 18);
        let read = file.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (Bytes::from(piece), file)))
    }))
}

#[cfg(test)]
mod tests {
    use super::label_lines;

    #[test]
    fn a_label_cannot_break_out_of_its_line() {
        assert_eq!(
            label_lines(&[("k", "a\"b\\c\n$d")]),
            "LABEL \"k\"=\"a\\\"b\\\\c \\$d\"\n"
        );
    }
}
