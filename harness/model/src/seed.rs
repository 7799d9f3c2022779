//! Draws from the run's seed: the same seed and name give the same draw on every machine and in every version of ours.
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};
use sha2::{Digest as _, Sha256};

/// A stream of draws that belongs to one purpose; streams of different names are independent.
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream for `purpose` of a run with this seed.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let hash = Sha256::new()
            .chain_update(seed.to_le_bytes())
            .chain_update(purpose.as_bytes())
            .finalize();
        Self(ChaCha8Rng::from_seed(hash.into()))
    }

    /// A whole number below `bound` (0 where `bound` is 0), unbiased by rejection.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let draw = self.0.next_u64();
            if draw < limit {
                return draw % bound;
            }
        }
    }

    /// A number in (0, 1], 53 bits.
    pub fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// `count` different indices below `len`, in the order drawn; all of them where `count` is larger.
    pub fn pick(&mut self, len: usize, count: usize) -> Vec<usize> {
        let mut left: Vec<usize> = (0..len).collect();
        let mut drawn = Vec::new();
        while drawn.len() < count && !left.is_empty() {
            drawn.push(left.remove(self.below(left.len() as u64) as usize));
        }
        drawn
    }
}

/// Intended send instants of an open-loop load, as offsets from its start in ns, fixed before it starts.
pub struct Arrivals {
    gap_ns: f64,
    next_ns: f64,
    number: u64,
    poisson: Option<Draw>,
}

impl Arrivals {
    /// `rate` per second; `poisson` draws exponential gaps from the seed, else the gaps are all alike.
    pub fn new(rate: f64, poisson: bool, seed: u64) -> Self {
        Self {
            gap_ns: 1e9 / rate,
            next_ns: 0.0,
            number: 0,
            poisson: poisson.then(|| Draw::new(seed, "arrivals")),
        }
    }
}

impl Iterator for Arrivals {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let at = self.next_ns;
        self.number += 1;
        self.next_ns = match &mut self.poisson {
            Some(draw) => at - draw.unit().ln() * self.gap_ns,
            // A product rounds once; a sum would round at every arrival and drift.
            None => self.number as f64 * self.gap_ns,
        };
        Some(at.round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let draws = |seed| -> Vec<u64> {
            let mut d = Draw::new(seed, "x");
            (0..50).map(|_| d.below(1000)).collect()
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
    }

    #[test]
    fn purposes_are_independent() {
        assert_ne!(
            Draw::new(7, "a").below(u64::MAX),
            Draw::new(7, "b").below(u64::MAX)
        );
    }

    #[test]
    fn constant_arrivals_do_not_drift() {
        assert_eq!(
            Arrivals::new(300.0, false, 1).nth(300_000),
            Some(1_000_000_000_000)
        );
    }

    #[test]
    fn poisson_arrivals_keep_the_rate() {
        let last = Arrivals::new(100.0, true, 1)
            .nth(10_000)
            .map_or(0.0, |ns| ns as f64 / 1e9);
        assert!(
            (95.0..105.0).contains(&last),
            "{last} s for 10 000 arrivals at 100/s"
        );
    }
}
