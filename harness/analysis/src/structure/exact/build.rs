//! From a module to its diagram: gate by gate, arguments first, under a budget that grows while the orders take turns.
use super::{
    graph::{Graph, Node, node},
    modules::Module,
    order::{RULES, Rule, Shape},
    table::{Edge, FALSE, OverBudget, TRUE, Table},
};
use std::collections::HashMap;

/// A module's function.
pub struct Built {
    /// Of the module's root, uncomplemented.
    pub top: Edge,
    /// The leaf at each level.
    pub order: Vec<usize>,
    /// The rule that gave it.
    pub rule: Rule,
}

/// Builds a module's diagram in `table`, which is cleared first.
///
/// # Errors
/// No order fits into `budget` nodes.
pub fn build(graph: &Graph, module: &Module, table: &mut Table, budget: usize) -> Result<Built, OverBudget> {
    let shape = Shape::of(graph, module);
    let mut limit = FIRST_LIMIT.min(budget);
    loop {
        for rule in RULES {
            let order = shape.order(*rule);
            table.clear(limit, PATIENCE * limit as u64);
            if let Ok(top) = Builder::new(graph, module, &order, table).run() {
                return Ok(Built { top, order, rule: *rule });
            }
        }
        if limit == budget {
            return Err(OverBudget);
        }
        limit = limit.saturating_mul(STEP).min(budget);
    }
}

/// Small enough that a bad order costs milliseconds.
const FIRST_LIMIT: usize = 1 << 14;
/// Wasted work is then at most about a third of the last round's.
const STEP: usize = 4;
/// Nodes made for each node that may be live: an order that makes more garbage than that is given up.
const PATIENCE: u64 = 8;

struct Builder<'a> {
    graph: &'a Graph,
    module: &'a Module,
    table: &'a mut Table,
    level: HashMap<usize, u32>,
    /// Functions of the gates built so far that are still needed.
    value: HashMap<usize, Edge>,
    left: HashMap<usize, u32>,
}

impl<'a> Builder<'a> {
    fn new(graph: &'a Graph, module: &'a Module, order: &[usize], table: &'a mut Table) -> Self {
        let level = order.iter().enumerate().map(|(level, leaf)| (*leaf, level as u32)).collect();
        let mut left: HashMap<usize, u32> = HashMap::new();
        for gate in &module.gates {
            graph.nodes[*gate].each().for_each(|lit| *left.entry(node(lit)).or_default() += 1);
        }
        Self { graph, module, table, level, value: HashMap::new(), left }
    }

    fn run(mut self) -> Result<Edge, OverBudget> {
        for gate in &self.module.gates {
            let edge = self.gate(*gate)?;
            self.value.insert(*gate, edge);
            for child in self.graph.nodes[*gate].each().map(node) {
                let left = self.left.get_mut(&child).expect("every argument was counted");
                *left -= 1;
                if *left == 0 {
                    self.value.remove(&child);
                }
            }
        }
        let top = self.value[&self.module.root];
        self.table.sweep(std::iter::once(top));
        Ok(top)
    }

    fn literal(&mut self, lit: u32) -> Result<Edge, OverBudget> {
        let number = node(lit);
        let edge = match self.level.get(&number) {
            Some(level) => self.table.make(*level, TRUE, FALSE)?,
            None => self.value[&number],
        };
        Ok(edge ^ (lit & 1))
    }

    /// Deepest first, so that intermediate results stay small.
    fn args(&mut self, lits: impl Iterator<Item = u32>) -> Result<Vec<Edge>, OverBudget> {
        let mut edges = lits.map(|lit| self.literal(lit)).collect::<Result<Vec<_>, _>>()?;
        edges.sort_by_key(|edge| std::cmp::Reverse(self.table.level(*edge)));
        Ok(edges)
    }

    fn gate(&mut self, number: usize) -> Result<Edge, OverBudget> {
        let gate = &self.graph.nodes[number];
        let args = self.args(gate.each())?;
        match gate {
            Node::And(_) => self.fold(&args),
            Node::Xor(..) => self.careful(&args, |table| table.choose(args[0], args[1] ^ 1, args[1])),
            Node::AtLeast(k, _) => self.ladder(*k as usize, &args),
            Node::True | Node::Event(_) => unreachable!("leaves are no gates"),
        }
    }

    fn fold(&mut self, args: &[Edge]) -> Result<Edge, OverBudget> {
        let mut all = TRUE;
        for arg in args {
            let held: Vec<Edge> = args.iter().copied().chain([all]).collect();
            all = self.careful(&held, |table| table.and(all, *arg))?;
        }
        Ok(all)
    }

    /// At least `k` of `args`: `need[j]` is "at least j of those so far", O(n k) steps, never a product of subsets.
    fn ladder(&mut self, k: usize, args: &[Edge]) -> Result<Edge, OverBudget> {
        let mut need = vec![FALSE; k + 1];
        need[0] = TRUE;
        for arg in args {
            for j in (1..=k).rev() {
                let held: Vec<Edge> = args.iter().chain(&need).copied().collect();
                need[j] = self.careful(&held, |table| table.choose(*arg, need[j - 1], need[j]))?;
            }
        }
        Ok(need[k])
    }

    /// Tries, and where the budget is reached frees what is no longer needed and tries once more.
    fn careful(&mut self, held: &[Edge], step: impl Fn(&mut Table) -> Result<Edge, OverBudget>) -> Result<Edge, OverBudget> {
        match step(self.table) {
            Ok(edge) => Ok(edge),
            Err(OverBudget) => {
                let roots = self.value.values().chain(held).copied();
                self.table.sweep(roots);
                step(self.table)
            }
        }
    }
}
