//! Which packets are held, and until when. Pure: the clock comes in, verdicts go out.
use super::packet;
use model::{act::queue::Treatment, seed::Draw};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

/// One packet that the kernel keeps for us.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parcel {
    /// When it may go, in ns of `CLOCK_MONOTONIC`.
    pub due_ns: u64,
    /// In order of arrival, so that those due together keep their order.
    order: u64,
    slot: u8,
    /// Its queue.
    pub queue: u16,
    /// Its number there.
    pub id: u32,
    /// What it is replaced by; none where it goes as it came.
    pub payload: Option<Vec<u8>>,
}

/// One setting, and until when it holds.
struct Slot {
    treatment: Treatment,
    until_ns: u64,
    draw: Draw,
}

/// All settings and all packets held.
#[derive(Default)]
pub struct Held {
    slots: BTreeMap<u8, Slot>,
    heap: BinaryHeap<Reverse<Parcel>>,
    next: u64,
}

impl Held {
    /// From now on packets of `slot` are treated so, until that instant; later ones pass at once.
    pub fn treat(&mut self, slot: u8, treatment: Treatment, until_ns: u64) {
        let draw = Draw::new(treatment.seed, "packets");
        self.slots.insert(
            slot,
            Slot {
                treatment,
                until_ns,
                draw,
            },
        );
    }

    /// Packets of `slot` pass at once, and those held go now.
    pub fn release(&mut self, slot: u8) {
        self.slots.remove(&slot);
        self.hurry(|parcel| parcel.slot == slot);
    }

    /// Everything goes now.
    pub fn release_all(&mut self) {
        self.slots.clear();
        self.hurry(|_| true);
    }

    fn hurry(&mut self, which: impl Fn(&Parcel) -> bool) {
        let held = std::mem::take(&mut self.heap).into_iter();
        let hurried = held.map(|Reverse(mut parcel)| {
            if which(&parcel) {
                parcel.due_ns = 0;
            }
            Reverse(parcel)
        });
        self.heap = hurried.collect();
    }

    /// A packet has come.
    pub fn enter(&mut self, now_ns: u64, slot: u8, queue: u16, id: u32, payload: &[u8]) {
        let lives = self
            .slots
            .get_mut(&slot)
            .filter(|one| now_ns < one.until_ns);
        let (due_ns, payload) = lives.map_or((now_ns, None), |one| one.draw(now_ns, payload));
        self.next += 1;
        self.heap.push(Reverse(Parcel {
            due_ns,
            order: self.next,
            slot,
            queue,
            id,
            payload,
        }));
    }

    /// The next packet that may go by `now_ns`.
    pub fn due(&mut self, now_ns: u64) -> Option<Parcel> {
        let next = self.next_ns().filter(|due| *due <= now_ns);
        next.and_then(|_| self.heap.pop())
            .map(|Reverse(parcel)| parcel)
    }

    /// When the next packet may go.
    pub fn next_ns(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(parcel)| parcel.due_ns)
    }
}

impl Slot {
    /// Each draw is made only where its share is set, so that the same seed gives the same choices to each kind.
    fn draw(&mut self, now_ns: u64, payload: &[u8]) -> (u64, Option<Vec<u8>>) {
        let Treatment {
            delay,
            jitter,
            held_ppm,
            damaged_ppm,
            silent,
            ..
        } = self.treatment;
        let mut due_ns = now_ns;
        if self.one_of(held_ppm) {
            let shift = match jitter.0 {
                0 => 0,
                jitter => self.draw.below(2 * jitter + 1) as i64 - jitter as i64,
            };
            due_ns = now_ns.saturating_add(delay.0.saturating_add_signed(shift));
        }
        let mut damaged = None;
        if self.one_of(damaged_ppm) {
            let mut bytes = payload.to_vec();
            let done = packet::damage(&mut bytes, &mut self.draw, silent);
            damaged = done.then_some(bytes);
        }
        (due_ns.min(self.until_ns), damaged)
    }

    fn one_of(&mut self, ppm: u32) -> bool {
        let all = Treatment::ALL_PPM;
        ppm >= all || ppm > 0 && self.draw.below(u64::from(all)) < u64::from(ppm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::units::Nanos;

    const FAR: u64 = u64::MAX;

    fn dues(treatment: Treatment, until_ns: u64) -> Vec<u64> {
        let mut held = Held::default();
        held.treat(1, treatment, until_ns);
        (0..1000).for_each(|id| held.enter(5000, 1, 7, id, &[]));
        std::iter::from_fn(|| held.due(FAR))
            .map(|one| one.due_ns)
            .collect()
    }

    #[test]
    fn held_packets_go_in_order_when_they_are_due_and_not_before() {
        let mut held = Held::default();
        held.treat(1, Treatment::hold(Nanos(100), Nanos(0), 1), FAR);
        held.treat(2, Treatment::hold(Nanos(30), Nanos(0), 1), FAR);
        for (id, slot) in [(1, 1), (2, 1), (3, 2), (4, 9)] {
            held.enter(1000, slot, 7, id, &[]);
        }
        let ids = |held: &mut Held, now| -> Vec<u32> {
            std::iter::from_fn(|| held.due(now))
                .map(|one| one.id)
                .collect()
        };
        assert_eq!(ids(&mut held, 1000), [4], "nobody asked for its slot");
        assert_eq!(held.next_ns(), Some(1030));
        assert_eq!(ids(&mut held, 1099), [3]);
        assert_eq!(ids(&mut held, 1100), [1, 2]);
    }

    #[test]
    fn jitter_stays_within_its_bounds_and_spreads() {
        let dues = dues(Treatment::hold(Nanos(1000), Nanos(300), 7), FAR);
        assert!(dues.iter().all(|due| (5700..=6300).contains(due)));
        let early = dues.iter().filter(|due| **due < 6000).count();
        assert!((400..600).contains(&early), "{early} of 1000 early");
    }

    #[test]
    fn the_same_seed_draws_the_same_and_a_share_is_a_share() {
        let some = |seed| Treatment {
            held_ppm: 250_000,
            ..Treatment::hold(Nanos(100), Nanos(0), seed)
        };
        assert_eq!(dues(some(7), FAR), dues(some(7), FAR));
        let late = dues(some(7), FAR)
            .iter()
            .filter(|due| **due == 5100)
            .count();
        assert!((200..300).contains(&late), "{late} of 1000 held");
    }

    #[test]
    fn nothing_is_held_beyond_the_deadline_or_after_a_release() {
        assert!(
            dues(Treatment::hold(Nanos(1000), Nanos(0), 1), 5400)
                .iter()
                .all(|due| *due == 5400)
        );
        assert!(
            dues(Treatment::hold(Nanos(1000), Nanos(0), 1), 5000)
                .iter()
                .all(|due| *due == 5000)
        );
        let mut held = Held::default();
        for slot in [1, 2] {
            held.treat(slot, Treatment::hold(Nanos(1000), Nanos(0), 1), FAR);
            held.enter(0, slot, 7, u32::from(slot), &[]);
        }
        held.release(1);
        assert_eq!(held.due(1).map(|one| one.id), Some(1));
        assert_eq!(held.due(1), None, "the other slot is held on");
        held.release_all();
        assert_eq!(held.due(1).map(|one| one.id), Some(2));
    }
}
