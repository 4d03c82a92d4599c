//! What calls from Node share: errors in the form that the loader reads, panics that end one call, threads of a call's own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::*;

use crate::error::Error as CodedError;

/// More threads than any machine of ours has cores; keeps a mistaken number from starting thousands.
pub const MAX_THREADS: u32 = 64;

pub type CodedResult<T> = std::result::Result<T, CodedError>;

pub fn to_js(error: CodedError) -> Error {
    Error::from_reason(error.to_string())
}

/// A panic of ours fails the call and not the peer.
pub fn guarded<T>(work: impl FnOnce() -> CodedResult<T>) -> CodedResult<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(CodedError::new("NATIVE_INTERNAL", "the engine panicked")))
}

/// Promises the bytes that `work` makes on a thread of its own, which ends with it.
/// Errors: NATIVE_SYSTEM where no thread starts, NATIVE_INTERNAL for a panic, those of `work`.
pub fn on_thread<'env>(
    env: &'env Env,
    name: &str,
    work: impl FnOnce() -> CodedResult<Vec<u8>> + Send + 'static,
) -> Result<Object<'env>> {
    let (deferred, promise) = env.create_deferred()?;
    // Shared, so that the promise is settled too where no thread starts.
    let settle = Arc::new(Mutex::new(Some(deferred)));
    let from_thread = Arc::clone(&settle);
    let run = move || {
        let outcome = guarded(work);
        let Some(deferred) = take(&from_thread) else {
            return;
        };
        match outcome {
            Ok(bytes) => deferred.resolve(move |_| Ok(Uint8Array::from(bytes))),
            Err(error) => deferred.reject(to_js(error)),
        }
    };
    let started = std::thread::Builder::new().name(name.into()).spawn(run);
    if let Some(deferred) = started.err().and_then(|_| take(&settle)) {
        let error = CodedError::new("NATIVE_SYSTEM", "no thread could be started");
        deferred.reject(to_js(error));
    }
    Ok(promise)
}

fn take<T>(shared: &Mutex<Option<T>>) -> Option<T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner).take()
}
