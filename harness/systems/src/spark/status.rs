//! What the master and the driver say of themselves, as JSON.
//!
//! The master counts an executor when it orders one: between a killed one and the next, its page shows no gap, because both changes
//! happen in one message. The driver counts those that registered with it; that is the redundancy a job really has.
use serde::Deserialize;
use std::net::Ipv4Addr;

/// The master's page.
#[derive(Debug, Deserialize)]
pub(super) struct Master {
    /// `ALIVE`, `RECOVERING`, `STANDBY`.
    pub(super) status: String,
    /// Workers, dead ones included.
    pub(super) workers: Vec<Worker>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Worker {
    host: String,
    state: String,
}

impl Master {
    /// Addresses of workers that are alive; killed ones stay listed as dead.
    pub(super) fn alive(&self) -> Vec<&str> {
        let alive = self.workers.iter().filter(|worker| worker.state == "ALIVE");
        alive.map(|worker| worker.host.as_str()).collect()
    }
}

/// One application in the driver's list: there is exactly one.
#[derive(Debug, Deserialize)]
pub(super) struct Application {
    /// Its id, new with every start of the driver.
    pub(super) id: String,
}

/// One line of the driver's list of executors.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Executor {
    id: String,
    host_port: String,
    is_active: bool,
    /// Tasks that it runs now.
    #[serde(default)]
    pub(super) active_tasks: u64,
    /// Bytes that it wrote for others to fetch.
    #[serde(default)]
    pub(super) total_shuffle_write: u64,
}

impl Executor {
    /// Where it runs, while it is registered.
    pub(super) fn home(&self) -> Option<Ipv4Addr> {
        let address = || self.host_port.split(':').next()?.parse().ok();
        self.is_active.then(address).flatten()
    }

    /// Whether it is the driver's own line.
    pub(super) fn is_driver(&self) -> bool {
        self.id == "driver"
    }
}

/// Id and address of the executors that are registered now; the driver's own line is none.
pub(super) fn registered(listed: &[Executor]) -> Vec<(String, Ipv4Addr)> {
    let others = listed.iter().filter(|executor| !executor.is_driver());
    others
        .filter_map(|executor| Some((executor.id.clone(), executor.home()?)))
        .collect()
}

/// The id that an executor's own command line gives it.
pub(super) fn id_of(command: &str) -> Option<&str> {
    let mut words = command.split_whitespace();
    words.find(|word| *word == "--executor-id")?;
    words.next()
}

/// Whether the executors that run are the ones that are registered, all of them. The driver lists a killed one for some
/// hundred milliseconds more, while the next is starting already: their numbers alone would agree too early.
pub(super) fn whole(
    commands: &[String],
    registered: &[(String, Ipv4Addr)],
    due: usize,
) -> Result<(), String> {
    let mut running: Vec<&str> = commands
        .iter()
        .filter_map(|command| id_of(command))
        .collect();
    let mut listed: Vec<&str> = registered.iter().map(|(id, _)| id.as_str()).collect();
    running.sort_unstable();
    listed.sort_unstable();
    if running == listed && running.len() == due {
        Ok(())
    } else {
        Err(format!(
            "of {due} executors run {running:?}, registered are {listed:?}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_active_executors_count_and_the_driver_does_not() {
        let listed: Vec<Executor> = serde_json::from_str(
            r#"[{"id":"driver","hostPort":"10.213.0.15:39117","isActive":true,"totalCores":0},
                {"id":"0","hostPort":"10.213.0.13:35541","isActive":false},
                {"id":"1","hostPort":"10.213.0.14:40001","isActive":true},
                {"id":"2","hostPort":"10.213.0.13:40002","isActive":true}]"#,
        )
        .expect("as the driver writes it");
        assert_eq!(
            registered(&listed),
            [
                ("1".to_owned(), Ipv4Addr::new(10, 213, 0, 14)),
                ("2".to_owned(), Ipv4Addr::new(10, 213, 0, 13))
            ]
        );
    }

    #[test]
    fn a_killed_executor_that_is_still_listed_is_not_whole() {
        let run = |id: u32| {
            format!(
                "java -cp x org.apache.spark.executor.CoarseGrainedExecutorBackend --executor-id {id} --cores 1"
            )
        };
        let listed = |id: u32| (id.to_string(), Ipv4Addr::new(10, 213, 0, 13));
        assert!(whole(&[run(1), run(2)], &[listed(0), listed(1)], 2).is_err());
        assert!(whole(&[run(1)], &[listed(0), listed(1)], 2).is_err());
        assert!(whole(&[run(1)], &[listed(1)], 2).is_err());
        assert_eq!(whole(&[run(2), run(1)], &[listed(1), listed(2)], 2), Ok(()));
    }

    #[test]
    fn dead_workers_are_listed_but_not_alive() {
        let master: Master = serde_json::from_str(
            r#"{"url":"spark://x:7077","workers":[{"id":"w1","host":"10.213.0.13","port":7078,"state":"DEAD","coresused":0},
                {"id":"w2","host":"10.213.0.13","port":7078,"state":"ALIVE","coresused":1}],"status":"ALIVE"}"#,
        )
        .expect("as the master writes it");
        assert_eq!(master.alive(), ["10.213.0.13"]);
    }
}
