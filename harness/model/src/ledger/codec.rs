//! The file of a stage, `ledger/<stage>.stage`: a line of JSON with all but the bitmaps, then the words of the bitmaps.
//!
//! Words are little-endian, 8 bytes each: for each partition those of `intact`, `twice`, `damaged`, `malformed` and `dead`, as many as
//! the line says. The line also holds how good the rows are, where that was counted: [`Quality`], with a schema of its own. Schema 1 had neither malformed records nor dead letters; taken for one of today, it would prove what it cannot.
use super::{Bits, Lane, Quality, Rejects, Stage};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// First line's `schema`.
const SCHEMA: &str = "brinell.stage/2";
/// Bitmaps of a partition.
const MAPS: usize = 5;

#[derive(Serialize, Deserialize)]
struct Head {
    schema: String,
    stage: String,
    incomplete: Option<String>,
    ordered: bool,
    exact: bool,
    rejects: Rejects,
    sent: u64,
    illegible: u64,
    notes: Vec<String>,
    sources: Vec<String>,
    lanes: Vec<Lane>,
    words: Vec<[usize; MAPS]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quality: Option<Quality>,
}

/// Of any schema.
#[derive(Deserialize)]
struct Named {
    schema: String,
}

const fn maps(lane: &Lane) -> [&Bits; MAPS] {
    let Lane {
        intact,
        twice,
        damaged,
        malformed,
        dead,
        ..
    } = lane;
    [intact, twice, damaged, malformed, dead]
}

/// A stage as bytes.
///
/// # Panics
/// Never: numbers, strings and lists of them are JSON.
pub fn encode(stage: &Stage) -> Vec<u8> {
    let head = Head {
        schema: SCHEMA.into(),
        stage: stage.name.clone(),
        incomplete: stage.complete.clone().err(),
        ordered: stage.ordered,
        exact: stage.exact,
        rejects: stage.rejects,
        sent: stage.sent,
        illegible: stage.illegible,
        notes: stage.notes.clone(),
        sources: stage.sources.clone(),
        lanes: stage.lanes.clone(),
        words: stage
            .lanes
            .iter()
            .map(|lane| maps(lane).map(|bits| bits.words().len()))
            .collect(),
        quality: stage.quality.clone(),
    };
    let mut bytes = serde_json::to_vec(&head).expect("plain data is JSON");
    bytes.push(b'\n');
    for bits in stage.lanes.iter().flat_map(maps) {
        let words = bits.words().iter();
        bytes.extend(words.flat_map(|word| word.to_le_bytes()));
    }
    bytes
}

/// SHA-256 of a file in hex, as the journal names it.
pub fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A stage from its bytes.
///
/// # Errors
/// Another schema, no line, or a file that is not as long as its line says.
pub fn decode(bytes: &[u8]) -> Result<Stage, String> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, mut rest) = bytes.split_at(end.ok_or("find its first line")? + 1);
    let head = head(line)?;
    let words = head.words.iter().flatten().sum::<usize>();
    if (head.words.len(), rest.len()) != (head.lanes.len(), words * 8) {
        let (lies, says) = (rest.len(), words * 8);
        return Err(format!("read its bitmaps: {lies} bytes of {says}"));
    }
    let mut bits = |count: usize| {
        let (these, others) = rest.split_at(count * 8);
        rest = others;
        let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        Bits::of(these.chunks_exact(8).map(word).collect())
    };
    let lanes = head.lanes.into_iter().zip(head.words);
    let lanes = lanes.map(|(mut lane, words)| {
        let [intact, twice, damaged, malformed, dead] = words.map(&mut bits);
        (lane.intact, lane.twice, lane.damaged) = (intact, twice, damaged);
        (lane.malformed, lane.dead) = (malformed, dead);
        lane
    });
    Ok(Stage {
        lanes: lanes.collect(),
        name: head.stage,
        complete: head.incomplete.map_or(Ok(()), Err),
        ordered: head.ordered,
        exact: head.exact,
        rejects: head.rejects,
        sent: head.sent,
        sources: head.sources,
        illegible: head.illegible,
        notes: head.notes,
        quality: head.quality.map(Quality::checked).transpose()?,
    })
}

/// The schema first: another one need not have the same members.
fn head(line: &[u8]) -> Result<Head, String> {
    let unread = |error: serde_json::Error| format!("read its first line: {error}");
    let named: Named = serde_json::from_slice(line).map_err(unread)?;
    if named.schema != SCHEMA {
        return Err(format!(
            "read schema `{}`: this version knows {SCHEMA}; read it with the version that wrote it",
            named.schema
        ));
    }
    serde_json::from_slice(line).map_err(unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(numbers: &[(u64, bool)]) -> Stage {
        let malformed = Bits::of(vec![0b1011, 0, 1 << 40]);
        let mut stage = Stage::new("stored", 3, 300)
            .at_least_once()
            .sent_malformed(&malformed)
            .validated(Rejects::Dropped)
            .unread("why not");
        let file = stage.source("a.parquet, row");
        for (at, (number, intact)) in numbers.iter().enumerate() {
            stage.take(*number, (file, at as u64), *intact);
            if number % 7 == 0 {
                stage.take_dead(*number, (file, at as u64));
            }
        }
        stage.take_illegible((file, 9));
        stage
    }

    fn same(read: &Stage, written: &Stage) -> bool {
        let shown = |stage: &Stage| {
            let lanes = stage
                .lanes
                .iter()
                .map(|lane| (maps(lane).map(Bits::clone), lane.read, lane.runs.clone()));
            (
                lanes.collect::<Vec<_>>(),
                stage.sources.clone(),
                stage.complete.clone(),
                stage.illegible,
                stage.rejects,
            )
        };
        shown(read) == shown(written)
    }

    proptest::proptest! {
        #[test]
        fn a_stage_survives_its_file(numbers in proptest::collection::vec((0_u64..400, proptest::bool::ANY), 0..200)) {
            let written = stage(&numbers);
            let read = decode(&encode(&written)).unwrap();
            proptest::prop_assert!(same(&read, &written));
            proptest::prop_assert_eq!(encode(&read), encode(&written));
        }
    }

    #[test]
    fn a_file_cut_or_drawn_out_is_refused() {
        let bytes = encode(&stage(&[(1, true), (200, true)]));
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_file_of_before_is_refused_by_its_schema() {
        let old =
            b"{\"schema\":\"brinell.stage/1\",\"stage\":\"log\",\"words\":[[1,0,0]]}\n12345678";
        let why = decode(old).unwrap_err();
        assert!(
            why.starts_with("read schema `brinell.stage/1`"),
            "a word of a member that is missing would not help: {why}"
        );
    }
}
