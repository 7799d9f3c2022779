//! Questions that only the running system can answer: `leader of orders/0`. Their forms are known before anything starts, their answers at injection.
//!
//! A form is literal text with placeholders: `leader of <topic>/<number>`. `<number>` takes digits, any other placeholder takes
//! letters, digits, `.`, `_` and `-`; a space stands for itself.
use crate::ids::NodeId;
use serde::{Deserialize, Serialize};

/// One form of question that a system answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QuestionDoc {
    /// How it is written: `leader of <topic>/<number>`.
    pub form: &'static str,
    /// What the answer is, in one sentence, with its order where it names several nodes.
    pub doc: &'static str,
    /// Role of every node that it can be answered with.
    pub role: &'static str,
}

/// A question as it was asked, with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The question.
    pub question: String,
    /// The nodes that are the answer, in the system's own order.
    pub nodes: Vec<NodeId>,
}

impl QuestionDoc {
    /// The texts that stand for the placeholders, in order; none where the question has another form.
    pub fn read<'a>(&self, question: &'a str) -> Option<Vec<&'a str>> {
        let mut taken = Vec::new();
        let (mut form, mut rest) = (self.form, question);
        while let Some((before, after)) = form.split_once('<') {
            let (name, tail) = after.split_once('>')?;
            rest = rest.strip_prefix(before)?;
            let end = rest.find(|c| !fits(name, c)).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            taken.push(&rest[..end]);
            (form, rest) = (tail, &rest[end..]);
        }
        (form == rest).then_some(taken)
    }
}

fn fits(placeholder: &str, c: char) -> bool {
    if placeholder == "number" {
        c.is_ascii_digit()
    } else {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEADER: QuestionDoc = QuestionDoc {
        form: "leader of <topic>/<number>",
        doc: "The node that leads the part.",
        role: "node",
    };

    #[test]
    fn a_question_of_the_form_gives_what_stands_for_its_placeholders() {
        assert_eq!(
            LEADER.read("leader of orders.v-2/12"),
            Some(vec!["orders.v-2", "12"])
        );
    }

    #[test]
    fn a_question_of_another_form_is_not_read() {
        for other in [
            "leader of orders",
            "leader of orders/x",
            "leader of /0",
            "leader of a b/0",
            "leader of a/0 ",
            "Leader of a/0",
            "",
        ] {
            assert_eq!(LEADER.read(other), None, "{other}");
        }
    }

    #[test]
    fn a_form_without_placeholders_is_read_as_it_stands() {
        let active = QuestionDoc {
            form: "active controller",
            ..LEADER
        };
        assert_eq!(active.read("active controller"), Some(vec![]));
        assert_eq!(active.read("active controllers"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(question in ".{0,60}") {
            let _ = LEADER.read(&question);
        }
    }
}
