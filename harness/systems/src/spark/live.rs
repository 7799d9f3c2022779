//! Spark while it runs. Workers wait in their container until the master listens; the driver starts when its inputs are there.
use super::{DRIVER, DRIVER_UI, MASTER, MASTER_UI, Settings, question, status};
use crate::{
    bed::{
        Call, Live, Mark, Recipe, Say, Site,
        wait::{failed, until},
    },
    s3::connections,
};
use model::{
    BoxFuture,
    check::{NodeState, Seen},
    ids::{NodeId, Role},
    system::{BedError, BedNews, Outcome, Reply, Version},
};
use serde::de::DeserializeOwned;
use std::{net::Ipv4Addr, sync::Mutex, time::Duration};

/// Start to registered executors took 15 CPU-seconds; a busy machine is not a broken one.
const READY: Duration = Duration::from_secs(180);
/// What a task leaves for tasks of the next stage to fetch.
const SHUFFLED: &[&str] = &["/tmp/spark-*/executor-*/blockmgr-*/*/shuffle_*"];
/// Longest wait of one question.
const QUESTION: Duration = Duration::from_secs(5);

/// Writes the job and what it imports; a restart finds them again.
const UNPACK: &str = r#"import json,os;[open("/tmp/"+n,"w").write(t) for n,t in json.loads(os.environ["BRINELL_FILES"]).items()]"#;

pub(super) struct Running {
    master: String,
    driver: String,
    workers: u32,
    settings: Settings,
    http: reqwest::Client,
    /// Id of the application as last seen: new after every restart of the driver.
    application: Mutex<Option<String>>,
}

impl Running {
    pub(super) fn new(settings: Settings, site: &Site) -> Result<Self, BedError> {
        Ok(Self {
            master: site.outside(MASTER, MASTER_UI)?,
            driver: site.outside(DRIVER, DRIVER_UI)?,
            workers: settings.workers,
            settings,
            http: connections(QUESTION)?,
            application: Mutex::new(None),
        })
    }

    async fn json<T: DeserializeOwned>(&self, at: &str, path: &str) -> Result<T, Refused> {
        let answer = self
            .http
            .get(format!("http://{at}{path}"))
            .send()
            .await
            .map_err(|error| Refused::of(&error))?;
        if !answer.status().is_success() {
            return Err(Refused(format!("http-{}", answer.status().as_u16())));
        }
        answer.json().await.map_err(|error| Refused::of(&error))
    }

    async fn master(&self) -> Result<status::Master, Refused> {
        self.json(&self.master, "/json/").await
    }

    /// Executors that are registered with the driver: id and address.
    async fn executors(&self) -> Result<Vec<(String, Ipv4Addr)>, Refused> {
        Ok(status::registered(&self.listed().await?))
    }

    /// The driver's own list of executors.
    async fn listed(&self) -> Result<Vec<status::Executor>, Refused> {
        let known = self.application.lock().map_or(None, |known| known.clone());
        let id = match known {
            Some(id) => id,
            None => self.application().await?,
        };
        let page = format!("/api/v1/applications/{id}/executors");
        let listed: Result<Vec<status::Executor>, Refused> = self.json(&self.driver, &page).await;
        if listed.is_err() {
            self.remember(None);
        }
        listed
    }

    /// The nodes of the role that is asked for, at the addresses that are the answer.
    async fn answer(&self, site: &Site, question: &str) -> Result<Vec<NodeId>, String> {
        let listed = self.listed().await.map_err(|refused| refused.0)?;
        let (role, homes) = question::answer(question, &listed).ok_or("it has no known form")?;
        let home_of = |node: &NodeId| {
            let spec = &site.placed(node).ok()?.spec;
            site.address(spec.inside.as_ref().unwrap_or(node).as_str())
                .ok()
        };
        let of_role: Vec<NodeId> = site.of_role(role).into_iter().map(NodeId::from).collect();
        let at = |home: &Ipv4Addr| {
            of_role
                .iter()
                .find(|node| home_of(node).as_ref() == Some(home))
        };
        Ok(homes.iter().filter_map(at).cloned().collect())
    }

    async fn application(&self) -> Result<String, Refused> {
        let listed: Vec<status::Application> =
            self.json(&self.driver, "/api/v1/applications").await?;
        let first = listed
            .into_iter()
            .next()
            .ok_or(Refused("no-application".into()))?;
        self.remember(Some(first.id.clone()));
        Ok(first.id)
    }

    fn remember(&self, id: Option<String>) {
        if let Ok(mut known) = self.application.lock() {
            *known = id;
        }
    }

    async fn all_workers(&self) -> Result<(), String> {
        let master = self.master().await.map_err(|refused| refused.0)?;
        let alive = master.alive().len();
        if alive == self.workers as usize {
            Ok(())
        } else {
            Err(format!("{alive} of {} workers alive", self.workers))
        }
    }

    async fn all_executors(&self) -> Result<(), String> {
        let count = self.executors().await.map_err(|refused| refused.0)?.len();
        if count == self.workers as usize {
            Ok(())
        } else {
            Err(format!("{count} of {} executors registered", self.workers))
        }
    }

    async fn alive(&self) -> Result<(), String> {
        let master = self.master().await.map_err(|refused| refused.0)?;
        if master.status == "ALIVE" {
            Ok(())
        } else {
            Err(format!("the master is {}", master.status))
        }
    }

    async fn come_up(&self, site: &Site, say: Say<'_>) -> Result<(), BedError> {
        until("Spark's master to be alive", READY, || self.alive()).await?;
        say(BedNews::Ready {
            node: MASTER.into(),
            probe: "it says that it is alive".into(),
        });
        site.gates.open("spark-master");
        until("Spark's workers to register", READY, || self.all_workers()).await?;
        for node in site.of_role("spark-worker") {
            say(BedNews::Ready {
                node: node.into(),
                probe: "alive in the master's list".into(),
            });
        }
        until("Spark's executors to register", READY, || {
            self.all_executors()
        })
        .await?;
        for node in site.of_role("spark-executor") {
            say(BedNews::Ready {
                node: node.into(),
                probe: "registered with the driver".into(),
            });
        }
        say(BedNews::Ready {
            node: DRIVER.into(),
            probe: "it lists its executors".into(),
        });
        Ok(())
    }

    fn driver(&self, site: &Site) -> Result<Recipe, BedError> {
        let (job, address) = (&site.submission, site.address(DRIVER)?);
        let own = [
            ("spark.driver.host", address.to_string()),
            ("spark.driver.bindAddress", "0.0.0.0".into()),
            ("spark.executor.memory", "512m".into()),
            ("spark.executor.cores", "1".into()),
            ("spark.cores.max", self.workers.to_string()),
            ("spark.ui.port", DRIVER_UI.to_string()),
            ("spark.ui.showConsoleProgress", "false".into()),
            ("spark.log.level", "WARN".into()),
        ];
        let own = own.map(|(key, value)| format!("{key}={value}"));
        let asked = self.settings.conf();
        let asked = asked.iter().map(|(key, value)| format!("{key}={value}"));
        let theirs = job.conf.iter().map(|(key, value)| format!("{key}={value}"));
        let mut command = vec![
            "--master".to_owned(),
            site.offer("spark.master")?.to_owned(),
        ];
        command.extend(
            own.into_iter()
                .chain(asked)
                .chain(theirs)
                .flat_map(|conf| ["--conf".to_owned(), conf]),
        );
        let others = job.files.keys().filter(|name| **name != job.name);
        let others: Vec<String> = others.map(|name| format!("/tmp/{name}")).collect();
        if !others.is_empty() {
            command.extend(["--py-files".to_owned(), others.join(",")]);
        }
        command.push(format!("/tmp/{}", job.name));
        command.extend(job.args.iter().cloned());
        // The program travels in the environment: no file of this host need be seen by the engine, and a restart finds it again.
        let shell =
            format!("python3 -c '{UNPACK}' && exec /bin/sh /opt/spark/start.sh driver \"$@\"");
        Ok(Recipe {
            node: DRIVER.into(),
            entry: ["/bin/sh", "-c", &shell, "driver"].map(String::from).into(),
            command,
            env: vec![
                ("BRINELL_FILES", serde_json::json!(job.files).to_string()),
                ("SPARK_HEAP", "512m".into()),
            ],
            after: [&["spark-master"], job.after.as_slice()].concat(),
            restart: self.settings.supervise,
            ..Recipe::default()
        })
    }

    async fn seen(&self, site: &Site, node: &NodeId, is: NodeState) -> Result<Seen, BedError> {
        let placed = site.placed(node)?;
        let home = site.address(placed.spec.inside.as_ref().unwrap_or(node).as_str())?;
        let asked = match (placed.spec.role.as_str(), is) {
            ("spark-master", _) => self.alive().await,
            ("spark-worker", _) => self.lists_worker(home).await,
            ("spark-executor", NodeState::Count) => self.all_executors().await,
            ("spark-executor", NodeState::Ready) => self.lists_executor(home).await,
            _ => self
                .executors()
                .await
                .map(drop)
                .map_err(|refused| refused.0),
        };
        let evidence =
            asked
                .as_ref()
                .map_or_else(Clone::clone, |()| match (placed.spec.role.as_str(), is) {
                    ("spark-executor", NodeState::Count) => {
                        format!("{} of {0} executors registered", self.workers)
                    }
                    (role, _) => format!("{role} at {home} answers and is listed"),
                });
        Ok(Seen {
            held: asked.is_ok(),
            evidence,
        })
    }

    async fn counted(&self, commands: &[String]) -> Seen {
        let registered = self.executors().await.map_err(|refused| refused.0);
        let asked = registered.and_then(|all| status::whole(commands, &all, self.workers as usize));
        let evidence = asked.clone().err();
        let evidence = evidence
            .unwrap_or_else(|| format!("{} of {0} executors run and are registered", self.workers));
        Seen {
            held: asked.is_ok(),
            evidence,
        }
    }

    async fn lists_worker(&self, home: Ipv4Addr) -> Result<(), String> {
        let master = self.master().await.map_err(|refused| refused.0)?;
        let listed = master.alive().contains(&home.to_string().as_str());
        if listed {
            Ok(())
        } else {
            Err(format!("no worker at {home} is alive"))
        }
    }

    async fn lists_executor(&self, home: Ipv4Addr) -> Result<(), String> {
        let listed = self.executors().await.map_err(|refused| refused.0)?;
        if listed.iter().any(|(_, address)| *address == home) {
            Ok(())
        } else {
            Err(format!("no executor at {home} is registered"))
        }
    }

    async fn gauge(&self, call: Call<'_>) -> Reply {
        let failed = |class: String| Reply {
            outcome: Outcome::Fail,
            value: None,
            class,
        };
        match tokio::time::timeout(call.limit, self.executors()).await {
            Ok(Ok(listed)) => Reply {
                outcome: Outcome::Ok,
                value: Some(listed.len() as f64),
                class: String::new(),
            },
            Ok(Err(Refused(class))) => failed(class),
            Err(_) => failed("timeout".into()),
        }
    }
}

/// Why a page gave no answer: a short class.
#[derive(Debug)]
struct Refused(String);

impl Refused {
    fn of(error: &reqwest::Error) -> Self {
        let class = match error {
            error if error.is_timeout() => "timeout",
            error if error.is_connect() => "refused",
            error if error.is_decode() => "no-json",
            _ => "closed",
        };
        Self(class.into())
    }
}

impl Live for Running {
    fn recipes(&self, site: &Site) -> Result<Vec<Recipe>, BedError> {
        let master = site.address(MASTER)?;
        let mut recipes = vec![Recipe {
            node: MASTER.into(),
            command: vec!["master".into()],
            env: vec![
                ("SPARK_HOST", master.to_string()),
                ("SPARK_ROLE_OPTS", self.settings.flags()),
            ],
            ..Recipe::default()
        }];
        for node in site.of_role("spark-worker") {
            recipes.push(Recipe {
                node: node.to_owned(),
                command: vec!["worker".into()],
                env: vec![
                    ("SPARK_HOST", site.address(node)?.to_string()),
                    ("SPARK_MASTER", format!("{master}:7077")),
                    ("SPARK_ROLE_OPTS", self.settings.flags()),
                ],
                ..Recipe::default()
            });
        }
        recipes.push(self.driver(site)?);
        Ok(recipes)
    }

    fn ready<'a>(&'a self, site: &'a Site, say: Say<'a>) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(self.come_up(site, say))
    }

    fn mark(&self, role: &Role) -> Mark {
        let (command, revived) = match role.as_str() {
            "spark-master" => ("deploy.master.Master", false),
            "spark-worker" => ("deploy.worker.Worker", false),
            "spark-driver" => ("deploy.SparkSubmit", self.settings.supervise),
            _ => ("executor.CoarseGrainedExecutorBackend", true),
        };
        Mark { command, revived }
    }

    fn scratch(&self, role: &Role) -> &'static [&'static str] {
        match role.as_str() {
            "spark-worker" | "spark-executor" => SHUFFLED,
            _ => &[],
        }
    }

    fn look<'a>(
        &'a self,
        site: &'a Site,
        node: &'a NodeId,
        is: NodeState,
    ) -> BoxFuture<'a, Result<Seen, BedError>> {
        Box::pin(self.seen(site, node, is))
    }

    fn count<'a>(
        &'a self,
        _: &'a Site,
        _: &'a NodeId,
        commands: Vec<String>,
    ) -> BoxFuture<'a, Result<Seen, BedError>> {
        Box::pin(async move { Ok(self.counted(&commands).await) })
    }

    fn ask<'a>(
        &'a self,
        site: &'a Site,
        question: &'a str,
    ) -> BoxFuture<'a, Result<Vec<NodeId>, BedError>> {
        Box::pin(async move {
            let answer = self.answer(site, question).await;
            answer.map_err(|why| failed(format!("ask `{question}`"), why))
        })
    }

    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply> {
        Box::pin(self.gauge(call))
    }

    fn versions(&self) -> BoxFuture<'_, Vec<Version>> {
        #[derive(serde::Deserialize)]
        struct Told {
            spark: String,
        }
        Box::pin(async {
            let told: Result<Told, _> = self.json(&self.driver, "/api/v1/version").await;
            told.map(|told| Version {
                name: "spark".into(),
                value: told.spark,
            })
            .into_iter()
            .collect()
        })
    }
}
