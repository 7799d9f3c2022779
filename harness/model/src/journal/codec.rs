//! Lines to facts and back: `{"n":..,"t":..,<fact>,"crc":"xxxxxxxx"}`. The checksum covers the bytes before `,"crc"`.
use super::Event;
use crate::units::Nanos;
use serde::Serialize;
use serde_json::Value;

/// One numbered fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// From 0, without gap.
    pub n: u64,
    /// Nanoseconds since the run's epoch.
    pub t: Nanos,
    /// The fact; none where this version does not know the kind.
    pub event: Option<Event>,
}

/// What could be read of a journal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// The facts of the readable prefix.
    pub lines: Vec<Line>,
    /// How many of them are of a kind unknown here.
    pub unknown: usize,
    /// Why reading stopped early, with the line's number; none where all was read.
    pub truncated: Option<String>,
}

/// One line, with its line end.
///
/// # Errors
/// What serde says of a value that is no JSON (NaN, a map with odd keys): a bug of ours.
pub fn encode(n: u64, t: Nanos, event: &Event) -> Result<String, serde_json::Error> {
    encode_value(n, t, event)
}

/// One line of any record that serialises to an object: the guard's undo journal uses the same lines.
///
/// # Errors
/// As [`encode`]; also for what is no object.
pub fn encode_value(n: u64, t: Nanos, fact: &impl Serialize) -> Result<String, serde_json::Error> {
    let body = serde_json::to_string(fact)?;
    let members = body
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let members =
        members.ok_or_else(|| serde::ser::Error::custom("a journal line must be an object"))?;
    let comma = if members.is_empty() { "" } else { "," };
    let head = format!("{{\"n\":{n},\"t\":{}{comma}{members}", t.0);
    Ok(format!(
        "{head},\"crc\":\"{:08x}\"}}\n",
        crc32fast::hash(head.as_bytes())
    ))
}

/// Reads one line that [`encode_value`] wrote: number, time and the object without `n`, `t`, `crc`.
///
/// # Errors
/// What is wrong with the line, in a few words.
pub fn decode_value(line: &str) -> Result<(u64, Nanos, Value), String> {
    let (head, tail) = line.rsplit_once(",\"crc\":\"").ok_or("has no checksum")?;
    let sum = tail.strip_suffix("\"}").ok_or("ends early")?;
    if sum.len() != 8 || sum != format!("{:08x}", crc32fast::hash(head.as_bytes())) {
        return Err("has a wrong checksum".into());
    }
    let mut value: Value = serde_json::from_str(&format!("{head}}}"))
        .map_err(|error| format!("is no JSON: {error}"))?;
    let members = value.as_object_mut().ok_or("is no object")?;
    let mut number = |key: &str| {
        members
            .remove(key)
            .and_then(|v| v.as_u64())
            .ok_or(format!("has no `{key}`"))
    };
    let (n, t) = (number("n")?, number("t")?);
    Ok((n, Nanos(t), value))
}

/// Reads a journal: the longest prefix that is whole, and what stopped it.
///
/// # Errors
/// Only for a newer schema, named: such a journal must not be read as if it were ours.
pub fn parse(text: &str) -> Result<Journal, String> {
    let mut journal = Journal::default();
    let mut rest = text;
    while !rest.is_empty() {
        let n = journal.lines.len() as u64;
        let Some((line, after)) = rest.split_once('\n') else {
            journal.truncated = Some(format!("line {n} has no end"));
            break;
        };
        match read_line(n, line).and_then(|line| journal.follows(line)) {
            Ok(line) => journal.push(line)?,
            Err(why) => {
                journal.truncated = Some(format!("line {n} {why}"));
                break;
            }
        }
        rest = after;
    }
    Ok(journal)
}

fn read_line(expected: u64, line: &str) -> Result<Line, String> {
    let (n, t, value) = decode_value(line)?;
    if n != expected {
        return Err(format!("is numbered {n}"));
    }
    Ok(Line {
        n,
        t,
        event: serde_json::from_value(value).ok(),
    })
}

impl Journal {
    /// Nothing is known of when a fact was, if it is stamped earlier than the fact before it.
    fn follows(&self, line: Line) -> Result<Line, String> {
        match self.lines.last() {
            Some(last) if line.t < last.t => Err(format!(
                "is {:.3} s earlier than the line before it: the clock went back",
                last.t.since(line.t).as_s()
            )),
            _ => Ok(line),
        }
    }

    fn push(&mut self, line: Line) -> Result<(), String> {
        if let Some(Event::RunOpened { schema, .. }) = &line.event
            && schema != SCHEMA
        {
            return Err(format!(
                "read a journal of schema `{schema}`; known here: `{SCHEMA}`"
            ));
        }
        self.unknown += usize::from(line.event.is_none());
        self.lines.push(line);
        Ok(())
    }
}

/// Schema of the journal that this version writes.
pub const SCHEMA: &str = "brinell.journal/1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::End;
    use proptest::prelude::*;

    fn sample() -> String {
        let events = [
            Event::PhaseEntered {
                phase: "warm-up".into(),
            },
            Event::SignalReceived {
                signal: "INT".into(),
                count: 1,
            },
            Event::RunClosed {
                end: End::Signal,
                leftovers: vec!["a \"quoted\" \n name, ,\"crc\":\"".into()],
                why: None,
            },
        ];
        events
            .iter()
            .enumerate()
            .map(|(n, event)| encode(n as u64, Nanos(n as u64 * 7), event).unwrap())
            .collect()
    }

    #[test]
    fn truncated_at_every_byte_it_decodes_to_a_prefix_and_says_so() {
        let (text, whole) = (sample(), parse(&sample()).unwrap());
        for cut in 0..text.len() {
            if !text.is_char_boundary(cut) {
                continue;
            }
            let read = parse(&text[..cut]).unwrap();
            assert_eq!(read.lines, whole.lines[..read.lines.len()], "cut at {cut}");
            let at_line_end = cut == 0 || text.as_bytes()[cut - 1] == b'\n';
            assert_eq!(read.truncated.is_none(), at_line_end, "cut at {cut}");
        }
    }

    #[test]
    fn a_removed_line_is_a_gap() {
        let text: String = sample()
            .split_inclusive('\n')
            .enumerate()
            .filter(|(i, _)| *i != 1)
            .map(|(_, l)| l)
            .collect();
        let read = parse(&text).unwrap();
        assert_eq!(
            (read.lines.len(), read.truncated.as_deref()),
            (1, Some("line 1 is numbered 2"))
        );
    }

    #[test]
    fn an_unknown_kind_is_kept_and_counted() {
        let line = encode_value(
            0,
            Nanos(1),
            &serde_json::json!({"k": "of-the-future", "x": 1}),
        )
        .unwrap();
        assert_eq!(parse(&line).unwrap().unknown, 1);
    }

    #[test]
    fn a_newer_schema_is_refused_by_name() {
        let event = serde_json::json!({"k":"run-opened","schema":"brinell.journal/2","run":"r","seed":1,"scenario_sha256":"","plan_sha256":"","wall":"","boot_id":"","epoch_mono_ns":0});
        assert!(
            parse(&encode_value(0, Nanos(0), &event).unwrap())
                .unwrap_err()
                .contains("brinell.journal/2")
        );
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_noticed(at in 0_usize..400, bit in 0_u8..7) {
            let text = sample();
            let mut bytes = text.clone().into_bytes();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            let Ok(flipped) = String::from_utf8(bytes) else { return Ok(()) };
            let (read, whole) = (parse(&flipped).unwrap(), parse(&text).unwrap());
            prop_assert!(read.truncated.is_some() || read.lines.len() < whole.lines.len());
            prop_assert_eq!(&read.lines[..], &whole.lines[..read.lines.len()]);
        }

        #[test]
        fn what_is_written_reads_back(phase in ".*", t: u64) {
            let event = Event::PhaseEntered { phase };
            let line = parse(&encode(0, Nanos(t), &event).unwrap()).unwrap().lines.remove(0);
            prop_assert_eq!((line.t, line.event), (Nanos(t), Some(event)));
        }
    }
}
