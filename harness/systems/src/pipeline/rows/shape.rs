//! Whether a row is what its table promises: required cells that are there, columns as declared.
//!
//! A file that carries its own schema is held to it as a whole, since a null tells no type: where a column is wrong there, every row of
//! the file is. A format without one is looked at cell by cell; its writers leave nulls out, so an absent member is a null there and
//! never a missing column. Columns that a table keeps in the names of its folders (`day=3/`) are there, whatever their type.
use super::{
    super::{logs::Values, mutants::mutant},
    Cell,
    kind::Kind,
};
use std::{collections::BTreeMap, sync::Arc};

/// What the table promises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contract {
    /// Columns that must not be null.
    pub(crate) required: Vec<String>,
    /// Every column with its type; none where nothing is declared.
    pub(crate) schema: BTreeMap<String, Kind>,
}

/// What of the promise one row keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Whether the cell is null or absent, by required column.
    pub(crate) absent: Vec<bool>,
    /// The first thing that is not as declared.
    pub(crate) breaks: Option<Arc<str>>,
}

/// Columns in the names of a file's folders, and whether each is null there.
pub(super) type Given = Vec<(String, bool)>;

/// Name of a folder of rows of which the column is null.
const NULL_FOLDER: &str = "__HIVE_DEFAULT_PARTITION__";

/// Columns that the path of a file tells.
pub(super) fn given(path: &str) -> Given {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let column = |folder: &str| {
        let (name, value) = folder.split_once('=')?;
        Some((name.to_owned(), value == NULL_FOLDER))
    };
    folders.split('/').filter_map(column).collect()
}

/// Holds the rows of one file to the contract, cell by cell.
pub(super) struct Checker<'a> {
    contract: &'a Contract,
    given: Given,
    /// Which required cells are absent before any cell was told.
    start: Vec<bool>,
    /// Of a file with a schema of its own: what is wrong with it.
    of_file: Option<Option<Arc<str>>>,
    row: Shape,
}

impl<'a> Checker<'a> {
    pub(super) fn new(contract: &'a Contract, path: &str, values: &Values) -> Self {
        let mut given = given(path);
        // Those that the commit log tells of its files, whatever their folders are called.
        for (name, _) in values {
            if given.iter().all(|(known, _)| known != name) {
                given.push((name.clone(), false));
            }
        }
        let absent = |name: &String| !given.contains(&(name.clone(), false)) && !mutant("T2");
        let start = contract.required.iter().map(absent);
        let mut checker = Self {
            start: start.collect(),
            contract,
            given,
            of_file: None,
            row: Shape::default(),
        };
        checker.begin();
        checker
    }

    /// The file says which columns it has; a type that nobody can declare is none.
    pub(super) fn file(&mut self, columns: &[(String, Option<Kind>)]) {
        let broken = (!self.contract.schema.is_empty()).then(|| self.broken(columns));
        self.of_file = Some(broken.flatten().map(Arc::from));
        self.begin();
    }

    fn broken(&self, columns: &[(String, Option<Kind>)]) -> Option<String> {
        let found: BTreeMap<&str, Option<Kind>> = columns
            .iter()
            .map(|(name, kind)| (name.as_str(), *kind))
            .collect();
        let wrong = |(name, kind): (&String, &Kind)| match found.get(name.as_str()) {
            None if self.given.iter().any(|(given, _)| given == name) => None,
            None if mutant("T7") => None,
            None => Some(format!("column `{name}` is missing")),
            Some(_) if mutant("T8") => None,
            Some(Some(found)) if kind.accepts(*found) => None,
            Some(Some(found)) => Some(format!("column `{name}` is {found}, not {kind}")),
            Some(None) => Some(format!("column `{name}` is of another type, not {kind}")),
        };
        let unknown = |name: &&str| !self.contract.schema.contains_key(*name) && !mutant("T6");
        let declared = self.contract.schema.iter().find_map(wrong);
        let stranger = || found.keys().copied().find(unknown);
        declared.or_else(|| stranger().map(|name| format!("column `{name}` is not declared")))
    }

    /// A cell of the row, null or not.
    pub(super) fn cell(&mut self, name: &str, cell: &Cell<'_>) {
        if !matches!(cell, Cell::Null) || mutant("T1") {
            self.there(name);
        }
        if self.of_file.is_some() || self.contract.schema.is_empty() || self.row.breaks.is_some() {
            return;
        }
        let why = match self.contract.schema.get(name) {
            Some(kind) if kind.fits(cell) => return,
            Some(kind) => format!("`{name}` is {}, not {kind}", cell.word()),
            None if mutant("T6") => return,
            None => format!("column `{name}` is not declared"),
        };
        self.row.breaks = Some(why.into());
    }

    /// The row is no row at all.
    pub(super) fn torn(&mut self) {
        if !self.contract.schema.is_empty() {
            self.row.breaks = Some("the row cannot be read".into());
        }
    }

    fn there(&mut self, name: &str) {
        let columns = self.contract.required.iter().zip(&mut self.row.absent);
        for (_, absent) in columns.filter(|(required, _)| *required == name) {
            *absent = false;
        }
    }

    /// The row as it was told.
    pub(super) const fn row(&self) -> &Shape {
        &self.row
    }

    /// Another row.
    pub(super) fn begin(&mut self) {
        self.row.absent.clone_from(&self.start);
        self.row.breaks = self.of_file.clone().flatten();
        if mutant("T10") {
            self.of_file = self.of_file.take().map(|_| None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_tell_columns_and_which_are_null() {
        let told = given("t/day=3/country=__HIVE_DEFAULT_PARTITION__/a=b.parquet");
        let expected = [("day", false), ("country", true)];
        assert_eq!(told, expected.map(|(name, null)| (name.to_owned(), null)));
    }

    #[test]
    fn a_column_of_a_folder_is_there_and_need_not_be_in_the_file() {
        let contract = Contract {
            required: vec!["day".into(), "n".into()],
            schema: [("day".into(), Kind::Int), ("n".into(), Kind::Int)].into(),
        };
        let columns = [("n".to_owned(), Some(Kind::Int))];
        for (path, absent, breaks) in [
            ("t/day=3/a", [false, true], false),
            ("t/day=__HIVE_DEFAULT_PARTITION__/a", [true, true], false),
            ("t/a", [true, true], true),
        ] {
            let mut checker = Checker::new(&contract, path, &Vec::new());
            checker.file(&columns);
            assert_eq!(checker.row().absent, absent, "{path}");
            assert_eq!(checker.row().breaks.is_some(), breaks, "{path}");
        }
    }
}
