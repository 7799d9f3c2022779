//! A growable bitmap.

/// Bits from 0; those beyond the last one set are 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// Of these words, the lowest bit of the first one being bit 0.
    pub const fn of(words: Vec<u64>) -> Self {
        Self(words)
    }

    /// Sets a bit and tells whether it was set before.
    pub fn set(&mut self, at: u64) -> bool {
        let (word, bit) = ((at / 64) as usize, 1 << (at % 64));
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        let before = self.0[word];
        self.0[word] = before | bit;
        before & bit != 0
    }

    /// Whether a bit is set.
    pub fn has(&self, at: u64) -> bool {
        self.word((at / 64) as usize) >> (at % 64) & 1 == 1
    }

    /// 64 bits from bit `64 index`.
    pub fn word(&self, index: usize) -> u64 {
        self.0.get(index).copied().unwrap_or(0)
    }

    /// All words.
    pub fn words(&self) -> &[u64] {
        &self.0
    }

    /// How many are set.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// The bits set in word `index`, ascending.
pub fn ones(index: usize, mut word: u64) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || {
        if word == 0 {
            return None;
        }
        let bit = word.trailing_zeros();
        word &= word - 1;
        Some(index as u64 * 64 + u64::from(bit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    proptest::proptest! {
        #[test]
        fn it_is_a_set(all in proptest::collection::vec(0_u64..400, 0..200)) {
            let (mut bits, mut set) = (Bits::default(), BTreeSet::new());
            for at in &all {
                proptest::prop_assert_eq!(bits.set(*at), !set.insert(*at));
            }
            let words = bits.words().iter().enumerate();
            let read: Vec<u64> = words.flat_map(|(index, word)| ones(index, *word)).collect();
            proptest::prop_assert_eq!(&read, &set.iter().copied().collect::<Vec<_>>());
            proptest::prop_assert_eq!(bits.count(), set.len() as u64);
            proptest::prop_assert!((0..500).all(|at| bits.has(at) == set.contains(&at)));
        }
    }
}
