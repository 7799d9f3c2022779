//! Who made a build container: label value `<pid>-<start ticks>`, so that a later process with the same pid is not taken for it.
use super::ImageError;
use crate::docker::engine::Engine;
use std::{collections::HashMap, fs};
use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
};

/// Label of every container that a build runs.
pub(crate) const BUILD_LABEL: &str = "brinell.build";

/// The label's value for this process.
pub(crate) fn owner() -> String {
    let pid = std::process::id();
    format!("{pid}-{}", start_ticks(pid).unwrap_or(0))
}

/// Removes containers of builds whose process is gone.
///
/// # Errors
/// Where the engine does not answer or refuses to remove one.
pub(crate) async fn sweep(engine: &Engine) -> Result<(), ImageError> {
    let failed = |error: testcontainers::bollard::errors::Error| {
        ImageError::engine("remove what an interrupted build left", error)
    };
    let filters = HashMap::from([("label", vec![BUILD_LABEL])]);
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters)
        .build();
    for container in engine
        .client()
        .list_containers(Some(options))
        .await
        .map_err(failed)?
    {
        let value = container
            .labels
            .unwrap_or_default()
            .remove(BUILD_LABEL)
            .unwrap_or_default();
        if let (Some(id), false) = (container.id, lives(&value)) {
            let force = RemoveContainerOptionsBuilder::new()
                .force(true)
                .v(true)
                .build();
            engine
                .client()
                .remove_container(&id, Some(force))
                .await
                .map_err(failed)?;
        }
    }
    Ok(())
}

fn lives(value: &str) -> bool {
    let Some((pid, ticks)) = value.split_once('-') else {
        return false;
    };
    pid.parse()
        .ok()
        .and_then(start_ticks)
        .is_some_and(|now| now.to_string() == ticks)
}

/// When that process started, in clock ticks after boot: field 22, counted after the name, which may hold anything.
fn start_ticks(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(19)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{lives, owner};

    #[test]
    fn this_process_lives_and_its_namesakes_do_not() {
        assert!(lives(&owner()));
        assert!(!lives(&format!("{}-1", std::process::id())));
        assert!(!lives("4194999-1") && !lives("") && !lives("x-y"));
    }
}
