//! What a file says, names not yet resolved, every name with its place; [`Draft::resolve`] makes a [`Structure`] of it or says
//! which name, where, is wrong. All formats meet here, so a cycle, a duplicate or an unknown name reads the same in each.
use super::tree::{Arg, Event, Gate, Meaning, Op, Structure};
use model::scenario::{Place, Refusal};
use std::collections::{BTreeMap, BTreeSet};

/// Which file, of those read together, and where in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// Its number, from 0.
    pub file: usize,
    /// Line and column.
    pub at: Place,
}

/// A file was refused: which, where, why, and the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct Refused {
    /// Its number, from 0.
    pub file: usize,
    /// The rest.
    pub refusal: Box<Refusal>,
}

impl Spot {
    /// A refusal of what stands here.
    pub fn refuse(self, what: impl Into<String>) -> Refusal {
        Refusal::new(self.at, what)
    }

    /// The same, of this file.
    pub fn refused(self, refusal: Refusal) -> Refused {
        Refused { file: self.file, refusal: Box::new(refusal) }
    }
}

/// What a name may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A gate.
    Gate,
    /// A basic event.
    Basic,
    /// A house event.
    House,
    /// Any of them.
    Any,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Basic => "basic event",
            Self::House => "house event",
            Self::Any => "event",
        }
    }
}

/// An argument as written.
#[derive(Clone, Debug)]
pub enum Term {
    /// By name.
    Name {
        /// What it may be.
        kind: Kind,
        /// The name.
        name: String,
        /// Where it stands.
        spot: Spot,
    },
    /// A formula inside the formula, by its place among the gates.
    Inner(usize),
    /// True or false.
    Constant(bool),
}

/// A gate as written.
#[derive(Clone, Debug)]
pub struct Formula {
    /// Its name; empty where it is inside another.
    pub name: String,
    /// Where it stands.
    pub spot: Spot,
    /// What it says.
    pub op: Op,
    /// Of what.
    pub terms: Vec<Term>,
}

/// What a name was defined as.
#[derive(Clone, Debug)]
enum Defined {
    Gate(usize),
    Basic { p: Option<f64>, spot: Spot },
    House(bool),
    /// Of a common-cause group: called a basic event, resolved to a gate.
    Shared(usize),
}

impl Defined {
    const fn kind(&self) -> Kind {
        match self {
            Self::Gate(_) => Kind::Gate,
            Self::Basic { .. } | Self::Shared(_) => Kind::Basic,
            Self::House(_) => Kind::House,
        }
    }
}

/// All that the files say.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    formulas: Vec<Formula>,
    names: BTreeMap<String, Defined>,
}

impl Draft {
    /// Adds a formula that has no name of its own and gives its place.
    pub fn inner(&mut self, spot: Spot, op: Op, terms: Vec<Term>) -> usize {
        self.formulas.push(Formula { name: String::new(), spot, op, terms });
        self.formulas.len() - 1
    }

    /// Names a formula.
    ///
    /// # Errors
    /// The name is taken.
    pub fn gate(&mut self, name: &str, spot: Spot, formula: usize) -> Result<(), Refused> {
        self.define(name, spot, Defined::Gate(formula))?;
        self.formulas[formula].name = name.to_owned();
        self.formulas[formula].spot = spot;
        Ok(())
    }

    /// Defines a basic event; its probability may be unknown as long as nothing uses it.
    ///
    /// # Errors
    /// The name is taken, or `p` is no probability.
    pub fn basic(&mut self, name: &str, spot: Spot, p: Option<f64>) -> Result<(), Refused> {
        match p {
            Some(p) if !(0.0..=1.0).contains(&p) => Err(spot.refused(
                spot.refuse(format!("read the probability of `{name}`: {p} is outside 0 to 1")).wide(name.chars().count()),
            )),
            _ => self.define(name, spot, Defined::Basic { p, spot }),
        }
    }

    /// Defines a house event.
    ///
    /// # Errors
    /// The name is taken.
    pub fn house(&mut self, name: &str, spot: Spot, value: bool) -> Result<(), Refused> {
        self.define(name, spot, Defined::House(value))
    }

    fn define(&mut self, name: &str, spot: Spot, defined: Defined) -> Result<(), Refused> {
        if let Some(before) = self.names.get(name) {
            let what = format!("define the {} `{name}`: the name is taken by a {}", defined.kind().word(), before.kind().word());
            return Err(spot.refused(spot.refuse(what).wide(name.chars().count()).hint("each name is defined once")));
        }
        self.names.insert(name.to_owned(), defined);
        Ok(())
    }

    /// Defines a basic event of a common-cause group: it happens alone, or together with all others by `common`, a basic event.
    ///
    /// # Errors
    /// A name is taken, or `alone` is no probability.
    pub fn shared(&mut self, name: &str, spot: Spot, alone: f64, common: &str) -> Result<(), Refused> {
        let own = format!("{name} alone");
        self.basic(&own, spot, Some(alone))?;
        let of = |name: &str| Term::Name { kind: Kind::Basic, name: name.to_owned(), spot };
        let formula = self.inner(spot, Op::Or, vec![of(&own), of(common)]);
        self.define(name, spot, Defined::Shared(formula))
    }

    /// Resolves all names, from `top` where it is given, else from the only gate that nobody uses.
    ///
    /// # Errors
    /// The first of: a wrong number of arguments, a duplicate argument, an unknown name, a basic event without probability, no or
    /// several tops, a cycle. Each with its place.
    pub fn resolve(self, top: Option<&str>, meaning: Meaning) -> Result<Structure, Refused> {
        let mut links = Links { draft: &self, events: Vec::new(), numbers: BTreeMap::new() };
        let gates = self.formulas.iter().map(|formula| links.gate(formula)).collect::<Result<Vec<_>, _>>()?;
        let root = self.root(top, &gates)?;
        let (events, name) = (links.events, self.formulas[root].name.clone());
        self.acyclic(root, &gates)?;
        Ok(Structure { name, meaning, events, gates, top: Arg::Gate(root as u32) })
    }

    fn root(&self, top: Option<&str>, gates: &[Gate]) -> Result<usize, Refused> {
        if let Some(name) = top {
            let known: Vec<&str> = self.formulas.iter().map(|formula| formula.name.as_str()).filter(|name| !name.is_empty()).collect();
            return match self.names.get(name) {
                Some(Defined::Gate(gate)) => Ok(*gate),
                _ => Err(Spot::default().refused(Refusal::unknown(Place::default(), format!("find the top gate `{name}`"), name, few(&known)))),
            };
        }
        let mut used = vec![false; gates.len()];
        gates.iter().flat_map(|gate| &gate.args).for_each(|arg| {
            if let Arg::Gate(gate) = arg {
                used[*gate as usize] = true;
            }
        });
        let roots: Vec<usize> = (0..gates.len()).filter(|gate| !used[*gate] && !gates[*gate].name.is_empty()).collect();
        match roots[..] {
            [root] => Ok(root),
            [] if gates.is_empty() => Err(Spot::default().refused(Spot::default().refuse("find a gate: none is defined"))),
            [] => Err(self.cycle((0..gates.len()).find(|gate| !gates[*gate].name.is_empty()).unwrap_or(0), gates)),
            [_, second, ..] => {
                let names: Vec<&str> = roots.iter().map(|root| gates[*root].name.as_str()).collect();
                let spot = self.formulas[second].spot;
                let what = format!("choose the top: {} gates are used by no other: {}", roots.len(), few(&names).join(", "));
                Err(spot.refused(spot.refuse(what).wide(names[1].chars().count()).hint("name one with `--top NAME`")))
            }
        }
    }

    fn acyclic(&self, root: usize, gates: &[Gate]) -> Result<(), Refused> {
        if crate::mutant("S10") {
            return Ok(());
        }
        // Gates outside the top's reach are checked too: a file is right or wrong as a whole.
        let starts = std::iter::once(root).chain(0..gates.len());
        let mut state = vec![State::New; gates.len()];
        for start in starts {
            if let Some(on_cycle) = find_cycle(start, gates, &mut state) {
                return Err(self.cycle(on_cycle, gates));
            }
        }
        Ok(())
    }

    /// Says which names go round, from a gate that reaches a cycle.
    fn cycle(&self, from: usize, gates: &[Gate]) -> Refused {
        let mut state = vec![State::New; gates.len()];
        let start = find_cycle(from, gates, &mut state).unwrap_or(from);
        let mut round = vec![start];
        let mut seen = BTreeSet::from([start]);
        let mut at = start;
        while let Some(next) = on_the_way_back(at, start, gates) {
            if !seen.insert(next) {
                break;
            }
            round.push(next);
            at = next;
        }
        let names: Vec<&str> = round.iter().map(|gate| gates[*gate].name.as_str()).filter(|name| !name.is_empty()).collect();
        let first = names.first().copied().unwrap_or_default();
        let named = round.iter().find(|gate| !gates[**gate].name.is_empty()).copied().unwrap_or(start);
        let spot = self.formulas[named].spot;
        let shown = few(&names);
        let gap = if shown.len() < names.len() { " -> ..." } else { "" };
        let what = format!("order the gates: they go round: {}{gap} -> {first}", shown.join(" -> "));
        spot.refused(spot.refuse(what).wide(first.chars().count()).hint("a gate may not depend on itself"))
    }
}

/// At most ten, for the reader.
fn few<'a, 'b>(names: &'b [&'a str]) -> &'b [&'a str] {
    &names[..names.len().min(10)]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// A gate that depends on itself, reached from `start`; gates already `Done` are skipped.
fn find_cycle(start: usize, gates: &[Gate], state: &mut [State]) -> Option<usize> {
    if state[start] == State::Done {
        return None;
    }
    let mut stack = vec![(start, 0)];
    state[start] = State::Open;
    while let Some((gate, next)) = stack.last_mut() {
        let Some(arg) = gates[*gate].args.get(*next) else {
            state[*gate] = State::Done;
            stack.pop();
            continue;
        };
        *next += 1;
        let Arg::Gate(child) = *arg else { continue };
        match state[child as usize] {
            State::Open => return Some(child as usize),
            State::New => {
                state[child as usize] = State::Open;
                stack.push((child as usize, 0));
            }
            State::Done => {}
        }
    }
    None
}

/// An argument of `at` from which `goal` can be reached.
fn on_the_way_back(at: usize, goal: usize, gates: &[Gate]) -> Option<usize> {
    let children = |gate: usize| gates[gate].args.iter().filter_map(|arg| if let Arg::Gate(child) = arg { Some(*child as usize) } else { None });
    children(at).find(|child| {
        let mut seen = BTreeSet::from([*child]);
        let mut stack = vec![*child];
        while let Some(gate) = stack.pop() {
            if gate == goal {
                return true;
            }
            stack.extend(children(gate).filter(|child| seen.insert(*child)));
        }
        false
    })
}

/// Names turned into numbers; events get theirs when first used.
struct Links<'a> {
    draft: &'a Draft,
    events: Vec<Event>,
    numbers: BTreeMap<&'a str, u32>,
}

impl<'a> Links<'a> {
    fn gate(&mut self, formula: &'a Formula) -> Result<Gate, Refused> {
        let Formula { name, spot, op, terms } = formula;
        arity(*op, terms.len(), *spot)?;
        distinct(terms)?;
        let args = terms.iter().map(|term| self.arg(term)).collect::<Result<_, _>>()?;
        Ok(Gate { name: name.clone(), op: *op, args })
    }

    fn arg(&mut self, term: &'a Term) -> Result<Arg, Refused> {
        match term {
            Term::Inner(gate) => Ok(Arg::Gate(*gate as u32)),
            Term::Constant(value) => Ok(Arg::Constant(*value)),
            Term::Name { kind, name, spot } => match self.draft.names.get(name) {
                Some(defined) if *kind == Kind::Any || *kind == defined.kind() => self.number(name, defined),
                Some(defined) => Err(spot.refused(
                    spot.refuse(format!("find the {} `{name}`", kind.word())).wide(name.chars().count()).label(format!("this is a {}", defined.kind().word())),
                )),
                None => Err(self.unknown(*kind, name, *spot)),
            },
        }
    }

    fn number(&mut self, name: &'a str, defined: &Defined) -> Result<Arg, Refused> {
        match *defined {
            Defined::Gate(gate) | Defined::Shared(gate) => Ok(Arg::Gate(gate as u32)),
            Defined::House(value) => Ok(Arg::Constant(value)),
            Defined::Basic { p: Some(p), .. } => {
                let next = self.events.len() as u32;
                let number = *self.numbers.entry(name).or_insert(next);
                if number == next {
                    self.events.push(Event { name: name.to_owned(), p });
                }
                Ok(Arg::Event(number))
            }
            Defined::Basic { p: None, spot } => Err(spot.refused(
                spot.refuse(format!("find the probability of `{name}`"))
                    .wide(name.chars().count())
                    .hint("write it as `<float value=\"0.01\"/>` inside the definition"),
            )),
        }
    }

    fn unknown(&self, kind: Kind, name: &str, spot: Spot) -> Refused {
        let fits = |defined: &Defined| kind == Kind::Any || kind == defined.kind();
        let near = self.draft.names.iter().filter(|(_, defined)| fits(defined)).map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        let refusal = spot.refuse(format!("find the {} `{name}`", kind.word())).wide(name.chars().count()).label("defined nowhere");
        spot.refused(match model::scenario::nearest(name, &near) {
            Some(near) => refusal.hint(format!("did you mean `{near}`?")),
            None => refusal,
        })
    }
}

fn arity(op: Op, count: usize, spot: Spot) -> Result<(), Refused> {
    let (least, most) = op.arity();
    if count < least || count > most {
        let due = if most == 2 { "exactly 2 arguments" } else if most == 1 { "exactly 1 argument" } else { "at least 1 argument" };
        return Err(spot.refused(spot.refuse(format!("read the formula `{}`: it takes {due}, {count} found", op.word()))));
    }
    let fits = match op {
        Op::AtLeast(k) => (1..=count).contains(&(k as usize)),
        Op::Cardinality(low, high) => low <= high && high as usize <= count,
        _ => true,
    };
    let asked = match op {
        Op::AtLeast(k) => format!("at least {k}"),
        Op::Cardinality(low, high) => format!("{low} to {high}"),
        _ => String::new(),
    };
    if fits { Ok(()) } else { Err(spot.refused(spot.refuse(format!("read the formula `{}`: {asked} of {count} arguments cannot be", op.word())))) }
}

fn distinct(terms: &[Term]) -> Result<(), Refused> {
    let mut seen = BTreeSet::new();
    for term in terms {
        if let Term::Name { name, spot, .. } = term
            && !seen.insert(name)
            && !crate::mutant("S9")
        {
            return Err(spot.refused(spot.refuse(format!("read the arguments: `{name}` stands twice in one formula")).wide(name.chars().count())));
        }
    }
    Ok(())
}
