//! Modules: gates whose events nothing outside them uses. Each is solved alone and stands as one variable in its parent.
//!
//! Linear, after Dutuit & Rauzy (IEEE Trans. Reliability 45, 1996): walk depth first and date every visit; a gate is a module iff all
//! visits to what is below it fall between its own entry and exit.
use super::graph::{Graph, Node, node};

/// One module.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its gate in the graph.
    pub root: usize,
    /// Its gates, arguments before users, the root last; gates of modules inside it are left out.
    pub gates: Vec<usize>,
    /// What it is a function of, in the order first met: events, and roots of modules inside it.
    pub leaves: Vec<usize>,
}

/// Every module that the top needs, inner before outer, the top's last; none where the top is an event or a constant.
pub fn modules(graph: &Graph) -> Vec<Module> {
    let is_module = find(graph);
    (0..graph.nodes.len()).filter(|number| is_module[*number]).map(|root| cut(graph, root, &is_module)).collect()
}

#[derive(Clone, Copy, Default)]
struct Visits {
    first: u32,
    exit: u32,
    last: u32,
}

fn find(graph: &Graph) -> Vec<bool> {
    let visits = visit(graph);
    let n = graph.nodes.len();
    let (mut earliest, mut latest) = (vec![u32::MAX; n], vec![0_u32; n]);
    let mut is_module = vec![false; n];
    for number in 1..n {
        for child in graph.nodes[number].each().map(node) {
            earliest[number] = earliest[number].min(earliest[child]).min(visits[child].first);
            latest[number] = latest[number].max(latest[child]).max(visits[child].last);
        }
        let gate = !matches!(graph.nodes[number], Node::Event(_));
        is_module[number] = gate && visits[number].first > 0 && earliest[number] > visits[number].first && latest[number] < visits[number].exit;
    }
    is_module
}

fn visit(graph: &Graph) -> Vec<Visits> {
    let mut visits = vec![Visits::default(); graph.nodes.len()];
    let args: Vec<Vec<usize>> = graph.nodes.iter().map(|gate| gate.each().map(node).collect()).collect();
    let mut date = 1;
    let top = node(graph.top);
    visits[top] = Visits { first: 1, exit: 0, last: 1 };
    let mut stack = vec![(top, 0)];
    while let Some((number, next)) = stack.last_mut() {
        date += 1;
        match args[*number].get(*next) {
            Some(child) => {
                *next += 1;
                visits[*child].last = date;
                if visits[*child].first == 0 {
                    visits[*child].first = date;
                    stack.push((*child, 0));
                }
            }
            None => {
                visits[*number].exit = date;
                visits[*number].last = date;
                stack.pop();
            }
        }
    }
    visits
}

fn cut(graph: &Graph, root: usize, is_module: &[bool]) -> Module {
    let mut seen = std::collections::HashSet::from([root]);
    let mut leaves = Vec::new();
    let mut gates = vec![root];
    let mut stack = vec![root];
    while let Some(number) = stack.pop() {
        for child in graph.nodes[number].each().map(node) {
            if !seen.insert(child) {
                continue;
            }
            if is_module[child] || matches!(graph.nodes[child], Node::Event(_)) {
                leaves.push(child);
            } else {
                gates.push(child);
                stack.push(child);
            }
        }
    }
    // Numbers rise from arguments to users.
    gates.sort_unstable();
    Module { root, gates, leaves }
}
