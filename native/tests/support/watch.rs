//! Watchers of long computations.

use std::sync::atomic::{AtomicUsize, Ordering};

use zkbazaar_native::msm::Watch;

/// Lets everything run.
pub struct Never;

impl Watch for Never {
    fn cancelled(&self) -> bool {
        false
    }

    fn advance(&self, _: usize) {}
}

/// Cancels at the question of this number, and sums up what it is told.
pub struct CancelAt {
    left: AtomicUsize,
    pub work: AtomicUsize,
}

impl CancelAt {
    pub fn new(questions: usize) -> Self {
        Self {
            left: AtomicUsize::new(questions),
            work: AtomicUsize::new(0),
        }
    }

    pub fn questions_left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }
}

impl Watch for CancelAt {
    fn cancelled(&self) -> bool {
        let next = |left: usize| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .is_err()
    }

    fn advance(&self, work: usize) {
        self.work.fetch_add(work, Ordering::Relaxed);
    }
}
