//! Waiting for a fact, never for a time: asks until the answer is yes, and says what was missing when the deadline passes.
use model::system::BedError;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// One error of the bed: what was tried, what was seen instead.
pub(crate) fn failed(what: impl Into<String>, why: impl ToString) -> BedError {
    BedError {
        what: what.into(),
        why: why.to_string(),
    }
}

/// Time between two questions: short beside every start (seconds), cheap beside every answer (milliseconds).
const PAUSE: Duration = Duration::from_millis(100);
/// One question may hang; the next one need not.
const QUESTION: Duration = Duration::from_secs(5);

/// Asks `question` until it answers `Ok`, at most for `limit`.
///
/// # Errors
/// `what` that was waited for, with the limit and the last refusal.
pub(crate) async fn until<T, F>(
    what: &str,
    limit: Duration,
    mut question: impl FnMut() -> F,
) -> Result<T, BedError>
where
    F: Future<Output = Result<T, String>>,
{
    let end = Instant::now() + limit;
    loop {
        let answer = timeout(QUESTION, question())
            .await
            .unwrap_or_else(|_| Err("no answer within 5 s".to_owned()));
        let refusal = match answer {
            Ok(answer) => return Ok(answer),
            Err(refusal) => refusal,
        };
        if Instant::now() >= end {
            let why = format!("not within {} s; last seen: {refusal}", limit.as_secs());
            return Err(failed(format!("wait for {what}"), why));
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_passed_deadline_says_what_was_missing() {
        let asked = until("a rose", Duration::from_secs(2), || async {
            Err::<(), _>("a thorn".to_owned())
        });
        let error = asked.await.unwrap_err().to_string();
        assert!(
            error.contains("a rose") && error.contains("a thorn"),
            "{error}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_that_hangs_is_asked_again() {
        let mut asked = 0;
        let answer = until("an answer", Duration::from_secs(60), || {
            asked += 1;
            let hang = asked == 1;
            async move {
                if hang {
                    std::future::pending::<()>().await;
                }
                Ok(hang)
            }
        });
        assert_eq!(answer.await, Ok(false));
    }
}
