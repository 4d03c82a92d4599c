//! Face of `ed25519`: on threads of the call's own, as `verifier` has them, or on the caller's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::ed25519::{Request, verify};
use crate::error::Error as CodedError;

const MAX_THREADS: u32 = 64;

fn to_js(error: CodedError) -> Error {
    Error::from_reason(error.to_string())
}

/// A panic of ours fails the call and not the process.
fn guarded(request: &Request, threads: u32) -> std::result::Result<Vec<u8>, CodedError> {
    let threads = threads.clamp(1, MAX_THREADS) as usize;
    catch_unwind(AssertUnwindSafe(|| verify(request, threads)))
        .unwrap_or_else(|_| Err(CodedError::new("NATIVE_INTERNAL", "the engine panicked")))
}

/// One verdict per signature, 1 for a good one, from threads that end with the call.
/// @param keys, signatures where each begins in `bytes`
/// @param messages one after another, all of one length; what was signed is `prefix || message`
/// Errors: NATIVE_BAD_INPUTS, NATIVE_SYSTEM, NATIVE_INTERNAL.
#[napi(ts_return_type = "Promise<Uint8Array>")]
pub fn verify_ed25519<'env>(
    env: &'env Env,
    bytes: &[u8],
    keys: &[u32],
    signatures: &[u32],
    prefix: &[u8],
    messages: &[u8],
    threads: u32,
) -> Result<Object<'env>> {
    // Gathered before the call returns, since the caller's memory may change under a thread.
    let request = Request::gather(bytes, keys, signatures, prefix, messages).map_err(to_js)?;
    let (deferred, promise) = env.create_deferred()?;
    // Shared, so that the promise is settled too where no thread starts.
    let settle = Arc::new(Mutex::new(Some(deferred)));
    let take = |shared: &Mutex<Option<_>>| shared.lock().unwrap_or_else(PoisonError::into_inner).take();
    let from_thread = Arc::clone(&settle);
    let work = move || {
        let verdicts = guarded(&request, threads);
        let Some(deferred) = take(&from_thread) else {
            return;
        };
        match verdicts {
            Ok(bytes) => deferred.resolve(move |_| Ok(Uint8Array::from(bytes))),
            Err(error) => deferred.reject(to_js(error)),
        }
    };
    let started = std::thread::Builder::new()
        .name("zkbazaar-sign".into())
        .spawn(work);
    if started.is_err()
        && let Some(deferred) = settle.lock().unwrap_or_else(PoisonError::into_inner).take()
    {
        let error = CodedError::new("NATIVE_SYSTEM", "no thread could be started");
        deferred.reject(to_js(error));
    }
    Ok(promise)
}

/// The same on the calling thread, which it blocks.
#[napi]
pub fn verify_ed25519_sync(
    bytes: &[u8],
    keys: &[u32],
    signatures: &[u32],
    prefix: &[u8],
    messages: &[u8],
) -> Result<Uint8Array> {
    let request = Request::gather(bytes, keys, signatures, prefix, messages).map_err(to_js)?;
    guarded(&request, 1).map(Uint8Array::from).map_err(to_js)
}
