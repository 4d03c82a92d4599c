//! How a computation of the prover is watched from Node: how far it is, and whether it should go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use napi::Status;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;

use crate::msm::Watch;

/// Progress is told in steps of so many hundredths.
const PROGRESS_STEP: usize = 2;

/// What is told of the progress, 0 to 1.
pub type Listener = ThreadsafeFunction<f64, (), f64, Status, false>;

/// Ends the proofs that were given it.
#[napi]
#[derive(Default)]
pub struct NativeCancel {
    cancelled: Arc<AtomicBool>,
}

#[napi]
impl NativeCancel {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi]
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// Where a computation stands, and whether it should go on.
pub struct Progress {
    cancelled: Arc<AtomicBool>,
    done: AtomicUsize,
    told: AtomicUsize,
    total: usize,
    listener: Option<Listener>,
}

impl Progress {
    pub fn new(cancel: Option<&NativeCancel>, listener: Option<Listener>, total: usize) -> Self {
        let cancelled = cancel
            .map(|cancel| Arc::clone(&cancel.cancelled))
            .unwrap_or_default();
        Self {
            cancelled,
            done: AtomicUsize::new(0),
            told: AtomicUsize::new(0),
            total,
            listener,
        }
    }
}

impl Watch for Progress {
    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn advance(&self, work: usize) {
        let Some(listener) = &self.listener else { return };
        let done = self.done.fetch_add(work, Ordering::Relaxed) + work;
        let step = (done * 100 / self.total.max(1)).min(99) / PROGRESS_STEP * PROGRESS_STEP;
        if self.told.fetch_max(step, Ordering::Relaxed) < step {
            listener.call(step as f64 / 100.0, ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}
