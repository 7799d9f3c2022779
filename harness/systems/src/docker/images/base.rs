//! The images below all others: Debian with Java and Python, and the same with the tools that download.
//!
//! Two recipes lead to one tag: on Debian's own image where a registry answers, else bootstrapped from Debian's packages on this
//! machine. What goes above cannot tell them apart. Packages are not pinned: apt checks Debian's signatures, and the versions that
//! came are a label of the image.
use super::{ImageError, bootstrap::bootstrap, build::Build, job::Job, recipe::Recipe, shop::Shop};
use futures_util::StreamExt;
use std::{fs, time::Duration};
use testcontainers::bollard::query_parameters::CreateImageOptionsBuilder;

/// The suite whose packages the images hold.
pub(super) const SUITE: &str = "bookworm";
/// Debian's own image of it, without a registry's name: the engine knows where to ask.
const OFFICIAL: &str = "debian:bookworm-slim";
/// A registry that has said nothing by then does not answer.
const FIRST_WORD: Duration = Duration::from_secs(15);
/// Longest pull of one image.
const PULL: Duration = Duration::from_secs(600);

const PACKAGES: &str = "openjdk-17-jre-headless python3 procps";
const BUILDER_PACKAGES: &str = "openjdk-17-jre-headless python3 procps ca-certificates maven python3-pip python3-setuptools python3-venv python3-wheel";

/// Where Debian's own image serves. The folder of manual pages is missing there, and Java's installer trips over it.
const ON_OFFICIAL: &str = "ARG BASE
FROM ${BASE}
ARG PACKAGES
RUN mkdir -p /usr/share/man/man1 && apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends ${PACKAGES} && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives
";
/// The last step of both recipes.
const ON_TOP: &str = "ARG BASE
FROM ${BASE}
ENV JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64 LANG=C.UTF-8
";
const VERSIONS: &str = "dpkg-query -W -f '${Package}=${Version} ' > /out/versions\n";

/// Debian, Java, Python: the parent of every image with a Java process.
pub(crate) static BASE: Recipe = Recipe {
    name: "base",
    version: "Debian 12",
    parent: None,
    files: &[
        ("suite", SUITE),
        ("packages", PACKAGES),
        ("official", ON_OFFICIAL),
        ("top", ON_TOP),
    ],
    given: |_| None,
    make: |shop, tag| Box::pin(make(shop, tag, "base", "essential", PACKAGES)),
};

/// The same with Maven and pip; needed only while something is built.
pub(crate) static BUILDER: Recipe = Recipe {
    name: "builder",
    version: "Debian 12",
    parent: None,
    files: &[
        ("suite", SUITE),
        ("packages", BUILDER_PACKAGES),
        ("official", ON_OFFICIAL),
        ("top", ON_TOP),
    ],
    given: |_| None,
    make: |shop, tag| Box::pin(make(shop, tag, "builder", "apt", BUILDER_PACKAGES)),
};

async fn make(
    shop: &Shop<'_>,
    tag: &str,
    name: &'static str,
    variant: &str,
    packages: &str,
) -> Result<(), ImageError> {
    let raw = format!("{tag}-raw");
    let origin = match official(shop, name).await {
        Ok(reference) => {
            let args = [("BASE", reference.as_str()), ("PACKAGES", packages)];
            shop.build(Build {
                name,
                tag: &raw,
                dockerfile: ON_OFFICIAL,
                args: &args,
                ..Build::default()
            })
            .await?;
            "pulled"
        }
        Err(refusal) => {
            bootstrap(shop, (name, &raw), variant, packages, &refusal).await?;
            "bootstrapped"
        }
    };
    let versions = versions(shop, name, &raw).await?;
    let labels = [
        ("brinell.debian", versions.as_str()),
        ("brinell.base", origin),
    ];
    shop.build(Build {
        name,
        tag,
        dockerfile: ON_TOP,
        args: &[("BASE", &raw)],
        labels: &labels,
        ..Build::default()
    })
    .await?;
    shop.untag(&raw).await;
    Ok(())
}

/// Debian's image or the one that the user named, present or pulled.
async fn official(shop: &Shop<'_>, name: &str) -> Result<String, String> {
    let reference = shop.config.base.as_deref().unwrap_or(OFFICIAL);
    if shop.engine.client().inspect_image(reference).await.is_err() {
        shop.watch(name, &format!("ask for {reference}"), pull(shop, reference))
            .await?;
    }
    Ok(reference.to_owned())
}

/// Pulls an image; a registry that is not there is noticed soon.
pub(super) async fn pull(shop: &Shop<'_>, reference: &str) -> Result<(), String> {
    let options = CreateImageOptionsBuilder::new()
        .from_image(&with_tag(reference))
        .build();
    let mut events = shop.engine.client().create_image(Some(options), None, None);
    let drain = async {
        let mut bound = FIRST_WORD;
        loop {
            match tokio::time::timeout(bound, events.next()).await {
                Err(_) => return Err(format!("no answer within {} s", FIRST_WORD.as_secs())),
                Ok(None) => return Ok(()),
                Ok(Some(Err(error))) => return Err(error.to_string()),
                Ok(Some(Ok(event))) => {
                    if let Some(message) = event.error_detail.and_then(|detail| detail.message) {
                        return Err(message);
                    }
                }
            }
            bound = PULL;
        }
    };
    tokio::time::timeout(PULL, drain)
        .await
        .unwrap_or_else(|_| Err(format!("not done after {} s", PULL.as_secs())))
}

/// Without a tag the engine would pull every one of them.
fn with_tag(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    if last.contains([':', '@']) {
        reference.to_owned()
    } else {
        format!("{reference}:latest")
    }
}

/// `package=version` of everything installed.
async fn versions(shop: &Shop<'_>, name: &str, image: &str) -> Result<String, ImageError> {
    let job = Job {
        script: VERSIONS,
        ..shop.job(image, Duration::from_secs(60))
    };
    let out = shop.run((name, "list the installed packages"), job).await?;
    let text = fs::read_to_string(out.join("versions")).unwrap_or_default();
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::with_tag;

    #[test]
    fn a_reference_without_tag_means_latest() {
        assert_eq!(with_tag("debian"), "debian:latest");
        assert_eq!(
            with_tag("127.0.0.1:5000/debian"),
            "127.0.0.1:5000/debian:latest"
        );
        assert_eq!(
            with_tag("127.0.0.1:5000/debian:x"),
            "127.0.0.1:5000/debian:x"
        );
        assert_eq!(with_tag("d@sha256:0"), "d@sha256:0");
    }
}
