//! One piece of work: some thousand cycles, or one window.
use super::{
    Fleet,
    generator::Generator,
    sums::Sums,
    world::{Row, World},
};

/// Cycles of a piece.
pub(super) const CYCLES: u64 = 4096;
/// Pieces of a round where samples are cycles.
pub(super) const CYCLE_PIECES: usize = 16;
/// Pieces of a round where samples are windows.
pub(super) const WINDOWS: usize = 8;
/// Lifetimes of each part before a window: e^-5 of what the start was off by is left.
const WARM_UP: f64 = 5.0;
/// Lifetimes of each part in a window.
const LENGTH: f64 = 20.0;

/// Piece `number`.
pub(super) fn piece(fleet: &Fleet, rows: &[Row], cycles: bool, seed: u64, number: u64) -> Sums {
    let mut world = World::new(fleet, rows);
    let mut draws = Generator::new(seed, number);
    let mut sums = Sums::default();
    if cycles {
        (0..CYCLES).for_each(|_| cycle(&mut world, &mut draws, &mut sums));
    } else {
        window(fleet, &mut world, &mut draws, &mut sums);
    }
    sums.lifetimes = world.lifetimes;
    sums
}

/// From all up to all up; the world ends as it began.
fn cycle(world: &mut World<'_>, draws: &mut Generator, sums: &mut Sums) {
    let (mut time, mut lost, mut group_lost, mut down, mut losses) = (0.0, 0.0, 0.0, 0.0, 0_u32);
    let mut before = 0.0;
    loop {
        let stay = world.stay();
        time += stay;
        down += stay * world.down as f64;
        if world.lost > 0 {
            lost += stay;
            group_lost += stay * f64::from(world.lost);
        } else if losses == 0 {
            before += stay;
        }
        let was = world.lost;
        world.jump(draws);
        losses += u32::from(was == 0 && world.lost > 0);
        if world.down == 0 {
            break;
        }
    }
    sums.sample(time);
    sums.lost.add(lost, time);
    sums.group_lost.add(group_lost, time);
    sums.losses.add(f64::from(losses), time);
    sums.before.add(before, time);
    sums.down.add(down, time);
    if losses > 0 {
        sums.hits += 1;
        sums.per_hit.add(lost, time);
    }
}

/// A window near the balance.
fn window(fleet: &Fleet, world: &mut World<'_>, draws: &mut Generator, sums: &mut Sums) {
    (0..fleet.balance() as u64).for_each(|_| world.fail_one(draws));
    let half = LENGTH / 2.0 / fleet.fail;
    let mut time = 0.0;
    while time < WARM_UP / fleet.fail {
        time += world.stay();
        world.jump(draws);
    }
    let first = stretch(half, world, draws, sums);
    let second = stretch(half, world, draws, sums);
    let sum = |of: fn(&Stretch) -> f64| of(&first) + of(&second);
    let time = sum(|half| half.time);
    sums.sample(time);
    sums.lost.add(sum(|half| half.lost), time);
    sums.group_lost.add(sum(|half| half.group_lost), time);
    sums.losses.add(sum(|half| half.losses), time);
    sums.down.add(sum(|half| half.down), time);
    let drift = second.down / second.time - first.down / first.time;
    sums.drift[0] += drift;
    sums.drift[1] += drift * drift;
}

/// Sums over a part of a window.
#[derive(Default)]
struct Stretch {
    time: f64,
    lost: f64,
    group_lost: f64,
    losses: f64,
    down: f64,
}

fn stretch(length: f64, world: &mut World<'_>, draws: &mut Generator, sums: &mut Sums) -> Stretch {
    let mut all = Stretch::default();
    // One that lasts over the edge of a half counts in each: it is cut, not dropped.
    let mut now = 0.0;
    while all.time < length {
        let stay = world.stay();
        all.time += stay;
        all.down += stay * world.down as f64;
        if world.lost > 0 {
            now += stay;
            all.group_lost += stay * f64::from(world.lost);
        }
        let was = world.lost;
        world.jump(draws);
        if was > 0 && world.lost == 0 {
            ended(now, &mut all, sums);
            now = 0.0;
        }
    }
    if now > 0.0 {
        ended(now, &mut all, sums);
    }
    all
}

/// A stretch of loss came to its end.
fn ended(lost: f64, all: &mut Stretch, sums: &mut Sums) {
    all.lost += lost;
    all.losses += 1.0;
    sums.hits += 1;
    sums.per_hit.add(lost, 1.0);
}
