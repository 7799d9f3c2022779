//! Rows of one file of a table, one at a time: only one file is ever in memory.
//!
//! A format tells the cells of each row by name; what a row is, is decided here. Another format: one file, one line in [`Format`].
mod json;
mod parquet;

use super::logs::Values;
use crate::{malformed::number_of, transaction::Transaction};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A row as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// No record of the load: its number, below zero.
    Canary(i64),
    /// A record of the load, and whether its checksum fits and the job accepted it.
    Load {
        /// Its number.
        number: u64,
        /// Whether it is as it was sent.
        intact: bool,
        /// Whether the job says in the row that it does not accept it.
        rejected: bool,
    },
    /// No number can be read from it.
    Illegible,
}

/// How the files of a table are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Format {
    /// Parquet.
    Parquet,
    /// One JSON object a line.
    Json,
    /// Parquet, with the log of Delta.
    Delta,
}

/// Reads the rows of a file in their order; `each` is told a cell by its name, then the end of the row.
trait Rows {
    fn read(&self, file: Bytes, each: &mut dyn FnMut(Told<'_>)) -> Result<(), String>;
}

/// What a format tells.
enum Told<'a> {
    Cell(&'a str, Cell<'a>),
    End,
}

enum Cell<'a> {
    Number(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
    /// As text, whatever its type: out of a path or a log.
    Untyped(&'a str),
}

impl Cell<'_> {
    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Untyped(text) => text.parse().ok(),
            Self::Text(_) | Self::Bytes(_) => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Untyped(text) => Some(text),
            Self::Number(_) | Self::Bytes(_) => None,
        }
    }
}

impl Format {
    fn rows(self) -> &'static dyn Rows {
        match self {
            Self::Parquet | Self::Delta => &parquet::Parquet,
            Self::Json => &json::Json,
        }
    }

    /// Reads every row of a file into `each`, in the order of the file. `values` are columns of each row that are not in the file.
    ///
    /// # Errors
    /// A file of another format, or a torn one; the rows before stay.
    pub(super) fn read(
        self,
        file: Bytes,
        columns: &Columns,
        values: &Values,
        mut each: impl FnMut(Record),
    ) -> Result<(), String> {
        let empty = || {
            let mut row = Draft::default();
            for (name, value) in values {
                row.set(name, &Cell::Untyped(value), &columns.id);
            }
            row
        };
        let mut row = empty();
        self.rows().read(file, &mut |told| match told {
            Told::Cell(name, cell) => row.set(name, &cell, &columns.id),
            Told::End => each(std::mem::replace(&mut row, empty()).record(columns.checksum)),
        })
    }
}

/// What of a row says which record it is, and whether it is as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// Column with a record's number in the load.
    pub(super) id: String,
    /// Whether all fields are there with their checksum; else presence alone is judged.
    pub(super) checksum: bool,
}

impl Columns {
    pub(super) fn of(settings: &super::Settings) -> Self {
        Self {
            id: settings.id.clone(),
            checksum: settings.checksum,
        }
    }
}

/// A row while it is read.
#[derive(Default)]
struct Draft {
    read: Transaction,
    number: Option<i64>,
    /// The number in the bytes that the job kept of a record that it could not read.
    raw: Option<i64>,
    rejected: bool,
}

impl Draft {
    fn set(&mut self, name: &str, cell: &Cell<'_>, id: &str) {
        if name == id {
            let text = || cell.text().and_then(|text| text.parse().ok());
            self.number = cell.number().or_else(text);
        }
        if let Some(number) = cell.number() {
            self.set_number(name, number);
        }
        if let Some(text) = cell.text() {
            self.set_text(name, text);
        }
        if let ("raw", Cell::Bytes(bytes)) = (name, cell) {
            self.raw = number_of(bytes);
        }
    }

    fn set_number(&mut self, name: &str, value: i64) {
        let read = &mut self.read;
        match name {
            "partition" => read.partition = u32::try_from(value).unwrap_or(u32::MAX),
            "seq" => read.seq = value,
            "intended_ns" => read.intended_ns = value.cast_unsigned(),
            "amount_cents" => read.amount_cents = value,
            _ => {}
        }
    }

    fn set_text(&mut self, name: &str, text: &str) {
        let read = &mut self.read;
        match name {
            "transaction_id" => text.clone_into(&mut read.transaction_id),
            "customer_id" => text.clone_into(&mut read.customer_id),
            "merchant_id" => text.clone_into(&mut read.merchant_id),
            "currency" => text.clone_into(&mut read.currency),
            "checksum" => text.clone_into(&mut read.checksum),
            "rejected" => self.rejected |= !text.is_empty(),
            "raw" => self.raw = number_of(text.as_bytes()),
            _ => {}
        }
    }

    fn record(mut self, checksum: bool) -> Record {
        let number = self.number.or(self.raw);
        self.read.number = number.unwrap_or_default();
        match number.map(u64::try_from) {
            None => Record::Illegible,
            Some(Err(_)) => Record::Canary(self.read.number),
            Some(Ok(number)) => Record::Load {
                number,
                intact: (!checksum || self.read.intact()) && !self.rejected,
                rejected: self.rejected,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::written::Table, *};
    use model::units::Nanos;

    fn columns(id: &str, checksum: bool) -> Columns {
        Columns {
            id: id.into(),
            checksum,
        }
    }

    fn records(file: Bytes) -> Vec<Record> {
        let mut records = Vec::new();
        let read = Format::Parquet.read(file, &columns("number", true), &Vec::new(), |record| {
            records.push(record);
        });
        read.expect("a whole file");
        records
    }

    const HARMED: Record = Record::Load {
        number: 5,
        intact: false,
        rejected: false,
    };

    const fn load(number: u64) -> Record {
        Record::Load {
            number,
            intact: true,
            rejected: false,
        }
    }

    fn drawn(number: u64) -> Transaction {
        Transaction::drawn(7, 4, number, Nanos(number))
    }

    #[test]
    fn what_was_written_is_read_in_order() {
        let rows = [drawn(5), Transaction::canary(1), drawn(2)];
        assert_eq!(
            records(Table::file(&rows, None)),
            [load(5), Record::Canary(-2), load(2)]
        );
    }

    #[test]
    fn a_changed_field_is_noticed() {
        let mut changed = drawn(5);
        changed.amount_cents += 1;
        assert_eq!(records(Table::file(&[changed], None)), [HARMED]);
    }

    #[test]
    fn a_row_the_job_rejected_is_not_intact() {
        let read = records(Table::file(&[drawn(5)], Some("no currency")));
        let rejected = Record::Load {
            number: 5,
            intact: false,
            rejected: true,
        };
        assert_eq!(read, [rejected]);
    }

    #[test]
    fn without_a_number_it_is_illegible() {
        let mut nameless = drawn(5);
        nameless.number = i64::MAX;
        assert_eq!(records(Table::file(&[nameless], None)), [Record::Illegible]);
    }

    #[test]
    fn a_rejected_record_is_known_by_the_bytes_that_were_kept_of_it() {
        let text = r#"{"rejected": "no number", "raw": "{\"number\":5,\"check"}"#;
        let mut records = Vec::new();
        let read = Format::Json.read(
            text.into(),
            &columns("number", true),
            &Vec::new(),
            |record| {
                records.push(record);
            },
        );
        let rejected = Record::Load {
            number: 5,
            intact: false,
            rejected: true,
        };
        assert_eq!((read, records), (Ok(()), vec![rejected]));
    }

    #[test]
    fn a_torn_file_is_an_error() {
        let file = Table::file(&[drawn(5)], None);
        let torn = file.slice(..file.len() - 9);
        assert!(
            Format::Parquet
                .read(torn, &columns("number", true), &Vec::new(), drop)
                .is_err()
        );
    }

    #[test]
    fn lines_of_json_are_rows_and_a_torn_one_is_illegible() {
        let lines =
            [drawn(5), drawn(6)].map(|one| String::from_utf8(one.json()).unwrap_or_default());
        let text = format!("{}\n\n{}\n{}", lines[0], lines[1], &lines[1][..40]);
        let mut records = Vec::new();
        let read = Format::Json.read(
            text.into(),
            &columns("number", true),
            &Vec::new(),
            |record| {
                records.push(record);
            },
        );
        assert_eq!(
            (read, records),
            (Ok(()), vec![load(5), load(6), Record::Illegible])
        );
    }

    #[test]
    fn a_table_of_a_users_own_needs_a_number_only() {
        let text = r#"{"ref": "17", "amount": 3}"#;
        let mut records = Vec::new();
        for checksum in [false, true] {
            let read = Format::Json.read(
                text.into(),
                &columns("ref", checksum),
                &Vec::new(),
                |record| {
                    records.push(record);
                },
            );
            assert_eq!(read, Ok(()));
        }
        let damaged = Record::Load {
            number: 17,
            intact: false,
            rejected: false,
        };
        assert_eq!(records, [load(17), damaged]);
    }

    #[test]
    fn columns_that_are_not_in_the_file_count_as_those_of_each_row() {
        let mut lines = String::new();
        for number in [5, 6] {
            let mut row = serde_json::to_value(drawn(number)).unwrap();
            for apart in ["currency", "partition"] {
                row.as_object_mut().unwrap().remove(apart);
            }
            lines += &format!("{row}\n");
        }
        let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let read = |values: &Values| {
            let mut records = Vec::new();
            let columns = columns("number", true);
            let read = Format::Json.read(lines.clone().into(), &columns, values, |record| {
                records.push(record);
            });
            read.map(|()| records)
        };
        let with = drawn(5);
        let right = vec![of("currency", &with.currency), of("partition", "1")];
        assert_eq!(read(&right).unwrap()[0], load(5));
        let wrong = vec![of("currency", "none"), of("partition", "1")];
        assert_eq!(read(&wrong).unwrap()[0], HARMED);
        assert_eq!(read(&Vec::new()).unwrap()[0], HARMED);
    }
}
