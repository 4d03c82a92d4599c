//! Face of `verify`. Each call has threads of its own, which end with it: a batch takes a hundred times as long as
//! starting one, and so nothing is left behind by a verifier that is dropped, and an idle one keeps nobody awake.
//! libuv's pool is left alone: its four threads serve files and DNS, which a queue of proofs must not hold up.

use crate::error::Error as CodedError;
use crate::verify::{Job, Mode, Outcome, PreparedKey, parse_jobs, parse_key, run_on_threads};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// More threads than any machine of ours has cores; keeps a mistaken number from starting thousands.
const MAX_THREADS: u32 = 64;

fn to_js(error: CodedError) -> Error {
    Error::from_reason(error.to_string())
}

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
        let (deferred, promise) = env.create_deferred()?;
        // Shared, so that the promise is settled too where no thread starts.
        let settle = Arc::new(Mutex::new(Some(deferred)));
        let from_thread = Arc::clone(&settle);
        let work = move || {
            let outcomes = guarded(|| judge(&keys, &jobs, search, threads, &cancel));
            let Some(deferred) = take(&from_thread) else {
                return;
            };
            match outcomes {
                Ok(bytes) => deferred.resolve(move |_| Ok(Uint8Array::from(bytes))),
                Err(error) => deferred.reject(to_js(error)),
            }
        };
        let started = std::thread::Builder::new()
            .name("zkbazaar-verify".into())
            .spawn(work);
        if let Some(deferred) = started.err().and_then(|_| take(&settle)) {
            let error = CodedError::new("NATIVE_SYSTEM", "no thread could be started");
            deferred.reject(to_js(error));
        }
        Ok(promise)
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

fn take<T>(shared: &Mutex<Option<T>>) -> Option<T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn judge(
    keys: &[PreparedKey],
    jobs: &[u8],
    search: bool,
    threads: u32,
    cancel: &AtomicBool,
) -> std::result::Result<Vec<u8>, CodedError> {
    let counts: Vec<usize> = keys.iter().map(PreparedKey::signal_count).collect();
    let jobs: Vec<Job> = parse_jobs(jobs, &counts)?;
    let mode = if search { Mode::Search } else { Mode::Groups };
    let threads = threads.clamp(1, MAX_THREADS) as usize;
    let outcomes: Vec<Outcome> = run_on_threads(keys, &jobs, mode, threads, cancel)?;
    Ok(outcomes.into_iter().map(|outcome| outcome as u8).collect())
}

/// A panic of ours fails the call and not the peer.
fn guarded<T>(
    work: impl FnOnce() -> std::result::Result<T, CodedError>,
) -> std::result::Result<T, CodedError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(CodedError::new("NATIVE_INTERNAL", "the engine panicked")))
}
