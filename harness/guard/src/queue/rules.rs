//! The run's table that marks packets by their addresses, and the rules that queue what has such a mark.
//!
//! The table belongs to the guard's socket and dies with it. The rules cannot (nft of this age has no verdict `queue` where only
//! the older filter's target is built in), so each carries the run in a comment, and is removed by whoever finds the run dead.
use super::Numbers;
use crate::{filter::table_of, nft::Nft};
use model::act::net::Flow;
use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    process::{Command, Stdio},
};

/// Before the run in a rule's comment.
const COMMENT: &str = "brinell:";
/// Every mark of ours, of any run.
const MARKS: &str = "0xfa";

/// Table and rules of one run.
pub struct Rules {
    table: String,
    comment: String,
    nft: Option<Nft>,
    used: bool,
    made: bool,
}

/// Where the search for a free number begins: apart for different runs.
pub fn first_number(run: &str) -> u8 {
    run.bytes()
        .fold(7_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte))
}

impl Rules {
    /// Nothing is touched yet.
    pub fn of(run: &str) -> Self {
        let table = format!("{}_queue", table_of(run));
        Self {
            comment: comment_of(run),
            table,
            nft: None,
            used: false,
            made: false,
        }
    }

    /// Whether they ever stood.
    pub const fn used(&self) -> bool {
        self.used
    }

    /// Looks whether there is an nftables here.
    ///
    /// # Errors
    /// There is none.
    pub fn available(&mut self) -> Result<(), String> {
        self.nft().map(|_| ())
    }

    /// Adds table and rules for these numbers.
    ///
    /// # Errors
    /// What nft or iptables say.
    pub fn add(&mut self, numbers: Numbers) -> Result<(), String> {
        self.used = true;
        let (table, comment) = (self.table.clone(), self.comment.clone());
        let nft = self.nft()?;
        let flags = nft.table_flags();
        nft.run(&format!(
            "add table ip {table} {{ {flags} }}
             add map ip {table} marks {{ type ipv4_addr . ipv4_addr : mark; flags timeout; }}
             add chain ip {table} part {{ type filter hook forward priority -160; policy accept; }}
             add rule ip {table} part meta mark set ip saddr . ip daddr map @marks"
        ))?;
        self.made = true;
        let rule = |slot: u8, queue: u16| {
            let mark = numbers.mark(slot);
            format!(
                "-I FORWARD -m mark --mark {mark:#x}/0xffff80 -m comment --comment \"{comment}\" -j NFQUEUE --queue-num {queue} --queue-bypass\n"
            )
        };
        restore(&(rule(0, numbers.meta()) + &rule(super::PAYLOAD_SLOTS, numbers.payload())))
    }

    /// Gives packets of these flows a mark, in one transaction.
    ///
    /// # Errors
    /// What nft says.
    pub fn divert(&mut self, flows: &[Flow], mark: u32, lifetime_ms: u64) -> Result<(), String> {
        let each = flows
            .iter()
            .map(|flow| format!("{} timeout {lifetime_ms}ms : {mark:#x}", pair(flow)));
        let each = each.collect::<Vec<_>>().join(", ");
        if each.is_empty() {
            return Ok(());
        }
        let command = format!("add element ip {} marks {{ {each} }}", self.table);
        self.nft()?.run(&command).map(drop)
    }

    /// Gives packets of these flows no mark any more; pairs that the kernel forgot are no error.
    ///
    /// # Errors
    /// What nft says of a pair that is there.
    pub fn restore(&mut self, flows: &[Flow]) -> Result<(), String> {
        let table = self.table.clone();
        let delete = |pairs: &str| format!("delete element ip {table} marks {{ {pairs} }}");
        let all = flows.iter().map(pair).collect::<Vec<_>>().join(", ");
        if flows.is_empty() || self.nft()?.run(&delete(&all)).is_ok() {
            return Ok(());
        }
        for flow in flows {
            let done = self.nft()?.run(&delete(&pair(flow)));
            done.map(drop).or_else(gone_is_fine)?;
        }
        Ok(())
    }

    /// Removes the table: no packet gets a mark any more.
    ///
    /// # Errors
    /// What nft says of a table that is there.
    pub fn remove_table(&mut self) -> Result<(), String> {
        let command = format!("delete table ip {}", self.table);
        let done = self.nft()?.run(&command);
        done.map(drop).or_else(gone_is_fine)?;
        self.made = false;
        Ok(())
    }

    /// Removes the rules.
    ///
    /// # Errors
    /// What iptables says.
    pub fn remove_rules(&self) -> Result<(), String> {
        remove(&self.comment)
    }

    /// What of it stands, in words.
    ///
    /// # Errors
    /// What nft or iptables say.
    pub fn standing(&mut self) -> Result<Vec<String>, String> {
        let line = format!("table ip {}", self.table);
        let tables = self.nft()?.run("list tables ip")?;
        let table = tables.lines().find(|found| found.trim() == line);
        let rules = listed()?
            .into_iter()
            .filter(|(comment, _)| *comment == self.comment);
        let rules = rules.map(|(_, rule)| format!("iptables rule {rule}"));
        Ok(table
            .map(|name| format!("nft {name}"))
            .into_iter()
            .chain(rules)
            .collect())
    }

    fn nft(&mut self) -> Result<&mut Nft, String> {
        let open = match self.nft.take() {
            Some(open) => open,
            None => Nft::open()?,
        };
        Ok(self.nft.insert(open))
    }
}

/// What is written into each rule.
fn comment_of(run: &str) -> String {
    format!("{COMMENT}{}", table_of(run).trim_start_matches("brinell_"))
}

fn pair(flow: &Flow) -> String {
    format!("{} . {}", flow.from, flow.to)
}

/// Pair or table not there: expired, or removed with its owner.
fn gone_is_fine(why: String) -> Result<(), String> {
    let gone = why.contains("No such file or directory");
    if gone { Ok(()) } else { Err(why) }
}

/// Removes the rules of the runs for which `dead` holds and whose queue nobody serves; gives them in words.
///
/// # Errors
/// What iptables says.
pub fn sweep(dead: impl Fn(&str) -> bool) -> Result<Vec<String>, String> {
    // Where there is no iptables, no rule was ever made.
    if Command::new("iptables-save").arg("-V").output().is_err() {
        return Ok(Vec::new());
    }
    let (found, served) = (listed()?, served());
    let unserved = |rule: &str| {
        !served
            .iter()
            .any(|queue| rule.contains(&format!("--queue-num {queue} ")))
    };
    let of_dead = |(comment, rule): &&(String, String)| dead(comment) && unserved(rule);
    let runs: BTreeSet<&String> = found
        .iter()
        .filter(of_dead)
        .map(|(comment, _)| comment)
        .collect();
    for comment in &runs {
        remove(comment)?;
    }
    Ok(runs
        .iter()
        .map(|comment| format!("iptables rules {comment}"))
        .collect())
}

/// The queues of this network namespace that some process has: the first column.
fn served() -> Vec<String> {
    let text = fs::read_to_string("/proc/thread-self/net/netfilter/nfnetlink_queue");
    let first = |line: &str| line.split_whitespace().next().map(str::to_owned);
    text.unwrap_or_default().lines().filter_map(first).collect()
}

/// Whether a rule's comment names this run.
pub fn names(comment: &str, run: &str) -> bool {
    comment == comment_of(run)
}

fn remove(comment: &str) -> Result<(), String> {
    let ours = listed()?.into_iter().filter(|(found, _)| found == comment);
    let lines: String = ours
        .map(|(_, rule)| rule.replacen("-A ", "-D ", 1) + "\n")
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    restore(&lines)
}

/// Every rule with a mark and a comment of ours: the comment, and the rule as it would be added.
fn listed() -> Result<Vec<(String, String)>, String> {
    let text = run("iptables-save", &["-t", "mangle"], "")?;
    let ours = text
        .lines()
        .filter(|line| line.starts_with("-A ") && line.contains(MARKS));
    let comment = |line: &str| {
        let mut words = line.split_whitespace().map(|word| word.trim_matches('"'));
        words
            .find(|word| word.starts_with(COMMENT))
            .map(str::to_owned)
    };
    Ok(ours
        .filter_map(|line| Some((comment(line)?, line.to_owned())))
        .collect())
}

fn restore(lines: &str) -> Result<(), String> {
    let text = format!("*mangle\n{lines}COMMIT\n");
    run("iptables-restore", &["-w", "5", "--noflush"], &text).map(drop)
}

fn run(program: &str, args: &[&str], input: &str) -> Result<String, String> {
    let mut command = Command::new(program);
    let command = command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let child = command.stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| format!("start {program}: {error}; install iptables"))?;
    let written = child
        .stdin
        .take()
        .map(|mut pipe| pipe.write_all(input.as_bytes()));
    let done = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    if !done.status.success() {
        let text = String::from_utf8_lossy(&done.stderr);
        let line = text
            .lines()
            .find(|line| !line.is_empty() && !line.starts_with('#'));
        return Err(format!(
            "use {program}: {}",
            line.unwrap_or("no reason given")
        ));
    }
    written
        .transpose()
        .map_err(|error| format!("write to {program}: {error}"))?;
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_begin_their_search_apart_and_marks_of_slots_differ() {
        assert_ne!(
            first_number("20260101T120000.000Z-7f3a"),
            first_number("20260101T120000.000Z-7f3b")
        );
        let numbers = Numbers(0x17);
        assert_eq!(numbers.mark(3), 0xfa_1703);
        assert_ne!(numbers.meta(), numbers.payload());
        assert!(names("brinell:r_7f3a", "r-7f3a") && !names("brinell:r_7f3a", "r-7f3"));
    }
}
