//! Face of `poseidon`: synchronous, since a hash takes less than handing it to a thread.

use ark_ff::{BigInteger, PrimeField};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use zeroize::Zeroize;

use crate::field::{FIELD_BYTES, Fr, limbs};

/// Poseidon of 1 to 16 values below r, 32 bytes little-endian each. Errors: NATIVE_BAD_INPUTS.
#[napi]
pub fn poseidon(inputs: &[u8]) -> Result<Uint8Array> {
    let refused = || Error::from_reason("NATIVE_BAD_INPUTS: Poseidon takes 1 to 16 values below r");
    let chunks = inputs.chunks_exact(FIELD_BYTES);
    if !chunks.remainder().is_empty() || chunks.len() > crate::poseidon::MAX_INPUTS {
        return Err(refused());
    }
    let mut values = chunks
        .map(|bytes| Fr::from_bigint(limbs(bytes)).ok_or_else(refused))
        .collect::<Result<Vec<Fr>>>()?;
    let result = crate::poseidon::hash(&values);
    values.zeroize();
    let bytes = result.ok_or_else(refused)?.into_bigint().to_bytes_le();
    Ok(Uint8Array::from(bytes))
}
