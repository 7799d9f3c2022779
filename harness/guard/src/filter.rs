//! The run's tables: address pairs whose packets are dropped, lost by chance, reset or doubled, each pair with a lifetime.
//!
//! Keyed by address, they survive restarts of containers, touch nobody else's traffic, leave ARP alone and give the sender no
//! error. Each fate has a set and a chain of its own (a lane), in one table per family. A table is made when first needed,
//! belongs to the guard's socket, and goes with its last pair.
use crate::{
    lane::{self, Family, Item},
    nft::Nft,
};
use model::act::net::{Fate, Flow};
use std::collections::{BTreeMap, BTreeSet};

/// The tables of one run.
pub struct Filter {
    table: String,
    nft: Option<Nft>,
    /// Fates with a lane, and interfaces that have a chain in it.
    made: BTreeMap<Fate, BTreeSet<String>>,
    /// Which flows have which fate by us, with the instant (ns of `CLOCK_MONOTONIC`) at which the kernel forgets them.
    held: BTreeMap<(Fate, Flow), u64>,
}

/// Name of the tables of `run`.
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
            made: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }

    /// The same, by a given mechanism.
    pub fn by(run: &str, nft: Nft) -> Self {
        Self {
            nft: Some(nft),
            ..Self::of(run)
        }
    }

    /// Which mechanism it uses for this fate.
    ///
    /// # Errors
    /// There is no nftables here.
    pub fn backend(&mut self, fate: Fate) -> Result<String, String> {
        let family = Family::of(fate).word();
        Ok(format!("nft {family}, {}", self.nft()?.backend()))
    }

    /// Whether the kernel removes the tables when this process dies.
    ///
    /// # Errors
    /// There is no nftables here.
    pub fn owns(&mut self) -> Result<bool, String> {
        Ok(matches!(self.nft()?, Nft::Library(_)))
    }

    /// Of `items`, those whose flow does not have this fate by us at `now_ns`.
    pub fn free(&self, fate: Fate, items: &[Item], now_ns: u64) -> Vec<Item> {
        let free = |item: &&Item| {
            let end = self.held.get(&(fate, item.flow));
            end.is_none_or(|end| *end <= now_ns)
        };
        items.iter().filter(free).cloned().collect()
    }

    /// Makes the lane without any pair in it: harmless, and off the path of the act.
    ///
    /// # Errors
    /// What nft says.
    pub fn make(&mut self, fate: Fate, items: &[Item]) -> Result<(), String> {
        let known = self.made.get(&fate);
        let doors = items.iter().filter_map(|item| item.doors.as_ref());
        let doors: BTreeSet<String> = doors.map(|(from, _)| from.clone()).collect();
        let fresh = |door: &&String| known.is_none_or(|known| !known.contains(*door));
        let fresh: Vec<String> = doors.iter().filter(fresh).cloned().collect();
        if known.is_some() && fresh.is_empty() {
            return Ok(());
        }
        let (table, first) = (self.table.clone(), known.is_none());
        let nft = self.nft()?;
        if first {
            nft.run(&lane::make(&table, nft.table_flags(), fate))?;
            // The first element costs a millisecond of page faults: let it be one of the addresses that documents use.
            for verb in ["add", "delete"] {
                nft.run(&lane::unused(&table, fate, verb))?;
            }
        }
        for door in &fresh {
            nft.run(&lane::door(&table, fate, door))?;
        }
        self.made.entry(fate).or_default().extend(fresh);
        Ok(())
    }

    /// Gives these flows their fate for `lifetime_ms` from now, in one transaction.
    ///
    /// # Errors
    /// What nft says.
    pub fn add(
        &mut self,
        fate: Fate,
        items: &[Item],
        lifetime_ms: u64,
        now_ns: u64,
    ) -> Result<(), String> {
        self.make(fate, items)?;
        let (table, added) = (self.table.clone(), self.free(fate, items, now_ns));
        if added.is_empty() {
            return Ok(());
        }
        self.nft()?
            .run(&lane::add(&table, fate, &added, lifetime_ms))?;
        let end = now_ns.saturating_add(lifetime_ms.saturating_mul(1_000_000));
        let each = added.iter().map(|item| ((fate, item.flow), end));
        self.held.extend(each);
        Ok(())
    }

    /// Takes this fate from these flows; those that the kernel forgot already are no error.
    ///
    /// # Errors
    /// What nft says of a pair that is there.
    pub fn mend(&mut self, fate: Fate, flows: &[Flow]) -> Result<(), String> {
        let ours = |one: &Fate, flow: &Flow| *one == fate && flows.contains(flow);
        let family = Family::of(fate);
        let busy = |(one, flow): &(Fate, Flow)| Family::of(*one) == family && !ours(one, flow);
        if self.held.keys().any(busy) {
            self.take_out(fate, flows)?;
        } else {
            self.drop_table(family)?;
        }
        self.held.retain(|(one, flow), _| !ours(one, flow));
        Ok(())
    }

    fn take_out(&mut self, fate: Fate, flows: &[Flow]) -> Result<(), String> {
        let table = self.table.clone();
        let delete = |flows: &[Flow]| lane::delete(&table, fate, flows);
        if flows.is_empty() || self.nft()?.run(&delete(flows)).is_ok() {
            return Ok(());
        }
        for flow in flows {
            let done = self.nft()?.run(&delete(&[*flow]));
            done.map(drop).or_else(gone_is_fine)?;
        }
        Ok(())
    }

    /// Where no flow has a fate of this family any more, no rule of ours has a reason to stand.
    fn drop_table(&mut self, family: Family) -> Result<(), String> {
        let (word, table) = (family.word(), self.table.clone());
        let done = self.nft()?.run(&format!("delete table {word} {table}"));
        done.map(drop).or_else(gone_is_fine)?;
        self.made.retain(|fate, _| Family::of(*fate) != family);
        Ok(())
    }

    /// Removes the tables with everything in them.
    ///
    /// # Errors
    /// What nft says of a table that is there.
    pub fn remove(&mut self) -> Result<(), String> {
        self.held.clear();
        Family::ALL
            .iter()
            .try_for_each(|family| self.drop_table(*family))
    }

    /// Whether it was ever needed.
    pub fn used(&self) -> bool {
        self.nft.is_some()
    }

    /// Whether the kernel has a table of ours.
    ///
    /// # Errors
    /// What nft says.
    pub fn exists(&mut self) -> Result<bool, String> {
        let name = format!(" {}", self.table);
        let tables = self.nft()?.run("list tables")?;
        Ok(tables.lines().any(|line| line.trim_end().ends_with(&name)))
    }

    fn nft(&mut self) -> Result<&mut Nft, String> {
        let open = match self.nft.take() {
            Some(open) => open,
            None => Nft::open()?,
        };
        Ok(self.nft.insert(open))
    }
}

/// Pair or table not there: expired, or removed with its owner.
pub fn gone_is_fine(why: String) -> Result<(), String> {
    if why.contains("No such file or directory") {
        Ok(())
    } else {
        Err(why)
    }
}
