//! Picks a subnet for the run's network that no network of the engine and no route of the host uses.
use std::net::Ipv4Addr;

/// A block of IPv4 addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subnet {
    base: u32,
    bits: u32,
}

impl Subnet {
    /// Reads `10.1.2.0/24`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (base, bits) = text.split_once('/')?;
        let base: Ipv4Addr = base.parse().ok()?;
        let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
        Some(Self::of(base.into(), bits))
    }

    fn of(base: u32, bits: u32) -> Self {
        let base = base & Self::mask(bits);
        Self { base, bits }
    }

    fn mask(bits: u32) -> u32 {
        u32::MAX.checked_shl(32 - bits).unwrap_or(0)
    }

    /// Whether any address is in both. The default route covers everything and is no block in use.
    fn overlaps(self, other: Self) -> bool {
        let mask = Self::mask(self.bits.min(other.bits));
        other.bits != 0 && self.base & mask == other.base & mask
    }

    /// The `host`th address in it: 1 is the gateway.
    pub(crate) fn address(self, host: u32) -> Ipv4Addr {
        (self.base + host).into()
    }
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.base), self.bits)
    }
}

/// Blocks of 254 addresses in 10.213.0.0/16, a corner that neither Docker nor cloud defaults use, in rising order, without those in use.
pub(crate) fn free(used: &[Subnet]) -> impl Iterator<Item = Subnet> {
    let all = (0..=255).map(|third| Subnet::of(u32::from(Ipv4Addr::new(10, 213, third, 0)), 24));
    all.filter(|block| !used.iter().any(|other| block.overlaps(*other)))
}

/// The blocks in `/proc/net/route`: destination and mask as little-endian hex in columns 2 and 8.
pub(crate) fn routes(table: &str) -> Vec<Subnet> {
    table.lines().skip(1).filter_map(route).collect()
}

fn route(line: &str) -> Option<Subnet> {
    let mut columns = line.split_whitespace().skip(1);
    let hex = |text: &str| u32::from_str_radix(text, 16).ok().map(u32::swap_bytes);
    let base = hex(columns.next()?)?;
    let mask = hex(columns.nth(5)?)?;
    Some(Subnet::of(base, mask.count_ones()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(text: &str) -> Subnet {
        Subnet::parse(text).expect("a subnet")
    }

    #[test]
    fn a_block_in_use_is_passed_over() {
        let used = [subnet("10.213.0.0/24"), subnet("10.213.1.128/25")];
        assert_eq!(free(&used).next(), Some(subnet("10.213.2.0/24")));
    }

    #[test]
    fn a_wider_block_hides_all_of_its_parts() {
        assert_eq!(free(&[subnet("10.0.0.0/8")]).next(), None);
    }

    #[test]
    fn the_default_route_hides_nothing() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
                     eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
                     br-1\t0000D50A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        let routes = routes(table);
        assert_eq!(routes, [subnet("0.0.0.0/0"), subnet("10.213.0.0/24")]);
        assert_eq!(free(&routes).next(), Some(subnet("10.213.1.0/24")));
    }

    #[test]
    fn addresses_count_from_the_gateway() {
        assert_eq!(subnet("10.213.4.0/24").address(1).to_string(), "10.213.4.1");
    }
}
