//! Downloads what the pinned lists name, by the registries' own clients, in the builder image.
//!
//! The clients honour a site's own mirrors and proxies: their variables and Maven's settings file are passed on. Nothing that came is
//! used before its digest was checked; Python's client checks before it runs anything of what it fetched.
use super::{
    ImageError,
    job::{Job, Mount},
    lock::{Lock, Pin, What},
    progress::Tail,
    shop::Shop,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Longest download of one list: 500 MB at half a megabyte a second.
const BOUND: Duration = Duration::from_secs(1000);
const JARS: &str = include_str!("jars.sh");
const PYTHON: &str = include_str!("python.sh");
/// Variables by which a site names its mirrors and proxies.
const PASSED_ON: [&str; 12] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "GOPROXY",
    "GOSUMDB",
    "GONOSUMDB",
];

/// The files of a list, in its order, each verified now.
///
/// # Errors
/// Where a download fails, or a file is not what the list says; then none is given.
pub(crate) async fn fetch(
    shop: &Shop<'_>,
    image: &str,
    lock: &Lock,
) -> Result<Vec<PathBuf>, ImageError> {
    let held = shop
        .watch(image, "verify downloads", held(shop, lock))
        .await?;
    let missing: Vec<&Pin> = lock
        .pins
        .iter()
        .zip(&held)
        .filter(|(_, file)| file.is_none())
        .map(|(pin, _)| pin)
        .collect();
    let (jars, python): (Vec<&Pin>, Vec<&Pin>) = missing
        .into_iter()
        .partition(|pin| matches!(pin.what, What::Jar { .. }));
    if !jars.is_empty() {
        download(
            shop,
            (image, "download jars"),
            JARS,
            ("pom.xml", pom(&jars)),
            &jars,
        )
        .await?;
    }
    for pin in python {
        let list = format!("{} --hash=sha256:{}\n", pin.name(), pin.sha256);
        download(
            shop,
            (image, "download from the Python index"),
            PYTHON,
            ("requirements.txt", list),
            &[pin],
        )
        .await?;
    }
    let now = self::held(shop, lock).await?;
    let absent = |pin: &Pin| {
        ImageError::step(
            (image, "download"),
            format!("{} is not there", pin.name()),
            &Tail::default(),
        )
    };
    now.into_iter()
        .zip(&lock.pins)
        .map(|(file, pin)| file.ok_or_else(|| absent(pin)))
        .collect()
}

/// Hashing half a gigabyte is no work for the thread that reports progress.
async fn held(shop: &Shop<'_>, lock: &Lock) -> Result<Vec<Option<PathBuf>>, ImageError> {
    let (cache, pins) = (shop.cache.clone(), lock.pins.clone());
    let looked =
        tokio::task::spawn_blocking(move || pins.iter().map(|pin| cache.file(pin)).collect()).await;
    looked.map_err(|error| {
        ImageError::step(
            ("cache", "verify downloads"),
            error.to_string(),
            &Tail::default(),
        )
    })
}

/// Runs the client, and takes in what it brought, even where it failed half-way.
async fn download(
    shop: &Shop<'_>,
    step: (&str, &str),
    script: &str,
    (name, list): (&str, String),
    pins: &[&Pin],
) -> Result<(), ImageError> {
    let builder = shop.builder().await?;
    let input = shop.cache.scratch()?;
    fs::write(input.join(name), list)
        .map_err(|error| ImageError::step(step, error.to_string(), &Tail::default()))?;
    let mut job = Job {
        script,
        env: environment(),
        ..shop.job(&builder, BOUND)
    };
    job.mounts.extend(certificates(shop));
    job.mounts.extend(maven_settings());
    job.mounts.push(Mount {
        from: input,
        to: "/in",
        writable: false,
    });
    let place = shop.place()?;
    let ran = shop.run_at(step, &job, &place).await;
    let taken = take_in(shop, &place.out, pins);
    ran.and(taken)
}

fn take_in(shop: &Shop<'_>, out: &Path, pins: &[&Pin]) -> Result<(), ImageError> {
    for pin in pins {
        let came = match &pin.what {
            What::Jar { .. } => Some(out.join(pin.name())).filter(|file| file.is_file()),
            What::Python { .. } => fs::read_dir(out)
                .ok()
                .and_then(|mut dir| Some(dir.next()?.ok()?.path())),
        };
        if let Some(file) = came {
            shop.cache.keep(&file, pin)?;
        }
    }
    Ok(())
}

/// Variables of this process that name mirrors and proxies.
pub(crate) fn environment() -> Vec<String> {
    PASSED_ON
        .iter()
        .filter_map(|name| Some(format!("{name}={}", env::var(name).ok()?)))
        .collect()
}

/// The bundle of trusted certificates, where the scripts look for it.
pub(crate) fn certificates(shop: &Shop<'_>) -> Option<Mount> {
    let from = fs::canonicalize(shop.config.certificates.as_ref()?).ok()?;
    Some(Mount {
        from,
        to: "/certificates.pem",
        writable: false,
    })
}

fn maven_settings() -> Option<Mount> {
    let from = Path::new(&env::var_os("HOME")?).join(".m2/settings.xml");
    from.is_file().then_some(Mount {
        from,
        to: "/root/.m2/settings.xml",
        writable: false,
    })
}

/// Asks for exactly these jars: what their own poms ask for is excluded, since the list is complete.
fn pom(pins: &[&Pin]) -> String {
    let dependency = |pin: &&Pin| match &pin.what {
        What::Jar {
            group,
            artifact,
            version,
        } => format!(
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>\
             <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>\n"
        ),
        What::Python { .. } => String::new(),
    };
    let all: String = pins.iter().map(dependency).collect();
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion><groupId>brinell</groupId>\
         <artifactId>jars</artifactId><version>1</version><packaging>pom</packaging><dependencies>\n{all}</dependencies></project>\n"
    )
}
