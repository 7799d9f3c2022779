//! Observations of traffic between nodes: shares of numbered datagrams, connections, answers of a resolver, carriers, rates.
use super::End;
use crate::facts::Process;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// What is counted of numbered datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// Those that did not arrive.
    Lost,
    /// Those that arrived twice.
    Doubled,
}

/// What a query to a resolver came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// An answer, whatever it says.
    Given,
    /// The query could not be sent.
    Refused,
    /// No answer.
    Silence,
}

/// One observation of traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Of a run of numbered datagrams as many are lost or doubled as `per_10000` leads to expect, see [`expect`]; 0: none at all.
    Share {
        /// Sender.
        from: End,
        /// Receiver.
        to: End,
        /// What is counted.
        counted: Counted,
        /// Of 10 000 so many.
        per_10000: u32,
        /// How long the run is: as long for "none" as for the share itself.
        datagrams: u32,
    },
    /// A TCP connection to a listener of our own is refused at once, or is made.
    Connects {
        /// Who calls.
        from: End,
        /// Where the listener is.
        to: End,
        /// Whether it must be refused.
        refused: bool,
    },
    /// All TCP connections with these addresses that stood just before are gone; or at least one stands.
    Sockets {
        /// Whose.
        end: End,
        /// The other side.
        peers: Vec<Ipv4Addr>,
        /// Whether one must stand.
        stand: bool,
    },
    /// A DNS query from a network namespace comes to this.
    Resolver {
        /// A process in it.
        process: Process,
        /// Address of the resolver.
        server: Ipv4Addr,
        /// The name asked for, one that the resolver knows itself.
        name: String,
        /// What it must come to.
        reply: Reply,
    },
    /// An interface has its carrier and its port on the bridge forwards; or the carrier is missing.
    Cable {
        /// Whose.
        end: End,
        /// Whether it must be whole.
        plugged: bool,
    },
    /// A measured TCP transfer runs at most at this rate (15 % above it are granted to timing), or at least at twice the rate.
    Rate {
        /// Sender.
        from: End,
        /// Receiver.
        to: End,
        /// Bytes per second.
        rate_bytes: u64,
        /// Bytes that may pass at once after a silence.
        burst_bytes: u64,
        /// Whether the limit must hold.
        limited: bool,
    },
}

/// Chance that a share which is there is told as not there, and that one which is not there is told as there; at most, of each.
pub const FALSE_ALARM: f64 = 1e-5;

/// How many datagrams tell a share of `per_10000` from none: at least 200, and so many that all of them pass only once in a million.
pub fn run_of(per_10000: u32) -> u32 {
    let share = f64::from(per_10000.clamp(1, 9_999)) / 1e4;
    let needed = (1e-6_f64.ln() / (1.0 - share).ln()).ceil();
    (needed as u32).max(200)
}

/// The counts, of `n` datagrams, that a share of `per_10000` leaves possible: each tail outside has a chance below half of
/// [`FALSE_ALARM`]. Never 0 for a share above 0, and exactly 0 for none.
pub fn expect(n: u32, per_10000: u32) -> (u32, u32) {
    if per_10000 == 0 {
        return (0, 0);
    }
    if per_10000 >= 10_000 {
        return (n, n);
    }
    let share = f64::from(per_10000) / 1e4;
    let odds = (share / (1.0 - share)).ln();
    let step = |k: u32| (f64::from(n - k) / f64::from(k + 1)).ln() + odds;
    let first = f64::from(n) * (1.0 - share).ln();
    let logs = (0..n).scan(first, |log, k| {
        *log += step(k);
        Some(*log)
    });
    let chances: Vec<f64> = std::iter::once(first).chain(logs).map(f64::exp).collect();
    let tail = |mut chances: Box<dyn Iterator<Item = &f64> + '_>| {
        let mut sum = 0.0;
        let inside = |chance: &f64| {
            sum += chance;
            sum >= FALSE_ALARM / 2.0
        };
        chances.position(inside).unwrap_or_default() as u32
    };
    let low = tail(Box::new(chances.iter()));
    let high = n - tail(Box::new(chances.iter().rev()));
    (low.max(1), high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_hold_the_mean_and_grow_with_the_share() {
        let (low, high) = expect(300, 1_000);
        assert!(
            (8..20).contains(&low) && (45..60).contains(&high),
            "{low} {high}"
        );
        assert_eq!(expect(300, 0), (0, 0));
        assert_eq!(expect(300, 10_000), (300, 300));
        let wider = expect(3_000, 1_000);
        assert!(wider.0 > 220 && wider.1 < 380, "{wider:?}");
    }

    #[test]
    fn a_run_tells_the_share_from_none() {
        for share in [100, 500, 1_000, 5_000, 9_000] {
            let run = run_of(share);
            let (low, high) = expect(run, share);
            assert!(
                low >= 1 && high <= run && low < high,
                "{share}: {low} {high} of {run}"
            );
            let all_pass = (1.0 - f64::from(share) / 1e4).powi(run as i32);
            assert!(all_pass <= 1e-6, "{share}: {all_pass}");
        }
    }
}
