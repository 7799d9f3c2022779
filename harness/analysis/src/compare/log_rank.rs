//! Whether two survival curves differ by more than chance would make them, from every way to label the repeats.
//!
//! The asymptotic p-value is never used: with three a side it says 2.5 % where no labelling is rarer than 10 %.
use super::report::LogRank;
use crate::survival::Watched;
use model::seed::Draw;

/// Most labellings that are tried one by one: all up to 11 a side.
const EXACT: u64 = 1_000_000;

/// Labellings drawn where there are more.
const DRAWS: u64 = 99_999;

/// Room for rounding when two statistics are the same.
const SAME: f64 = 1e-9;

/// The log-rank test of two arms, two-sided; `seed` fixes the draws where there are too many labellings to try.
///
/// Source: Mantel, Cancer Chemother. Rep. 50 (1966); the permutation of labels after Pitman (1937). A drawn p-value is
/// `(1 + as far) / (1 + draws)`, so it is never zero.
pub fn log_rank(a: &[Watched], b: &[Watched], seed: u64) -> LogRank {
    let table = Table::of(a, b);
    let labels = table.labels.clone();
    let sums = table.sums(&labels);
    let chi2 = sums.chi2();
    let mut test = LogRank {
        observed: sums.observed,
        expected: sums.expected,
        variance: sums.variance,
        chi2,
        ..LogRank::default()
    };
    match chi2 {
        None => test.method = nothing(a, b),
        Some(least) => (test.p, test.method) = permuted(&table, a.len(), least, seed),
    }
    test
}

fn nothing(a: &[Watched], b: &[Watched]) -> String {
    if a.is_empty() || b.is_empty() {
        return "an arm has no repeat with impact".into();
    }
    if a.iter().chain(b).any(|one| one.recovered) {
        return "every labelling gives the same".into();
    }
    "nobody recovered in either arm".into()
}

fn permuted(table: &Table, m: usize, least: f64, seed: u64) -> (Option<f64>, String) {
    let n = table.labels.len();
    match choose(n as u64, m as u64) {
        Some(all) => {
            let far = every(table, m, least) / if crate::mutant("H3") { 2 } else { 1 };
            (
                Some(far as f64 / all as f64),
                format!("log-rank, exact: {far} of {all} labellings"),
            )
        }
        None => {
            let far = drawn(table, least, seed);
            (
                Some((1 + far) as f64 / (1 + DRAWS) as f64),
                format!("log-rank, {DRAWS} labellings drawn"),
            )
        }
    }
}

/// `n` over `m`; none beyond [`EXACT`].
fn choose(n: u64, m: u64) -> Option<u64> {
    (0..m.min(n - m)).try_fold(1_u64, |all, i| {
        let next = all * (n - i) / (i + 1);
        (next <= EXACT).then_some(next)
    })
}

/// How many of all labellings differ at least as much.
fn every(table: &Table, m: usize, least: f64) -> u64 {
    let n = table.labels.len();
    let (mut chosen, mut far): (Vec<usize>, u64) = ((0..m).collect(), 0);
    let mut labels = vec![false; n];
    loop {
        labels.fill(false);
        chosen.iter().for_each(|at| labels[*at] = true);
        far += u64::from(table.is_as_far(&labels, least));
        // The next combination in order: the last index that can still move.
        let Some(at) = (0..m).rev().find(|at| chosen[*at] < n - m + at) else {
            return far;
        };
        chosen[at] += 1;
        for after in at + 1..m {
            chosen[after] = chosen[after - 1] + 1;
        }
    }
}

/// The same of labellings drawn by shuffling.
fn drawn(table: &Table, least: f64, seed: u64) -> u64 {
    let mut draw = Draw::new(seed, "log-rank");
    let mut labels = table.labels.clone();
    let mut far = 0;
    for _ in 0..DRAWS {
        for at in (1..labels.len()).rev() {
            labels.swap(at, draw.below(at as u64 + 1) as usize);
        }
        far += u64::from(table.is_as_far(&labels, least));
    }
    far
}

/// Both arms in order of time, recoveries before censorings.
struct Table {
    /// Whether each belongs to the first arm.
    labels: Vec<bool>,
    /// Of each distinct recovery time: where those at risk begin, and how many recover then.
    times: Vec<(usize, usize)>,
}

/// The sums of the test.
#[derive(Default)]
struct Sums {
    observed: f64,
    expected: f64,
    variance: f64,
}

impl Sums {
    fn chi2(&self) -> Option<f64> {
        (self.variance > SAME).then(|| (self.observed - self.expected).powi(2) / self.variance)
    }
}

impl Table {
    fn of(a: &[Watched], b: &[Watched]) -> Self {
        let label = |first: bool| move |one: &Watched| (*one, first);
        let mut all: Vec<(Watched, bool)> = a
            .iter()
            .map(label(true))
            .chain(b.iter().map(label(false)))
            .collect();
        if crate::mutant("A3") {
            all.iter_mut().for_each(|(one, _)| one.recovered = true);
        }
        all.sort_by(|(x, _), (y, _)| x.t_s.total_cmp(&y.t_s).then(y.recovered.cmp(&x.recovered)));
        let mut times: Vec<(usize, usize)> = Vec::new();
        for (at, (one, _)) in all.iter().enumerate().filter(|(_, (one, _))| one.recovered) {
            match times.last_mut() {
                Some((begin, events)) if all[*begin].0.t_s == one.t_s => *events += 1,
                _ => times.push((at, 1)),
            }
        }
        Self {
            labels: all.into_iter().map(|(_, first)| first).collect(),
            times,
        }
    }

    fn sums(&self, labels: &[bool]) -> Sums {
        let count = |part: &[bool]| part.iter().filter(|first| **first).count() as f64;
        let (mut sums, mut at, mut first) = (Sums::default(), labels.len(), 0.0);
        for (begin, events) in self.times.iter().rev() {
            first += count(&labels[*begin..at]);
            at = *begin;
            let (n, d) = ((labels.len() - begin) as f64, *events as f64);
            let share = first / n;
            sums.observed += count(&labels[*begin..begin + events]);
            sums.expected += d * share;
            if n > 1.0 {
                sums.variance += d * share * (1.0 - share) * (n - d) / (n - 1.0);
            }
        }
        sums
    }

    fn is_as_far(&self, labels: &[bool], least: f64) -> bool {
        self.sums(labels)
            .chi2()
            .is_some_and(|chi2| chi2 >= least - SAME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(times: &[f64]) -> Vec<Watched> {
        let one = |t_s: &f64| Watched {
            t_s: *t_s,
            recovered: true,
        };
        times.iter().map(one).collect()
    }

    #[test]
    fn three_a_side_cannot_reach_five_percent_and_four_can() {
        let p = |a: &[f64], b: &[f64]| log_rank(&at(a), &at(b), 1).p.unwrap();
        assert_eq!(p(&[7.0, 8.0, 9.0], &[1.0, 2.0, 3.0]), 2.0 / 20.0);
        assert_eq!(p(&[7.0, 8.0, 9.0, 10.0], &[1.0, 2.0, 3.0, 4.0]), 2.0 / 70.0);
    }

    #[test]
    fn nothing_to_tell_apart_has_no_p_and_says_why() {
        let censored = vec![
            Watched {
                t_s: 60.0,
                recovered: false
            };
            6
        ];
        let test = log_rank(&censored, &censored, 1);
        assert_eq!(
            (test.p, test.method.as_str()),
            (None, "nobody recovered in either arm")
        );
        assert_eq!(
            log_rank(&[], &at(&[1.0]), 1).method,
            "an arm has no repeat with impact"
        );
    }

    /// Twelve a side are 2.7 million labellings, so they are drawn; the exact share is 2 in them.
    #[test]
    fn many_labellings_are_drawn_and_the_draws_are_the_seeds() {
        let times = |from: f64| at(&(0..12).map(|i| from + f64::from(i)).collect::<Vec<_>>());
        let test = log_rank(&times(100.0), &times(1.0), 7);
        assert_eq!(test.p, Some(1.0 / 100_000.0));
        assert_eq!(test, log_rank(&times(100.0), &times(1.0), 7));
    }

    fn watched() -> impl Strategy<Value = Vec<Watched>> {
        let one = (1_u32..12, any::<bool>()).prop_map(|(t, recovered)| Watched {
            t_s: f64::from(t),
            recovered,
        });
        proptest::collection::vec(one, 1..6)
    }

    proptest! {
        #[test]
        fn swapped_arms_are_as_far_apart(a in watched(), b in watched()) {
            let (there, back) = (log_rank(&a, &b, 1), log_rank(&b, &a, 1));
            prop_assert_eq!(there.p.is_some(), back.p.is_some());
            if let (Some(p), Some(q)) = (there.p, back.p) {
                prop_assert!((p - q).abs() < 1e-9 && p > 0.0 && p <= 1.0);
            }
        }
    }
}
