//! Who is what in the cluster now: the questions that a fault's target may be.
use super::{broker, truth::View};
use model::{ids::NodeId, question::QuestionDoc};

const ROLE: &str = "kafka-broker";

const LEADER: QuestionDoc = QuestionDoc {
    form: "leader of <topic>/<number>",
    doc: "The broker that leads a partition.",
    role: ROLE,
};
const FOLLOWER: QuestionDoc = QuestionDoc {
    form: "follower of <topic>/<number>",
    doc: "The brokers that copy a partition without leading it, those in sync first.",
    role: ROLE,
};
const ACTIVE: QuestionDoc = QuestionDoc {
    form: "active controller",
    doc: "The broker whose controller leads the quorum.",
    role: ROLE,
};
const INACTIVE: QuestionDoc = QuestionDoc {
    form: "inactive controller",
    doc: "The brokers whose controllers follow, in the order of their ids.",
    role: ROLE,
};

/// All that can be asked.
pub(super) const FORMS: &[QuestionDoc] = &[LEADER, FOLLOWER, ACTIVE, INACTIVE];

/// The answer, out of what all brokers said.
///
/// # Errors
/// What nobody could tell.
pub(super) fn answer(question: &str, view: &View) -> Result<Vec<NodeId>, String> {
    let number = |text: &str| text.parse().map_err(|_| format!("{text} is no partition"));
    let ids = if let Some([topic, part]) = LEADER.read(question).as_deref() {
        vec![view.leader(topic, number(part)?)?]
    } else if let Some([topic, part]) = FOLLOWER.read(question).as_deref() {
        view.followers(topic, number(part)?)?
    } else if ACTIVE.read(question).is_some() {
        vec![view.controller()?]
    } else if INACTIVE.read(question).is_some() {
        view.inactive_controllers()?
    } else {
        return Err("it has no known form".into());
    };
    let nodes = ids.into_iter().filter_map(|id| u32::try_from(id).ok());
    Ok(nodes.map(|id| NodeId(broker(id))).collect())
}

#[cfg(test)]
mod tests {
    use super::{
        super::wire::{Metadata, Part, Quorum, Voter},
        *,
    };

    fn view() -> View {
        let part = Part {
            topic: "orders".into(),
            number: 1,
            leader: 2,
            epoch: 0,
            replicas: vec![1, 2, 3],
            in_sync: vec![2, 3],
        };
        let told = Metadata {
            brokers: vec![1, 2, 3],
            parts: vec![part],
        };
        let voter = |id| Voter {
            id,
            fetched_ms: 0,
            caught_up_ms: 0,
        };
        View {
            answers: vec![Ok(told)],
            quorum: Ok(Quorum {
                leader: 3,
                epoch: 1,
                voters: [1, 2, 3].map(voter).into(),
            }),
        }
    }

    #[test]
    fn every_form_is_answered_with_brokers_of_the_testbed() {
        let told = |question| -> Vec<String> {
            let nodes = answer(question, &view()).expect("an answer");
            nodes.into_iter().map(|node| node.0).collect()
        };
        assert_eq!(told("leader of orders/1"), ["kafka-broker-2"]);
        let followers = ["kafka-broker-3", "kafka-broker-1"];
        assert_eq!(told("follower of orders/1"), followers);
        assert_eq!(told("active controller"), ["kafka-broker-3"]);
        let inactive = ["kafka-broker-1", "kafka-broker-2"];
        assert_eq!(told("inactive controller"), inactive);
    }

    #[test]
    fn what_nobody_can_tell_is_an_error() {
        for question in ["leader of orders/7", "leader of orders/99999999999", "king"] {
            assert!(answer(question, &view()).is_err(), "{question}");
        }
    }
}
