//! Types of columns, by the words in which the author of a job declares them.
use super::Cell;
use std::fmt;

/// Type of a column. Nested ones are told by their outer word only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Tinyint,
    Smallint,
    Int,
    Bigint,
    Float,
    Double,
    /// Precision and scale; none where any will do.
    Decimal(Option<(u8, u8)>),
    String,
    Binary,
    Date,
    Timestamp,
    Array,
    Map,
    Struct,
}

/// Words of Spark's DDL, the one that is shown before its other names.
const WORDS: &[(&str, Kind)] = &[
    ("boolean", Kind::Boolean),
    ("tinyint", Kind::Tinyint),
    ("smallint", Kind::Smallint),
    ("int", Kind::Int),
    ("bigint", Kind::Bigint),
    ("float", Kind::Float),
    ("double", Kind::Double),
    ("decimal", Kind::Decimal(None)),
    ("string", Kind::String),
    ("binary", Kind::Binary),
    ("date", Kind::Date),
    ("timestamp", Kind::Timestamp),
    ("array", Kind::Array),
    ("map", Kind::Map),
    ("struct", Kind::Struct),
    ("byte", Kind::Tinyint),
    ("short", Kind::Smallint),
    ("integer", Kind::Int),
    ("long", Kind::Bigint),
    ("real", Kind::Float),
    ("timestamp_ntz", Kind::Timestamp),
];

impl Kind {
    /// Every word, for a refusal.
    pub(crate) fn words() -> String {
        let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
        words.join(", ")
    }

    /// From a declaration: `bigint`, `decimal(10,2)`, `array<string>`.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let nested = text
            .split_once('<')
            .filter(|(_, inner)| inner.ends_with('>'));
        let sized = text
            .split_once('(')
            .and_then(|(word, size)| Some((word, size.strip_suffix(')')?)));
        let named = |word: &str| WORDS.iter().find(|(known, _)| *known == word.trim());
        match (nested, sized) {
            (Some((outer, _)), _) => {
                let kind = named(outer)?.1;
                matches!(kind, Self::Array | Self::Map | Self::Struct).then_some(kind)
            }
            (None, Some(("decimal", size))) => {
                let (precision, scale) = size.split_once(',').unwrap_or((size, "0"));
                let digits = |text: &str| text.trim().parse::<u8>().ok().filter(|n| *n <= 38);
                Some(Self::Decimal(Some((digits(precision)?, digits(scale)?))))
            }
            (None, Some(_)) => None,
            (None, None) => named(&text).map(|(_, kind)| *kind),
        }
    }

    /// Whether a file's column of type `found` is what is declared.
    pub(crate) fn accepts(self, found: Self) -> bool {
        self == found || matches!((self, found), (Self::Decimal(None), Self::Decimal(_)))
    }

    /// Whether a cell of a format without types can be of this one; null is of every type.
    pub(super) fn fits(self, cell: &Cell<'_>) -> bool {
        let within = |least: i64, most: i64| matches!(cell, Cell::Number(value) if (least..=most).contains(value));
        match self {
            _ if matches!(cell, Cell::Null) => true,
            Self::Boolean => matches!(cell, Cell::Flag),
            Self::Tinyint => within(i8::MIN.into(), i8::MAX.into()),
            Self::Smallint => within(i16::MIN.into(), i16::MAX.into()),
            Self::Int => within(i32::MIN.into(), i32::MAX.into()),
            Self::Bigint => within(i64::MIN, i64::MAX),
            Self::Float | Self::Double => matches!(
                cell,
                Cell::Number(_) | Cell::Real | Cell::Text("NaN" | "Infinity" | "-Infinity")
            ),
            Self::Decimal(_) => matches!(cell, Cell::Number(_) | Cell::Real),
            Self::String | Self::Binary | Self::Date | Self::Timestamp => {
                matches!(cell, Cell::Text(_))
            }
            Self::Array => matches!(cell, Cell::List),
            Self::Map | Self::Struct => matches!(cell, Cell::Object),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Decimal(Some((precision, scale))) = self {
            return write!(f, "decimal({precision},{scale})");
        }
        let word = WORDS.iter().find(|(_, kind)| kind == self);
        f.write_str(word.map_or("", |(word, _)| word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_and_the_first_of_each_is_shown() {
        for (word, kind) in WORDS {
            assert_eq!(Kind::of(&word.to_uppercase()), Some(*kind));
            assert_eq!(Kind::of(&kind.to_string()), Some(*kind));
        }
        assert_eq!(Kind::of("LONG").unwrap().to_string(), "bigint");
        let money = Kind::of("Decimal(10, 2)").unwrap();
        assert_eq!(money.to_string(), "decimal(10,2)");
        assert_eq!(Kind::of(&money.to_string()), Some(money));
        assert_eq!(Kind::of("array<struct<a: int>>"), Some(Kind::Array));
        for wrong in [
            "",
            "text",
            "int(3)",
            "decimal(99,1)",
            "int<string>",
            "array<int",
        ] {
            assert_eq!(Kind::of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_decimal_without_digits_takes_any_and_with_them_only_its_own() {
        let sized = |p, s| Kind::Decimal(Some((p, s)));
        assert!(Kind::Decimal(None).accepts(sized(10, 2)));
        assert!(!sized(10, 2).accepts(sized(12, 2)));
        assert!(!sized(10, 2).accepts(Kind::Decimal(None)));
        assert!(!Kind::Int.accepts(Kind::Bigint));
    }

    #[test]
    fn a_number_fits_where_it_has_room_and_null_everywhere() {
        let fits = |cell: Cell<'_>| -> Vec<String> {
            let all = WORDS[..15].iter().filter(|(_, kind)| kind.fits(&cell));
            all.map(|(word, _)| (*word).to_owned()).collect()
        };
        assert_eq!(fits(Cell::Null).len(), 15);
        assert_eq!(
            fits(Cell::Number(40_000)),
            ["int", "bigint", "float", "double", "decimal"]
        );
        assert_eq!(fits(Cell::Real), ["float", "double", "decimal"]);
        assert_eq!(
            fits(Cell::Text("x")),
            ["string", "binary", "date", "timestamp"]
        );
        assert_eq!(fits(Cell::Flag), ["boolean"]);
        assert_eq!(fits(Cell::List), ["array"]);
        assert_eq!(fits(Cell::Object), ["map", "struct"]);
    }
}
