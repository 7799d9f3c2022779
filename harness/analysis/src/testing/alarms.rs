//! How often limits and alarms ring for nothing, by simulation from a fixed seed, beside what is stated; and that alarms over history
//! ring where something changed.
use crate::{
    band::limits::Rule,
    budget::take::Taken,
    compare::hodges_lehmann::Known,
    history::{
        alarm::{State, alarm, runs_needed},
        benjamini_hochberg::limit,
        metrics::Metric,
        trend,
    },
    testing::synthetic::Synthetic,
};
use model::{seed::Draw, units::S};

/// Normal, lognormal (sigma .5) or exponential.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Normal,
    Lognormal,
    Exponential,
}

fn draw(shape: Shape, from: &mut Draw) -> f64 {
    let mut normal =
        || (-2.0 * from.unit().ln()).sqrt() * (std::f64::consts::TAU * from.unit()).cos();
    match shape {
        Shape::Normal => 100.0 + normal(),
        Shape::Lognormal => (0.5 * normal()).exp(),
        Shape::Exponential => -from.unit().ln(),
    }
}

/// Share of new values above the limit of `n` others.
fn rings(rule: Rule, shape: Shape, n: usize, trials: usize) -> f64 {
    let mut from = Draw::new(11, &format!("{rule:?} {shape:?} {n}"));
    let one = |_: usize| {
        let values: Vec<f64> = (0..n).map(|_| draw(shape, &mut from)).collect();
        let limit = rule.limit(&values, 0.0).limit.unwrap();
        usize::from(draw(shape, &mut from) > limit)
    };
    (0..trials).map(one).sum::<usize>() as f64 / trials as f64
}

/// Within five standard deviations of a share that is measured in `trials`.
fn agrees(measured: f64, stated: f64, trials: usize) -> bool {
    (measured - stated).abs() <= 5.0 * (stated * (1.0 - stated) / trials as f64).sqrt()
}

#[test]
fn every_rule_rings_as_often_as_it_says() {
    const TRIALS: usize = 40_000;
    println!("false alarms a check: rule, shape, n, measured, stated for normal values");
    for n in [9, 20, 30, 100] {
        for rule in Rule::ALL.into_iter().filter(|rule| rule.least() <= n) {
            for shape in [Shape::Normal, Shape::Lognormal, Shape::Exponential] {
                let (measured, stated) = (rings(rule, shape, n, TRIALS), rule.false_alarms(n));
                let said = stated.map_or("no formula".into(), |rate| format!("{rate:.5}"));
                println!("{rule:?} {shape:?} {n:>3} {measured:.5} {said}");
                let binds = matches!((rule, shape), (Rule::Free, _) | (_, Shape::Normal));
                if let Some(stated) = stated.filter(|_| binds) {
                    assert!(
                        agrees(measured, stated, TRIALS),
                        "{rule:?} {shape:?} n = {n}: {measured} for {stated}"
                    );
                }
            }
        }
    }
}

/// What the rules are worth where values are skewed: the reference's .00135 is more than ten times as much.
#[test]
fn three_deviations_ring_far_more_often_for_skewed_values() {
    let skewed = rings(Rule::ThreeSigma, Shape::Exponential, 100, 40_000);
    assert!(skewed > 0.0135, "{skewed}");
    assert!(rings(Rule::Free, Shape::Exponential, 100, 40_000) < 0.0135);
}

/// Beyond what can be seen: recoveries here are watched for 500 s.
const WATCHED: f64 = 500.0;

fn metric(samples: Vec<f64>) -> Metric {
    Metric {
        name: "recovery".into(),
        unit: "s".into(),
        value: crate::median::middle(&samples).unwrap(),
        samples: samples.into_iter().map(known).collect(),
        resolution: 0.1,
    }
}

fn known(value: f64) -> Known {
    if value.is_finite() {
        Known::exact(value)
    } else {
        Known::above(WATCHED)
    }
}

fn runs(from: &mut Draw, n: usize, repeats: usize, scale: f64) -> Vec<Metric> {
    (0..n)
        .map(|_| {
            metric(
                (0..repeats)
                    .map(|_| scale * 10.0 * draw(Shape::Lognormal, from))
                    .collect(),
            )
        })
        .collect()
}

fn judged(history: &[Metric], newest: &Metric) -> State {
    let history: Vec<&Metric> = history.iter().collect();
    alarm(&history, newest, 0.05).state
}

#[test]
fn an_unchanged_run_rarely_alarms_and_a_doubled_one_does() {
    let mut from = Draw::new(5, "history");
    let (mut for_nothing, mut found) = (0, 0);
    for _ in 0..300 {
        let history = runs(&mut from, 20, 8, 1.0);
        for_nothing +=
            usize::from(judged(&history, &runs(&mut from, 1, 8, 1.0)[0]) == State::Alarm);
        found += usize::from(judged(&history, &runs(&mut from, 1, 8, 4.0)[0]) == State::Alarm);
    }
    println!(
        "history alarm, 20 runs of 8 repeats: {for_nothing}/300 for nothing, {found}/300 where recovery took 4 times as long"
    );
    assert!(for_nothing <= 6, "{for_nothing} of 300");
    assert!(found >= 285, "{found} of 300");
}

#[test]
fn too_few_runs_are_unknown_with_the_number_that_would_do() {
    let mut from = Draw::new(6, "few");
    let history = runs(&mut from, 5, 8, 1.0);
    let refs: Vec<&Metric> = history.iter().collect();
    let got = alarm(&refs, &runs(&mut from, 1, 8, 9.0)[0], 0.05);
    assert_eq!(got.state, State::Unknown);
    assert!(
        got.why.contains("5 comparable runs") && got.why.contains("6 would do"),
        "{}",
        got.why
    );
    assert_eq!((runs_needed(1), runs_needed(2)), (39, 8));
}

#[test]
fn one_value_a_run_needs_two_runs_to_alarm() {
    let of = |value: f64| metric(vec![value]);
    let usual: Vec<Metric> = (0..10).map(|k| of(100.0 + f64::from(k % 5))).collect();
    assert_eq!(
        judged(&usual, &of(150.0)),
        State::Quiet,
        "the run before was normal, so the interval of both holds 0"
    );
    let worse: Vec<Metric> = [usual, vec![of(150.0)]].concat();
    assert_eq!(judged(&worse, &of(151.0)), State::Alarm);
    let few: Vec<Metric> = worse[4..].to_vec();
    assert_eq!(judged(&few, &of(151.0)), State::Unknown);
}

#[test]
fn an_outlier_of_the_history_hides_nothing_and_small_changes_do_not_matter() {
    let around = |center: f64| metric((0..8).map(|k| center + 0.1 * f64::from(k)).collect());
    let mut history: Vec<Metric> = (0..12)
        .map(|k| around(10.0 + 0.05 * f64::from(k % 3)))
        .collect();
    history[4] = around(500.0);
    assert_eq!(judged(&history, &around(20.0)), State::Alarm);
    assert_eq!(
        judged(&history, &around(10.45)),
        State::Quiet,
        "less than 5 %"
    );
    assert_eq!(
        judged(&history, &around(5.0)),
        State::Quiet,
        "better is no alarm"
    );
}

#[test]
fn a_run_that_never_recovered_alarms_and_one_in_the_history_is_unknown() {
    let mut from = Draw::new(9, "censored");
    let mut history = runs(&mut from, 12, 8, 1.0);
    assert_eq!(
        judged(&history, &metric(vec![f64::INFINITY; 8])),
        State::Alarm
    );
    history[3] = metric(vec![f64::INFINITY; 8]);
    let newest = runs(&mut from, 1, 8, 3.0).remove(0);
    assert_eq!(judged(&history, &newest), State::Unknown);
}

/// A run of day `k` whose outages last so many times as long.
fn run_of(k: u64, longer: u64) -> Taken {
    let mut run = Synthetic::default();
    for parts in [&mut run.hangs, &mut run.stale, &mut run.short] {
        // The length of the outages differs a little from run to run.
        parts
            .iter_mut()
            .for_each(|part| part.1 = part.0 + (part.1 - part.0) * longer + 7 * (k % 5));
    }
    let mut taken = Taken::of(&run.input()).unwrap();
    taken.epoch = Some(k * 86_400 * S);
    taken.analysis.run.id = format!("run-{k}");
    taken
}

#[test]
fn the_newest_run_is_held_against_the_comparable_ones_before_it() {
    let mut runs: Vec<Taken> = (1..=9).map(|k| run_of(k, 1)).collect();
    let calm = trend(&runs, 0.05);
    assert_ne!(calm.state, State::Alarm, "{calm:#?}");
    assert_eq!(
        (calm.against.len(), calm.newest.as_deref()),
        (8, Some("run-9"))
    );
    let mut other = run_of(4, 1);
    other.scenario_sha256 = "another".into();
    other.analysis.run.id = "other".into();
    runs.push(other);
    runs.push(run_of(10, 3));
    runs.reverse();
    let worse = trend(&runs, 0.05);
    let recovery = worse
        .metrics
        .iter()
        .find(|line| line.metric == "recovery from kill")
        .unwrap();
    assert_eq!(
        (worse.state, recovery.state),
        (State::Alarm, State::Alarm),
        "{recovery:#?}"
    );
    assert!(
        recovery.drift.n == 10 && recovery.change.low.unwrap() > 0.0,
        "{recovery:#?}"
    );
    assert_eq!(worse.left_out.len(), 1);
    assert!(
        worse.left_out[0].why.starts_with("scenario is another"),
        "{:?}",
        worse.left_out
    );
    assert_eq!(trend(&runs[..1], 0.05).state, State::Unknown);
    assert_eq!(trend(&[], 0.05).state, State::Unknown);
}

/// Among alarms over many metrics of which most did not change, about the promised share is chance.
#[test]
fn false_discoveries_stay_at_their_share() {
    let mut from = Draw::new(3, "discoveries");
    let (mut false_ones, mut experiments) = (0.0, 0);
    for _ in 0..2_000 {
        // 15 unchanged metrics, 5 changed ones whose p is small.
        let p: Vec<f64> = (0..20)
            .map(|k| {
                if k < 15 {
                    from.unit()
                } else {
                    from.unit() * 1e-4
                }
            })
            .collect();
        let most = limit(&p, 0.05);
        let counted = p.iter().filter(|p| **p <= most).count();
        let wrong = p[..15].iter().filter(|p| **p <= most).count();
        experiments += 1;
        false_ones += wrong as f64 / counted.max(1) as f64;
    }
    let share = false_ones / f64::from(experiments);
    println!("false discoveries: {share:.4}, stated at most 0.05 * 15/20 = 0.0375");
    assert!((0.025..0.05).contains(&share), "{share}");
}
