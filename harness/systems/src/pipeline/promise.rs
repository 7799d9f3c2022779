//! What the author of a workload declares of its table: columns that must not be null, and every column with its type.
//!
//! The defaults are those of the job as shipped. Of another job nobody but its author knows the columns, so that nothing is declared
//! until it is; what the ledger itself relies on (every field of a record, or its number alone) is required all the same.
use super::{
    Settings,
    rows::{Contract, Kind},
};
use std::collections::{BTreeMap, BTreeSet};

/// Columns of the table as `pipeline.py` writes it.
const SHIPPED: &[(&str, &str)] = &[
    ("number", "bigint"),
    ("partition", "int"),
    ("seq", "bigint"),
    ("intended_ns", "bigint"),
    ("transaction_id", "string"),
    ("customer_id", "string"),
    ("merchant_id", "string"),
    ("amount_cents", "bigint"),
    ("currency", "string"),
    ("checksum", "string"),
    ("rejected", "string"),
    ("raw", "binary"),
];

/// Of the reference: `transaction_id`, `customer_id`, `amount`.
const REQUIRED: &[&str] = &["transaction_id", "customer_id", "amount_cents"];

/// More columns than a table has; bounds what is kept a second.
const MOST: usize = 64;

impl Settings {
    /// Makes the defaults explicit.
    ///
    /// # Errors
    /// The key, and what is wrong with its value.
    pub(super) fn promised(&mut self) -> Result<(), (&'static str, String)> {
        let required = self.required.get_or_insert_with(|| match self.checksum {
            true => REQUIRED.iter().map(ToString::to_string).collect(),
            false => vec![self.id.clone()],
        });
        let schema = self.schema.get_or_insert_with(|| {
            let own = !self.job.is_empty();
            let shipped = SHIPPED.iter().filter(|_| !own);
            shipped
                .map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned()))
                .collect()
        });
        if required.len() > MOST || schema.len() > 4 * MOST {
            let why = format!("judge {} columns: {MOST} are the most", required.len());
            return Err(("required", why));
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = required.iter().find(|name| !names.insert(*name)) {
            return Err(("required", format!("require `{twice}` twice")));
        }
        for (name, kind) in &*schema {
            if Kind::of(kind).is_none() {
                let why = format!(
                    "read the type `{kind}` of `{name}`: known are {}",
                    Kind::words()
                );
                return Err(("schema", why));
            }
        }
        let undeclared = |name: &&String| !schema.is_empty() && !schema.contains_key(*name);
        if let Some(name) = required.iter().find(undeclared) {
            let why = format!("require `{name}`, which `schema` does not declare");
            return Err(("required", why));
        }
        Ok(())
    }

    /// As the rows are held to it.
    pub(super) fn contract(&self) -> Contract {
        let kind = |(name, kind): (&String, &String)| Some((name.clone(), Kind::of(kind)?));
        let schema = self.schema.iter().flatten();
        Contract {
            required: self.required.clone().unwrap_or_default(),
            schema: schema.filter_map(kind).collect(),
        }
    }
}

impl Contract {
    /// The declared columns, as a reader of the run sees them.
    pub(super) fn declared(&self) -> BTreeMap<String, String> {
        let shown = |(name, kind): (&String, &Kind)| (name.clone(), kind.to_string());
        self.schema.iter().map(shown).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::JOB, *};
    use serde_json::{Value, json};

    fn read(settings: Value) -> Settings {
        Settings::read(&settings).unwrap_or_else(|error| panic!("{settings}: {}", error.why))
    }

    #[test]
    fn the_default_is_what_the_job_as_shipped_writes() {
        let contract = read(json!({})).contract();
        let lines = JOB.split_once("SCHEMA = \"\"\"").unwrap().1;
        let lines = lines.split_once("\"\"\"").unwrap().0;
        let of_job: BTreeMap<String, Option<Kind>> = lines
            .split(',')
            .map(|column| column.trim().split_once(' ').unwrap())
            .map(|(name, kind)| (name.to_owned(), Kind::of(kind)))
            .chain([
                ("rejected".into(), Kind::of("string")),
                ("raw".into(), Kind::of("binary")),
            ])
            .collect();
        let declared = contract
            .schema
            .into_iter()
            .map(|(name, kind)| (name, Some(kind)));
        assert_eq!(declared.collect::<BTreeMap<_, _>>(), of_job);
        assert_eq!(contract.required, REQUIRED);
    }

    #[test]
    fn of_a_job_of_ones_own_nothing_is_declared_but_what_the_ledger_needs() {
        let own = read(json!({"job": "mine.py", "checksum": false, "id": "ref"})).contract();
        assert_eq!(
            (own.required, own.schema.len()),
            (vec!["ref".to_owned()], 0)
        );
        let own = read(json!({"job": "mine.py"})).contract();
        assert_eq!((own.required.len(), own.schema.len()), (3, 0));
    }

    #[test]
    fn what_is_explicit_in_a_plan_is_read_back_the_same() {
        for settings in [
            json!({}),
            json!({"job": "mine.py"}),
            json!({"required": [], "schema": {}}),
            json!({"required": ["b"], "schema": {"a": "LONG", "b": "decimal(10, 2)"}}),
        ] {
            let once = json!(read(settings));
            assert_eq!(json!(read(once.clone())), once);
            assert!(!once["required"].is_null() && !once["schema"].is_null());
        }
    }

    #[test]
    fn a_promise_that_cannot_be_kept_is_refused_by_its_key() {
        let key = |settings: Value| Settings::read(&settings).err().map(|error| error.key);
        for (settings, expected) in [
            (json!({"required": ["a", "a"], "schema": {}}), "required"),
            (json!({"required": ["nothing"]}), "required"),
            (json!({"schema": {"a": "text"}, "required": []}), "schema"),
            (json!({"schema": {"a": "int"}}), "required"),
        ] {
            assert_eq!(
                key(settings.clone()).as_deref(),
                Some(expected),
                "{settings}"
            );
        }
    }
}
