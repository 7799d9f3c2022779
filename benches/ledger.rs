//! One partition of a ledger beside what one would write first: a sort, and a hash set.
//!
//! Each is handed the same numbers as a reader meets them, in order but for a swap in a thousand, one lost and one doubled in ten
//! thousand, and must find both counts. `BRINELL_RECORDS` sets how many (10^7; 10^8 wants 1 GB for the peers).
//! `ledger/take` is what the reader pays while it reads, `ledger/judge` what is paid at the end.
use analysis::ledger::{judge, sent::Outcomes, terms::Terms};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use model::ledger::{Bits, Lane};
use std::{collections::HashSet, hint::black_box, time::Duration};

const EVERY: u64 = 10_000;

fn records() -> u64 {
    let asked = std::env::var("BRINELL_RECORDS").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000_000)
}

fn history(count: u64) -> Vec<u64> {
    let kept = (0..count).filter(|number| number % EVERY != 5);
    let mut read: Vec<u64> = kept
        .flat_map(|number| std::iter::repeat_n(number, if number % EVERY == 77 { 2 } else { 1 }))
        .collect();
    for at in (1000..read.len()).step_by(1000) {
        read.swap(at - 1, at);
    }
    read
}

fn all(count: u64) -> Outcomes {
    let words = vec![u64::MAX; (count / 64) as usize];
    let mut ok = Bits::of(words);
    for number in count / 64 * 64..count {
        ok.set(number);
    }
    Outcomes {
        ok,
        ..Outcomes::default()
    }
}

fn taken(read: &[u64], count: u64) -> Lane {
    let mut lane = Lane::default();
    for (number, at) in read.iter().zip(0..) {
        lane.take(*number, count, (0, at), true);
    }
    lane
}

fn judged(sent: &Outcomes, lane: &Lane) -> (u64, u64) {
    let counts = judge::judge(sent, lane, &Terms::default());
    (counts.ledger.lost.unwrap_or(0), counts.ledger.duplicated)
}

fn sorted(mut read: Vec<u64>, count: u64) -> (u64, u64) {
    read.sort_unstable();
    let all = read.len() as u64;
    read.dedup();
    (count - read.len() as u64, all - read.len() as u64)
}

fn hashed(read: &[u64], count: u64) -> (u64, u64) {
    let set: HashSet<u64> = read.iter().copied().collect();
    let lost = (0..count).filter(|number| !set.contains(number)).count();
    (lost as u64, (read.len() - set.len()) as u64)
}

fn ledger(bench: &mut Criterion) {
    let count = records();
    let (read, sent) = (history(count), all(count));
    let lane = taken(&read, count);
    let right = judged(&sent, &lane);
    assert_eq!(right, sorted(read.clone(), count));
    assert_eq!(right, hashed(&read, count));
    let mut group = bench.benchmark_group("records");
    group
        .throughput(Throughput::Elements(count))
        .sample_size(10);
    group.warm_up_time(Duration::from_millis(500));
    let id = |name: &str| BenchmarkId::new(name, count);
    group.bench_function(id("ledger/judge"), |each| {
        each.iter(|| judged(black_box(&sent), &lane))
    });
    group.bench_function(id("ledger/take"), |each| {
        each.iter(|| taken(black_box(&read), count))
    });
    group.bench_function(id("sort"), |each| {
        each.iter_batched(
            || read.clone(),
            |read| sorted(read, count),
            BatchSize::PerIteration,
        );
    });
    group.bench_function(id("hash set"), |each| {
        each.iter(|| hashed(black_box(&read), count))
    });
    group.finish();
}

criterion_group!(benches, ledger);
criterion_main!(benches);
