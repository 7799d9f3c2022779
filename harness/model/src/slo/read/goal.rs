//! The targets of an objective, and what each counts.
use super::{
    Document, duration,
    indicator::{self, Found, How, Indicator},
    slo::Ours,
};
use crate::{
    objective::Op,
    scenario::{Fields, Keys, Node, Placed, Refusal, Tree},
    slo::{Form, Goal, Good},
};

/// How the file budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Occurrences,
    Timeslices,
    RatioTimeslices,
}

const METHODS: [(&str, Method); 3] = [
    ("Occurrences", Method::Occurrences),
    ("Timeslices", Method::Timeslices),
    ("RatioTimeslices", Method::RatioTimeslices),
];

const GOAL: Keys = &[
    ("displayName", "as people call it"),
    (
        "op",
        "lte, gte, lt or gt: how the value must stand to `value`",
    ),
    ("value", "in the probe's unit"),
    ("target", "share that must be good, 0 to below 1"),
    ("targetPercent", "the same in percent"),
    ("timeSliceTarget", "share that makes a slice good"),
    ("timeSliceWindow", "length of a slice, like 1m"),
    ("indicator", "what is measured, where the SLO gives none"),
    ("indicatorRef", "the same by name"),
    (
        "compositeWeight",
        "not read: objectives are judged one by one",
    ),
];

/// Reads the budgeting method.
pub(super) fn method(tree: &Tree) -> Result<Method, Refusal> {
    let word = tree.text("the budgetingMethod")?;
    let found = METHODS.iter().find(|(known, _)| *known == word);
    found.map(|(_, method)| *method).ok_or_else(|| {
        let known = METHODS.map(|(known, _)| known);
        Refusal::unknown(
            tree.at,
            format!("find the budgetingMethod `{word}`"),
            word,
            &known,
        )
    })
}

/// Reads one target; the inner refusal is that of an indicator that is not ours.
pub(super) fn read(
    tree: &Tree,
    method: Method,
    of_slo: Option<&Indicator>,
    all: &[Document],
    ours: Ours,
) -> Result<Result<Goal, Refusal>, Refusal> {
    let fields = Fields::open("an objective", tree, GOAL)?;
    if let Some(weight) = fields.get("compositeWeight") {
        return Err(weight
            .refuse("weigh objectives against each other".into())
            .hint("leave `compositeWeight` out: every objective is judged by itself, the worst decides"));
    }
    let given = (fields.get("indicator"), fields.get("indicatorRef"));
    let own = match indicator::of(given, all)? {
        Some(Found::Foreign(refusal)) => return Ok(Err(refusal)),
        Some(Found::Ours(own)) => Some(own),
        None => None,
    };
    let indicator = match (own.as_ref(), of_slo) {
        (Some(_), Some(_)) => {
            return Err(tree
                .refuse("choose between the indicator of the SLO and of the objective".into())
                .hint("leave one of them out"));
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => {
            return Err(tree
                .refuse("find what is measured".into())
                .hint("add `indicator` or `indicatorRef` to the SLO"));
        }
    };
    let target = target(&fields, tree)?;
    let title = fields
        .get("displayName")
        .map(|tree| tree.text("the displayName"));
    Ok(Ok(Goal {
        title: title
            .transpose()?
            .map_or_else(|| format!("{} %", percent(target.value)), ToOwned::to_owned),
        target,
        probe: indicator.probe.clone(),
        good: good(&fields, indicator, tree)?,
        form: form(&fields, indicator, method, ours, tree)?,
    }))
}

/// `99.9` for 0.999, without what rounding adds.
fn percent(share: f64) -> String {
    let text = format!("{:.6}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn number(tree: &Tree, what: &str) -> Result<f64, Refusal> {
    let value = match &tree.node {
        Node::Scalar(serde_json::Value::Number(number)) => number.as_f64(),
        _ => None,
    };
    value.filter(|value| value.is_finite()).ok_or_else(|| {
        tree.refuse(format!("read {what}"))
            .label("a number is due here")
    })
}

fn target(fields: &Fields, tree: &Tree) -> Result<Placed<f64>, Refusal> {
    let (found, scale) = match (fields.get("target"), fields.get("targetPercent")) {
        (Some(share), None) => (share, 1.0),
        (None, Some(percent)) => (percent, 100.0),
        (Some(_), Some(percent)) => {
            return Err(percent
                .refuse("choose between `target` and `targetPercent`".into())
                .hint("leave one of them out"));
        }
        (None, None) => {
            return Err(tree
                .refuse("find the target".into())
                .hint("add `target: 0.999` or `targetPercent: 99.9`"));
        }
    };
    let value = number(found, "the target")? / scale;
    if (0.0..1.0).contains(&value) {
        return Ok(Placed {
            value,
            at: found.at,
        });
    }
    let hint = match (value, scale) {
        (value, _) if value < 0.0 => "a share is never negative",
        (1.0, _) => "a target of everything leaves no budget at all",
        (_, 1.0) => "write percents as `targetPercent: 99.9`",
        _ => "it must be below 100",
    };
    Err(found
        .refuse("use this target".into())
        .label(format!("at least 0 and below {scale}"))
        .hint(hint))
}

const OPS: [(&str, Op); 4] = [
    ("lte", Op::Le),
    ("gte", Op::Ge),
    ("lt", Op::Lt),
    ("gt", Op::Gt),
];

fn good(fields: &Fields, indicator: &Indicator, tree: &Tree) -> Result<Good, Refusal> {
    let compared = compared(fields)?;
    let judged = match indicator.how {
        How::Value => {
            let Some((op, value)) = compared else {
                return Err(tree
                    .refuse(format!(
                        "tell which values of `{}` are good",
                        indicator.probe.value
                    ))
                    .hint("add `op: lte` and `value: ...` in the probe's unit"));
            };
            return Ok(Good::Value(op, value));
        }
        How::Samples { late: true } => Good::Answered,
        How::Samples { late: false } | How::Available | How::Time => Good::Available,
    };
    // A sample is available or not, 1 or 0: a comparison that parts the two says the same.
    let parts = |(op, value): (Op, f64)| match op {
        Op::Ge => 0.0 < value && value <= 1.0,
        Op::Gt => (0.0..1.0).contains(&value),
        _ => false,
    };
    match (compared, fields.get("value")) {
        (Some(compared), Some(value)) if !(indicator.how == How::Available && parts(compared)) => {
            Err(value
                .refuse("compare what is good or bad already".into())
                .hint("leave `op` and `value` out: the target says how much must be good"))
        }
        _ => Ok(judged),
    }
}

fn compared(fields: &Fields) -> Result<Option<(Op, f64)>, Refusal> {
    let (op, value) = match (fields.get("op"), fields.get("value")) {
        (None, None) => return Ok(None),
        (Some(op), Some(value)) => (op, value),
        (Some(one), None) | (None, Some(one)) => {
            return Err(one
                .refuse("compare with half of a comparison".into())
                .hint("give both `op` and `value`"));
        }
    };
    let word = op.text("the op")?;
    let Some((_, found)) = OPS.iter().find(|(known, _)| *known == word) else {
        let known = OPS.map(|(known, _)| known);
        return Err(Refusal::unknown(
            op.at,
            format!("find the op `{word}`"),
            word,
            &known,
        ));
    };
    Ok(Some((*found, number(value, "the value")?)))
}

fn form(
    fields: &Fields,
    indicator: &Indicator,
    method: Method,
    ours: Ours,
    tree: &Tree,
) -> Result<Form, Refusal> {
    let written = fields.get("timeSliceWindow");
    let of_file = written.map(|tree| duration::length(tree, "the timeSliceWindow"));
    let length = of_file.transpose()?;
    let length = ours.slice.or(length);
    let share = fields
        .get("timeSliceTarget")
        .map(slice_target)
        .transpose()?;
    let needs = |what: &str| {
        tree.refuse("cut time into slices".into())
            .hint(format!("add `{what}`"))
    };
    let none = || match written.or(fields.get("timeSliceTarget")) {
        Some(tree) => Err(tree
            .refuse("cut into slices what is not counted by slices".into())
            .hint("leave it out, or budget by `Timeslices` over samples")),
        None => Ok(()),
    };
    if indicator.how == How::Time {
        return none().map(|()| Form::Time);
    }
    match (method, length, share) {
        (Method::Occurrences, ..) => none().map(|()| Form::Samples),
        // Without slices it is time itself that is cut, as finely as the probe sees.
        (Method::Timeslices, None, None) => time(indicator),
        (Method::Timeslices, Some(length), Some(target)) => Ok(Form::Slices { length, target }),
        (Method::Timeslices, None, Some(_)) => Err(needs("timeSliceWindow: 1m")),
        (Method::Timeslices, Some(_), None) => Err(needs("timeSliceTarget: 0.95")),
        (Method::RatioTimeslices, Some(length), _) => Ok(Form::Ratios { length }),
        (Method::RatioTimeslices, None, _) => Err(needs("timeSliceWindow: 1m")),
    }
}

fn time(indicator: &Indicator) -> Result<Form, Refusal> {
    match indicator.how {
        How::Available | How::Samples { late: false } => Ok(Form::Time),
        _ => Err(
            Refusal::new(indicator.at, "count bad time of a value or of answers")
                .hint("give `timeSliceWindow` and `timeSliceTarget`, or budget by `Occurrences`"),
        ),
    }
}

fn slice_target(tree: &Tree) -> Result<f64, Refusal> {
    let value = number(tree, "the timeSliceTarget")?;
    if 0.0 < value && value <= 1.0 {
        return Ok(value);
    }
    Err(tree
        .refuse("use this timeSliceTarget".into())
        .label("above 0 and at most 1 is due here"))
}
