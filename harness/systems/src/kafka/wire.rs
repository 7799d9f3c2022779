//! Two questions of Kafka's own protocol: what one broker believes of every partition, and what the active controller says of its quorum.
//!
//! librdkafka asks any broker, and the controller that it names is not the active one. Here each broker is asked by itself, on a
//! connection of its own with a deadline, so that a broker that hangs costs its own answer only.
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Key and version of each question: the oldest version that tells the epoch of a leader, and when a voter was last heard of.
const METADATA: (i16, i16) = (3, 7);
const DESCRIBE_QUORUM: (i16, i16) = (55, 1);
/// The one partition of the controllers' own log.
const QUORUM_TOPIC: &str = "__cluster_metadata";
/// An answer is some kilobytes; more is no answer of a broker.
const MOST_BYTES: i32 = 16 << 20;

/// A partition as one broker sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) topic: String,
    pub(super) number: i32,
    /// Below zero where it has none.
    pub(super) leader: i32,
    pub(super) epoch: i32,
    pub(super) replicas: Vec<i32>,
    pub(super) in_sync: Vec<i32>,
}

/// What one broker believes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    /// Ids of the brokers that take part.
    pub(super) brokers: Vec<i32>,
    pub(super) parts: Vec<Part>,
}

/// A voter as the active controller sees it; times are on the controller's clock, ms, below zero where unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Voter {
    pub(super) id: i32,
    pub(super) fetched_ms: i64,
    pub(super) caught_up_ms: i64,
}

/// What the active controller says of the quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quorum {
    pub(super) leader: i32,
    pub(super) epoch: i32,
    pub(super) voters: Vec<Voter>,
}

/// Asks one broker what it believes of all topics.
///
/// # Errors
/// No answer within `limit`, or one that is not Kafka's.
pub(super) async fn metadata(at: &str, limit: Duration) -> Result<Metadata, String> {
    // All topics, and none is made by asking.
    let question = [&(-1_i32).to_be_bytes()[..], &[0]].concat();
    let answer = asked(at, METADATA, &header(METADATA, false), &question, limit).await?;
    read_metadata(&mut Reader(&answer)).ok_or_else(|| torn(at))
}

/// Asks the active controller about its quorum, through this broker.
///
/// # Errors
/// No answer within `limit`, an error in it, or one that is not Kafka's.
pub(super) async fn quorum(at: &str, limit: Duration) -> Result<Quorum, String> {
    let name = QUORUM_TOPIC.as_bytes();
    // Compact lists and strings give their length plus one; a zero closes each struct.
    let mut question = vec![2, name.len() as u8 + 1];
    question.extend(name);
    question.extend([2, 0, 0, 0, 0, 0, 0, 0]);
    let head = header(DESCRIBE_QUORUM, true);
    let answer = asked(at, DESCRIBE_QUORUM, &head, &question, limit).await?;
    read_quorum(&mut Reader(&answer)).ok_or_else(|| torn(at))?
}

fn torn(at: &str) -> String {
    format!("{at} answered with something else")
}

fn header((key, version): (i16, i16), flexible: bool) -> Vec<u8> {
    let client = b"brinell";
    let mut head = [key.to_be_bytes(), version.to_be_bytes()].concat();
    head.extend(0_i32.to_be_bytes());
    head.extend((client.len() as i16).to_be_bytes());
    head.extend(client);
    head.extend(flexible.then_some(0));
    head
}

async fn asked(
    at: &str,
    (key, _): (i16, i16),
    head: &[u8],
    question: &[u8],
    limit: Duration,
) -> Result<Vec<u8>, String> {
    let frame = [head, question].concat();
    let asked = tokio::time::timeout(limit, exchanged(at, &frame)).await;
    let within = || {
        format!(
            "{at} did not answer question {key} within {} ms",
            limit.as_millis()
        )
    };
    asked
        .map_err(|_| within())?
        .map_err(|error| format!("{at}: {error}"))
}

/// One frame there, one back, its correlation id taken off.
async fn exchanged(at: &str, frame: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(at).await?;
    stream
        .write_all(&(frame.len() as u32).to_be_bytes())
        .await?;
    stream.write_all(frame).await?;
    let length = stream.read_i32().await?;
    if !(4..=MOST_BYTES).contains(&length) {
        return Err(std::io::Error::other(format!(
            "an answer of {length} bytes"
        )));
    }
    let mut answer = vec![0; length as usize];
    stream.read_exact(&mut answer).await?;
    Ok(answer.split_off(4))
}

fn read_metadata(from: &mut Reader<'_>) -> Option<Metadata> {
    from.i32()?; // throttled for so long
    let brokers = from.list(|broker| {
        let id = broker.i32()?;
        broker.text()?;
        broker.i32()?;
        broker.text()?;
        Some(id)
    })?;
    from.text()?; // id of the cluster
    from.i32()?; // some controller, seldom the active one
    let topics = from.list(|topic| {
        topic.i16()?;
        let name = topic.text()?;
        topic.take(1)?;
        topic.list(|part| read_part(part, &name))
    })?;
    Some(Metadata {
        brokers,
        parts: topics.into_iter().flatten().collect(),
    })
}

fn read_part(part: &mut Reader<'_>, topic: &str) -> Option<Part> {
    part.i16()?;
    let (number, leader, epoch) = (part.i32()?, part.i32()?, part.i32()?);
    let (replicas, in_sync) = (part.list(Reader::i32)?, part.list(Reader::i32)?);
    part.list(Reader::i32)?; // offline
    Some(Part {
        topic: topic.to_owned(),
        number,
        leader,
        epoch,
        replicas,
        in_sync,
    })
}

fn read_quorum(from: &mut Reader<'_>) -> Option<Result<Quorum, String>> {
    from.tags()?; // of the header
    let error = from.i16()?;
    if error != 0 {
        return Some(Err(format!("the controller answered with error {error}")));
    }
    let parts = from.compact_list(|topic| {
        let length = topic.varint()?.checked_sub(1)?;
        topic.take(length)?;
        let parts = topic.compact_list(read_quorum_part)?;
        topic.tags()?;
        Some(parts)
    })?;
    from.tags()?;
    let part = parts.into_iter().flatten().next();
    Some(part.unwrap_or_else(|| Err("the controller told of no quorum".into())))
}

fn read_quorum_part(part: &mut Reader<'_>) -> Option<Result<Quorum, String>> {
    part.i32()?;
    let error = part.i16()?;
    let (leader, epoch) = (part.i32()?, part.i32()?);
    part.i64()?; // high watermark
    let voters = part.compact_list(read_voter)?;
    part.compact_list(read_voter)?; // observers
    part.tags()?;
    Some(if error == 0 {
        Ok(Quorum {
            leader,
            epoch,
            voters,
        })
    } else {
        Err(format!("the quorum answered with error {error}"))
    })
}

fn read_voter(voter: &mut Reader<'_>) -> Option<Voter> {
    let id = voter.i32()?;
    voter.i64()?; // end of its log
    let (fetched_ms, caught_up_ms) = (voter.i64()?, voter.i64()?);
    voter.tags()?;
    Some(Voter {
        id,
        fetched_ms,
        caught_up_ms,
    })
}

/// What is left of an answer. None where it ends too early.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    /// Empty where it is null.
    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.i16()?).unwrap_or(0);
        Some(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (0..self.i32()?).map(|_| each(self)).collect()
    }

    /// Seven bits a byte, the lowest first.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in (0..28).step_by(7) {
            let byte = self.take(1)?[0];
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn compact_list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (1..self.varint()?).map(|_| each(self)).collect()
    }

    /// Fields of later versions: skipped.
    fn tags(&mut self) -> Option<()> {
        for _ in 0..self.varint()? {
            self.varint()?;
            let length = self.varint()?;
            self.take(length)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(out: &mut Vec<u8>, text: &str) {
        out.extend((text.len() as i16).to_be_bytes());
        out.extend(text.as_bytes());
    }

    fn words(out: &mut Vec<u8>, words: &[i32]) {
        words.iter().for_each(|word| out.extend(word.to_be_bytes()));
    }

    /// Two brokers, one topic with one partition led by 2.
    fn metadata() -> Vec<u8> {
        let mut out = Vec::new();
        words(&mut out, &[0, 2]);
        for id in [1, 2] {
            words(&mut out, &[id]);
            text(&mut out, "127.0.0.1");
            words(&mut out, &[9000 + id]);
            out.extend((-1_i16).to_be_bytes());
        }
        text(&mut out, "cluster");
        words(&mut out, &[1, 1]);
        out.extend(0_i16.to_be_bytes());
        text(&mut out, "orders");
        out.push(0);
        words(&mut out, &[1]);
        out.extend(0_i16.to_be_bytes());
        words(&mut out, &[0, 2, 5, 2, 1, 2, 1, 2, 0]);
        out
    }

    /// Controller 3 in epoch 9, voters 3 and 1.
    fn quorum(error: i16) -> Vec<u8> {
        let mut out = vec![0, 0, 0, 2, 3, b'_', b'_', 2];
        words(&mut out, &[0]);
        out.extend(error.to_be_bytes());
        words(&mut out, &[3, 9]);
        out.extend(77_i64.to_be_bytes());
        out.push(3);
        for (id, ms) in [(3, 1000_i64), (1, 990)] {
            words(&mut out, &[id]);
            [77, ms, ms - 5]
                .iter()
                .for_each(|v| out.extend(v.to_be_bytes()));
            out.extend([1, 0, 1, 7]); // a field of a later version
        }
        out.extend([1, 0, 0, 0]);
        out
    }

    #[test]
    fn a_broker_tells_who_leads_and_who_is_in_sync() {
        let read = read_metadata(&mut Reader(&metadata())).expect("a whole answer");
        let part = Part {
            topic: "orders".into(),
            number: 0,
            leader: 2,
            epoch: 5,
            replicas: vec![1, 2],
            in_sync: vec![2],
        };
        assert_eq!((read.brokers, read.parts), (vec![1, 2], vec![part]));
    }

    #[test]
    fn the_controller_tells_its_voters_and_fields_of_later_versions_are_skipped() {
        let read = read_quorum(&mut Reader(&quorum(0))).expect("a whole answer");
        let read = read.expect("no error in it");
        assert_eq!((read.leader, read.epoch), (3, 9));
        let voters: Vec<_> = read.voters.iter().map(|v| (v.id, v.caught_up_ms)).collect();
        assert_eq!(voters, [(3, 995), (1, 985)]);
        let refused = read_quorum(&mut Reader(&quorum(6))).expect("a whole answer");
        assert!(refused.unwrap_err().contains("error 6"));
    }

    #[test]
    fn an_answer_cut_anywhere_is_none() {
        let (told, asked) = (metadata(), quorum(0));
        assert!((0..told.len()).all(|cut| read_metadata(&mut Reader(&told[..cut])).is_none()));
        assert!((0..asked.len()).all(|cut| read_quorum(&mut Reader(&asked[..cut])).is_none()));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0_u8.., 0..200)) {
            let _ = read_metadata(&mut Reader(&bytes));
            let _ = read_quorum(&mut Reader(&bytes));
        }
    }
}
