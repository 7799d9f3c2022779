//! Listens to the engine for containers of the run that end.
//!
//! The stream may break (engine restarted); it is opened again from the last instant seen, so that no death between is missed.
use super::engine::{NODE_LABEL, RUN_LABEL};
use futures_util::StreamExt as _;
use model::system::BedNews;
use std::{collections::HashMap, time::Duration};
use testcontainers::bollard::{
    Docker, models::EventMessage, query_parameters::EventsOptionsBuilder,
};
use tokio::sync::mpsc;

/// Deaths not yet asked for; a bed has about ten containers, so a thousand is a restart loop of minutes.
pub(crate) const QUEUE: usize = 1024;

/// Sends every death of a container of `run` into `tell` until nobody listens.
pub(crate) async fn listen(docker: Docker, run: String, tell: mpsc::Sender<BedNews>) {
    let mut since: Option<String> = None;
    while !tell.is_closed() {
        let filters = HashMap::from([
            ("type".to_owned(), vec!["container".to_owned()]),
            ("event".to_owned(), vec!["die".to_owned()]),
            ("label".to_owned(), vec![format!("{RUN_LABEL}={run}")]),
        ]);
        let mut options = EventsOptionsBuilder::default().filters(&filters);
        if let Some(since) = &since {
            options = options.since(since);
        }
        let mut stream = std::pin::pin!(docker.events(Some(options.build())));
        while let Some(Ok(event)) = stream.next().await {
            since = event.time_nano.map(just_after);
            if let Some(news) = death(&event)
                && tell.try_send(news).is_err()
            {
                tracing::warn!("a death was not reported: the queue is full or the run is over");
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// The engine reads `seconds.nanoseconds`.
fn just_after(ns: i64) -> String {
    let next = ns + 1;
    format!("{}.{:09}", next / 1_000_000_000, next % 1_000_000_000)
}

fn death(event: &EventMessage) -> Option<BedNews> {
    let told = event.actor.as_ref()?.attributes.as_ref()?;
    Some(BedNews::Lost {
        node: told.get(NODE_LABEL)?.as_str().into(),
        exit_code: told.get("exitCode").and_then(|code| code.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use testcontainers::bollard::models::EventActor;

    #[test]
    fn a_death_names_its_node_and_code() {
        let told = HashMap::from([
            (NODE_LABEL.to_owned(), "kafka-broker-1".to_owned()),
            ("exitCode".to_owned(), "137".to_owned()),
        ]);
        let actor = EventActor {
            attributes: Some(told),
            ..Default::default()
        };
        let event = EventMessage {
            actor: Some(actor),
            ..Default::default()
        };
        let lost = BedNews::Lost {
            node: "kafka-broker-1".into(),
            exit_code: Some(137),
        };
        assert_eq!(death(&event), Some(lost));
        assert_eq!(death(&EventMessage::default()), None);
    }

    #[test]
    fn listening_resumes_behind_the_last_event() {
        assert_eq!(just_after(1_999_999_999), "2.000000000");
    }
}
