//! Tails of the normal and of Student's t distribution, and the quantiles that limits are made from.

/// P(Z > z) of the standard normal distribution.
pub fn normal_above(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - normal_above(-z);
    }
    let x = z * z / 2.0;
    // erfc(z / sqrt 2) is the upper incomplete gamma function of 1/2.
    0.5 * if x < 1.5 {
        1.0 - gamma_series(x)
    } else {
        gamma_fraction(x)
    }
}

/// P(1/2, x), by its series.
fn gamma_series(x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let (mut term, mut sum, mut a) = (2.0, 2.0, 0.5);
    for _ in 0..500 {
        a += 1.0;
        term *= x / a;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum * (0.5 * x.ln() - x).exp() / std::f64::consts::PI.sqrt()
}

/// Q(1/2, x), by its continued fraction (Lentz).
fn gamma_fraction(x: f64) -> f64 {
    let mut b = x + 0.5;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..500 {
        let an = -f64::from(i) * (f64::from(i) - 0.5);
        b += 2.0;
        d = 1.0 / kept(an * d + b);
        c = kept(b + an / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h * (0.5 * x.ln() - x).exp() / std::f64::consts::PI.sqrt()
}

/// Stands in for zero where something is divided by it.
const TINY: f64 = 1e-300;

fn kept(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

/// P(T > t) of Student's distribution with `df` degrees of freedom, above 0.
pub fn student_above(t: f64, df: f64) -> f64 {
    if t < 0.0 {
        return 1.0 - student_above(-t, df);
    }
    0.5 * beta(df / 2.0, 0.5, df / (df + t * t))
}

/// The `t` with P(T > t) = `tail`, for a tail above 0 and at most one half.
pub fn student_quantile(tail: f64, df: f64) -> f64 {
    let (mut lo, mut hi) = (0.0, 1.0);
    while student_above(hi, df) > tail && hi < 1e12 {
        hi *= 2.0;
    }
    for _ in 0..200 {
        let mid = f64::midpoint(lo, hi);
        if student_above(mid, df) > tail {
            lo = mid
        } else {
            hi = mid
        }
    }
    f64::midpoint(lo, hi)
}

/// The regularized incomplete beta function, by its continued fraction.
///
/// Source: Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.5.8.
fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let front =
        (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    // The fraction converges fast on one side of the mean only.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / kept(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..2_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for step in [even, odd] {
            d = 1.0 / kept(1.0 + step * d);
            c = kept(1.0 + step / c);
            h *= d * c;
        }
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
}

/// Source: Lanczos, SIAM J. Numer. Anal. 1 (1964), g = 7 with nine terms.
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let t = x + 7.5;
    let sum = TERMS
        .iter()
        .zip(1..)
        .fold(0.999_999_999_999_809_9, |sum, (term, i)| {
            sum + term / (x + f64::from(i))
        });
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_tails_come_out() {
        assert!((normal_above(3.0) - 0.001_349_898_031_630_095).abs() < 1e-15);
        assert!((normal_above(1.959_963_984_540_054) - 0.025).abs() < 1e-14);
        assert!((normal_above(0.0) - 0.5).abs() < 1e-15);
        assert!((student_quantile(0.025, 9.0) - 2.262_157_162_740_99).abs() < 1e-9);
        // One degree of freedom is the Cauchy distribution, two have a closed form.
        assert!((student_above(1.0, 1.0) - 0.25).abs() < 1e-12);
        assert!(
            (student_above(2.0_f64.sqrt(), 2.0) - (0.5 - 2.0_f64.sqrt() / (2.0 * 2.0))).abs()
                < 1e-12
        );
    }

    proptest! {
        #[test]
        fn a_quantile_has_its_tail(tail in 0.0001..0.5_f64, df in 1.0..200.0_f64) {
            let t = student_quantile(tail, df);
            prop_assert!((student_above(t, df) - tail).abs() < 1e-9 * (1.0 + tail));
        }

        /// With many degrees of freedom Student's distribution is the normal one.
        #[test]
        fn tails_fall_and_meet_the_normal_one(t in 0.0..5.0_f64) {
            prop_assert!(student_above(t, 5.0) >= student_above(t + 0.01, 5.0));
            prop_assert!((student_above(t, 1e7) - normal_above(t)).abs() < 1e-6);
        }
    }
}
