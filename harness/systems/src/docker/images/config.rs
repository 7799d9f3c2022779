//! What the user may set about images; each field has a variable of the same meaning.
use super::elf::is_static;
use crate::docker::install::find_program;
use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

/// Bundles of trusted certificates, where the distributions keep them.
const BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// Settings of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Where downloads and results are kept. `BRINELL_CACHE`, else `brinell` in the user's cache folder.
    pub cache: PathBuf,
    /// Images to take instead of building, by name of the system. `BRINELL_IMAGE_KAFKA` and so on.
    pub images: BTreeMap<String, String>,
    /// Debian image to start from instead of `debian:bookworm-slim`. `BRINELL_BASE_IMAGE`.
    pub base: Option<String>,
    /// A static MinIO binary to put into the image. `BRINELL_MINIO`, else a static `minio` on the path.
    pub minio: Option<PathBuf>,
    /// Bundle of certificates that downloads trust, as behind a proxy that looks inside. `SSL_CERT_FILE`, else the system's.
    pub certificates: Option<PathBuf>,
}

impl Config {
    /// The settings from this process's environment.
    pub fn from_env() -> Self {
        let found = BUNDLES
            .map(PathBuf::from)
            .into_iter()
            .find(|file| file.is_file());
        Self::from_variables(
            |name| env::var(name).ok().filter(|value| !value.is_empty()),
            find_program("minio").filter(|file| is_static(file)),
            found,
        )
    }

    fn from_variables(
        get: impl Fn(&str) -> Option<String>,
        minio: Option<PathBuf>,
        bundle: Option<PathBuf>,
    ) -> Self {
        let home = || {
            get("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .or(get("HOME").map(|home| Path::new(&home).join(".cache")))
        };
        let own = || {
            home()
                .unwrap_or_else(|| "/var/cache".into())
                .join("brinell")
        };
        let image = |name: &str| {
            Some((
                name.to_owned(),
                get(&format!("BRINELL_IMAGE_{}", name.to_uppercase()))?,
            ))
        };
        Self {
            cache: get("BRINELL_CACHE").map(PathBuf::from).unwrap_or_else(own),
            images: super::KEPT
                .iter()
                .filter_map(|recipe| image(recipe.name))
                .collect(),
            base: get("BRINELL_BASE_IMAGE"),
            minio: get("BRINELL_MINIO").map(PathBuf::from).or(minio),
            certificates: get("SSL_CERT_FILE").map(PathBuf::from).or(bundle),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Config;
    use std::path::Path;

    fn with(pairs: &[(&str, &str)]) -> Config {
        let get = |name: &str| {
            pairs
                .iter()
                .find(|pair| pair.0 == name)
                .map(|pair| pair.1.to_owned())
        };
        Config::from_variables(get, Some("/usr/bin/minio".into()), None)
    }

    #[test]
    fn a_named_image_and_binary_win_over_what_is_found() {
        let config = with(&[
            ("BRINELL_IMAGE_MINIO", "mine:1"),
            ("BRINELL_MINIO", "/m"),
            ("HOME", "/h"),
        ]);
        assert_eq!(config.images["minio"], "mine:1");
        assert_eq!(config.minio.as_deref(), Some(Path::new("/m")));
    }

    #[test]
    fn the_cache_is_outside_the_work_tree() {
        assert_eq!(
            with(&[("HOME", "/h")]).cache,
            Path::new("/h/.cache/brinell")
        );
        assert_eq!(
            with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]).cache,
            Path::new("/x/brinell")
        );
        assert_eq!(with(&[("BRINELL_CACHE", "/b")]).cache, Path::new("/b"));
        assert_eq!(with(&[]).cache, Path::new("/var/cache/brinell"));
    }
}
