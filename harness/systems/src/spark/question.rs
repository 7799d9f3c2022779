//! Who is what in the cluster now, by the driver's own list of executors: the questions that a fault's target may be.
use super::status::Executor;
use model::question::QuestionDoc;
use std::{cmp::Reverse, collections::BTreeMap, net::Ipv4Addr};

const MOST_EXECUTORS: QuestionDoc = QuestionDoc {
    form: "worker with most executors",
    doc: "The workers that host registered executors, the one with most first.",
    role: "spark-worker",
};
const MOST_TASKS: QuestionDoc = QuestionDoc {
    form: "executor with most tasks",
    doc: "The registered executors, the one that runs most tasks now first.",
    role: "spark-executor",
};
const MOST_SHUFFLED: QuestionDoc = QuestionDoc {
    form: "executor with most shuffle data",
    doc: "The registered executors, the one that has written most bytes for others to fetch first.",
    role: "spark-executor",
};
const DRIVER: QuestionDoc = QuestionDoc {
    form: "driver of the job",
    doc: "The driver that the executors are registered with.",
    role: "spark-driver",
};

/// All that can be asked.
pub(super) const FORMS: &[QuestionDoc] = &[MOST_EXECUTORS, MOST_TASKS, MOST_SHUFFLED, DRIVER];

/// The role of the answer and its addresses in order, ties by address; none for another form.
pub(super) fn answer(question: &str, listed: &[Executor]) -> Option<(&'static str, Vec<Ipv4Addr>)> {
    let form = FORMS.iter().find(|form| form.read(question).is_some())?;
    let mut weights: BTreeMap<Ipv4Addr, u64> = BTreeMap::new();
    for one in listed {
        if let (Some(home), Some(weight)) = (one.home(), weight(form, one)) {
            *weights.entry(home).or_default() += weight;
        }
    }
    let mut homes: Vec<(Ipv4Addr, u64)> = weights.into_iter().collect();
    homes.sort_by_key(|(_, weight)| Reverse(*weight));
    Some((form.role, homes.into_iter().map(|(home, _)| home).collect()))
}

/// What a line of the list counts for; none where the question is not about it.
fn weight(form: &QuestionDoc, one: &Executor) -> Option<u64> {
    match (form.form == DRIVER.form, one.is_driver()) {
        (true, true) => Some(1),
        (false, false) if form.form == MOST_TASKS.form => Some(one.active_tasks),
        (false, false) if form.form == MOST_SHUFFLED.form => Some(one.total_shuffle_write),
        (false, false) => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_comes_first_and_who_is_gone_not_at_all() {
        let listed: Vec<Executor> = serde_json::from_str(
            r#"[{"id":"driver","hostPort":"10.213.0.15:39117","isActive":true,"activeTasks":0},
                {"id":"0","hostPort":"10.213.0.16:35541","isActive":false,"activeTasks":9},
                {"id":"1","hostPort":"10.213.0.14:40001","isActive":true,"activeTasks":1,"totalShuffleWrite":7},
                {"id":"2","hostPort":"10.213.0.13:40002","isActive":true,"activeTasks":0,"totalShuffleWrite":9},
                {"id":"3","hostPort":"10.213.0.14:40003","isActive":true,"activeTasks":0}]"#,
        )
        .expect("as the driver writes it");
        let last = |question: &str| -> (&'static str, Vec<u8>) {
            let (role, homes) = answer(question, &listed).expect("a known form");
            (role, homes.iter().map(|home| home.octets()[3]).collect())
        };
        let (worker, executor) = ("spark-worker", "spark-executor");
        assert_eq!(last("worker with most executors"), (worker, vec![14, 13]));
        assert_eq!(last("executor with most tasks"), (executor, vec![14, 13]));
        assert_eq!(
            last("executor with most shuffle data"),
            (executor, vec![13, 14])
        );
        assert_eq!(last("driver of the job"), ("spark-driver", vec![15]));
        assert_eq!(answer("worker with least executors", &listed), None);
    }
}
