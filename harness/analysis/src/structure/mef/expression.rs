//! Probabilities: numbers, parameters, and the few functions that published models use. A deviate stands for its mean; every
//! parameter is checked to be in the range where its formula means something.
use super::text::Page;
use crate::structure::draft::{Refused, Spot};
use roxmltree::Node;
use std::collections::BTreeMap;

/// Deepest chain of functions and parameters; a parameter that uses itself ends here too.
const MOST_DEEP: usize = 100;

const KNOWN: &[&str] = &[
    "float", "int", "parameter", "system-mission-time", "mul", "add", "sub", "div", "exponential", "GLM", "periodic-test", "lognormal-deviate", "normal-deviate",
];

/// Parameters, and the page that each expression stands on.
#[derive(Default)]
pub struct Expressions<'a> {
    parameters: BTreeMap<&'a str, Node<'a, 'a>>,
    pages: BTreeMap<usize, Page<'a>>,
}

impl<'a> Expressions<'a> {
    /// Remembers on which page an expression stands.
    pub fn place(&mut self, node: Node<'a, 'a>, page: &Page<'a>) {
        self.pages.entry(key(node)).or_insert_with(|| page.clone());
    }

    /// Defines a parameter.
    ///
    /// # Errors
    /// The name is taken.
    pub fn define(&mut self, name: &'a str, spot: Spot, value: Node<'a, 'a>) -> Result<(), Refused> {
        match self.parameters.insert(name, value) {
            None => Ok(()),
            Some(_) => Err(spot.refused(spot.refuse(format!("define the parameter `{name}`: the name is taken")).wide(name.chars().count()))),
        }
    }

    fn page(&self, node: Node) -> &Page<'a> {
        self.pages.get(&key(node)).expect("the page of each expression is kept when it is read")
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// An unknown function or parameter, a wrong number of arguments, one outside its range; nesting too deep.
    pub fn value(&self, node: Node<'a, 'a>, mission_hours: f64) -> Result<f64, Refused> {
        self.inside(node, mission_hours, 0)
    }

    fn inside(&self, node: Node<'a, 'a>, mission: f64, depth: usize) -> Result<f64, Refused> {
        let page = self.page(node);
        if depth > MOST_DEEP {
            return Err(page.refuse(node, format!("read an expression more than {MOST_DEEP} deep; does a parameter use itself?")));
        }
        match node.tag_name().name() {
            "float" | "int" => number(node, page),
            "system-mission-time" => Ok(mission),
            "parameter" => {
                let name = node.attribute("name").unwrap_or_default();
                let value = self.parameters.get(name).ok_or_else(|| page.refuse(node, format!("find the parameter `{name}`: it is defined nowhere")))?;
                self.inside(*value, mission, depth + 1)
            }
            name => {
                let parts = page.parts(node)?;
                let values = parts.iter().map(|part| self.inside(*part, mission, depth + 1)).collect::<Result<Vec<_>, _>>()?;
                let value = function(name, &values).map_err(|wrong| match wrong {
                    Wrong::Name => page.unknown(node, KNOWN),
                    Wrong::Count(due) => page.refuse(node, format!("read `{name}`: {due} arguments are due, {} found", values.len())),
                    Wrong::Range(why) => page.refuse(node, format!("read `{name}`: {why}")),
                })?;
                if value.is_finite() { Ok(value) } else { Err(page.refuse(node, format!("read `{name}`: it gives {value}"))) }
            }
        }
    }
}

/// The document's text is where a node's address says its page: two documents never share one.
fn key(node: Node) -> usize {
    std::ptr::from_ref(node.document()) as usize
}

fn number<'a>(node: Node<'a, 'a>, page: &Page<'a>) -> Result<f64, Refused> {
    let value = node.attribute("value").and_then(|text| text.trim().parse::<f64>().ok()).filter(|value| value.is_finite());
    value.ok_or_else(|| page.refuse(node, format!("read the number `{}`", node.attribute("value").unwrap_or_default())))
}

enum Wrong {
    Name,
    Count(&'static str),
    Range(&'static str),
}

/// The functions of MEF that are read. Times and rates share one unit of time.
fn function(name: &str, values: &[f64]) -> Result<f64, Wrong> {
    let positive = |ok: bool, why: &'static str| if ok { Ok(()) } else { Err(Wrong::Range(why)) };
    match (name, values) {
        ("mul", [_, _, ..]) => Ok(values.iter().product()),
        ("add", [_, _, ..]) => Ok(values.iter().sum()),
        ("sub", [first, rest @ ..]) if !rest.is_empty() => Ok(first - rest.iter().sum::<f64>()),
        ("div", [first, rest @ ..]) if !rest.is_empty() => Ok(rest.iter().fold(*first, |value, by| value / by)),
        ("mul" | "add" | "sub" | "div", _) => Err(Wrong::Count("2 or more")),
        ("exponential", [rate, time]) => {
            positive(*rate >= 0.0 && *time >= 0.0, "rate and time may not be negative")?;
            Ok(-(-rate * time).exp_m1())
        }
        ("GLM", [gamma, failure, repair, time]) => {
            positive((0.0..=1.0).contains(gamma), "the first argument is a probability")?;
            positive(*failure > 0.0 && *repair >= 0.0 && *time >= 0.0, "rates and time may not be negative, the failure rate not 0")?;
            let (sum, steady) = (failure + repair, failure / (failure + repair));
            Ok(steady + (gamma - steady) * (-sum * time).exp())
        }
        ("periodic-test", [rate, every, first, time]) => {
            positive(*rate >= 0.0 && *every > 0.0 && *first >= 0.0 && *time >= 0.0, "rates and times may not be negative, the interval not 0")?;
            Ok(-(-rate * since_test(*every, *first, *time)).exp_m1())
        }
        // The mean is the value; what spreads around it is another question.
        ("lognormal-deviate", [mean, _, _] | [mean, _]) | ("normal-deviate", [mean, _]) => Ok(*mean),
        ("exponential" | "normal-deviate", _) => Err(Wrong::Count("2")),
        ("lognormal-deviate", _) => Err(Wrong::Count("2 or 3")),
        ("GLM" | "periodic-test", _) => Err(Wrong::Count("4")),
        _ => Err(Wrong::Name),
    }
}

/// Time since the last test that found all well; just before a test it is a whole interval, not none.
fn since_test(every: f64, first: f64, time: f64) -> f64 {
    if time <= first {
        return time;
    }
    let after = (time - first) % every;
    if after == 0.0 { every } else { after }
}
