//! Tables with any harm in them, counted as they are read and by a slow reading of what was written; mutants of the reading.
use super::{
    BUCKET, TABLE,
    files::{LISTED, STORED, Tables},
    mutants::ON,
    rows::{Columns, Contract, Format, Kind},
    written::{Values, sheet},
};
use model::{
    ledger::{Bits, Quality, Stage, quality::Counts},
    units::{Nanos, S},
};
use object_store::{ObjectStoreExt as _, PutPayload, memory::InMemory, path::Path};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Records sent; higher numbers are nobody's.
const SENT: u64 = 12;
/// Of those, sent malformed: 3 and 7.
const MALFORMED: u64 = 0b1000_1000;

/// A row as a test wants it.
#[derive(Clone, Debug)]
struct Row {
    number: Option<i64>,
    customer: bool,
    amount: bool,
    rejected: bool,
}

/// How a file differs from what is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    None,
    NoCustomer,
    AmountInWords,
    Stranger,
}

#[derive(Clone, Debug)]
struct Sheet {
    named: bool,
    harm: Harm,
    rows: Vec<Row>,
}

type World = Vec<Sheet>;

fn due(number: u64) -> Option<Nanos> {
    (number < SENT).then_some(Nanos(number * 400_000_000 + 7 * S))
}

fn contract() -> Contract {
    let schema = [
        ("number", Kind::Bigint),
        ("customer_id", Kind::String),
        ("amount_cents", Kind::Bigint),
        ("rejected", Kind::String),
    ];
    Contract {
        required: vec!["customer_id".into(), "amount_cents".into()],
        schema: schema.map(|(name, kind)| (name.into(), kind)).into(),
    }
}

fn parquet(sheet_of: &Sheet) -> Vec<u8> {
    let rows = &sheet_of.rows;
    let text = |is: fn(&Row) -> bool, word: &str| {
        Values::Text(
            rows.iter()
                .map(|row| is(row).then(|| word.to_owned()))
                .collect(),
        )
    };
    let amount = match sheet_of.harm {
        Harm::AmountInWords => text(|row| row.amount, "12 cents"),
        _ => Values::Long(rows.iter().map(|row| row.amount.then_some(12)).collect()),
    };
    let numbers = Values::Long(rows.iter().map(|row| row.number).collect());
    let mut columns = vec![
        ("number", numbers),
        ("amount_cents", amount),
        ("rejected", text(|row| row.rejected, "no good")),
    ];
    if sheet_of.harm != Harm::NoCustomer {
        columns.push(("customer_id", text(|row| row.customer, "c-1")));
    }
    if sheet_of.harm == Harm::Stranger {
        columns.push(("note", text(|_| false, "")));
    }
    sheet(&columns).to_vec()
}

/// Nulls are left out of every other row.
fn lines(sheet_of: &Sheet) -> Vec<u8> {
    let line = |(at, row): (usize, &Row)| {
        let amount = match sheet_of.harm {
            Harm::AmountInWords => json!("12 cents"),
            _ => json!(12),
        };
        let mut cells = vec![
            ("number", json!(row.number)),
            (
                "amount_cents",
                if row.amount { amount } else { Value::Null },
            ),
            ("rejected", json!(row.rejected.then_some("no good"))),
        ];
        if sheet_of.harm != Harm::NoCustomer {
            cells.push(("customer_id", json!(row.customer.then_some("c-1"))));
        }
        if sheet_of.harm == Harm::Stranger {
            cells.push(("note", json!([1])));
        }
        let kept = cells
            .into_iter()
            .filter(|(_, cell)| at % 2 == 0 || !cell.is_null());
        let row: Map<String, Value> = kept.map(|(name, cell)| (name.to_owned(), cell)).collect();
        format!("{}\n", Value::Object(row))
    };
    let text: String = sheet_of.rows.iter().enumerate().map(line).collect();
    text.into_bytes()
}

/// As the oracle reads it; `spoil` is done to the bytes of each file.
fn read(world: &World, format: Format, spoil: fn(usize, &mut Vec<u8>)) -> Quality {
    let store = InMemory::new();
    let contract = contract();
    let mut read = Tables {
        listed: Stage::new(LISTED, 1, SENT).at_least_once(),
        stored: Stage::new(STORED, 1, SENT).rated(contract.unrated()),
        format,
        columns: &Columns {
            id: "number".into(),
            checksum: false,
        },
        contract: &contract,
        due: &due,
        malformed: &Bits::of(vec![MALFORMED]),
        dead_letters: "",
    };
    let mut log = "v1".to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let done = runtime.expect("a runtime").block_on(async {
        for (at, one) in world.iter().enumerate() {
            let mut bytes = match format {
                Format::Parquet | Format::Delta => parquet(one),
                Format::Json => lines(one),
            };
            spoil(at, &mut bytes);
            let name = Path::from(format!("{TABLE}/{at}.file"));
            let put = store.put(&name, PutPayload::from(bytes)).await;
            put.expect("memory takes it");
            if one.named {
                log += &format!(
                    "\n{{\"path\":\"s3a://{BUCKET}/{TABLE}/{at}.file\",\"action\":\"add\"}}"
                );
            }
        }
        let name = Path::from(format!("{TABLE}/_spark_metadata/0"));
        let put = store.put(&name, PutPayload::from(log.into_bytes())).await;
        put.expect("memory takes it");
        read.fill(&store).await
    });
    // A table of which no row has a number tells nothing of the records; its rows are rated all the same.
    let nameless = |why: &String| why.starts_with("none of ");
    assert!(
        done.is_ok() || done.as_ref().is_err_and(nameless),
        "{done:?}"
    );
    let quality = read.stored.quality.expect("a rated stage");
    quality.checked().expect("counts that fit each other")
}

fn whole(_: usize, _: &mut Vec<u8>) {}

/// By second, and without a time: told from what was written, a row at a time.
fn slow(world: &World, format: Format) -> (BTreeMap<u64, Counts>, Counts) {
    let zero = || Counts {
        nulls: vec![0; 2],
        ..Counts::default()
    };
    let (mut seconds, mut timeless, mut seen) = (BTreeMap::new(), zero(), BTreeSet::new());
    let rows = world.iter().filter(|one| one.named);
    for (harm, row) in rows.flat_map(|one| one.rows.iter().map(|row| (one.harm, row))) {
        let number = row.number.map(u64::try_from);
        let set_aside = matches!(number, Some(Ok(3 | 7))) && row.rejected;
        if matches!(number, Some(Err(_))) || set_aside {
            continue;
        }
        let number = number.and_then(Result::ok);
        let copy = number.is_some_and(|number| !seen.insert(number));
        let typed = format == Format::Parquet;
        let wrong = match harm {
            Harm::None => false,
            Harm::NoCustomer => typed,
            Harm::AmountInWords => typed || row.amount,
            Harm::Stranger => true,
        };
        let nulls = [!row.customer || harm == Harm::NoCustomer, !row.amount];
        let counts = match number.and_then(due) {
            Some(due) => seconds.entry(due.0 / S).or_insert_with(zero),
            None => &mut timeless,
        };
        counts.rows += 1;
        counts.nulls[0] += u64::from(nulls[0]);
        counts.nulls[1] += u64::from(nulls[1]);
        counts.wrong += u64::from(wrong);
        counts.copies += u64::from(copy);
        counts.flawed += u64::from(wrong || copy || nulls[0] || nulls[1]);
    }
    (seconds, timeless)
}

fn row(number: i64) -> Row {
    Row {
        number: Some(number),
        customer: true,
        amount: true,
        rejected: false,
    }
}

fn rows(numbers: std::ops::Range<i64>) -> Vec<Row> {
    numbers.map(row).collect()
}

fn file(harm: Harm, rows: Vec<Row>) -> Sheet {
    Sheet {
        named: true,
        harm,
        rows,
    }
}

/// Nothing wrong but what stands in the second file.
fn beside(harm: Harm, rows_of: Vec<Row>) -> World {
    vec![file(Harm::None, rows(0..6)), file(harm, rows_of)]
}

/// Each kind of harm by itself, and what is none.
fn planted() -> Vec<(&'static str, World)> {
    let nulled = Row {
        customer: false,
        ..row(8)
    };
    let nameless = Row {
        number: None,
        amount: false,
        ..row(0)
    };
    let rejected = |number| Row {
        rejected: true,
        customer: false,
        ..row(number)
    };
    let mut orphan = beside(Harm::None, vec![nulled.clone()]);
    orphan[1].named = false;
    vec![
        ("nothing wrong", beside(Harm::None, rows(6..12))),
        ("a null", beside(Harm::None, vec![row(7), nulled])),
        ("a column missing", beside(Harm::NoCustomer, rows(6..9))),
        (
            "a column of another type",
            beside(Harm::AmountInWords, rows(6..9)),
        ),
        (
            "a column that nobody declared",
            beside(Harm::Stranger, rows(6..9)),
        ),
        ("copies", beside(Harm::None, vec![row(2), row(8), row(8)])),
        (
            "rows without a number",
            beside(Harm::None, vec![nameless.clone(), nameless]),
        ),
        (
            "records that nobody sent",
            beside(Harm::None, vec![row(40), row(40)]),
        ),
        (
            "set aside",
            beside(Harm::None, vec![rejected(3), rejected(7)]),
        ),
        ("good and rejected", beside(Harm::None, vec![rejected(8)])),
        (
            "a mark of ours",
            beside(Harm::None, vec![row(-1), row(-1002)]),
        ),
        ("a file of a killed attempt", orphan),
    ]
}

/// Worlds in which the reading differs from the slow one.
fn noticed() -> Vec<&'static str> {
    let differs = |world: &World, format| {
        let quality = read(world, format, whole);
        (quality.seconds, quality.timeless) != slow(world, format)
    };
    let wrong = |(_, world): &(&'static str, World)| {
        differs(world, Format::Parquet) || differs(world, Format::Json)
    };
    let all = planted().into_iter().filter(wrong);
    let mut all: Vec<&str> = all.map(|(name, _)| name).collect();
    if read(&beside(Harm::None, rows(6..9)), Format::Parquet, torn).unread != 1 {
        all.push("a torn file");
    }
    all
}

fn torn(at: usize, bytes: &mut Vec<u8>) {
    bytes.truncate(bytes.len() - at * 9);
}

/// What is wrong with the reading.
const MUTANTS: &[(&str, &str)] = &[
    ("T1", "a null read as a cell that is there"),
    ("T2", "an absent cell read as there"),
    ("T3", "what was set aside counted as a row of the table"),
    ("T4", "a row without a time put at the begin"),
    ("T5", "copies forgotten"),
    ("T6", "unknown columns accepted"),
    ("T7", "a missing column accepted"),
    ("T8", "a wrong type accepted"),
    ("T9", "marks of ours counted"),
    ("T10", "a wrong column counted for the first row only"),
    ("T11", "a file that cannot be read forgotten"),
    ("T12", "files of killed attempts counted"),
];

#[test]
fn every_mutant_of_the_reading_is_noticed() {
    assert_eq!(noticed(), Vec::<&str>::new(), "without any mutant");
    let mut alive = Vec::new();
    for (id, what) in MUTANTS {
        ON.set(id);
        let by = noticed();
        ON.set("");
        println!("{id:4} {what}: {by:?}");
        if by.is_empty() {
            alive.push(*id);
        }
    }
    println!(
        "mutants: killed {}/{}",
        MUTANTS.len() - alive.len(),
        MUTANTS.len()
    );
    assert_eq!(alive, Vec::<&str>::new());
}

#[test]
fn each_harm_shows_where_it_is_and_harmless_things_do_not() {
    let flawed = |name: &str| {
        let world = planted()
            .into_iter()
            .find(|(one, _)| *one == name)
            .unwrap()
            .1;
        let quality = read(&world, Format::Parquet, whole);
        let total = quality.total();
        (
            [total.nulls[0], total.nulls[1], total.wrong, total.copies],
            quality.timeless.rows,
            quality.notes,
        )
    };
    for name in [
        "nothing wrong",
        "set aside",
        "a mark of ours",
        "a file of a killed attempt",
    ] {
        assert_eq!(flawed(name), ([0; 4], 0, vec![]), "{name}");
    }
    let first = |name| {
        let (flaws, timeless, notes) = flawed(name);
        (
            flaws,
            timeless,
            notes.into_iter().next().unwrap_or_default(),
        )
    };
    let at = |why: &str, row| format!("{why}: {TABLE}/1.file row {row}");
    assert_eq!(
        first("a null"),
        ([1, 0, 0, 0], 0, at("`customer_id` is null", 1))
    );
    assert_eq!(
        first("a column missing"),
        ([3, 0, 3, 0], 0, at("column `customer_id` is missing", 0))
    );
    assert_eq!(
        first("a column of another type"),
        (
            [0, 0, 3, 0],
            0,
            at("column `amount_cents` is string, not bigint", 0)
        )
    );
    assert_eq!(
        first("a column that nobody declared"),
        ([0, 0, 3, 0], 0, at("column `note` is not declared", 0))
    );
    assert_eq!(first("copies").0, [0, 0, 0, 2]);
    assert_eq!(
        first("rows without a number"),
        ([0, 2, 0, 0], 2, at("`amount_cents` is null", 0))
    );
    assert_eq!(
        (
            first("records that nobody sent").0,
            first("records that nobody sent").1
        ),
        ([0, 0, 0, 1], 2)
    );
    assert_eq!(first("good and rejected").0, [1, 0, 0, 0]);
}

#[test]
fn a_line_that_is_no_object_is_a_row_of_which_nothing_is_known() {
    let cut = |at: usize, bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - at * 5);
    let quality = read(&beside(Harm::None, rows(6..9)), Format::Json, cut);
    let timeless = &quality.timeless;
    assert_eq!(
        (timeless.rows, timeless.wrong, &timeless.nulls[..]),
        (1, 1, &[1, 1][..])
    );
    assert_eq!(
        quality.notes[0],
        format!("the row cannot be read: {TABLE}/1.file row 2")
    );
}

fn any_row() -> impl Strategy<Value = Row> {
    let number = prop_oneof![
        8 => (0..SENT.cast_signed()).prop_map(Some),
        1 => (-3..0_i64).prop_map(Some),
        1 => (40..44_i64).prop_map(Some),
        1 => Just(None),
    ];
    (number, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(number, customer, amount, rejected)| Row {
            number,
            customer,
            amount,
            // What nobody sent is told apart by its right copies only.
            rejected: rejected && number.is_none_or(|number| number < 40),
        },
    )
}

fn any_world() -> impl Strategy<Value = World> {
    let harm = prop_oneof![
        3 => Just(Harm::None),
        1 => Just(Harm::NoCustomer),
        1 => Just(Harm::AmountInWords),
        1 => Just(Harm::Stranger),
    ];
    let sheet = (
        any::<bool>(),
        harm,
        proptest::collection::vec(any_row(), 0..12),
    )
        .prop_map(|(named, harm, rows)| Sheet { named, harm, rows });
    proptest::collection::vec(sheet, 0..4)
}

proptest! {
    #[test]
    fn any_table_is_counted_as_a_slow_reading_of_what_was_written_does(world in any_world(), json in any::<bool>()) {
        let format = if json { Format::Json } else { Format::Parquet };
        let quality = read(&world, format, whole);
        prop_assert_eq!((quality.seconds, quality.timeless), slow(&world, format));
        prop_assert_eq!(quality.unread, 0);
    }
}
