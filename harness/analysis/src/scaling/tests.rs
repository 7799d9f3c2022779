//! Efficiencies, laws and their intervals over seeded synthetic runs.
use super::*;
use model::seed::Draw;

fn normal(draw: &mut Draw) -> f64 {
    (-2.0 * draw.unit().ln()).sqrt() * (std::f64::consts::TAU * draw.unit()).cos()
}

fn runs(law: Law, ns: &[u32], repeats: u32, noise: f64, seed: u64) -> Vec<Point> {
    let mut draw = Draw::new(seed, "synthetic scaling");
    ns.iter()
        .flat_map(|n| (0..repeats).map(move |repeat| (*n, repeat)))
        .map(|(n, repeat)| Point {
            n,
            repeat,
            throughput: law.at(f64::from(n)) * (1.0 + noise * normal(&mut draw)),
        })
        .collect()
}

const LAW: Law = Law {
    lambda: 1000.0,
    sigma: 0.05,
    kappa: 0.001,
};

#[test]
fn efficiencies_stand_where_they_should() {
    let scaling = scaling(&runs(LAW, &[1, 2, 4, 8, 16, 32], 3, 1e-4, 7), 7).unwrap();
    let stands: Vec<_> = scaling.efficiency.iter().map(|row| row.stands).collect();
    assert_eq!(
        stands,
        [
            efficiency::Stands::Reference,
            efficiency::Stands::Above,
            efficiency::Stands::Inside,
            efficiency::Stands::Inside,
            efficiency::Stands::Below,
            efficiency::Stands::Below
        ]
    );
    let four = &scaling.efficiency[2].efficiency;
    assert!((four.value.unwrap() - 0.860_585).abs() < 1e-3);
    assert!(!scaling.efficiency[1].cause.is_empty() && !scaling.efficiency[4].cause.is_empty());
    assert!((scaling.usl.peak.value.unwrap() - 30.82).abs() < 0.5);
}

#[test]
fn a_law_needs_four_numbers_and_three_repeats_and_says_so() {
    let few = scaling(&runs(LAW, &[1, 2, 4], 3, 0.01, 7), 7).unwrap();
    assert_eq!(few.usl.law, None);
    assert!(
        few.usl
            .sigma
            .why
            .as_deref()
            .unwrap()
            .contains("3 distinct n; 4 would do")
    );
    let mut points = runs(LAW, &[1, 2, 4, 8], 3, 0.01, 7);
    points.pop();
    let few = scaling(&points, 7).unwrap();
    assert!(
        few.amdahl
            .lambda
            .why
            .as_deref()
            .unwrap()
            .contains("2 at n = 8; 3 of each n would do")
    );
    assert_eq!(few.usl.at(4.0).value, None);
    // Points stay, without an interval.
    assert!(
        few.efficiency[3].efficiency.value.is_some() && few.efficiency[3].efficiency.low.is_none()
    );
}

#[test]
fn without_one_executor_there_is_no_efficiency() {
    let scaling = scaling(&runs(LAW, &[2, 4, 8, 16], 3, 0.01, 7), 7).unwrap();
    assert!(
        scaling
            .efficiency
            .iter()
            .all(|row| row.efficiency.value.is_none())
    );
    assert!(scaling.usl.law.is_some());
}

#[test]
fn order_does_not_matter_and_the_seed_decides() {
    let points = runs(LAW, &[1, 2, 4, 8], 3, 0.02, 7);
    let mut turned = points.clone();
    turned.reverse();
    assert_eq!(scaling(&points, 3), scaling(&turned, 3));
    assert_eq!(scaling(&points, 3), scaling(&points, 3));
    assert_ne!(
        scaling(&points, 3).unwrap().usl.sigma,
        scaling(&points, 4).unwrap().usl.sigma
    );
}

#[test]
fn extrapolation_is_labelled_and_widened() {
    let usl = scaling(&runs(LAW, &[1, 2, 4, 8], 3, 0.02, 7), 7)
        .unwrap()
        .usl;
    assert!(!usl.at(8.0).method.contains("extrapolated"));
    assert!(usl.at(12.0).method.contains("extrapolated beyond n = 8"));
    let far = usl.at(17.0);
    assert!(far.method.contains("more than twice") && far.level.is_none());
    let (low, high) = (far.low.unwrap(), far.high.unwrap());
    let quantiles = usl
        .draws
        .measure(usl.law.unwrap().at(17.0), "1/s", |law| law.at(17.0));
    assert!(low <= quantiles.low.unwrap() && high >= quantiles.high.unwrap());
    assert!(
        usl.peak.value.is_none()
            && usl
                .peak
                .why
                .as_deref()
                .unwrap()
                .contains("outside the measured range")
    );
}

#[test]
fn bounds_that_are_hit_are_said() {
    let straight = Law {
        sigma: 0.0,
        kappa: 0.0,
        ..LAW
    };
    let mut points = runs(straight, &[1, 2, 4, 8], 3, 0.0, 7);
    points
        .iter_mut()
        .for_each(|point| point.throughput *= 1.0 + 0.01 * f64::from(point.n));
    let usl = scaling(&points, 7).unwrap().usl;
    assert_eq!(usl.at_bound, ["sigma = 0", "kappa = 0"]);
    assert!(usl.limit.why.as_deref().unwrap().contains("sigma = 0"));
}

#[test]
fn bad_points_are_refused() {
    let point = Point {
        n: 2,
        repeat: 1,
        throughput: 5.0,
    };
    assert_eq!(scaling(&[], 7), Err(Error::Empty));
    assert_eq!(
        scaling(&[Point { n: 0, ..point }], 7),
        Err(Error::NoExecutors(1))
    );
    for throughput in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            scaling(
                &[Point {
                    throughput,
                    ..point
                }],
                7
            ),
            Err(Error::Throughput { n: 2, .. })
        ));
    }
    assert_eq!(
        scaling(&[point, point], 7),
        Err(Error::Twice { n: 2, repeat: 1 })
    );
}

#[test]
fn how_many_are_needed_has_an_interval() {
    let usl = scaling(&runs(LAW, &[1, 2, 4, 8, 16], 4, 0.03, 7), 7)
        .unwrap()
        .usl;
    let needed = usl.least(5000.0).unwrap();
    let (value, low, high) = (
        needed.value.unwrap(),
        needed.low.unwrap(),
        needed.high.unwrap(),
    );
    assert!(
        low <= value && value <= high && (6..=8).contains(&value),
        "{needed:?}"
    );
    assert_eq!(usl.least(1e9).unwrap().value, None);
}

/// The intervals cover the truth about as often as they promise, over designs as small as the least allowed: a seeded simulation of
/// whole scaling runs. Nominal 95 %; what is attained is printed. 86 % of 150 is five standard errors below.
#[test]
fn intervals_of_drawn_runs_cover_the_truth() {
    let designs: [(&[u32], u32); 3] = [
        (&[1, 2, 3, 4], 3),
        (&[1, 2, 4, 8, 16, 32], 3),
        (&[1, 2, 4, 8], 6),
    ];
    for (ns, repeats) in designs {
        let (mut eff, mut lambda, mut curve) = (0, 0, 0);
        let times = 150;
        for seed in 0..times {
            let points = runs(LAW, ns, repeats, 0.03, 1000 + seed);
            let scaling = scaling(&points, seed).unwrap();
            let last = scaling.efficiency.last().unwrap();
            let n = f64::from(last.n);
            let holds = |measure: &Measure, truth: f64| {
                u64::from(measure.low <= Some(truth) && measure.high >= Some(truth))
            };
            eff += holds(&last.efficiency, LAW.efficiency(n));
            lambda += holds(&scaling.usl.lambda, LAW.lambda);
            curve += holds(&scaling.usl.at(n), LAW.at(n));
        }
        let share = |k: u64| k as f64 / times as f64;
        println!(
            "n {ns:?} x {repeats}: efficiency {:.3}, lambda {:.3}, X(n) {:.3} of {times} intervals hold the truth",
            share(eff),
            share(lambda),
            share(curve)
        );
        assert!(share(eff) > 0.86 && share(lambda) > 0.86 && share(curve) > 0.86);
    }
}
