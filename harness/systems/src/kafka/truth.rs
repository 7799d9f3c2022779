//! What is true of the cluster: every broker asked by itself, and believed as far as its epoch goes.
//!
//! A broker that was cut off goes on naming itself as leader, and with the quorum lost the last survivor tells stale full ISRs. So the
//! highest epoch decides who leads, and redundancy is the least of three counts: brokers that answer, copies in sync in every answer,
//! and voters that keep up with the active controller.
use super::wire::{self, Metadata, Part, Quorum};
use futures_util::future::{join, join_all};
use std::time::Duration;

/// Longest wait for one broker: it answers within milliseconds, or is starved, frozen or cut off.
const ANSWER: Duration = Duration::from_secs(2);
/// A voter fetches at least every 500 ms; one that has not caught up for so long would not do as a leader.
const KEEPS_UP_MS: i64 = 3_000;

/// The brokers' answers of one moment, in the order of their ids from 1.
#[derive(Debug)]
pub(super) struct View {
    pub(super) answers: Vec<Result<Metadata, String>>,
    pub(super) quorum: Result<Quorum, String>,
}

/// Asks all brokers at once; `at` are their published ports in the order of their ids.
pub(super) async fn view(at: &[String]) -> View {
    let metadata = join_all(at.iter().map(|at| wire::metadata(at, ANSWER)));
    let quorum = join_all(at.iter().map(|at| wire::quorum(at, ANSWER)));
    let (answers, told) = join(metadata, quorum).await;
    View {
        answers,
        quorum: newest(told),
    }
}

/// The answer of the highest epoch: a deposed controller may still think that it leads.
fn newest(told: Vec<Result<Quorum, String>>) -> Result<Quorum, String> {
    let none = Err("there is no broker to ask".to_owned());
    told.into_iter()
        .fold(none, |best, next| match (&best, &next) {
            (Ok(known), Ok(new)) if new.epoch <= known.epoch => best,
            (Ok(_), Err(_)) => best,
            _ => next,
        })
}

impl View {
    /// A partition as the answer of the highest epoch has it.
    pub(super) fn part(&self, topic: &str, number: i32) -> Result<&Part, String> {
        let all = self.answers.iter().flatten().flat_map(|told| &told.parts);
        let of_it = all.filter(|part| part.topic == topic && part.number == number);
        of_it
            .max_by_key(|part| part.epoch)
            .ok_or_else(|| format!("no broker knows partition {number} of `{topic}`"))
    }

    /// Who leads it.
    pub(super) fn leader(&self, topic: &str, number: i32) -> Result<i32, String> {
        let leader = self.part(topic, number)?.leader;
        let none = || format!("partition {number} of `{topic}` has no leader");
        (leader > 0).then_some(leader).ok_or_else(none)
    }

    /// Who holds a copy without leading it, the ones in sync first.
    pub(super) fn followers(&self, topic: &str, number: i32) -> Result<Vec<i32>, String> {
        let part = self.part(topic, number)?;
        let mut rest = part.replicas.clone();
        rest.retain(|id| *id != part.leader);
        rest.sort_by_key(|id| !part.in_sync.contains(id));
        Ok(rest)
    }

    /// The active controller.
    pub(super) fn controller(&self) -> Result<i32, String> {
        let quorum = self.quorum.as_ref().map_err(Clone::clone)?;
        let none = || "the quorum has no leader".to_owned();
        (quorum.leader > 0)
            .then_some(quorum.leader)
            .ok_or_else(none)
    }

    /// The other voters.
    pub(super) fn inactive_controllers(&self) -> Result<Vec<i32>, String> {
        let active = self.controller()?;
        let voters = self.quorum.iter().flat_map(|quorum| &quorum.voters);
        let mut rest: Vec<i32> = voters.map(|voter| voter.id).collect();
        rest.retain(|id| *id != active);
        rest.sort_unstable();
        Ok(rest)
    }

    /// How many copies of everything there are for sure, of as many as there are brokers.
    pub(super) fn redundancy(&self) -> usize {
        let answered = self.answers.iter().flatten();
        let short = |part: &Part| part.replicas.len().saturating_sub(part.in_sync.len());
        let most_short = answered
            .clone()
            .flat_map(|told| &told.parts)
            .map(short)
            .max();
        let copies = self.answers.len().saturating_sub(most_short.unwrap_or(0));
        copies.min(answered.count()).min(self.voters_that_keep_up())
    }

    fn voters_that_keep_up(&self) -> usize {
        let Ok(quorum) = &self.quorum else { return 0 };
        let newest = quorum.voters.iter().map(|voter| voter.fetched_ms).max();
        let oldest = newest.unwrap_or(0) - KEEPS_UP_MS;
        let keeps_up = |voter: &&wire::Voter| voter.caught_up_ms >= oldest;
        quorum.voters.iter().filter(keeps_up).count()
    }

    /// Whether broker `id` answers and every broker that answers counts it in.
    pub(super) fn takes_part(&self, id: i32) -> Result<(), String> {
        let own = usize::try_from(id - 1)
            .ok()
            .and_then(|at| self.answers.get(at));
        match own {
            Some(Ok(_)) => {}
            Some(Err(why)) => return Err(why.clone()),
            None => return Err(format!("there is no broker {id}")),
        }
        let mut answered = self.answers.iter().flatten();
        if answered.all(|told| told.brokers.contains(&id)) {
            Ok(())
        } else {
            Err(format!(
                "broker {id} answers but not every broker counts it in"
            ))
        }
    }

    /// Whether all brokers answer and name all.
    pub(super) fn complete(&self) -> Result<(), String> {
        (1..=self.answers.len() as i32).try_for_each(|id| self.takes_part(id))
    }
}

#[cfg(test)]
mod tests {
    use super::{wire::Voter, *};

    fn told(epoch: i32, leader: i32, in_sync: &[i32]) -> Result<Metadata, String> {
        let part = Part {
            topic: "orders".into(),
            number: 0,
            leader,
            epoch,
            replicas: vec![1, 2, 3],
            in_sync: in_sync.to_vec(),
        };
        Ok(Metadata {
            brokers: vec![1, 2, 3],
            parts: vec![part],
        })
    }

    fn quorum(epoch: i32, leader: i32, behind_ms: i64) -> Result<Quorum, String> {
        let voter = |id| Voter {
            id,
            fetched_ms: 100_000,
            caught_up_ms: if id == 3 {
                100_000 - behind_ms
            } else {
                100_000
            },
        };
        Ok(Quorum {
            leader,
            epoch,
            voters: [1, 2, 3].map(voter).into(),
        })
    }

    fn dead<T>() -> Result<T, String> {
        Err("refused".into())
    }

    #[test]
    fn a_leader_that_was_cut_off_is_not_believed() {
        let all = &[1, 2, 3][..];
        let view = View {
            answers: vec![told(4, 1, all), told(5, 2, &[2, 3]), told(5, 2, &[2, 3])],
            quorum: newest(vec![quorum(7, 1, 0), quorum(8, 2, 0), dead()]),
        };
        assert_eq!(
            (view.leader("orders", 0), view.controller()),
            (Ok(2), Ok(2))
        );
        assert_eq!(view.followers("orders", 0), Ok(vec![3, 1]));
        assert_eq!(view.inactive_controllers(), Ok(vec![1, 3]));
        assert_eq!(view.redundancy(), 2);
        assert!(view.leader("orders", 1).is_err());
    }

    #[test]
    fn redundancy_needs_every_broker_every_copy_and_every_voter() {
        let all = &[1, 2, 3][..];
        let of = |third, quorum| View {
            answers: vec![told(5, 1, all), told(5, 1, all), third],
            quorum,
        };
        assert_eq!(of(told(5, 1, all), quorum(7, 1, 500)).redundancy(), 3);
        assert_eq!(of(told(5, 1, &[1]), quorum(7, 1, 0)).redundancy(), 1);
        assert_eq!(of(dead(), quorum(7, 1, 0)).redundancy(), 2);
        assert_eq!(of(told(5, 1, all), quorum(7, 1, 9_000)).redundancy(), 2);
        // With the quorum lost the survivors' full ISRs are stale.
        assert_eq!(of(told(5, 1, all), dead()).redundancy(), 0);
    }

    #[test]
    fn a_broker_takes_part_when_it_answers_and_all_count_it_in() {
        let all = &[1, 2, 3][..];
        let mut view = View {
            answers: vec![told(5, 1, all), told(5, 1, all), dead()],
            quorum: dead(),
        };
        assert_eq!((view.takes_part(1), view.takes_part(3)), (Ok(()), dead()));
        view.answers[2] = told(5, 1, all);
        assert_eq!(view.complete(), Ok(()));
        view.answers[0] = Ok(Metadata::default());
        assert!(view.takes_part(2).is_err() && view.complete().is_err());
        assert!(view.takes_part(4).is_err() && view.takes_part(0).is_err());
    }

    #[test]
    fn without_a_leader_nobody_leads() {
        let view = View {
            answers: vec![told(5, -1, &[1])],
            quorum: quorum(7, -1, 0),
        };
        assert!(view.leader("orders", 0).is_err() && view.controller().is_err());
    }
}
