//! n parts that fail and are repaired by a number of crews, k of them needed: exact, by the chain of how many are down.
//!
//! From i down: one more at (n - i)(1 - beta) lambda, all at once at beta lambda (the common cause), one less at min(i, crews) mu. What
//! crosses the cut between i and i + 1 downwards must cross it upwards, which gives one share from those before it by sums of positive
//! terms alone: stable for a hundred thousand parts and for outages of 1e-30.
//!
//! Here a common cause takes all parts of the group down and the crews bring them back one by one; [`super::k_of_n::common_cause`]
//! has them come back together, as where the cause itself is what is repaired.
use super::odds::{Error, Odds, counts, rate, share};

/// A repairable group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chain {
    /// Needed.
    pub k: u64,
    /// There, all of them on and exposed to failure.
    pub n: u64,
    /// Repairs at the same time; none for as many as are needed.
    pub crews: Option<u64>,
    /// Failures of each while up, per h.
    pub fail: f64,
    /// Repairs of each while in repair, per h.
    pub repair: f64,
    /// Share of each part's failures that strike all together.
    pub beta: f64,
}

/// What the chain does in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// At least k up.
    pub odds: Odds,
    /// How often the group is lost, per h.
    pub losses: f64,
    /// Mean number of parts that are down.
    pub down: f64,
}

impl Chain {
    fn check(&self) -> Result<(), Error> {
        counts(self.k, self.n)?;
        rate("the failure rate", self.fail)?;
        share("beta", self.beta)?;
        if self.crews == Some(0) {
            return Err(Error::NoCrews);
        }
        Ok(())
    }

    fn beta(&self) -> f64 {
        if crate::mutant("K3") { 0.0 } else { self.beta }
    }

    /// One more goes down.
    fn worse(&self, down: u64) -> f64 {
        (self.n - down) as f64 * (1.0 - self.beta()) * self.fail
    }

    /// All go down.
    fn all(&self) -> f64 {
        self.beta() * self.fail
    }

    /// One comes back.
    fn better(&self, down: u64) -> f64 {
        let crews = if crate::mutant("K5") {
            None
        } else {
            self.crews
        };
        down.min(crews.unwrap_or(u64::MAX)) as f64 * self.repair
    }

    /// What it does in the long run.
    ///
    /// # Errors
    /// [`Error`]: k of n, a rate or a share that is none, no crews.
    pub fn steady(&self) -> Result<Steady, Error> {
        self.check()?;
        rate("the repair rate", self.repair)?;
        let weights = self.weights();
        let spare = (self.n - self.k) as usize;
        let (up, down): (f64, f64) = (
            weights[..=spare].iter().sum(),
            weights[spare + 1..].iter().sum(),
        );
        let all = up + down;
        let mean: f64 = weights.iter().zip(0_u64..).map(|(w, i)| w * i as f64).sum();
        let flow = up * self.all() + weights[spare] * self.worse(spare as u64);
        Ok(Steady {
            odds: Odds {
                up: up / all,
                down: down / all,
            },
            losses: flow / all,
            down: mean / all,
        })
    }

    /// Shares of time by number of parts down, up to a common factor.
    fn weights(&self) -> Vec<f64> {
        // Far from either end of a double: what is two such steps below the largest adds nothing to it.
        const LARGE: f64 = 1e200;
        let mut weights = vec![(1.0, 0_u32)];
        let (mut here, mut sum, mut step) = (1.0, 1.0, 0);
        for down in 0..self.n {
            here = (here * self.worse(down) + sum * self.all()) / self.better(down + 1);
            sum += here;
            if sum > LARGE {
                (here, sum, step) = (here / LARGE, sum / LARGE, step + 1);
            }
            weights.push((here, step));
        }
        weights
            .into_iter()
            .map(|(weight, at)| match step - at {
                0 => weight,
                1 => weight / LARGE,
                _ => 0.0,
            })
            .collect()
    }

    /// Mean time from all up to the first loss, h; a repair rate of 0 is no repair. Infinite where it is beyond what a double holds.
    ///
    /// # Errors
    /// As [`Self::steady`], but for the repair rate, which may be 0.
    pub fn first_loss(&self) -> Result<f64, Error> {
        self.check()?;
        if !(self.repair.is_finite() && self.repair >= 0.0) {
            return Err(Error::Rate {
                what: "the repair rate",
                value: self.repair,
            });
        }
        // From i down, the time left is ahead + (1 - lost) times that from i + 1, and loss is certain at n - k + 1.
        let (mut ahead, mut lost) = (Vec::new(), 0.0);
        let mut before = 0.0;
        for down in 0..=self.n - self.k {
            let back = if down == 0 { 0.0 } else { self.better(down) };
            let ends = self.all() + back * lost;
            let out = self.worse(down) + ends;
            before = (1.0 + back * before) / out;
            lost = ends / out;
            ahead.push((before, self.worse(down) / out));
        }
        Ok(ahead
            .iter()
            .rev()
            .fold(0.0, |after, (own, on)| own + on * after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::k_of_n;
    use proptest::prelude::*;

    const TWO_OF_THREE: Chain = Chain {
        k: 2,
        n: 3,
        crews: Some(1),
        fail: 1e-3,
        repair: 0.1,
        beta: 0.0,
    };
    const THREE_OF_FIVE: Chain = Chain {
        k: 3,
        n: 5,
        crews: Some(1),
        fail: 1.0 / 500.0,
        repair: 1.0 / 24.0,
        beta: 0.0,
    };

    fn near(got: f64, want: f64, within: f64) {
        assert!((got - want).abs() <= within, "got {got}, want {want}");
    }

    #[test]
    fn the_worked_chains_come_out() {
        for (crews, up) in [(1, 0.999_411_996), (2, 0.999_707_367), (3, 0.999_707_852)] {
            let chain = Chain {
                crews: Some(crews),
                ..TWO_OF_THREE
            };
            near(chain.steady().unwrap().odds.up, up, 6e-10);
        }
        for (crews, up) in [(1, 0.994_353_486), (5, 0.999_103_986)] {
            let chain = Chain {
                crews: Some(crews),
                ..THREE_OF_FIVE
            };
            near(chain.steady().unwrap().odds.up, up, 6e-10);
        }
    }

    #[test]
    fn the_worked_times_to_the_first_loss_come_out() {
        near(TWO_OF_THREE.first_loss().unwrap(), 17_500.0, 1e-6);
        near(THREE_OF_FIVE.first_loss().unwrap(), 5_397.453_7, 6e-5);
        let never = Chain {
            repair: 0.0,
            ..THREE_OF_FIVE
        };
        near(
            never.first_loss().unwrap(),
            (1.0 / 3.0 + 0.25 + 0.2) * 500.0,
            1e-9,
        );
        near(never.first_loss().unwrap() / 500.0, 0.783_333, 5e-7);
    }

    #[test]
    fn as_many_crews_as_parts_are_independent_parts() {
        let chain = Chain {
            crews: None,
            ..TWO_OF_THREE
        };
        let each = Odds::repaired(1e-3, 0.1).unwrap();
        near(
            chain.steady().unwrap().odds.down,
            k_of_n(2, 3, each).unwrap().down,
            1e-15,
        );
    }

    #[test]
    fn a_hundred_thousand_parts_are_solved() {
        let chain = Chain {
            k: 98_800,
            n: 100_000,
            crews: None,
            fail: 1e-4,
            repair: 1e-2,
            beta: 0.0,
        };
        let each = Odds::repaired(1e-4, 1e-2).unwrap();
        let (got, want) = (
            chain.steady().unwrap(),
            k_of_n(98_800, 100_000, each).unwrap(),
        );
        near(got.odds.down / want.down, 1.0, 1e-7);
        near(got.down, 100_000.0 * each.down, 1e-4);
    }

    #[test]
    fn an_endless_time_is_said_to_be_endless() {
        let chain = Chain {
            k: 1,
            n: 500,
            fail: 1e-9,
            repair: 1e3,
            ..TWO_OF_THREE
        };
        assert_eq!(chain.first_loss().unwrap(), f64::INFINITY);
    }

    #[test]
    fn what_is_no_chain_is_refused() {
        assert!(
            Chain {
                crews: Some(0),
                ..TWO_OF_THREE
            }
            .steady()
            .is_err()
        );
        assert!(
            Chain {
                fail: -1.0,
                ..TWO_OF_THREE
            }
            .steady()
            .is_err()
        );
        assert!(
            Chain {
                repair: 0.0,
                ..TWO_OF_THREE
            }
            .steady()
            .is_err()
        );
        assert!(
            Chain {
                beta: 1.5,
                ..TWO_OF_THREE
            }
            .first_loss()
            .is_err()
        );
        assert!(
            Chain {
                k: 4,
                ..TWO_OF_THREE
            }
            .first_loss()
            .is_err()
        );
    }

    /// Balance of every state, by elimination over the whole matrix of rates.
    fn slowly(chain: &Chain) -> Vec<f64> {
        let n = chain.n as usize;
        let mut rows = vec![vec![0.0; n + 2]; n + 1];
        let mut flow = |from: usize, to: usize, rate: f64| {
            rows[to][from] += rate;
            rows[from][from] -= rate;
        };
        for i in 0..=n {
            let down = i as u64;
            if i < n {
                flow(
                    i,
                    i + 1,
                    (chain.n - down) as f64 * (1.0 - chain.beta) * chain.fail,
                );
                flow(i, n, chain.beta * chain.fail);
            }
            if i > 0 {
                flow(
                    i,
                    i - 1,
                    down.min(chain.crews.unwrap_or(chain.n)) as f64 * chain.repair,
                );
            }
        }
        rows[n] = vec![1.0; n + 2];
        for c in 0..=n {
            let pivot = (c..=n)
                .max_by(|a, b| rows[*a][c].abs().total_cmp(&rows[*b][c].abs()))
                .unwrap();
            rows.swap(c, pivot);
            let top = rows[c].clone();
            for (r, row) in rows.iter_mut().enumerate() {
                let factor = row[c] / top[c];
                if r != c {
                    row.iter_mut().zip(&top).for_each(|(x, t)| *x -= factor * t);
                }
            }
        }
        (0..=n).map(|i| rows[i][n + 1] / rows[i][i]).collect()
    }

    proptest! {
        /// The cut is the balance of all states, with common causes and any number of crews.
        #[test]
        fn the_cut_is_the_balance((n, k) in (1..9_u64).prop_flat_map(|n| (Just(n), 1..=n)), crews in 1..9_u64, fail in 0.001..1.0, repair in 0.01..10.0, beta in 0.0..=1.0_f64) {
            let chain = Chain { k, n, crews: Some(crews), fail, repair, beta };
            let (got, want) = (chain.steady().unwrap(), slowly(&chain));
            let down: f64 = want[(n - k + 1) as usize..].iter().sum();
            prop_assert!((got.odds.down - down).abs() < 1e-9, "{:?} {:?}", got, want);
            prop_assert!((got.odds.up + got.odds.down - 1.0).abs() < 1e-12);
        }

        /// The first loss by the equations of all states, iterated until they stand still.
        #[test]
        fn the_first_loss_solves_its_equations((n, k) in (1..6_u64).prop_flat_map(|n| (Just(n), 1..=n)), crews in 1..4_u64, fail in 0.1..1.0, repair in 0.0..1.0, beta in 0.0..=1.0_f64) {
            let chain = Chain { k, n, crews: Some(crews), fail, repair, beta };
            let states = (n - k + 1) as usize;
            let mut left = vec![0.0; states + 1];
            for _ in 0..200_000 {
                let mut moved = 0.0_f64;
                for i in 0..states {
                    let worse = (n - i as u64) as f64 * (1.0 - beta) * fail;
                    let better = (i as u64).min(crews) as f64 * repair;
                    let next = (1.0 + worse * left[i + 1] + if i > 0 { better * left[i - 1] } else { 0.0 }) / (worse + better + beta * fail);
                    moved = moved.max((next - left[i]).abs() / next);
                    left[i] = next;
                }
                if moved < 1e-15 { break; }
            }
            let got = chain.first_loss().unwrap();
            prop_assert!((got / left[0] - 1.0).abs() < 1e-6, "{} {}", got, left[0]);
        }

        /// More parts never make the group worse: what the search for the fewest rests on.
        #[test]
        fn one_more_part_never_hurts(k in 1..6_u64, spare in 0..6_u64, crews in 1..4_u64, fail in 0.01..1.0, repair in 0.01..10.0, beta in 0.0..0.5_f64) {
            let at = |n| Chain { k, n, crews: Some(crews), fail, repair, beta }.steady().unwrap().odds.down;
            prop_assert!(at(k + spare + 1) <= at(k + spare) * (1.0 + 1e-9));
        }
    }
}
