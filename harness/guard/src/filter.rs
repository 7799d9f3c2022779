//! The run's table in the bridge family: one set of address pairs whose packets are dropped, each pair with a lifetime.
//!
//! Keyed by address, it survives restarts of containers, touches nobody else's traffic, leaves ARP alone and gives the sender no
//! error. The table is made when first needed and belongs to the guard's socket.
use crate::nft::Nft;
use model::act::Flow;
use std::collections::BTreeMap;

/// The table of one run.
pub struct Filter {
    table: String,
    nft: Option<Nft>,
    made: bool,
    /// Which flows we cut, with the instant (ns of `CLOCK_MONOTONIC`) at which the kernel forgets them.
    cut: BTreeMap<Flow, u64>,
}

/// Name of the table of `run`.
pub fn table_of(run: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("brinell_{}", run.chars().map(letter).collect::<String>())
}

impl Filter {
    /// Nothing is touched yet.
    pub fn of(run: &str) -> Self {
        Self {
            table: table_of(run),
            nft: None,
            made: false,
            cut: BTreeMap::new(),
        }
    }

    /// The same, by a given mechanism.
    pub fn by(run: &str, nft: Nft) -> Self {
        Self {
            nft: Some(nft),
            ..Self::of(run)
        }
    }

    /// Which mechanism it uses.
    ///
    /// # Errors
    /// There is no nftables here.
    pub fn backend(&mut self) -> Result<&'static str, String> {
        Ok(self.nft()?.backend())
    }

    /// Of `flows`, those that are not cut at `now_ns`.
    pub fn uncut(&self, flows: &[Flow], now_ns: u64) -> Vec<Flow> {
        let lives = |flow: &&Flow| self.cut.get(flow).is_none_or(|end| *end <= now_ns);
        flows.iter().filter(lives).copied().collect()
    }

    /// Makes the table without any pair in it: harmless, and off the path of the act.
    ///
    /// # Errors
    /// What nft says.
    pub fn make(&mut self) -> Result<(), String> {
        if self.made {
            return Ok(());
        }
        let table = self.table.clone();
        let nft = self.nft()?;
        let flags = nft.table_flags();
        nft.run(&format!(
            "add table bridge {table} {{ {flags} }}
             add set bridge {table} pairs {{ type ipv4_addr . ipv4_addr; flags timeout; }}
             add chain bridge {table} part {{ type filter hook forward priority -300; policy accept; }}
             add rule bridge {table} part ip saddr . ip daddr @pairs drop"
        ))?;
        // The first element costs a millisecond of page faults: let it be one of the addresses that documents use.
        for verb in ["add", "delete"] {
            let unused = "192.0.2.1 . 192.0.2.2";
            nft.run(&format!(
                "{verb} element bridge {table} pairs {{ {unused} }}"
            ))?;
        }
        self.made = true;
        Ok(())
    }

    /// Drops these flows for `lifetime_ms` from now, in one transaction.
    ///
    /// # Errors
    /// What nft says.
    pub fn cut(&mut self, flows: &[Flow], lifetime_ms: u64, now_ns: u64) -> Result<(), String> {
        self.make()?;
        let (table, added) = (self.table.clone(), self.uncut(flows, now_ns));
        let each = added
            .iter()
            .map(|flow| format!("{} timeout {lifetime_ms}ms", pair(flow)));
        let each = each.collect::<Vec<_>>().join(", ");
        if each.is_empty() {
            return Ok(());
        }
        self.nft()?
            .run(&format!("add element bridge {table} pairs {{ {each} }}"))?;
        let end = now_ns.saturating_add(lifetime_ms.saturating_mul(1_000_000));
        self.cut.extend(added.into_iter().map(|flow| (flow, end)));
        Ok(())
    }

    /// Forgets these flows; those that the kernel forgot already are no error.
    ///
    /// # Errors
    /// What nft says of a pair that is there.
    pub fn mend(&mut self, flows: &[Flow]) -> Result<(), String> {
        let table = self.table.clone();
        let together = |flows: &[Flow]| flows.iter().map(pair).collect::<Vec<_>>().join(", ");
        let delete = |pairs: &str| format!("delete element bridge {table} pairs {{ {pairs} }}");
        if !flows.is_empty() && self.nft()?.run(&delete(&together(flows))).is_err() {
            for flow in flows {
                let done = self.nft()?.run(&delete(&pair(flow)));
                done.map(drop).or_else(gone_is_fine)?;
            }
        }
        self.cut.retain(|flow, _| !flows.contains(flow));
        // Nothing is cut any more: no rule of ours has a reason to stand.
        if self.cut.is_empty() {
            self.remove()
        } else {
            Ok(())
        }
    }

    /// Removes the table with everything in it.
    ///
    /// # Errors
    /// What nft says of a table that is there.
    pub fn remove(&mut self) -> Result<(), String> {
        let table = self.table.clone();
        let done = self.nft()?.run(&format!("delete table bridge {table}"));
        done.map(drop).or_else(gone_is_fine)?;
        (self.made, self.cut) = (false, BTreeMap::new());
        Ok(())
    }

    /// Whether it was ever needed.
    pub fn used(&self) -> bool {
        self.nft.is_some()
    }

    /// Whether the kernel has the table.
    ///
    /// # Errors
    /// What nft says.
    pub fn exists(&mut self) -> Result<bool, String> {
        let line = format!("table bridge {}", self.table);
        let tables = self.nft()?.run("list tables bridge")?;
        Ok(tables.lines().any(|found| found.trim() == line))
    }

    fn nft(&mut self) -> Result<&mut Nft, String> {
        let open = match self.nft.take() {
            Some(open) => open,
            None => Nft::open()?,
        };
        Ok(self.nft.insert(open))
    }
}

fn pair(flow: &Flow) -> String {
    format!("{} . {}", flow.from, flow.to)
}

/// Pair or table not there: expired, or removed with its owner.
fn gone_is_fine(why: String) -> Result<(), String> {
    if why.contains("No such file or directory") {
        Ok(())
    } else {
        Err(why)
    }
}
