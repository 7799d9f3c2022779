//! Reduced ordered decision diagrams with complemented edges: 16 bytes a node, every function once. Only the low edge may be
//! complemented, which makes the form canonical. Nothing recurses; memory is bounded by a budget of nodes.

/// A node, or its complement where the lowest bit is set.
pub type Edge = u32;
/// The constant.
pub const TRUE: Edge = 0;
/// Its complement.
pub const FALSE: Edge = 1;

const NONE: u32 = u32::MAX;
/// Level of slots that hold no node.
const FREE: u32 = u32::MAX - 1;
/// Level of the constant: below every variable.
pub const BOTTOM: u32 = u32::MAX;

/// One node: its variable's level, what it is where that is true and where it is false, and the next of its bucket.
#[derive(Clone, Copy)]
struct Node {
    level: u32,
    high: Edge,
    low: Edge,
    next: u32,
}

#[derive(Clone, Copy)]
struct Remembered {
    f: Edge,
    g: Edge,
    result: Edge,
}

const NOTHING: Remembered = Remembered { f: NONE, g: NONE, result: NONE };

/// More nodes would be needed than the budget allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverBudget;

struct Frame {
    f: Edge,
    g: Edge,
    high: Edge,
}

/// All nodes.
pub struct Table {
    nodes: Vec<Node>,
    buckets: Vec<u32>,
    cache: Vec<Remembered>,
    free: u32,
    live: usize,
    budget: usize,
    made: u64,
    patience: u64,
    frames: Vec<Frame>,
}

/// Remembered conjunctions at most: 48 MiB. More would help the largest models a little and cost every one.
const MOST_REMEMBERED: usize = 1 << 22;

impl Table {
    /// An empty table.
    pub fn new(budget: usize) -> Self {
        let mut table = Self {
            nodes: Vec::new(),
            buckets: Vec::new(),
            cache: Vec::new(),
            free: NONE,
            live: 0,
            budget,
            made: 0,
            patience: u64::MAX,
            frames: Vec::new(),
        };
        table.clear(budget, u64::MAX);
        table
    }

    /// Forgets every node; from now on at most `budget` of them, and at most `patience` made in all.
    pub fn clear(&mut self, budget: usize, patience: u64) {
        self.nodes.clear();
        self.nodes.push(Node { level: BOTTOM, high: TRUE, low: TRUE, next: NONE });
        self.buckets.clear();
        self.buckets.resize(256, NONE);
        self.cache.clear();
        self.cache.resize(256, NOTHING);
        (self.free, self.live, self.budget, self.made, self.patience) = (NONE, 1, budget, 0, patience);
    }

    /// Nodes in use.
    pub const fn live(&self) -> usize {
        self.live
    }

    /// Slots in use or free: one more than the largest node number.
    pub fn slots(&self) -> usize {
        self.nodes.len()
    }

    /// Level of an edge's node.
    pub fn level(&self, edge: Edge) -> u32 {
        self.nodes[(edge >> 1) as usize].level
    }

    /// What the function is where its variable is true, and where it is false.
    pub fn branches(&self, edge: Edge) -> (Edge, Edge) {
        let node = &self.nodes[(edge >> 1) as usize];
        (node.high ^ (edge & 1), node.low ^ (edge & 1))
    }

    /// The function that is `high` where the variable at `level` is true, else `low`.
    pub fn make(&mut self, level: u32, high: Edge, low: Edge) -> Result<Edge, OverBudget> {
        if high == low {
            return Ok(high);
        }
        let flip = high & 1;
        let (high, low) = (high ^ flip, low ^ flip);
        let bucket = hash(level, high, low) & (self.buckets.len() - 1);
        let mut at = self.buckets[bucket];
        while at != NONE {
            let node = &self.nodes[at as usize];
            if node.high == high && node.low == low && node.level == level {
                return Ok((at << 1) | flip);
            }
            at = node.next;
        }
        self.insert(Node { level, high, low, next: self.buckets[bucket] }, bucket).map(|number| (number << 1) | flip)
    }

    fn insert(&mut self, node: Node, bucket: usize) -> Result<u32, OverBudget> {
        if self.live >= self.budget || self.made >= self.patience {
            return Err(OverBudget);
        }
        self.live += 1;
        self.made += 1;
        let number = match self.free {
            NONE => {
                self.nodes.push(node);
                self.nodes.len() as u32 - 1
            }
            free => {
                self.free = self.nodes[free as usize].next;
                self.nodes[free as usize] = node;
                free
            }
        };
        self.buckets[bucket] = number;
        if self.live > self.buckets.len() {
            self.grow();
        }
        Ok(number)
    }

    fn grow(&mut self) {
        let size = self.buckets.len() * 2;
        // Dropped first: chains are made again from the nodes, so both never exist at once.
        self.buckets = Vec::new();
        self.chain(size);
        if self.cache.len() < MOST_REMEMBERED {
            let old = std::mem::take(&mut self.cache);
            self.cache = vec![NOTHING; old.len() * 2];
            old.into_iter().filter(|known| known.f != NONE).for_each(|known| self.remember(known));
        }
    }

    fn chain(&mut self, size: usize) {
        self.buckets.clear();
        self.buckets.resize(size, NONE);
        for number in 1..self.nodes.len() {
            let Node { level, high, low, .. } = self.nodes[number];
            if level != FREE {
                let bucket = hash(level, high, low) & (size - 1);
                self.nodes[number].next = std::mem::replace(&mut self.buckets[bucket], number as u32);
            }
        }
    }

    fn remember(&mut self, known: Remembered) {
        let place = hash(known.f, known.g, 0) & (self.cache.len() - 1);
        self.cache[place] = known;
    }

    fn recall(&self, f: Edge, g: Edge) -> Option<Edge> {
        let known = self.cache[hash(f, g, 0) & (self.cache.len() - 1)];
        (known.f == f && known.g == g).then_some(known.result)
    }

    /// Both.
    ///
    /// # Errors
    /// Over budget; what was made so far stays until [`Self::sweep`].
    pub fn and(&mut self, f: Edge, g: Edge) -> Result<Edge, OverBudget> {
        let mut frames = std::mem::take(&mut self.frames);
        frames.clear();
        let result = self.and_with(&mut frames, f, g);
        self.frames = frames;
        result
    }

    fn and_with(&mut self, frames: &mut Vec<Frame>, f: Edge, g: Edge) -> Result<Edge, OverBudget> {
        let (mut f, mut g) = (f, g);
        'call: loop {
            let mut value = match simple(f, g) {
                Some(value) => value,
                None => {
                    (f, g) = (f.min(g), f.max(g));
                    match self.recall(f, g) {
                        Some(value) => value,
                        None => {
                            frames.push(Frame { f, g, high: NONE });
                            (f, g) = self.cofactors(f, g, true);
                            continue 'call;
                        }
                    }
                }
            };
            loop {
                let Some(frame) = frames.last_mut() else {
                    return Ok(value);
                };
                if frame.high == NONE {
                    frame.high = value;
                    (f, g) = (frame.f, frame.g);
                    (f, g) = self.cofactors(f, g, false);
                    continue 'call;
                }
                let Frame { f, g, high } = *frame;
                frames.pop();
                let level = self.level(f).min(self.level(g));
                value = self.make(level, high, value)?;
                self.remember(Remembered { f, g, result: value });
            }
        }
    }

    fn cofactors(&self, f: Edge, g: Edge, high: bool) -> (Edge, Edge) {
        let (a, b) = (&self.nodes[(f >> 1) as usize], &self.nodes[(g >> 1) as usize]);
        let branch = |node: &Node, edge: Edge| if high { node.high ^ (edge & 1) } else { node.low ^ (edge & 1) };
        match a.level.cmp(&b.level) {
            std::cmp::Ordering::Less => (branch(a, f), g),
            std::cmp::Ordering::Equal => (branch(a, f), branch(b, g)),
            std::cmp::Ordering::Greater => (f, branch(b, g)),
        }
    }

    /// At least one.
    ///
    /// # Errors
    /// Over budget.
    pub fn or(&mut self, f: Edge, g: Edge) -> Result<Edge, OverBudget> {
        Ok(self.and(f ^ 1, g ^ 1)? ^ 1)
    }

    /// `g` where `f`, else `h`.
    ///
    /// # Errors
    /// Over budget.
    pub fn choose(&mut self, f: Edge, g: Edge, h: Edge) -> Result<Edge, OverBudget> {
        let (then, or_else) = (self.and(f, g)?, self.and(f ^ 1, h)?);
        self.or(then, or_else)
    }

    /// Frees every node that none of `roots` needs; the numbers of the others stay. Gives how many are left.
    pub fn sweep(&mut self, roots: impl Iterator<Item = Edge>) -> usize {
        let mut needed = vec![0_u64; self.nodes.len().div_ceil(64)];
        needed[0] |= 1;
        let mut stack: Vec<u32> = roots.map(|edge| edge >> 1).collect();
        while let Some(number) = stack.pop() {
            let (word, bit) = (number as usize / 64, 1 << (number % 64));
            if needed[word] & bit == 0 {
                needed[word] |= bit;
                let node = &self.nodes[number as usize];
                stack.extend([node.high >> 1, node.low >> 1]);
            }
        }
        let is_needed = |number: u32| needed[number as usize / 64] >> (number % 64) & 1 == 1;
        (self.free, self.live) = (NONE, 1);
        for number in 1..self.nodes.len() as u32 {
            if is_needed(number) {
                self.live += 1;
            } else {
                self.nodes[number as usize] = Node { level: FREE, high: TRUE, low: TRUE, next: self.free };
                self.free = number;
            }
        }
        for known in self.cache.iter_mut().filter(|known| known.f != NONE) {
            if ![known.f, known.g, known.result].iter().all(|edge| is_needed(edge >> 1)) {
                *known = NOTHING;
            }
        }
        let size = self.buckets.len();
        self.chain(size);
        self.live
    }

    /// The nodes that `top` needs, by level, topmost first, each as an uncomplemented edge.
    pub fn by_level(&self, top: Edge) -> Vec<Edge> {
        let mut seen = vec![0_u64; self.nodes.len().div_ceil(64)];
        let mut found = Vec::new();
        let mut stack = vec![top >> 1];
        while let Some(number) = stack.pop() {
            let (word, bit) = (number as usize / 64, 1 << (number % 64));
            if number != 0 && seen[word] & bit == 0 {
                seen[word] |= bit;
                found.push(number << 1);
                let node = &self.nodes[number as usize];
                stack.extend([node.high >> 1, node.low >> 1]);
            }
        }
        found.sort_unstable_by_key(|edge| (self.level(*edge), *edge));
        found
    }
}

/// Conjunctions that need no work.
const fn simple(f: Edge, g: Edge) -> Option<Edge> {
    if f == FALSE || g == FALSE || f == g ^ 1 {
        Some(FALSE)
    } else if f == TRUE || f == g {
        Some(g)
    } else if g == TRUE {
        Some(f)
    } else {
        None
    }
}

/// Multiplicative mixing of three words; constants are the odd parts of well-known irrational numbers.
const fn hash(a: u32, b: u32, c: u32) -> usize {
    let mixed = (a as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (b as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F) ^ (c as u64).wrapping_mul(0x1656_67B1_9E37_79F9);
    let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed >> 29) as usize
}
