//! The control page: one page of memory in a file, mapped by the layer and by the guard.
//!
//! Writing one number imposes or lifts a rule, so both take microseconds and need no answer of the layer. A rule holds until an
//! instant of `CLOCK_MONOTONIC` and never longer. Draws are numbered: the n-th operation of a rule suffers or not by its seed
//! and n alone.
use model::act::fuse::{Effect, Op, Rule};
use std::{
    fs::{File, OpenOptions},
    io,
    os::fd::AsRawFd,
    path::Path,
    sync::atomic::{
        AtomicU64,
        Ordering::{Acquire, Relaxed, Release},
    },
    time::Duration,
};

/// First word of a page: "brinell" and the version of the layout.
const MAGIC: u64 = u64::from_be_bytes(*b"brinell\x01");
/// Rules at a time.
const SLOTS: usize = 16;
/// Size of the file.
const BYTES: usize = 4096;
/// Shares are in millionths.
pub const WHOLE_PPM: u64 = 1_000_000;
/// Golden ratio in 64 bits: draws of neighbouring numbers differ in every bit.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

#[repr(C)]
struct Words {
    magic: AtomicU64,
    pid: AtomicU64,
    start_ticks: AtomicU64,
    connection: AtomicU64,
    mounted: AtomicU64,
    closed: AtomicU64,
    beat_ns: AtomicU64,
    ops: [AtomicU64; Op::ALL.len()],
    slots: [Slot; SLOTS],
}

#[repr(C)]
struct Slot {
    /// 0 while nothing holds.
    until_ns: AtomicU64,
    /// One bit for each class.
    ops: AtomicU64,
    effect: AtomicU64,
    value: AtomicU64,
    share_ppm: AtomicU64,
    seed: AtomicU64,
    draws: AtomicU64,
    hits: AtomicU64,
}

const _: () = assert!(size_of::<Words>() <= BYTES);

/// What is to be done with one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// First wait so long.
    pub delay: Duration,
    /// Then fail with this number; none where it passes.
    pub errno: Option<i32>,
    /// Else do half of it and say that all was done.
    pub torn: bool,
}

/// Who serves a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Its pid.
    pub pid: u32,
    /// Its start, in clock ticks since boot.
    pub start_ticks: u64,
    /// Its last sign of life on `CLOCK_MONOTONIC`, in ns; 0 before the first.
    pub beat_ns: u64,
    /// Number of its connection to the kernel; 0 before the mount.
    pub connection: u64,
    /// Whether its mount stands.
    pub mounted: bool,
}

/// A mapped page.
pub struct Page {
    words: *const Words,
}

// SAFETY: all that is behind the pointer are atomics, mapped until the page is dropped.
unsafe impl Send for Page {}
// SAFETY: as above.
unsafe impl Sync for Page {}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: mapped by `map` with this size, and nothing borrowed from it outlives `self`.
        unsafe { libc::munmap(self.words.cast_mut().cast(), BYTES) };
    }
}

impl Page {
    /// Makes an empty page.
    ///
    /// # Errors
    /// What the disk says; also where the file exists.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).open(path)?;
        file.set_len(BYTES as u64)?;
        let page = Self::map(&file)?;
        page.words().magic.store(MAGIC, Release);
        Ok(page)
    }

    /// Maps a page that is there.
    ///
    /// # Errors
    /// There is none, or it is no page of ours.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let short = file.metadata()?.len() < BYTES as u64;
        let page = (!short).then(|| Self::map(&file)).transpose()?;
        page.filter(|page| page.words().magic.load(Acquire) == MAGIC)
            .ok_or_else(|| io::Error::other("no control page of this version"))
    }

    fn map(file: &File) -> io::Result<Self> {
        let rights = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: the file is at least this long and stays so; the mapping is shared memory made of atomics only.
        let at = unsafe {
            let none = std::ptr::null_mut();
            libc::mmap(none, BYTES, rights, libc::MAP_SHARED, file.as_raw_fd(), 0)
        };
        if at == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let words = at.cast_const().cast();
        Ok(Self { words })
    }

    fn words(&self) -> &Words {
        // SAFETY: mapped, aligned to a page, large enough, and only atomics, for which every bit pattern is valid.
        unsafe { &*self.words }
    }

    /// What befalls the next operation of class `op`. Counts it.
    pub fn judge(&self, op: Op) -> Verdict {
        let words = self.words();
        words.ops[op as usize].fetch_add(1, Relaxed);
        let mut verdict = Verdict::default();
        for slot in &words.slots {
            let until = slot.until_ns.load(Acquire);
            if until != 0 && mono_ns() < until && slot.meets(op) && slot.drawn() {
                slot.befall(&mut verdict);
            }
        }
        verdict
    }

    /// Operations of a class so far.
    pub fn ops(&self, op: Op) -> u64 {
        self.words().ops[op as usize].load(Relaxed)
    }

    /// Puts `rule` into the page until `until_ns` of `CLOCK_MONOTONIC`; one that stands there holds until then.
    ///
    /// # Errors
    /// Every slot is taken.
    pub fn impose(&self, rule: &Rule, until_ns: u64) -> io::Result<()> {
        let now = mono_ns();
        let slots = &self.words().slots;
        let same = slots.iter().find(|slot| slot.is(rule));
        let standing = same.filter(|slot| slot.holds(now));
        if let Some(slot) = standing {
            slot.until_ns.store(until_ns, Release);
            return Ok(());
        }
        let free = slots.iter().find(|slot| !slot.holds(now));
        let slot = same.or(free);
        let slot = slot.ok_or_else(|| io::Error::other("every slot of the page is taken"))?;
        slot.fill(rule, until_ns);
        Ok(())
    }

    /// Takes `rule` out; one that is not there stays so.
    pub fn lift(&self, rule: &Rule) {
        for slot in self.words().slots.iter().filter(|slot| slot.is(rule)) {
            slot.until_ns.store(0, Release);
        }
    }

    /// Whether `rule` holds now.
    pub fn has(&self, rule: &Rule) -> bool {
        let now = mono_ns();
        let mut slots = self.words().slots.iter();
        slots.any(|slot| slot.is(rule) && slot.holds(now))
    }

    /// Rules that hold now.
    pub fn standing(&self) -> usize {
        let now = mono_ns();
        let slots = self.words().slots.iter();
        slots.filter(|slot| slot.holds(now)).count()
    }

    /// How many operations suffered from `rule`; what was lifted keeps its count until its slot is needed.
    pub fn hits(&self, rule: &Rule) -> u64 {
        let mut slots = self.words().slots.iter();
        let slot = slots.find(|slot| slot.is(rule));
        slot.map_or(0, |slot| slot.hits.load(Acquire))
    }

    /// Who serves it; none while nobody has come.
    pub fn worker(&self) -> Option<Worker> {
        let words = self.words();
        let pid = u32::try_from(words.pid.load(Acquire)).ok()?;
        (pid != 0).then(|| Worker {
            pid,
            start_ticks: words.start_ticks.load(Acquire),
            beat_ns: words.beat_ns.load(Acquire),
            connection: words.connection.load(Acquire),
            mounted: words.mounted.load(Acquire) != 0,
        })
    }

    /// The layer comes: who it is.
    pub fn serve(&self, pid: u32, start_ticks: u64) {
        self.words().start_ticks.store(start_ticks, Release);
        self.words().pid.store(u64::from(pid), Release);
    }

    /// The mount stands, under this number of a connection.
    pub fn mounted(&self, connection: u64) {
        self.words().connection.store(connection, Release);
        self.words().mounted.store(1, Release);
    }

    /// A sign of life.
    pub fn beat(&self) {
        self.words().beat_ns.store(mono_ns(), Release);
    }

    /// No layer may serve this page any more; one that comes late ends.
    pub fn close(&self) {
        self.words().closed.store(1, Release);
    }

    /// Whether it may not be served any more.
    pub fn is_closed(&self) -> bool {
        self.words().closed.load(Acquire) != 0
    }
}

impl Slot {
    fn holds(&self, now: u64) -> bool {
        self.until_ns.load(Acquire) > now
    }

    fn meets(&self, op: Op) -> bool {
        self.ops.load(Relaxed) >> op as u64 & 1 == 1
    }

    fn is(&self, rule: &Rule) -> bool {
        let [ops, effect, value] = code(rule);
        self.ops.load(Relaxed) == ops
            && self.effect.load(Relaxed) == effect
            && self.value.load(Relaxed) == value
            && self.share_ppm.load(Relaxed) == u64::from(rule.share_ppm)
            && self.seed.load(Relaxed) == rule.seed
    }

    /// Everything before the instant: whoever sees that sees the rest.
    fn fill(&self, rule: &Rule, until_ns: u64) {
        let [ops, effect, value] = code(rule);
        self.until_ns.store(0, Release);
        self.ops.store(ops, Relaxed);
        self.effect.store(effect, Relaxed);
        self.value.store(value, Relaxed);
        self.share_ppm.store(u64::from(rule.share_ppm), Relaxed);
        self.seed.store(rule.seed, Relaxed);
        self.draws.store(0, Relaxed);
        self.hits.store(0, Relaxed);
        self.until_ns.store(until_ns, Release);
    }

    fn drawn(&self) -> bool {
        let draw = self.draws.fetch_add(1, Relaxed);
        let hit = mix(self.seed.load(Relaxed), draw) % WHOLE_PPM < self.share_ppm.load(Relaxed);
        if hit {
            self.hits.fetch_add(1, Release);
        }
        hit
    }

    fn befall(&self, verdict: &mut Verdict) {
        let value = self.value.load(Relaxed);
        match self.effect.load(Relaxed) {
            FAIL => verdict.errno = verdict.errno.or(i32::try_from(value).ok()),
            TEAR => verdict.torn = true,
            _ => verdict.delay += Duration::from_nanos(value),
        }
    }
}

const FAIL: u64 = 1;
const TEAR: u64 = 2;
const DELAY: u64 = 3;

/// A rule's operations, effect and value, as numbers.
fn code(rule: &Rule) -> [u64; 3] {
    let ops = rule.ops.iter().fold(0, |bits, op| bits | 1 << *op as u64);
    match rule.effect {
        Effect::Fail(errno) => [ops, FAIL, errno.number().unsigned_abs().into()],
        Effect::Tear => [ops & 1 << Op::Write as u64, TEAR, 0],
        Effect::Delay(span) => [ops, DELAY, span.0],
    }
}

/// The `n`-th draw of a seed.
///
/// Source: `SplitMix64`, Steele, Lea & Flood, OOPSLA 2014.
fn mix(seed: u64, n: u64) -> u64 {
    let mut z = seed.wrapping_add(n.wrapping_add(1).wrapping_mul(GOLDEN));
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// `CLOCK_MONOTONIC` in nanoseconds.
pub fn mono_ns() -> u64 {
    let mut at = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `at` is a valid timespec; the clock exists on every Linux, so the call cannot fail.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut at) };
    at.tv_sec as u64 * 1_000_000_000 + at.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{act::fuse::Errno, units::Nanos};

    fn page(name: &str) -> Page {
        let path = std::env::temp_dir().join(format!("brinell-page-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let made = Page::create(&path).unwrap();
        let page = Page::open(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        drop(made);
        page
    }

    fn rule(effect: Effect, share_ppm: u32, seed: u64) -> Rule {
        let ops = vec![Op::Write, Op::Fsync];
        Rule {
            ops,
            effect,
            share_ppm,
            seed,
        }
    }

    fn soon() -> u64 {
        mono_ns() + 60_000_000_000
    }

    #[test]
    fn a_rule_meets_its_operations_and_no_others_until_it_is_lifted() {
        let page = page("meets");
        let io = rule(Effect::Fail(Errno::Eio), 1_000_000, 1);
        page.impose(&io, soon()).unwrap();
        assert_eq!(page.judge(Op::Write).errno, Some(5));
        assert_eq!(page.judge(Op::Read), Verdict::default());
        assert_eq!((page.hits(&io), page.has(&io)), (1, true));
        page.lift(&io);
        page.lift(&io);
        assert_eq!(page.judge(Op::Fsync), Verdict::default());
        assert_eq!((page.hits(&io), page.has(&io)), (1, false));
        assert_eq!(page.ops(Op::Fsync), 1);
    }

    #[test]
    fn past_its_instant_everything_passes() {
        let page = page("instant");
        let io = rule(Effect::Fail(Errno::Eio), 1_000_000, 1);
        page.impose(&io, mono_ns()).unwrap();
        assert_eq!(page.judge(Op::Write), Verdict::default());
        assert!(!page.has(&io));
    }

    #[test]
    fn rules_stand_beside_each_other_and_leave_each_other_alone() {
        let page = page("beside");
        let [io, slow] = [
            rule(Effect::Fail(Errno::Enospc), 1_000_000, 1),
            rule(Effect::Delay(Nanos::ms(20)), 1_000_000, 2),
        ];
        page.impose(&io, soon()).unwrap();
        page.impose(&slow, soon()).unwrap();
        let verdict = page.judge(Op::Write);
        assert_eq!(verdict.errno, Some(28));
        assert_eq!(verdict.delay, Duration::from_millis(20));
        page.lift(&io);
        assert_eq!(page.judge(Op::Write).errno, None);
        assert_eq!(page.standing(), 1);
    }

    #[test]
    fn only_writes_tear() {
        let page = page("tear");
        let tear = rule(Effect::Tear, 1_000_000, 3);
        page.impose(&tear, soon()).unwrap();
        assert!(page.judge(Op::Write).torn);
        assert_eq!(page.judge(Op::Fsync), Verdict::default());
        assert_eq!(page.hits(&tear), 1);
    }

    #[test]
    fn a_full_page_refuses() {
        let page = page("full");
        let of = |seed| rule(Effect::Tear, 1, seed);
        (0..SLOTS as u64).for_each(|seed| page.impose(&of(seed), soon()).unwrap());
        assert!(page.impose(&of(99), soon()).is_err());
        page.lift(&of(7));
        page.impose(&of(99), soon()).unwrap();
    }

    /// The same seed twice gives the same operations; 10 % of 10 000 is 1000, give or take 5 standard deviations of 30.
    #[test]
    fn draws_repeat_by_their_seed_and_keep_their_share() {
        let hurt = |seed| -> Vec<bool> {
            let page = page(&format!("draws-{seed}-{}", mono_ns()));
            let some = rule(Effect::Fail(Errno::Eio), 100_000, seed);
            page.impose(&some, soon()).unwrap();
            let one = |_| page.judge(Op::Write).errno.is_some();
            (0..10_000).map(one).collect()
        };
        assert_eq!(hurt(7), hurt(7));
        assert_ne!(hurt(7), hurt(8));
        let share = hurt(7).iter().filter(|hit| **hit).count();
        assert!((850..=1150).contains(&share), "{share}");
    }
}
