//! A fast stream of draws, seeded from the run's seed and the number of the piece of work it is for.
use model::seed::Draw;

/// xoshiro256++: period 2^256 - 1, some nanosecond a draw. The seed goes through [`Draw`], so pieces are independent of each other.
///
/// Source: Blackman & Vigna, ACM Trans. Math. Softw. 47 (2021).
pub(super) struct Generator([u64; 4]);

impl Generator {
    pub(super) fn new(seed: u64, piece: u64) -> Self {
        let mut draw = Draw::new(seed, &format!("monte carlo {piece}"));
        let mut word = || draw.below(u64::MAX);
        // One bit set: the state of all zeros is the only one without an end.
        Self([word() | 1, word(), word(), word()])
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let drawn = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        drawn
    }

    /// Below `bound`, from the upper half of one draw, and below `other` from the lower half; both at most 2^32.
    #[inline(always)]
    pub(super) fn two(&mut self, bound: u64, other: u64) -> (usize, u32) {
        let drawn = self.next();
        let first = ((drawn >> 32) * bound) >> 32;
        let second = ((drawn & 0xffff_ffff) * other) >> 32;
        (first as usize, second as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_differ_and_repeat() {
        let draws = |seed, piece| -> Vec<u64> {
            let mut generator = Generator::new(seed, piece);
            (0..20).map(|_| generator.next()).collect()
        };
        assert_eq!(draws(7, 1), draws(7, 1));
        assert_ne!(draws(7, 1), draws(7, 2));
        assert_ne!(draws(7, 1), draws(8, 1));
    }

    /// Chi-squared over 100 cells: 99.99 % of fair streams stay below 161.
    #[test]
    fn both_halves_are_even() {
        let mut generator = Generator::new(7, 0);
        let mut cells = [[0_i64; 10]; 10];
        for _ in 0..100_000 {
            let (a, b) = generator.two(10, 10);
            cells[a][b as usize] += 1;
        }
        let chi: i64 = cells.iter().flatten().map(|n| (n - 1000).pow(2)).sum();
        assert!((chi as f64 / 1000.0) < 161.0);
    }
}
