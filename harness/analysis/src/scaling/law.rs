//! Throughput as a function of the number of executors: Amdahl's law and the Universal Scalability Law.
use serde::Serialize;

/// X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)); Amdahl's law where kappa is 0.
///
/// Source: Gunther, Guerrilla Capacity Planning (2007), with the throughput of one executor as a parameter of its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Law {
    /// Throughput of one executor, per s; above 0.
    pub lambda: f64,
    /// Share that does not run in parallel (contention), 0 to 1.
    pub sigma: f64,
    /// Cost of agreement between each pair (coherence), 0 or more.
    pub kappa: f64,
}

/// Most executors that a search looks at.
pub const MOST: u64 = 10_000_000;

impl Law {
    /// Throughput of `n` executors, per s.
    /// ```
    /// let law = analysis::scaling::Law { lambda: 1000.0, sigma: 0.05, kappa: 0.001 };
    /// assert!((law.at(16.0) - 8040.201).abs() < 5e-4);
    /// ```
    pub fn at(&self, n: f64) -> f64 {
        self.lambda * n / self.slowing(n)
    }

    /// What divides the ideal throughput.
    fn slowing(&self, n: f64) -> f64 {
        1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0)
    }

    /// X(n) / (n X(1)).
    pub fn efficiency(&self, n: f64) -> f64 {
        1.0 / self.slowing(n)
    }

    /// The real number of executors beyond which more of them give less; none where kappa is 0.
    pub fn peak(&self) -> Option<f64> {
        (self.kappa > 0.0).then(|| ((1.0 - self.sigma) / self.kappa).sqrt())
    }

    /// What no number of executors reaches, per s (Amdahl); none where kappa is above 0 or sigma is 0.
    pub fn limit(&self) -> Option<f64> {
        (self.kappa == 0.0 && self.sigma > 0.0).then(|| self.lambda / self.sigma)
    }

    /// The whole number of executors with the most throughput, at most [`MOST`].
    pub fn best(&self) -> u64 {
        let peak = self.peak().unwrap_or(f64::INFINITY);
        let below = peak.floor().clamp(1.0, MOST as f64) as u64;
        let above = (below + 1).min(MOST);
        if self.at(above as f64) > self.at(below as f64) {
            above
        } else {
            below
        }
    }

    /// The fewest executors with at least this throughput; none where no number up to [`MOST`] has it.
    pub fn least(&self, throughput: f64) -> Option<u64> {
        let (mut low, mut high) = (1, self.best());
        if self.at(high as f64) < throughput {
            return None;
        }
        // Up to the peak more give more.
        while low < high {
            let mid = low + (high - low) / 2;
            if self.at(mid as f64) >= throughput {
                high = mid;
            } else {
                low = mid + 1;
            }
        }
        Some(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORKED: Law = Law {
        lambda: 1000.0,
        sigma: 0.05,
        kappa: 0.001,
    };

    #[test]
    fn the_worked_curve_comes_out() {
        let curve = [
            (1.0, 1000.0),
            (2.0, 1901.141),
            (4.0, 3442.341),
            (8.0, 5689.900),
            (16.0, 8040.201),
            (32.0, 9034.444),
            (64.0, 7822.048),
        ];
        for (n, x) in curve {
            assert!((WORKED.at(n) - x).abs() < 6e-4, "X({n})");
        }
        assert!((WORKED.peak().unwrap() - 30.82).abs() < 5e-3);
    }

    #[test]
    fn the_worked_efficiencies_leave_the_band_where_they_should() {
        assert!((WORKED.efficiency(3.0) - 0.9042).abs() < 5e-5);
        assert!(WORKED.efficiency(4.0) < 0.9);
        assert!((WORKED.efficiency(11.0) - 0.6211).abs() < 5e-5);
        assert!(WORKED.efficiency(12.0) < 0.6);
    }

    #[test]
    fn the_worked_search_needs_eight() {
        let law = Law {
            lambda: 8000.0,
            sigma: 0.02,
            kappa: 0.0005,
        };
        for (n, x) in [(7.0, 49_079.8), (8.0, 54_794.5), (9.0, 60_200.7)] {
            assert!((law.at(n) - x).abs() < 0.06);
        }
        assert_eq!(law.least(50_000.0), Some(8));
    }

    #[test]
    fn what_no_number_carries_is_none() {
        assert_eq!(WORKED.least(9_100.0), None);
        let amdahl = Law {
            kappa: 0.0,
            ..WORKED
        };
        assert_eq!(amdahl.limit(), Some(20_000.0));
        assert_eq!(amdahl.least(20_000.0), None);
        assert_eq!(amdahl.least(19_999.0), Some(379_981));
    }

    proptest! {
        /// The search finds what counting up from one finds.
        #[test]
        fn the_fewest_is_what_counting_finds(sigma in 0.0..1.0, kappa in 0.0..0.05_f64, load in 1.0..20_000.0) {
            let law = Law { lambda: 1000.0, sigma, kappa };
            let counted = (1..5000_u64).find(|n| law.at(*n as f64) >= load);
            let found = law.least(load);
            prop_assert!(found == counted || (counted.is_none() && found.is_none_or(|n| n >= 5000)), "{:?} {:?}", found, counted);
        }
    }
}
