//! The fields and curves of bn128 (BN254), and the one place where bytes become field elements.
//!
//! Montgomery form is that of arkworks and of snarkjs's files alike: four little-endian 64-bit limbs, R = 2^256.

use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use rayon::prelude::*;

pub use ark_bn254::{Fq, Fq2, Fr};

/// Bytes of an element of `Fq` or `Fr`.
pub const FIELD_BYTES: usize = 32;

pub fn limbs(bytes: &[u8]) -> BigInt<4> {
    let mut out = [0u64; 4];
    for (limb, chunk) in out.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
    }
    BigInt::new(out)
}

/// True if all of these elements of `Fq` are below q. For keys and tables, which hold millions: the highest limb tells but
/// for one in 2^62.
pub fn all_canonical(bytes: &[u8]) -> bool {
    const PIECE: usize = 8192 * FIELD_BYTES;
    let highest = Fq::MODULUS.0[3];
    bytes.par_chunks(PIECE).all(|piece| {
        let mut elements = piece.chunks_exact(FIELD_BYTES);
        elements.all(|element| limbs(element).0[3] < highest || Fq::is_canonical(element))
            && elements.remainder().is_empty()
    })
}

/// What points of a curve are made of, as it lies in a file.
///
/// # Safety
/// An implementor is made of `BYTES / 8` limbs of 64 bits and of nothing else, padding included.
pub unsafe trait Coordinate: Field + AdditiveGroup + Send + Sync + 'static {
    const BYTES: usize;
    /// Reads Montgomery limbs as they are; `is_canonical` says whether they were below q.
    fn from_montgomery(bytes: &[u8]) -> Self;
    fn write_montgomery(&self, out: &mut [u8]);
    /// True if the limbs are below q: arithmetic on others is wrong, though never unsafe.
    fn is_canonical(bytes: &[u8]) -> bool;
}

// SAFETY: arkworks' `Fp` is four limbs and a marker without size.
unsafe impl Coordinate for Fq {
    const BYTES: usize = FIELD_BYTES;

    #[inline(always)]
    fn from_montgomery(bytes: &[u8]) -> Self {
        Fq::new_unchecked(limbs(bytes))
    }

    #[inline(always)]
    fn write_montgomery(&self, out: &mut [u8]) {
        for (limb, chunk) in self.0.0.iter().zip(out.chunks_exact_mut(8)) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
    }

    fn is_canonical(bytes: &[u8]) -> bool {
        limbs(bytes) < Fq::MODULUS
    }
}

// SAFETY: two `Fq`, which have no padding between them.
unsafe impl Coordinate for Fq2 {
    const BYTES: usize = 2 * FIELD_BYTES;

    #[inline(always)]
    fn from_montgomery(bytes: &[u8]) -> Self {
        Fq2::new(
            Fq::from_montgomery(&bytes[..FIELD_BYTES]),
            Fq::from_montgomery(&bytes[FIELD_BYTES..]),
        )
    }

    #[inline(always)]
    fn write_montgomery(&self, out: &mut [u8]) {
        self.c0.write_montgomery(&mut out[..FIELD_BYTES]);
        self.c1.write_montgomery(&mut out[FIELD_BYTES..]);
    }

    fn is_canonical(bytes: &[u8]) -> bool {
        Fq::is_canonical(&bytes[..FIELD_BYTES]) && Fq::is_canonical(&bytes[FIELD_BYTES..])
    }
}
