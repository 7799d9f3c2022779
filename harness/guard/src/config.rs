//! What a guard is told at its start, as arguments of the hidden subcommand.
use crate::{process::Identity, registry::Registry};
use std::{path::PathBuf, time::Duration};

/// Everything a guard needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Value of the run label.
    pub run: String,
    /// The run folder, absolute: `undo.jsonl` is made there.
    pub folder: PathBuf,
    /// The instant of `CLOCK_MONOTONIC` from which the run counts, in ns.
    pub epoch_mono_ns: u64,
    /// Who asks.
    pub owner: Identity,
    /// Where open runs are listed; none for the usual place.
    pub registry: Option<PathBuf>,
    /// An owner that is silent for this long is taken for hung.
    pub silence: Duration,
}

impl Config {
    /// A guard of the calling process; a relative folder is taken from where it stands. Three seconds of silence: six missed beats are no hiccup.
    pub fn new(run: &str, folder: PathBuf, epoch_mono_ns: u64) -> Self {
        Self {
            run: run.to_owned(),
            folder: std::path::absolute(&folder).unwrap_or(folder),
            epoch_mono_ns,
            owner: Identity::own(),
            registry: None,
            silence: Duration::from_secs(3),
        }
    }

    /// Its undo journal.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("undo.jsonl")
    }

    /// Its list of open runs.
    pub fn registry(&self) -> Registry {
        self.registry
            .clone()
            .map_or_else(Registry::usual, Registry::at)
    }

    /// As arguments of the hidden subcommand.
    pub fn to_args(&self) -> Vec<String> {
        let text = |path: &PathBuf| path.to_string_lossy().into_owned();
        let mut pairs = vec![
            ("--run", self.run.clone()),
            ("--folder", text(&self.folder)),
            ("--epoch-mono-ns", self.epoch_mono_ns.to_string()),
            ("--owner", self.owner.to_string()),
            ("--silence-ms", self.silence.as_millis().to_string()),
        ];
        pairs.extend(self.registry.iter().map(|path| ("--registry", text(path))));
        let both = |(key, value): (&str, String)| [key.to_owned(), value];
        pairs.into_iter().flat_map(both).collect()
    }

    /// Reads what [`Config::to_args`] wrote.
    ///
    /// # Errors
    /// The argument that is missing, unknown or illegible.
    pub fn from_args(args: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut config = Self::new("", PathBuf::new(), 0);
        let mut args = args.into_iter();
        while let Some(key) = args.next() {
            let value = args.next().ok_or(format!("read a value after {key}"))?;
            let illegible = || format!("read {key} {value}");
            let number = || value.parse::<u64>().map_err(|_| illegible());
            match key.as_str() {
                "--run" => config.run = value,
                "--folder" => config.folder = value.into(),
                "--registry" => config.registry = Some(value.into()),
                "--epoch-mono-ns" => config.epoch_mono_ns = number()?,
                "--silence-ms" => config.silence = Duration::from_millis(number()?),
                "--owner" => config.owner = Identity::parse(&value).ok_or_else(illegible)?,
                _ => return Err(format!("read the argument {key}")),
            }
        }
        let whole = !config.run.is_empty() && config.folder.is_absolute();
        whole
            .then_some(config)
            .ok_or("find --run and an absolute --folder".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_read_back_and_unknown_ones_are_refused() {
        let mut config = Config::new("r-7f3a", "/runs/r".into(), 17);
        config.registry = Some("/tmp/open".into());
        assert_eq!(Config::from_args(config.to_args()), Ok(config));
        let unknown = ["--rum", "x"].map(str::to_owned);
        assert!(Config::from_args(unknown).unwrap_err().contains("--rum"));
        assert!(Config::from_args([]).is_err());
    }
}
