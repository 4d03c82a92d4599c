//! Face of `hashing`: synchronous and into memory of the caller's, since its callers are threads of their own that hash
//! what they hold. The views may lie in a SharedArrayBuffer.

use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::call::to_js;
use crate::error::Error as CodedError;
use crate::hashing::HASH_BYTES;

fn bad(message: &'static str) -> Error {
    to_js(CodedError::new("NATIVE_BAD_INPUTS", message))
}

fn key_of(bytes: &[u8]) -> Result<&[u8; HASH_BYTES]> {
    bytes.try_into().map_err(|_| bad("a key has 32 bytes"))
}

/// The memory of `output`, which must not be that of an input: Rust's `&mut` is alone with what it shows.
fn exclusive<'a>(output: &'a mut Uint8ArraySlice, inputs: &[&[u8]]) -> Result<&'a mut [u8]> {
    let out = output.as_ref().as_ptr_range();
    let overlaps = |input: &&[u8]| {
        let range = input.as_ptr_range();
        !input.is_empty() && !out.is_empty() && range.start < out.end && out.start < range.end
    };
    if inputs.iter().any(overlaps) {
        return Err(bad("the output overlaps an input"));
    }
    // SAFETY: the inputs lie elsewhere; this thread runs no JavaScript meanwhile; and where the view lies in shared
    // memory, the caller lets no other thread near it during the call (src/base/native/ledger.ts).
    Ok(unsafe { output.as_mut() })
}

fn bytes_of(positions: &[u32]) -> &[u8] {
    // SAFETY: any u32 is four initialised bytes, and bytes need no alignment.
    unsafe { std::slice::from_raw_parts(positions.as_ptr().cast(), size_of_val(positions)) }
}

/// BLAKE3 of `input` into the 32 bytes of `output`, keyed where there is a key. Errors: NATIVE_BAD_INPUTS.
#[napi]
pub fn blake3(key: Option<&[u8]>, input: &[u8], mut output: Uint8ArraySlice) -> Result<()> {
    let output = exclusive(&mut output, &[input, key.unwrap_or_default()])?;
    let hash = match key {
        Some(key) => blake3::keyed_hash(key_of(key)?, input),
        None => blake3::hash(input),
    };
    let output: &mut [u8; HASH_BYTES] = output.try_into().map_err(|_| bad("a hash has 32 bytes"))?;
    *output = *hash.as_bytes();
    Ok(())
}

/// As `hashing::hash_pairs`. Errors: NATIVE_BAD_INPUTS.
#[napi]
pub fn blake3_pairs(key: &[u8], input: &[u8], mut output: Uint8ArraySlice) -> Result<()> {
    let output = exclusive(&mut output, &[key, input])?;
    crate::hashing::hash_pairs(key_of(key)?, input, output).map_err(to_js)
}

/// As `hashing::hash_ranges`. Errors: NATIVE_BAD_INPUTS.
#[napi]
pub fn blake3_ranges(
    key: &[u8],
    bytes: &[u8],
    starts: &[u32],
    ends: &[u32],
    mut output: Uint8ArraySlice,
) -> Result<()> {
    let output = exclusive(&mut output, &[key, bytes, bytes_of(starts), bytes_of(ends)])?;
    crate::hashing::hash_ranges(key_of(key)?, bytes, starts, ends, output).map_err(to_js)
}

/// As `hashing::merkle_root`, into the 32 bytes of `output`. Errors: NATIVE_BAD_INPUTS.
#[napi]
pub fn blake3_merkle_root(key: &[u8], leaves: &[u8], mut output: Uint8ArraySlice) -> Result<()> {
    let output = exclusive(&mut output, &[key, leaves])?;
    let root = crate::hashing::merkle_root(key_of(key)?, leaves).map_err(to_js)?;
    let output: &mut [u8; HASH_BYTES] = output.try_into().map_err(|_| bad("a root has 32 bytes"))?;
    *output = root;
    Ok(())
}
