//! Deployments as their owner recorded them: what the delivery figures (frequency, lead time, change failure rate) are made from.
//!
//! ```yaml
//! brinell: 1
//! deployments:
//!   - {id: v1.4.0, committed: 2026-11-01T10:00:00Z, deployed: 2026-11-02T09:00:00Z, failed: false, build: 20m, test: 1h, deploy: 10m}
//! ```
use crate::{
    scenario::{Fields, Keys, Node, Placed, Refusal, Tree},
    units::{self, Nanos},
};

/// One change that went out.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// Unique in its file.
    pub id: Placed<String>,
    /// When the change was committed, s since 1970 UTC.
    pub committed_s: f64,
    /// When it was deployed, not before.
    pub deployed_s: f64,
    /// Whether it degraded the service or was rolled back.
    pub failed: bool,
    /// How long it took to build, test and deploy; none where not all three are recorded.
    pub cycle: Option<Nanos>,
}

const FILE: Keys = &[
    ("brinell", "number of the schema: 1"),
    ("deployments", "what went out"),
];
const DEPLOYMENT: Keys = &[
    ("id", "unique in the file"),
    ("committed", "like 2026-11-01T10:00:00Z"),
    ("deployed", "the same, not before"),
    (
        "failed",
        "whether it degraded the service or was rolled back",
    ),
    ("build", "how long it took, like 20m"),
    ("test", "the same of its tests"),
    ("deploy", "the same of its rollout"),
];
/// Most deployments of a file: bounds the work.
pub const MOST: usize = 100_000;

/// Reads a file, in order of deployment.
///
/// # Errors
/// The first thing that is not as it should be, at its place, with the fix.
pub fn parse(text: &str) -> Result<Vec<Deployment>, Refusal> {
    let tree = Tree::parse(text)?;
    let fields = Fields::open("a file of deployments", &tree, FILE)?;
    schema(&fields)?;
    let list = fields.need("deployments")?;
    let Node::List(entries) = &list.node else {
        return Err(list.refuse("read the deployments".into()).label(
            "a list is due here, like `- {id: v1, committed: ..., deployed: ..., failed: false}`",
        ));
    };
    if entries.len() > MOST {
        return Err(list
            .refuse(format!("read more than {MOST} deployments"))
            .hint("cut the file by time"));
    }
    let mut all: Vec<Deployment> = entries.iter().map(deployment).collect::<Result<_, _>>()?;
    let mut ids: Vec<&Placed<String>> = all.iter().map(|one| &one.id).collect();
    ids.sort_by(|a, b| (&a.value, a.at).cmp(&(&b.value, b.at)));
    if let Some(pair) = ids.windows(2).find(|pair| pair[0].value == pair[1].value) {
        let id = &pair[1].value;
        return Err(
            Refusal::new(pair[1].at, format!("tell two deployments `{id}` apart"))
                .wide(id.chars().count())
                .label(format!("the first one is in line {}", pair[0].at.line)),
        );
    }
    all.sort_by(|a, b| a.deployed_s.total_cmp(&b.deployed_s));
    Ok(all)
}

/// The number of the schema of our own files.
pub(crate) fn schema(fields: &Fields) -> Result<(), Refusal> {
    let tree = fields.need("brinell")?;
    let known = tree.whole("the number of the schema", 1, 1);
    known
        .map(drop)
        .map_err(|refusal| refusal.hint("write `brinell: 1`"))
}

fn deployment(tree: &Tree) -> Result<Deployment, Refusal> {
    let fields = Fields::open("a deployment", tree, DEPLOYMENT)?;
    let id = fields.need("id")?;
    let (committed, deployed) = (fields.need("committed")?, fields.need("deployed")?);
    let (from, to) = (instant(committed)?, instant(deployed)?);
    if to < from {
        return Err(deployed
            .refuse("deploy a change before it was committed".into())
            .hint("swap the two instants, or mend the zone"));
    }
    let parts = ["build", "test", "deploy"].map(|key| fields.get(key));
    let lengths: Vec<Option<Nanos>> = parts
        .into_iter()
        .map(|part| part.map(|tree| tree.quantity(units::duration)).transpose())
        .collect::<Result<_, _>>()?;
    let cycle: Option<Vec<Nanos>> = lengths.into_iter().collect();
    Ok(Deployment {
        id: Placed {
            value: text(id)?,
            at: id.at,
        },
        committed_s: from,
        deployed_s: to,
        failed: flag(fields.need("failed")?)?,
        cycle: cycle.map(|parts| parts.into_iter().fold(Nanos(0), Nanos::plus)),
    })
}

/// A name; `1.4` and the like may stand without quotes.
fn text(tree: &Tree) -> Result<String, Refusal> {
    match &tree.node {
        Node::Scalar(serde_json::Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Node::Scalar(serde_json::Value::Number(number)) => Ok(number.to_string()),
        _ => Err(tree
            .refuse("read the id".into())
            .label("a name is due here")),
    }
}

fn flag(tree: &Tree) -> Result<bool, Refusal> {
    match &tree.node {
        Node::Scalar(serde_json::Value::Bool(flag)) => Ok(*flag),
        _ => Err(tree
            .refuse("tell whether it failed".into())
            .label("true or false is due here")),
    }
}

fn instant(tree: &Tree) -> Result<f64, Refusal> {
    let refuse = || {
        tree.refuse("read an instant".into())
            .label("RFC 3339 with its zone is due here")
            .hint("write it like `2026-11-01T10:00:00Z` or `2026-11-01T12:00:00+02:00`")
    };
    let text = tree.text("an instant").map_err(|_| refuse())?;
    rfc3339(text).ok_or_else(refuse)
}

/// Seconds since 1970 UTC of an instant in RFC 3339; none of anything else. Years 1970 to 9999.
pub fn rfc3339(text: &str) -> Option<f64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = rest.split_at_checked(8)?;
    let (year, month, day) = three(date, b'-', 4)?;
    let (hour, minute, second) = three(time, b':', 2)?;
    let digits = rest.strip_prefix('.').map_or(0, |rest| {
        rest.bytes().take_while(u8::is_ascii_digit).count() + 1
    });
    let (fraction, zone) = rest.split_at_checked(digits)?;
    let fraction = match fraction.len() {
        0 => 0.0,
        1 => return None,
        _ => format!("0{fraction}").parse::<f64>().ok()?,
    };
    let fits = year >= 1970 && (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
    if !fits || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let whole = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(whole as f64 + fraction - offset(zone)? as f64)
}

/// Three numbers of fixed width, the first `first` digits and the others two.
fn three(text: &str, between: u8, first: usize) -> Option<(i64, i64, i64)> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| part.parse().ok())
            .flatten()
    };
    let at = |index: usize| bytes.get(index) == Some(&between);
    (at(first) && at(first + 3) && bytes.len() == first + 6)
        .then(|| {
            Some((
                digits(0, first)?,
                digits(first + 1, first + 3)?,
                digits(first + 4, first + 6)?,
            ))
        })
        .flatten()
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let two = |part: &str| -> Option<i64> {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())
            .flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

const fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let years = 365 * (year - 1970) + leaps(year - 1) - leaps(1969);
    years + (1..month).map(|month| days_in(year, month)).sum::<i64>() + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "brinell: 1
deployments:
  - {id: b, committed: 2026-11-01T10:00:00Z, deployed: 2026-11-03T10:00:00Z, failed: true}
  - {id: 1.4, committed: 2026-11-01T12:00:00+02:00, deployed: 2026-11-01T10:30:00.5Z, failed: false, build: 20m, test: 1h, deploy: 10m}
";

    #[test]
    fn deployments_stand_in_order_with_their_cycle() {
        let all = parse(GOOD).unwrap();
        assert_eq!((&*all[0].id.value, &*all[1].id.value), ("1.4", "b"));
        assert_eq!(all[0].deployed_s - all[0].committed_s, 1_800.5);
        assert_eq!(
            (all[0].cycle, all[1].cycle),
            (Some(Nanos::secs(5_400)), None)
        );
        assert!(all[1].failed && !all[0].failed);
    }

    #[test]
    fn what_cannot_be_is_refused_at_its_place() {
        for (from, to, line, column) in [
            ("failed: true", "faild: true", 3, 78),
            ("failed: true", "failed: maybe", 3, 86),
            ("2026-11-03T10:00:00Z", "2026-10-03T10:00:00Z", 3, 56),
            ("2026-11-03T10:00:00Z", "2026-02-30T10:00:00Z", 3, 56),
            ("2026-11-03T10:00:00Z", "2026-11-03T10:00:00", 3, 56),
            ("id: b", "id: 1.4", 4, 10),
            ("build: 20m", "build: 20", 4, 109),
            ("brinell: 1", "brinell: 2", 1, 10),
        ] {
            let refusal = parse(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert_eq!(
                (refusal.at.line, refusal.at.column),
                (line, column),
                "{to}: {refusal:?}"
            );
        }
    }

    #[test]
    fn instants_are_the_known_ones() {
        assert_eq!(rfc3339("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(rfc3339("2000-03-01T00:00:00Z"), Some(951_868_800.0));
        assert_eq!(
            rfc3339("2026-01-01T00:00:00.25+01:00"),
            Some(1_767_222_000.25 - 0.0)
        );
        for wrong in [
            "",
            "2026-1-01T00:00:00Z",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1:00",
            "日本-01-01T00:00:00Z",
        ] {
            assert_eq!(rfc3339(wrong), None, "{wrong}");
        }
    }

    proptest! {
        /// A day later is 86 400 s later, through every month and leap year.
        #[test]
        fn days_follow_each_other(year in 1970_i64..2400, month in 1_i64..=12, day in 1_i64..=31) {
            prop_assume!(day <= days_in(year, month));
            let (y, m, d) = match (day == days_in(year, month), month) {
                (true, 12) => (year + 1, 1, 1),
                (true, month) => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
            prop_assert_eq!(days(y, m, d), days(year, month, day) + 1);
        }

        #[test]
        fn any_text_is_an_instant_or_none(text in any::<String>()) {
            prop_assert!(rfc3339(&text).is_none_or(f64::is_finite));
        }
    }
}
