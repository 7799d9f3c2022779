//! The event loop: one jump of the fleet at a time.
//!
//! Lifetimes and repairs are exponential, so what happens next depends on counts alone, and the mean stay in a state may stand for the
//! drawn one: the same averages with less noise and no logarithm (Hordijk, Iglehart & Schassberger, Adv. Appl. Probab. 8, 1976).
//! Crews serve in the order of failure; who of those in repair is done first is drawn, all being alike.
use super::{Fleet, generator::Generator};
use std::collections::VecDeque;

/// What can happen with this many down: thresholds of a draw below 2^63, and the mean stay, h.
#[derive(Clone, Copy)]
pub(super) struct Row {
    worse: u64,
    better: u64,
    stay: f64,
}

/// The rows of every number of parts down.
pub(super) fn rows(fleet: &Fleet) -> Vec<Row> {
    let nodes = fleet.nodes();
    let shocks = fleet.groups as f64 * fleet.beta() * fleet.fail;
    let row = |down: u64| {
        let worse = (nodes - down) as f64 * (1.0 - fleet.beta()) * fleet.fail;
        let better = down.min(fleet.crews()) as f64 * fleet.repair;
        let all = worse + better + shocks;
        let threshold = |rate: f64| (rate / all * (1_u64 << 63) as f64) as u64;
        Row {
            worse: threshold(worse),
            // Where nothing strikes all, the last threshold must be reached whatever the rounding.
            better: if shocks == 0.0 {
                1 << 63
            } else {
                threshold(worse + better)
            },
            stay: 1.0 / all,
        }
    };
    (0..=nodes).map(row).collect()
}

/// A fleet at one instant.
pub(super) struct World<'a> {
    rows: &'a [Row],
    groups: u64,
    n: u32,
    /// Down of one group beyond which it is lost.
    spare: u32,
    crews: usize,
    /// Down, by group.
    failed: Vec<u32>,
    /// Groups of the parts in repair.
    service: Vec<u32>,
    /// Groups of the parts that wait for a crew.
    queue: VecDeque<u32>,
    /// Parts down.
    pub(super) down: usize,
    /// Groups lost.
    pub(super) lost: u32,
    /// Failures so far: component-lifetimes lived to their end.
    pub(super) lifetimes: u64,
}

impl<'a> World<'a> {
    pub(super) fn new(fleet: &Fleet, rows: &'a [Row]) -> Self {
        Self {
            rows,
            groups: fleet.groups,
            n: fleet.n as u32,
            spare: (fleet.n - fleet.k) as u32,
            crews: fleet.crews().min(fleet.nodes()) as usize,
            failed: vec![0; fleet.groups as usize],
            service: Vec::new(),
            queue: VecDeque::new(),
            down: 0,
            lost: 0,
            lifetimes: 0,
        }
    }

    /// Mean stay in the present state, h.
    #[inline(always)]
    pub(super) fn stay(&self) -> f64 {
        self.rows[self.down].stay
    }

    /// The next jump.
    #[inline(always)]
    pub(super) fn jump(&mut self, draws: &mut Generator) {
        let row = self.rows[self.down];
        let drawn = draws.next() >> 1;
        if drawn < row.worse {
            self.fail_one(draws);
        } else if drawn < row.better {
            self.repair_one(draws);
        } else {
            self.strike(draws);
        }
    }

    /// One of those that are up, all alike.
    #[inline(always)]
    pub(super) fn fail_one(&mut self, draws: &mut Generator) {
        loop {
            let (group, member) = draws.two(self.groups, u64::from(self.n));
            // The first `failed` of a group stand for those that are down.
            if member >= self.failed[group] {
                self.take_down(group as u32);
                return;
            }
        }
    }

    #[inline(always)]
    fn take_down(&mut self, group: u32) {
        let failed = &mut self.failed[group as usize];
        *failed += 1;
        self.lost += u32::from(*failed == self.spare + 1);
        self.down += 1;
        self.lifetimes += 1;
        if self.service.len() < self.crews {
            self.service.push(group);
        } else {
            self.queue.push_back(group);
        }
    }

    #[inline(always)]
    fn repair_one(&mut self, draws: &mut Generator) {
        let (at, _) = draws.two(self.service.len() as u64, 1);
        let group = if let Some(next) = self.queue.pop_front() {
            std::mem::replace(&mut self.service[at], next)
        } else {
            self.service.swap_remove(at)
        };
        let failed = &mut self.failed[group as usize];
        self.lost -= u32::from(*failed == self.spare + 1);
        *failed -= 1;
        self.down -= 1;
    }

    /// A common cause: all of one group.
    fn strike(&mut self, draws: &mut Generator) {
        let (group, _) = draws.two(self.groups, 1);
        for _ in self.failed[group]..self.n {
            self.take_down(group as u32);
        }
    }
}
