//! `k` of `n`: summed, not drawn, since the law of `k` is known.
use analysis::share::share;

/// P(X = k) for all k, by the ratio of neighbours from the most likely one outwards: no logarithm, no tail.
fn law(n: u64, p: f64) -> Vec<f64> {
    let odds = p / (1.0 - p);
    let mode = ((n + 1) as f64 * p).floor().min(n as f64) as u64;
    let mut weights = vec![0.0; n as usize + 1];
    weights[mode as usize] = 1.0;
    for k in mode + 1..=n {
        weights[k as usize] = weights[k as usize - 1] * odds * (n - k + 1) as f64 / k as f64;
    }
    for k in (0..mode).rev() {
        weights[k as usize] = weights[k as usize + 1] / odds * (k + 1) as f64 / (n - k) as f64;
    }
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

#[test]
fn the_exact_interval_of_a_share_never_covers_less_than_it_says() {
    println!(
        "share, Clopper-Pearson (summed)\n{:>4} {:>8} {:>8}",
        "n", "least %", "mean %"
    );
    for n in [1, 2, 5, 8, 12, 20, 40, 59, 72, 100, 250] {
        let intervals: Vec<_> = (0..=n).map(|k| share(k, n)).collect();
        let covered = |p: f64| -> f64 {
            let inside = |at: usize| intervals[at].low <= p && p <= intervals[at].high;
            law(n, p)
                .iter()
                .enumerate()
                .filter(|(k, _)| inside(*k))
                .map(|(_, weight)| weight)
                .sum()
        };
        let all: Vec<f64> = (1..1_000)
            .map(|at| covered(f64::from(at) / 1_000.0))
            .collect();
        let least = all.iter().copied().fold(1.0, f64::min);
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        println!("{n:4} {:8.3} {:8.3}", 100.0 * least, 100.0 * mean);
        assert!(least >= 0.95 - 1e-9, "n = {n}: {least}");
        // Not wide for the sake of safety either: somewhere it comes close to what it says.
        assert!(n < 8 || least < 0.975, "n = {n}: {least}");
    }
}
