//! What the guard did unasked, on its way to the owner. Whoever acts on his own says so here; the loop passes it on.
use model::guard::GuardNews;
use std::sync::{Arc, Mutex, PoisonError};

/// Most news that wait: an owner that hears nothing is noticed elsewhere.
const MOST: usize = 1000;

/// A shared list of what is to be told.
#[derive(Clone, Debug, Default)]
pub struct News(Arc<Mutex<Vec<GuardNews>>>);

impl News {
    /// Tells the owner, soon.
    pub fn tell(&self, news: GuardNews) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.push(news);
        }
    }

    /// Everything that was not told yet, oldest first.
    pub fn take(&self) -> Vec<GuardNews> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::units::Nanos;

    #[test]
    fn news_are_told_once_and_in_order() {
        let news = News::default();
        let killed = |worker: &str| GuardNews::WorkerKilled {
            worker: worker.into(),
            silent: Nanos::secs(2),
        };
        let other = news.clone();
        other.tell(killed("a"));
        news.tell(killed("b"));
        assert_eq!(news.take(), [killed("a"), killed("b")]);
        assert_eq!(other.take(), []);
    }
}
