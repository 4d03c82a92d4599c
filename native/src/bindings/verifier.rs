//! Face of `verify`. Each call has threads of its own, which end with it: a batch takes a hundred times as long as
//! starting one, and so nothing is left behind by a verifier that is dropped, and an idle one keeps nobody awake.
//! libuv's pool is left alone: its four threads serve files and DNS, which a queue of proofs must not hold up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::call::{CodedResult, MAX_THREADS, guarded, on_thread, to_js};
use crate::verify::{Job, Mode, Outcome, PreparedKey, parse_jobs, parse_key, run_on_threads};

/// Verifying keys made ready, shared by all forks; and what ends the calls under way.
#[napi]
pub struct NativeVerifier {
    keys: Arc<Vec<PreparedKey>>,
    cancel: Mutex<Arc<AtomicBool>>,
}

/// Keys in their packed form (src/verifier/native-codec.ts), which are positions for jobs. About 1 ms a key.
#[napi]
pub fn create_verifier(keys: Vec<Uint8Array>) -> Result<NativeVerifier> {
    let keys = guarded(|| {
        keys.iter()
            .map(|bytes| parse_key(bytes))
            .collect::<std::result::Result<Vec<_>, _>>()
    })
    .map_err(to_js)?;
    Ok(NativeVerifier {
        keys: Arc::new(keys),
        cancel: Mutex::default(),
    })
}

#[napi]
impl NativeVerifier {
    /// One byte per job, as `Outcome`; on threads of its own, so that the caller's stays free.
    #[napi(ts_return_type = "Promise<Uint8Array>")]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        jobs: Uint8Array,
        search: bool,
        threads: u32,
    ) -> Result<Object<'env>> {
        // A copy, since the caller's memory may change under a thread.
        let jobs = jobs.to_vec();
        let keys = Arc::clone(&self.keys);
        let cancel = self.current();
        on_thread(env, "zkbazaar-verify", move || {
            judge(&keys, &jobs, search, threads, &cancel)
        })
    }

    /// As `run`, on the calling thread, which it blocks: for a single proof of a process that does nothing else.
    #[napi]
    pub fn run_sync(&self, jobs: Uint8Array, search: bool) -> Result<Uint8Array> {
        let outcomes = guarded(|| judge(&self.keys, &jobs, search, 1, &AtomicBool::new(false)));
        outcomes.map(Uint8Array::from).map_err(to_js)
    }

    /// Another verifier with the same keys, whose calls are ended apart from those of this one.
    #[napi]
    pub fn fork(&self) -> NativeVerifier {
        NativeVerifier {
            keys: Arc::clone(&self.keys),
            cancel: Mutex::default(),
        }
    }

    /// Ends the calls under way within milliseconds: they reject with NATIVE_CANCELLED. Later calls are not touched.
    #[napi]
    pub fn cancel(&self) {
        let mut cancel = self.cancel.lock().unwrap_or_else(PoisonError::into_inner);
        cancel.store(true, Ordering::Relaxed);
        *cancel = Arc::default();
    }

    fn current(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancel.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn judge(
    keys: &[PreparedKey],
    jobs: &[u8],
    search: bool,
    threads: u32,
    cancel: &AtomicBool,
) -> CodedResult<Vec<u8>> {
    let counts: Vec<usize> = keys.iter().map(PreparedKey::signal_count).collect();
    let jobs: Vec<Job> = parse_jobs(jobs, &counts)?;
    let mode = if search { Mode::Search } else { Mode::Groups };
    let threads = threads.clamp(1, MAX_THREADS) as usize;
    let outcomes: Vec<Outcome> = run_on_threads(keys, &jobs, mode, threads, cancel)?;
    Ok(outcomes.into_iter().map(|outcome| outcome as u8).collect())
}
