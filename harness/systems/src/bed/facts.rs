//! Facts of a node, fresh from the engine and the host at the moment they are asked for.
use super::{Mark, Site, engine, host, spots, wait::failed};
use model::{
    drive::Drive,
    facts::{Facts, Process, RevivedBy, Unit},
    ids::NodeId,
    system::BedError,
};
use testcontainers::bollard::Docker;

/// Looks up a node. `mark` tells how its role's processes are recognised, `scratch` which files it keeps on scratch space.
///
/// # Errors
/// A node that is not there now: no such name, its container ended, no process of its kind in it.
pub(crate) async fn facts(
    docker: &Docker,
    site: &Site,
    node: &NodeId,
    mark: Mark,
    scratch: &[&str],
) -> Result<Facts, BedError> {
    let spec = &site.placed(node)?.spec;
    let home = spec.inside.as_ref().unwrap_or(node);
    let lookup = || format!("look up `{node}`");
    let seen = engine::inspect(docker, &site.run, home.as_str()).await?;
    let pid = seen.state.as_ref().and_then(|state| state.pid).unwrap_or(0);
    let init = u32::try_from(pid)
        .ok()
        .filter(|pid| *pid > 0)
        .and_then(host::process);
    let init = init.ok_or_else(|| failed(lookup(), format!("container `{home}` does not run")))?;
    let processes = members(&host::processes(init.pid), &init, mark, spec.unit);
    if processes.is_empty() {
        let why = format!("no process with `{}` runs in `{home}`", mark.command);
        return Err(failed(lookup(), why));
    }
    // What needs the filesystem itself cannot have it under a layer: the layer holds its files.
    let plain = || site.drives(home.as_str()).filter(|drive| !drive.layered);
    let throttle = host::throttle(&init);
    Ok(Facts {
        node: node.clone(),
        role: spec.role.clone(),
        unit: spec.unit,
        container: seen.id.unwrap_or_default(),
        address: site.address(home.as_str())?,
        freezer: host::freezer(init.pid),
        control: host::control(init.pid),
        scratch: scratch.iter().map(|one| (*one).to_owned()).collect(),
        init,
        processes,
        revived_by: if mark.revived {
            RevivedBy::Platform
        } else {
            RevivedBy::Guard
        },
        role_count: site.count(&spec.role),
        layers: site
            .drives(home.as_str())
            .filter_map(Drive::layer)
            .collect(),
        spots: plain().flat_map(spots::of).collect(),
        drives: plain().cloned().collect(),
        throttle,
        credential: None,
        rotation: None,
    })
}

/// Command lines of the processes of a kind that run in a container now; none where it does not run.
///
/// # Errors
/// What the engine says.
pub(crate) async fn commands(
    docker: &Docker,
    site: &Site,
    home: &NodeId,
    mark: Mark,
) -> Result<Vec<String>, BedError> {
    let seen = engine::inspect(docker, &site.run, home.as_str()).await?;
    let pid = seen.state.and_then(|state| state.pid).unwrap_or(0);
    let pid = u32::try_from(pid).ok().filter(|pid| *pid > 0);
    let all = pid.map(host::processes).unwrap_or_default();
    let of_kind = all
        .into_iter()
        .filter(|one| one.command.contains(mark.command));
    Ok(of_kind.map(|one| one.command).collect())
}

/// The node's processes, the main one first: for a process its own kind alone, for a container everything but the init.
fn members(all: &[host::Running], init: &Process, mark: Mark, unit: Unit) -> Vec<Process> {
    let main = |running: &&host::Running| {
        running.process != *init && running.command.contains(mark.command)
    };
    let mains: Vec<Process> = all
        .iter()
        .filter(main)
        .map(|running| running.process.clone())
        .collect();
    if unit == Unit::Process || mains.is_empty() {
        return mains;
    }
    let rest = all.iter().map(|running| running.process.clone());
    let rest = rest.filter(|process| process != init && !mains.contains(process));
    mains.iter().cloned().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(pid: u32, command: &str) -> host::Running {
        let process = Process {
            pid,
            start_ticks: 1,
        };
        host::Running {
            process,
            command: command.to_owned(),
        }
    }

    #[test]
    fn the_main_process_comes_first_and_the_init_never() {
        let all = [
            running(10, "/sbin/docker-init -- worker.Worker"),
            running(11, "sh"),
            running(12, "java worker.Worker"),
        ];
        let mark = Mark {
            command: "worker.Worker",
            revived: false,
        };
        let init = all[0].process.clone();
        let pids = |unit| -> Vec<u32> {
            members(&all, &init, mark, unit)
                .iter()
                .map(|p| p.pid)
                .collect()
        };
        assert_eq!(pids(Unit::Container), [12, 11]);
        assert_eq!(pids(Unit::Process), [12]);
    }

    #[test]
    fn without_its_main_process_a_node_is_not_there() {
        let all = [running(10, "init"), running(11, "sh")];
        let mark = Mark {
            command: "java",
            revived: true,
        };
        assert!(members(&all, &all[0].process, mark, Unit::Container).is_empty());
    }
}
