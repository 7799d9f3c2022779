//! A structure as data: events that may happen, gates over them, and one top. Only [`super::draft`] makes one, so every
//! [`Structure`] is acyclic, its references resolve, its arities fit and its probabilities lie in 0 to 1.

/// What a gate says of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// All of them.
    And,
    /// At least one.
    Or,
    /// Not the one.
    Not,
    /// Exactly one of two.
    Xor,
    /// Not all.
    Nand,
    /// None.
    Nor,
    /// If the first then the second.
    Imply,
    /// Both or neither.
    Iff,
    /// At least so many.
    AtLeast(u32),
    /// From so many to so many.
    Cardinality(u32, u32),
    /// The one itself.
    Same,
}

impl Op {
    /// The word for it, as the formats write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Not => "not",
            Self::Xor => "xor",
            Self::Nand => "nand",
            Self::Nor => "nor",
            Self::Imply => "imply",
            Self::Iff => "iff",
            Self::AtLeast(_) => "atleast",
            Self::Cardinality(..) => "cardinality",
            Self::Same => "a name",
        }
    }

    /// The least and the most arguments that it takes.
    pub const fn arity(self) -> (usize, usize) {
        match self {
            Self::Not | Self::Same => (1, 1),
            Self::Xor | Self::Imply | Self::Iff => (2, 2),
            Self::And | Self::Or | Self::Nand | Self::Nor | Self::AtLeast(_) | Self::Cardinality(..) => (1, usize::MAX),
        }
    }

    /// Whether it is true for so many true of `n` arguments; `first` is the first argument alone.
    pub const fn holds(self, count: u32, n: u32, first: bool) -> bool {
        match self {
            Self::And => count == n,
            Self::Or => count > 0,
            Self::Not | Self::Nor => count == 0,
            Self::Xor => count == 1,
            Self::Nand => count < n,
            Self::Imply => !first || count == 2,
            Self::Iff => count != 1,
            Self::AtLeast(least) => count >= least,
            Self::Cardinality(least, most) => least <= count && count <= most,
            Self::Same => count == 1,
        }
    }
}

/// What a gate speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arg {
    /// A gate, by its place in [`Structure::gates`].
    Gate(u32),
    /// A basic event, by its place in [`Structure::events`].
    Event(u32),
    /// A house event or a constant.
    Constant(bool),
}

/// One gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Its name; empty where it is a formula inside another.
    pub name: String,
    /// What it says.
    pub op: Op,
    /// Of what, in the order written.
    pub args: Vec<Arg>,
}

/// One basic event: what fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// The probability that it happens, 0 to 1.
    pub p: f64,
}

/// What the top event means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A fault tree: the top happens.
    Top,
    /// A block diagram: the system is down; one minus it is the availability.
    Down,
}

/// The whole: a top event over gates over basic events.
#[derive(Clone, Debug, PartialEq)]
pub struct Structure {
    /// Of the top.
    pub name: String,
    /// What the top means.
    pub meaning: Meaning,
    /// Basic events.
    pub events: Vec<Event>,
    /// Gates; they may stand in any order.
    pub gates: Vec<Gate>,
    /// The top.
    pub top: Arg,
}

impl Structure {
    /// Gates that the top needs, children before parents.
    pub fn bottom_up(&self) -> Vec<u32> {
        let Arg::Gate(top) = self.top else {
            return Vec::new();
        };
        let mut seen = vec![false; self.gates.len()];
        let mut order = Vec::new();
        // Trees are thousands of gates deep: a stack of our own, (gate, next argument).
        let mut stack = vec![(top, 0)];
        seen[top as usize] = true;
        while let Some((gate, next)) = stack.last_mut() {
            match self.gates[*gate as usize].args.get(*next) {
                Some(arg) => {
                    *next += 1;
                    if let Arg::Gate(child) = arg
                        && !std::mem::replace(&mut seen[*child as usize], true)
                    {
                        stack.push((*child, 0));
                    }
                }
                None => {
                    order.push(*gate);
                    stack.pop();
                }
            }
        }
        order
    }

    /// Whether the top happens when exactly these events do: the slow, obvious meaning that everything else is held to.
    pub fn happens(&self, events: impl Fn(usize) -> bool) -> bool {
        let mut value = vec![false; self.gates.len()];
        let of = |arg: &Arg, value: &[bool]| match *arg {
            Arg::Gate(gate) => value[gate as usize],
            Arg::Event(event) => events(event as usize),
            Arg::Constant(constant) => constant,
        };
        for gate in self.bottom_up() {
            let Gate { op, args, .. } = &self.gates[gate as usize];
            let count = args.iter().filter(|arg| of(arg, &value)).count();
            value[gate as usize] = op.holds(count as u32, args.len() as u32, of(&args[0], &value));
        }
        of(&self.top, &value)
    }
}
