//! The part of the model machine that holds, reorders and damages packets.
use crate::{
    act::{
        net::Flow,
        queue::{Act, Treatment, Undo},
    },
    check::{
        End,
        queue::{Check, Sign},
    },
    units::Nanos,
};
use std::collections::BTreeMap;

/// Which flows are diverted, and what becomes of their packets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// A flow has one treatment: the first comer's.
    pub diverted: BTreeMap<Flow, Treatment>,
}

impl Queue {
    /// How to put back what `act` would change.
    pub fn record(&self, act: &Act) -> Undo {
        let Act::Divert { flows, .. } = act;
        let ours = flows
            .iter()
            .filter(|flow| !self.diverted.contains_key(flow));
        Undo::Release {
            flows: ours.copied().collect(),
        }
    }

    /// Does `act`; what is diverted already stays as it is.
    pub fn act(&mut self, act: &Act) {
        let Act::Divert {
            flows, treatment, ..
        } = act;
        for flow in flows {
            self.diverted.entry(*flow).or_insert(*treatment);
        }
    }

    /// Puts back; twice is once.
    pub fn undo(&mut self, undo: &Undo) {
        let Undo::Release { flows } = undo;
        self.diverted.retain(|flow, _| !flows.contains(flow));
    }

    /// Whether `check` holds, where `arrives` tells whether anything gets from one end to the other.
    pub fn holds(&self, check: &Check, arrives: impl Fn(&End, &End) -> bool) -> bool {
        match check {
            Check::RoundTrip {
                from,
                to,
                by,
                within,
                grown,
            } => {
                let there = self.median(from, to).0 + self.median(to, from).0;
                let due = if *grown { by.0 } else { 0 };
                arrives(from, to) && arrives(to, from) && there.abs_diff(due) <= within.0
            }
            Check::Stream {
                from,
                to,
                sign,
                shows,
                ..
            } => arrives(from, to) && self.shows(from, to, *sign, *shows),
        }
    }

    fn of(&self, from: &End, to: &End) -> Treatment {
        let (from, to) = (from.address, to.address);
        let found = self.diverted.get(&Flow { from, to });
        found.copied().unwrap_or_default()
    }

    fn median(&self, from: &End, to: &End) -> Nanos {
        let treatment = self.of(from, to);
        let most = treatment.held_ppm > Treatment::ALL_PPM / 2;
        if most { treatment.delay } else { Nanos(0) }
    }

    fn shows(&self, from: &End, to: &End, sign: Sign, wanted: bool) -> bool {
        let one = self.of(from, to);
        let some_held = (1..Treatment::ALL_PPM).contains(&one.held_ppm);
        let overtaken = one.jitter.0 > 0 || some_held && one.delay.0 > 0;
        let damaged = one.damaged_ppm > 0;
        let shown = match sign {
            Sign::Overtaken => overtaken,
            Sign::Lost => damaged && !one.silent,
            Sign::Altered => damaged && one.silent,
        };
        if wanted {
            shown
        } else {
            !overtaken && !damaged
        }
    }
}
