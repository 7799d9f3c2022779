//! The words that nft is told for each fate: which family's table it needs, its set, its chain, its elements. Pure.
use model::act::net::{Fate, Flow};

/// Where packets between two containers of a bridge can be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// On the bridge itself.
    Bridge,
    /// As routed packets, since the bridge shows them to that hook too (`br_netfilter`).
    Ip,
    /// On the interface by which they enter.
    Netdev,
}

impl Family {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Bridge, Self::Ip, Self::Netdev];

    /// The family in which packets meet this fate.
    pub const fn of(fate: Fate) -> Self {
        match fate {
            Fate::Dropped | Fate::Lost(_) => Self::Bridge,
            Fate::Reset => Self::Ip,
            Fate::Doubled(_) => Self::Netdev,
        }
    }

    /// As nft writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Ip => "ip",
            Self::Netdev => "netdev",
        }
    }
}

/// A flow, with the interfaces by which it enters and leaves the bridge where its fate needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Whose packets.
    pub flow: Flow,
    /// The sender's half of the cable, and the receiver's.
    pub doors: Option<(String, String)>,
}

impl From<Flow> for Item {
    fn from(flow: Flow) -> Self {
        Self { flow, doors: None }
    }
}

/// Name of the set and of the chain of a fate.
fn name(fate: Fate) -> String {
    match fate {
        Fate::Dropped => "dropped".to_owned(),
        Fate::Lost(share) => format!("lost_{share}"),
        Fate::Reset => "reset_".to_owned(),
        Fate::Doubled(share) => format!("doubled_{share}"),
    }
}

fn rule(fate: Fate) -> String {
    let (set, pair) = (name(fate), "ip saddr . ip daddr");
    match fate {
        Fate::Dropped => format!("{pair} @{set} drop"),
        Fate::Lost(share) => format!("{pair} @{set} numgen random mod 10000 < {share} drop"),
        // Without the exception it would eat its own resets.
        Fate::Reset => format!("{pair} @{set} tcp flags & rst != rst reject with tcp reset"),
        Fate::Doubled(share) => {
            format!("numgen random mod 10000 < {share} dup to {pair} map @{set}")
        }
    }
}

/// The table, the set, and the chain where it is not one per interface.
pub fn make(table: &str, flags: &str, fate: Fate) -> String {
    let (family, set) = (Family::of(fate).word(), name(fate));
    let made = format!("add table {family} {table} {{ {flags} }}\n");
    match fate {
        Fate::Doubled(_) => format!(
            "{made}add map {family} {table} {set} {{ type ipv4_addr . ipv4_addr : iface_index; flags timeout; }}"
        ),
        _ => format!(
            "{made}add set {family} {table} {set} {{ type ipv4_addr . ipv4_addr; flags timeout; }}
             add chain {family} {table} {set} {{ type filter hook forward priority -300; policy accept; }}
             add rule {family} {table} {set} {}",
            rule(fate)
        ),
    }
}

/// The chain of one interface.
pub fn door(table: &str, fate: Fate, door: &str) -> String {
    let (family, set) = (Family::of(fate).word(), name(fate));
    // Names of interfaces may hold what names of chains may not.
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let chain = format!("{set}_{}", door.chars().map(safe).collect::<String>());
    format!(
        "add chain {family} {table} {chain} {{ type filter hook ingress device \"{door}\" priority 0; policy accept; }}
         add rule {family} {table} {chain} {}",
        rule(fate)
    )
}

/// Adds or deletes a pair that nobody has.
pub fn unused(table: &str, fate: Fate, verb: &str) -> String {
    let (family, set) = (Family::of(fate).word(), name(fate));
    let value = match (fate, verb) {
        (Fate::Doubled(_), "add") => " : \"lo\"",
        _ => "",
    };
    format!("{verb} element {family} {table} {set} {{ 192.0.2.1 . 192.0.2.2{value} }}")
}

/// Adds these flows for so long.
pub fn add(table: &str, fate: Fate, items: &[Item], lifetime_ms: u64) -> String {
    let each = items.iter().map(|item| {
        let value = item.doors.as_ref();
        let value = value.map_or_else(String::new, |(_, to)| format!(" : \"{to}\""));
        format!("{} timeout {lifetime_ms}ms{value}", pair(&item.flow))
    });
    let each = each.collect::<Vec<_>>().join(", ");
    let (family, set) = (Family::of(fate).word(), name(fate));
    format!("add element {family} {table} {set} {{ {each} }}")
}

/// Deletes these flows.
pub fn delete(table: &str, fate: Fate, flows: &[Flow]) -> String {
    let each = flows.iter().map(pair).collect::<Vec<_>>().join(", ");
    let (family, set) = (Family::of(fate).word(), name(fate));
    format!("delete element {family} {table} {set} {{ {each} }}")
}

fn pair(flow: &Flow) -> String {
    format!("{} . {}", flow.from, flow.to)
}
