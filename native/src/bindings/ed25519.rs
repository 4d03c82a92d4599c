//! Face of `ed25519`: on threads of the call's own, as `verifier` has them, or on the caller's.

use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::call::{MAX_THREADS, guarded, on_thread, to_js};
use crate::ed25519::{Request, verify};

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
    let threads = threads.clamp(1, MAX_THREADS) as usize;
    on_thread(env, "zkbazaar-sign", move || verify(&request, threads))
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
    guarded(|| verify(&request, 1))
        .map(Uint8Array::from)
        .map_err(to_js)
}
