//! The structure as an and-graph with complemented edges, simplified while it is built: constants folded, single-use gates of one
//! type merged, equal gates shared. An `or` is a complemented `and` of complements, so "same type" is one comparison.
use crate::structure::tree::{Arg, Gate, Op, Structure};
use std::collections::HashMap;

/// A node, or its complement where the lowest bit is set.
pub type Lit = u32;
/// The constant.
pub const TRUE: Lit = 0;
/// Its complement.
pub const FALSE: Lit = 1;

/// Number of a literal's node.
pub const fn node(lit: Lit) -> usize {
    (lit >> 1) as usize
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Node 0.
    True,
    /// A basic event.
    Event(u32),
    /// All of these.
    And(Vec<Lit>),
    /// Exactly one of two.
    Xor(Lit, Lit),
    /// At least so many of these.
    AtLeast(u32, Vec<Lit>),
}

impl Node {
    /// Its arguments.
    pub fn args(&self) -> &[Lit] {
        match self {
            Self::True | Self::Event(_) => &[],
            Self::And(args) | Self::AtLeast(_, args) => args,
            Self::Xor(a, _) => std::slice::from_ref(a),
        }
    }

    /// Every argument; `Xor` has two.
    pub fn each(&self) -> impl Iterator<Item = Lit> + '_ {
        let second = if let Self::Xor(_, b) = self { Some(*b) } else { None };
        self.args().iter().copied().chain(second)
    }
}

/// Nodes, children before parents, and the top.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Node 0 is the constant.
    pub nodes: Vec<Node>,
    /// The top.
    pub top: Lit,
    seen: HashMap<Node, u32>,
}

impl Graph {
    fn empty() -> Self {
        Self { nodes: vec![Node::True], top: TRUE, seen: HashMap::new() }
    }

    /// The graph of a structure.
    pub fn of(structure: &Structure) -> Self {
        let mut graph = Self::empty();
        let mut gates = vec![TRUE; structure.gates.len()];
        for gate in structure.bottom_up() {
            gates[gate as usize] = graph.gate(&structure.gates[gate as usize], &gates);
        }
        graph.top = graph.arg(structure.top, &gates);
        graph.merged().siblings()
    }

    fn arg(&mut self, arg: Arg, gates: &[Lit]) -> Lit {
        match arg {
            Arg::Gate(gate) => gates[gate as usize],
            Arg::Event(event) => self.share(Node::Event(event)),
            Arg::Constant(value) => Lit::from(!value),
        }
    }

    fn gate(&mut self, gate: &Gate, gates: &[Lit]) -> Lit {
        let args: Vec<Lit> = gate.args.iter().map(|arg| self.arg(*arg, gates)).collect();
        match gate.op {
            Op::Same => args[0],
            Op::Not => args[0] ^ 1,
            Op::And => self.and(args),
            Op::Nand => self.and(args) ^ 1,
            Op::Or => self.or(args),
            Op::Nor => self.or(args) ^ 1,
            Op::Xor => self.xor(args[0], args[1]),
            Op::Iff => self.xor(args[0], args[1]) ^ 1,
            Op::Imply => self.or(vec![args[0] ^ 1, args[1]]),
            Op::AtLeast(k) => self.at_least(k, args),
            Op::Cardinality(low, high) => {
                let enough = self.at_least(low, args.clone());
                let too_many = self.at_least(high + 1, args);
                self.and(vec![enough, too_many ^ 1])
            }
        }
    }

    /// The node, made once.
    fn share(&mut self, node: Node) -> Lit {
        let next = self.nodes.len() as u32;
        let number = *self.seen.entry(node.clone()).or_insert(next);
        if number == next {
            self.nodes.push(node);
        }
        number << 1
    }

    fn or(&mut self, mut args: Vec<Lit>) -> Lit {
        args.iter_mut().for_each(|lit| *lit ^= 1);
        self.and(args) ^ 1
    }

    /// All of `args`.
    pub fn and(&mut self, mut args: Vec<Lit>) -> Lit {
        args.sort_unstable();
        args.dedup();
        args.retain(|lit| *lit != TRUE);
        // Sorted, a literal and its complement are neighbours.
        if args.contains(&FALSE) || args.windows(2).any(|pair| pair[0] ^ 1 == pair[1]) {
            return FALSE;
        }
        match args[..] {
            [] => TRUE,
            [one] => one,
            _ => self.share(Node::And(args)),
        }
    }

    fn xor(&mut self, a: Lit, b: Lit) -> Lit {
        let flip = (a ^ b) & 1;
        let (a, b) = (a.min(b) & !1, a.max(b) & !1);
        match (a, b) {
            _ if a == b => FALSE ^ flip,
            (TRUE, _) => b ^ 1 ^ flip,
            _ => self.share(Node::Xor(a, b)) ^ flip,
        }
    }

    fn at_least(&mut self, k: u32, mut args: Vec<Lit>) -> Lit {
        let sure = args.iter().filter(|lit| **lit == TRUE).count() as u32;
        args.retain(|lit| *lit > FALSE);
        args.sort_unstable();
        let k = k.saturating_sub(sure);
        let n = args.len() as u32;
        match k {
            0 => TRUE,
            _ if k > n => FALSE,
            1 => self.or(args),
            _ if k == n => self.and(args),
            _ => self.share(Node::AtLeast(k, args)),
        }
    }

    /// How often each node is an argument; the top counts once.
    fn uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.nodes.len()];
        let reached = self.reached();
        for (number, _) in self.nodes.iter().enumerate().filter(|(number, _)| reached[*number]) {
            self.nodes[number].each().for_each(|lit| uses[node(lit)] += 1);
        }
        uses[node(self.top)] += 1;
        uses
    }

    fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        reached[node(self.top)] = true;
        for number in (0..self.nodes.len()).rev() {
            if reached[number] {
                self.nodes[number].each().for_each(|lit| reached[node(lit)] = true);
            }
        }
        reached
    }

    /// The same graph, with gates that only one gate of their own type uses merged into it, and nothing that the top does not need.
    fn merged(&self) -> Self {
        let (uses, reached) = (self.uses(), self.reached());
        let mut new = Self::empty();
        let mut moved: Vec<Lit> = vec![TRUE; self.nodes.len()];
        // Where a gate will be merged into its parent, its arguments wait here.
        let mut held: HashMap<usize, Vec<Lit>> = HashMap::new();
        let inner: Vec<bool> = self.merging(&uses, &reached);
        for number in (1..self.nodes.len()).filter(|number| reached[*number]) {
            let at = |lit: Lit, moved: &[Lit]| moved[node(lit)] ^ (lit & 1);
            moved[number] = match &self.nodes[number] {
                Node::True => TRUE,
                Node::Event(event) => new.share(Node::Event(*event)),
                Node::Xor(a, b) => new.xor(at(*a, &moved), at(*b, &moved)),
                Node::AtLeast(k, args) => new.at_least(*k, args.iter().map(|lit| at(*lit, &moved)).collect()),
                Node::And(args) => {
                    let mut flat = Vec::with_capacity(args.len());
                    for lit in args {
                        match held.remove(&node(*lit)) {
                            Some(inside) => flat.extend(inside),
                            None => flat.push(at(*lit, &moved)),
                        }
                    }
                    if inner[number] {
                        held.insert(number, flat);
                        continue;
                    }
                    new.and(flat)
                }
            };
        }
        new.top = moved[node(self.top)] ^ (self.top & 1);
        new
    }

    /// The `and` gates that are an uncomplemented argument of one `and` gate and of nothing else.
    fn merging(&self, uses: &[u32], reached: &[bool]) -> Vec<bool> {
        let mut inner = vec![false; self.nodes.len()];
        for (_, parent) in self.nodes.iter().enumerate().filter(|(number, _)| reached[*number]) {
            if let Node::And(args) = parent {
                for lit in args.iter().filter(|lit| **lit & 1 == 0) {
                    inner[node(*lit)] = uses[node(*lit)] == 1 && matches!(self.nodes[node(*lit)], Node::And(_));
                }
            }
        }
        inner
    }

    /// The same graph, with literals that always stand together in the same `and` gates gathered into one gate of their own: the new
    /// gate is a module, so whole groups of events cost one variable.
    fn siblings(self) -> Self {
        let reached = self.reached();
        let mut parents: HashMap<Lit, Vec<u32>> = HashMap::new();
        let mut other = vec![0_u32; self.nodes.len()];
        for number in (1..self.nodes.len()).filter(|number| reached[*number]) {
            match &self.nodes[number] {
                Node::And(args) => args.iter().for_each(|lit| parents.entry(*lit).or_default().push(number as u32)),
                gate => gate.each().for_each(|lit| other[node(lit)] += 1),
            }
        }
        other[node(self.top)] += 1;
        let mut groups: HashMap<&[u32], Vec<Lit>> = HashMap::new();
        for (lit, inside) in &parents {
            // Used under the other sign or by a gate of another type, it must stay as it is.
            if other[node(*lit)] == 0 && !parents.contains_key(&(lit ^ 1)) && matches!(self.nodes[node(*lit)], Node::Event(_)) {
                groups.entry(inside).or_default().push(*lit);
            }
        }
        let mut leader: HashMap<Lit, Vec<Lit>> = HashMap::new();
        let mut dropped: HashMap<Lit, ()> = HashMap::new();
        for (inside, mut group) in groups {
            let whole = |gate: &u32| self.nodes[*gate as usize].args().len() == group.len();
            if group.len() < 2 || (inside.len() == 1 && inside.iter().all(whole)) {
                continue;
            }
            group.sort_unstable();
            group[1..].iter().for_each(|lit| {
                dropped.insert(*lit, ());
            });
            leader.insert(group[0], group);
        }
        if leader.is_empty() { self } else { self.grouped(&leader, &dropped, &reached) }
    }

    fn grouped(&self, leader: &HashMap<Lit, Vec<Lit>>, dropped: &HashMap<Lit, ()>, reached: &[bool]) -> Self {
        let mut new = Self::empty();
        let mut moved: Vec<Lit> = vec![TRUE; self.nodes.len()];
        for number in (1..self.nodes.len()).filter(|number| reached[*number]) {
            let at = |lit: Lit, moved: &[Lit]| moved[node(lit)] ^ (lit & 1);
            moved[number] = match &self.nodes[number] {
                Node::True => TRUE,
                Node::Event(event) => new.share(Node::Event(*event)),
                Node::Xor(a, b) => new.xor(at(*a, &moved), at(*b, &moved)),
                Node::AtLeast(k, args) => new.at_least(*k, args.iter().map(|lit| at(*lit, &moved)).collect()),
                Node::And(args) => {
                    let mut kept = Vec::with_capacity(args.len());
                    for lit in args.iter().filter(|lit| !dropped.contains_key(lit)) {
                        let lit = match leader.get(lit) {
                            Some(group) => new.and(group.iter().map(|lit| at(*lit, &moved)).collect()),
                            None => at(*lit, &moved),
                        };
                        kept.push(lit);
                    }
                    new.and(kept)
                }
            };
        }
        new.top = moved[node(self.top)] ^ (self.top & 1);
        new
    }
}
