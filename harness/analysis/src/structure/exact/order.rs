//! Orders of the variables of one module. The size of a diagram hangs on it, by factors of thousands, and no rule is best for all
//! models: several are offered, and the builder takes the first that fits.
use super::{
    graph::{Graph, node},
    modules::Module,
};
use std::collections::HashMap;

/// How to walk the gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Small subtrees first.
    SmallFirst,
    /// Large subtrees first.
    LargeFirst,
    /// What is used most first, then small subtrees.
    SharedFirst,
    /// As numbered.
    Written,
    /// By the share of the top's weight that reaches each event (Minato).
    Weight,
    /// Breadth first.
    Broad,
}

/// All rules, in the order in which they are tried.
pub const RULES: &[Rule] = &[Rule::SmallFirst, Rule::SharedFirst, Rule::LargeFirst, Rule::Written, Rule::Weight, Rule::Broad];

/// One module with what the rules look at.
pub struct Shape<'a> {
    graph: &'a Graph,
    module: &'a Module,
    /// Leaves below each gate, counted with repetition; of a leaf 1.
    size: HashMap<usize, f64>,
    uses: HashMap<usize, u32>,
}

impl<'a> Shape<'a> {
    /// Looks at a module.
    pub fn of(graph: &'a Graph, module: &'a Module) -> Self {
        let mut size: HashMap<usize, f64> = module.leaves.iter().map(|leaf| (*leaf, 1.0)).collect();
        let mut uses: HashMap<usize, u32> = HashMap::new();
        for gate in &module.gates {
            let mut sum = 0.0;
            for child in graph.nodes[*gate].each().map(node) {
                sum += size[&child];
                *uses.entry(child).or_default() += 1;
            }
            size.insert(*gate, sum);
        }
        Self { graph, module, size, uses }
    }

    /// The leaves in this rule's order.
    pub fn order(&self, rule: Rule) -> Vec<usize> {
        match rule {
            Rule::Weight => self.by_weight(),
            Rule::Broad => self.broad(),
            _ => self.depth_first(rule),
        }
    }

    fn args(&self, gate: usize, rule: Rule) -> Vec<usize> {
        let mut args: Vec<usize> = self.graph.nodes[gate].each().map(node).collect();
        let size = |number: &usize| self.size[number];
        match rule {
            Rule::SmallFirst => args.sort_by(|a, b| size(a).total_cmp(&size(b)).then(a.cmp(b))),
            Rule::LargeFirst => args.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b))),
            Rule::SharedFirst => args.sort_by(|a, b| self.uses[b].cmp(&self.uses[a]).then(size(a).total_cmp(&size(b))).then(a.cmp(b))),
            _ => {}
        }
        args
    }

    fn depth_first(&self, rule: Rule) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.module.leaves.len());
        let mut seen = std::collections::HashSet::new();
        let mut stack = vec![self.module.root];
        while let Some(number) = stack.pop() {
            if !seen.insert(number) {
                continue;
            }
            if self.is_leaf(number) {
                order.push(number);
            } else {
                stack.extend(self.args(number, rule).into_iter().rev());
            }
        }
        order
    }

    fn is_leaf(&self, number: usize) -> bool {
        self.module.gates.binary_search(&number).is_err()
    }

    fn broad(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut seen = std::collections::HashSet::from([self.module.root]);
        let mut queue = std::collections::VecDeque::from([self.module.root]);
        while let Some(number) = queue.pop_front() {
            if self.is_leaf(number) {
                order.push(number);
            } else {
                queue.extend(self.args(number, Rule::SmallFirst).into_iter().filter(|child| seen.insert(*child)));
            }
        }
        order
    }

    fn by_weight(&self) -> Vec<usize> {
        let mut weight: HashMap<usize, f64> = HashMap::from([(self.module.root, 1.0)]);
        for gate in self.module.gates.iter().rev() {
            let args: Vec<usize> = self.graph.nodes[*gate].each().map(node).collect();
            let share = weight.get(gate).copied().unwrap_or_default() / args.len() as f64;
            args.iter().for_each(|child| *weight.entry(*child).or_default() += share);
        }
        let mut order = self.depth_first(Rule::SmallFirst);
        order.sort_by(|a, b| weight[b].total_cmp(&weight[a]));
        order
    }
}
