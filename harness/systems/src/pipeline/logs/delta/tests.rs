//! Delta tables as a test wants them, in a store in memory: what the log says holds, and what it cannot say is unknown.
use super::written::actions;
use crate::pipeline::{
    BUCKET, TABLE,
    rows::Format,
    written::{Lake, file, held},
};
use model::ledger::Stage;
use std::{fs, path::Path};

type Objects = Vec<(String, Vec<u8>)>;

const PROTOCOL: &str = r#"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#;
const METADATA: &str =
    r#"{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"configuration":{}}}"#;

fn version(number: u64) -> String {
    format!("_delta_log/{number:020}.json")
}

fn add(file: &str) -> String {
    format!(r#"{{"add":{{"path":"{file}","partitionValues":{{}},"size":1,"dataChange":true}}}}"#)
}

fn remove(file: &str) -> String {
    format!(r#"{{"remove":{{"path":"{file}","deletionTimestamp":1,"dataChange":true}}}}"#)
}

fn lines(lines: &[&str]) -> Vec<u8> {
    lines.join("\n").into_bytes()
}

/// Three versions of four records each.
fn table() -> Objects {
    let commit = r#"{"commitInfo":{"operation":"STREAMING UPDATE"}}"#;
    let turn = r#"{"txn":{"appId":"q","version":1}}"#;
    vec![
        ("a.parquet".into(), file(0..4)),
        ("b.parquet".into(), file(4..8)),
        ("c.parquet".into(), file(8..12)),
        (
            version(0),
            lines(&[commit, PROTOCOL, METADATA, &add("a.parquet")]),
        ),
        (version(1), lines(&[commit, turn, &add("b.parquet")])),
        (version(2), lines(&[commit, turn, &add("c.parquet")])),
    ]
}

async fn read(objects: &Objects) -> (Result<(), String>, Stage, Stage) {
    let lake = Lake {
        format: Format::Delta,
        dead: &[],
        malformed: &[],
    };
    lake.read(objects).await
}

/// Copies that each reader sees: distinct ones, and those beyond the first.
async fn seen(objects: &Objects) -> ((u64, u64), (u64, u64), Vec<String>) {
    let (done, listed, stored) = read(objects).await;
    done.expect("a table that can be read");
    (held(&listed), held(&stored), stored.notes)
}

async fn refusal(objects: &Objects) -> String {
    let (done, ..) = read(objects).await;
    done.expect_err("a table of which nothing can be said")
}

#[tokio::test]
async fn a_whole_table_is_the_same_to_both_readers() {
    let (listed, stored, notes) = seen(&table()).await;
    assert_eq!((listed, stored), ((12, 0), (12, 0)));
    assert!(notes.is_empty(), "{notes:?}");
}

#[tokio::test]
async fn files_of_a_killed_attempt_are_copies_to_a_naive_reader_only() {
    let mut table = table();
    table.push(("attempt.parquet".into(), file(4..8)));
    let (listed, stored, _) = seen(&table).await;
    assert_eq!((listed, stored), ((12, 4), (12, 0)));
}

#[tokio::test]
async fn a_batch_that_was_added_twice_is_doubled_to_both() {
    let mut table = table();
    table.push(("again.parquet".into(), file(4..8)));
    table.push((version(3), lines(&[&add("again.parquet")])));
    let (listed, stored, _) = seen(&table).await;
    assert_eq!((listed, stored), ((12, 4), (12, 4)));
}

#[tokio::test]
async fn a_removed_file_is_there_for_a_naive_reader_only() {
    let mut table = table();
    table.push(("ab.parquet".into(), file(0..8)));
    let removed = [remove("a.parquet"), remove("b.parquet"), add("ab.parquet")];
    table.push((version(3), removed.join("\n").into_bytes()));
    let (listed, stored, _) = seen(&table).await;
    assert_eq!((listed, stored), ((12, 8), (12, 0)));
    table.push((version(4), lines(&[&remove("ab.parquet")])));
    let (_, stored, _) = seen(&table).await;
    assert_eq!(stored, (4, 0));
}

#[tokio::test]
async fn a_file_that_only_the_log_knows_is_a_loss_that_is_named() {
    let mut table = table();
    table.remove(1);
    let (listed, stored, notes) = seen(&table).await;
    assert_eq!((listed, stored), ((8, 0), (8, 0)));
    assert!(notes[0].contains("b.parquet` is in the commit log and not in the store"));
}

#[tokio::test]
async fn paths_may_be_absolute_encoded_or_elsewhere() {
    let mut table = table();
    table[1].0 = "at=1%3A0/b c.parquet".into();
    table[4].1 = lines(&[&add("at=1%253A0/b%20c.parquet")]);
    table[5].1 = lines(&[&add(&format!("s3a://{BUCKET}/{TABLE}/c.parquet"))]);
    let (listed, stored, notes) = seen(&table).await;
    assert_eq!((listed, stored), ((12, 0), (12, 0)), "{notes:?}");
    table[5].1 = lines(&[&add("s3a://other/c.parquet")]);
    assert!(refusal(&table).await.contains("s3a://other/c.parquet"));
}

#[tokio::test]
async fn a_checkpoint_stands_for_all_versions_before_it() {
    for parts in [1, 2] {
        let mut table = table();
        table.retain(|(name, _)| *name != version(0) && *name != version(1));
        let (a, b) = (add("a.parquet"), add("b.parquet"));
        let rows = [PROTOCOL, METADATA, &a, &b];
        for (part, rows) in (1..).zip(rows.chunks(rows.len() / parts)) {
            let of = match parts {
                1 => String::new(),
                _ => format!("{part:010}.{parts:010}."),
            };
            let name = format!("_delta_log/{:020}.checkpoint.{of}parquet", 1);
            table.push((name, actions(rows)));
        }
        let hint = br#"{"version":1,"size":4}"#.to_vec();
        table.push(("_delta_log/_last_checkpoint".into(), hint));
        let (listed, stored, notes) = seen(&table).await;
        assert_eq!((listed, stored), ((12, 0), (12, 0)), "{notes:?}");
        // A part that is gone takes the checkpoint with it.
        if parts > 1 {
            table.retain(|(name, _)| !name.contains(".0000000002.0000000002."));
            let why = refusal(&table).await;
            assert!(why.contains("has version 2 but not 0"), "{why}");
        }
    }
}

#[tokio::test]
async fn a_torn_checkpoint_is_no_loss_where_the_versions_are_there() {
    let mut table = table();
    let name = format!("_delta_log/{:020}.checkpoint.parquet", 1);
    let whole = actions(&[PROTOCOL, METADATA, &add("a.parquet"), &add("b.parquet")]);
    table.push((name.clone(), whole[..whole.len() / 2].to_vec()));
    let (_, stored, notes) = seen(&table).await;
    assert_eq!(stored, (12, 0));
    assert!(notes[0].contains(&name["_delta_log/".len()..]), "{notes:?}");
    table.retain(|(name, _)| *name != version(0));
    let why = refusal(&table).await;
    assert!(why.contains("but not 0; the checkpoint"), "{why}");
}

#[tokio::test]
async fn a_gap_proves_nothing() {
    let mut table = table();
    table.retain(|(name, _)| *name != version(1));
    let why = refusal(&table).await;
    assert_eq!(why, "`_delta_log` has version 2 but not 1");
}

#[tokio::test]
async fn an_end_that_is_gone_is_noticed_by_the_hint() {
    let mut table = table();
    let hint = |text: &str| ("_delta_log/_last_checkpoint".into(), text.into());
    table.push(hint(r#"{"version":10,"size":12}"#));
    let why = refusal(&table).await;
    assert!(why.contains("names version 10, and `_delta_log` ends at 2"));
    // Torn, it is of no use to any reader, and none needs it.
    table.pop();
    table.push(hint(r#"{"vers"#));
    let (_, stored, _) = seen(&table).await;
    assert_eq!(stored, (12, 0));
}

#[tokio::test]
async fn a_torn_line_proves_nothing_and_is_named() {
    let mut table = table();
    let half = table[5].1.len() - 20;
    table[5].1.truncate(half);
    let why = refusal(&table).await;
    assert!(why.contains("00000000000000000002.json: line 3"), "{why}");
    for torn in [&b""[..], b"\n", b"7", b"\xff\xfe", b"PAR1"] {
        table[5].1 = torn.to_vec();
        let why = refusal(&table).await;
        assert!(why.contains("00000000000000000002.json"), "{why}");
    }
}

#[tokio::test]
async fn what_this_reader_does_not_know_is_refused_by_its_name() {
    let cases = [
        (
            r#"{"add":{"path":"c.parquet","deletionVector":{"storageType":"u","pathOrInlineDv":"x"}}}"#,
            "`c.parquet` has a deletion vector",
        ),
        (
            r#"{"metaData":{"configuration":{"delta.columnMapping.mode":"name"}}}"#,
            "column mapping",
        ),
        (
            r#"{"protocol":{"minReaderVersion":3,"readerFeatures":["timestampNtz","icebergCompatV9"]}}"#,
            "`icebergCompatV9`",
        ),
        (r#"{"protocol":{"minReaderVersion":4}}"#, "reader version 4"),
        (
            r#"{"metaData":{"format":{"provider":"orc"}}}"#,
            "`orc`, not `parquet`",
        ),
        (r#"{"sidecar":{"path":"x.parquet"}}"#, "sidecars"),
    ];
    for (line, name) in cases {
        let mut table = table();
        table[5].1 = lines(&[line]);
        let why = refusal(&table).await;
        assert!(why.contains(name), "{why}");
        // The same in a checkpoint, where nothing else is left of the log.
        let mut left = table.clone();
        left.truncate(3);
        let name_of = format!("_delta_log/{:020}.checkpoint.parquet", 2);
        left.push((name_of, actions(&[PROTOCOL, METADATA, line])));
        let why = refusal(&left).await;
        assert!(why.contains(name), "{why}");
    }
}

#[tokio::test]
async fn a_feature_that_no_file_uses_is_no_hindrance() {
    let mut table = table();
    let features = r#"{"protocol":{"minReaderVersion":3,"readerFeatures":["deletionVectors","columnMapping"]}}"#;
    let mapping = r#"{"metaData":{"configuration":{"delta.columnMapping.mode":"none"}}}"#;
    let plain = r#"{"add":{"path":"c.parquet","deletionVector":null,"partitionValues":null}}"#;
    table[5].1 = lines(&[features, mapping, plain]);
    let (_, stored, _) = seen(&table).await;
    assert_eq!(stored, (12, 0));
}

#[tokio::test]
async fn a_v2_checkpoint_is_refused_by_its_name_where_it_is_needed() {
    let mut table = table();
    let name = format!("_delta_log/{:020}.checkpoint.80a083e8.json", 1);
    table.push((name, b"{}".to_vec()));
    let (_, stored, notes) = seen(&table).await;
    assert_eq!(stored, (12, 0));
    assert!(notes[0].contains("V2 checkpoint"), "{notes:?}");
    table.retain(|(name, _)| *name != version(0));
    assert!(refusal(&table).await.contains("V2 checkpoint"));
}

#[tokio::test]
async fn columns_of_the_partition_come_from_the_log_or_the_folder() {
    let (mut table, mut plain) = (table(), table());
    let line =
        r#"{"add":{"path":"c.parquet","partitionValues":{"customer_id":"C-1","currency":null}}}"#;
    // What the file itself says of a row wins.
    table[5].1 = lines(&[line]);
    let (_, stored, _) = seen(&table).await;
    assert_eq!(stored, (12, 0));
    plain[2].0 = "rejected=late/c.parquet".into();
    plain[5].1 = lines(&[
        r#"{"add":{"path":"rejected=late/c.parquet","partitionValues":{"rejected":"late"}}}"#,
    ]);
    let (listed, stored, _) = seen(&plain).await;
    assert_eq!((listed, stored), ((8, 0), (8, 0)));
    plain[5].1 = lines(&[r#"{"add":{"path":"rejected=late/c.parquet"}}"#]);
    let (listed, stored, _) = seen(&plain).await;
    assert_eq!((listed, stored), ((12, 0), (12, 0)));
}

#[tokio::test]
async fn a_log_without_what_every_table_has_is_none() {
    for (left_out, name) in [(PROTOCOL, "protocol"), (METADATA, "metaData")] {
        let mut table = table();
        let text = String::from_utf8(table[3].1.clone()).expect("text");
        let rest: Vec<&str> = text.lines().filter(|line| *line != left_out).collect();
        table[3].1 = lines(&rest);
        let why = refusal(&table).await;
        assert_eq!(why, format!("`_delta_log` has no `{name}`"));
    }
    let bare: Objects = table().into_iter().take(3).collect();
    assert!(refusal(&bare).await.contains("no `_delta_log`"));
}

#[tokio::test]
async fn the_log_of_another_format_is_not_read_as_none() {
    let lake = Lake {
        format: Format::Parquet,
        dead: &[],
        malformed: &[],
    };
    let (done, ..) = lake.read(&table()).await;
    let why = done.expect_err("a Delta table");
    assert!(why.contains("`transactions/_delta_log` is the log of another format"));
    let mut both = table();
    both.push(("_spark_metadata/0".into(), b"v1".to_vec()));
    assert!(refusal(&both).await.contains("_spark_metadata"));
}

#[tokio::test]
async fn dead_letters_of_a_killed_attempt_excuse_nothing() {
    let mut table = table();
    table.truncate(5);
    table.remove(2);
    let first = lines(&[PROTOCOL, METADATA, &add("kept.parquet")]);
    let dead = [
        ("kept.parquet", file(8..10)),
        ("attempt.parquet", file(10..12)),
        ("_delta_log/00000000000000000000.json", first),
    ];
    let lake = Lake {
        format: Format::Delta,
        dead: &dead,
        malformed: &[],
    };
    let (done, listed, stored) = lake.read(&table).await;
    assert_eq!((done, held(&stored)), (Ok(()), (8, 0)));
    let dead = |stage: &Stage| stage.lanes[0].dead.count();
    assert_eq!((dead(&listed), dead(&stored)), (4, 2));
}

/// A table that Delta 4.3.0 on Spark 4.1.3 made by `made/make.py`: a partition, an optimised version, a checkpoint, no versions before it.
#[tokio::test]
async fn a_table_made_by_delta_itself_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pipeline/logs/delta/made/table");
    let mut objects = Objects::new();
    gather(&root, "", &mut objects);
    let (listed, stored, notes) = seen(&objects).await;
    assert_eq!((listed, stored), ((12, 12), (12, 0)), "{notes:?}");
}

fn gather(root: &Path, inside: &str, objects: &mut Objects) {
    for entry in fs::read_dir(root).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = format!("{inside}{name}");
        let path = entry.path();
        if path.is_dir() {
            gather(&path, &format!("{name}/"), objects);
        } else {
            objects.push((name, fs::read(&path).expect("a file")));
        }
    }
}
