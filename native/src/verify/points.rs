//! Points as they cross the boundary: coordinates of 32 bytes big-endian, all of them canonical.

use super::outcome::Outcome;
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ff::{BigInt, PrimeField, Zero};

pub const FIELD_BYTES: usize = 32;
pub const G1_BYTES: usize = 2 * FIELD_BYTES;
pub const G2_BYTES: usize = 4 * FIELD_BYTES;
/// A, B, C.
pub const PROOF_BYTES: usize = 2 * G1_BYTES + G2_BYTES;

/// The three points of a proof, on their curves; B not yet known to be in the subgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    pub a: G1Affine,
    pub b: G2Affine,
    pub c: G1Affine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointFault {
    /// A coordinate is not below q.
    NotCanonical,
    Infinity,
    OffCurve,
}

fn limbs_from_big_endian(bytes: &[u8; FIELD_BYTES]) -> BigInt<4> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        let mut word = [0u8; 8];
        word.copy_from_slice(chunk);
        *limb = u64::from_be_bytes(word);
    }
    BigInt(limbs)
}

fn read_fq(bytes: &[u8], index: usize) -> Result<Fq, PointFault> {
    let part = bytes.get(index * FIELD_BYTES..(index + 1) * FIELD_BYTES);
    let word: &[u8; FIELD_BYTES] = part
        .and_then(|part| part.try_into().ok())
        .ok_or(PointFault::NotCanonical)?;
    Fq::from_bigint(limbs_from_big_endian(word)).ok_or(PointFault::NotCanonical)
}

/// A point of G1 from 64 bytes; x = y = 0 is the point at infinity, which is a fault.
pub fn read_g1(bytes: &[u8]) -> Result<G1Affine, PointFault> {
    let (x, y) = (read_fq(bytes, 0)?, read_fq(bytes, 1)?);
    if x.is_zero() && y.is_zero() {
        return Err(PointFault::Infinity);
    }
    let point = G1Affine::new_unchecked(x, y);
    if point.is_on_curve() {
        Ok(point)
    } else {
        Err(PointFault::OffCurve)
    }
}

/// A point of the twist from 128 bytes (x.c0, x.c1, y.c0, y.c1); its subgroup is not checked.
pub fn read_g2(bytes: &[u8]) -> Result<G2Affine, PointFault> {
    let x = Fq2::new(read_fq(bytes, 0)?, read_fq(bytes, 1)?);
    let y = Fq2::new(read_fq(bytes, 2)?, read_fq(bytes, 3)?);
    if x.is_zero() && y.is_zero() {
        return Err(PointFault::Infinity);
    }
    let point = G2Affine::new_unchecked(x, y);
    if point.is_on_curve() {
        Ok(point)
    } else {
        Err(PointFault::OffCurve)
    }
}

/// A proof from its 256 bytes. Every point is read before one is refused, so that a coordinate out of range comes
/// before a point off its curve, as in src/claims/proof-codec.ts.
pub fn read_proof(bytes: &[u8; PROOF_BYTES]) -> Result<Proof, Outcome> {
    let a = read_g1(&bytes[..G1_BYTES]);
    let b = read_g2(&bytes[G1_BYTES..G1_BYTES + G2_BYTES]);
    let c = read_g1(&bytes[G1_BYTES + G2_BYTES..]);
    let malformed = |fault: Option<PointFault>| fault.is_some_and(|fault| fault != PointFault::OffCurve);
    if malformed(a.err()) || malformed(b.err()) || malformed(c.err()) {
        return Err(Outcome::Malformed);
    }
    Ok(Proof {
        a: a.map_err(|_| Outcome::OffCurveA)?,
        b: b.map_err(|_| Outcome::OffCurveB)?,
        c: c.map_err(|_| Outcome::OffCurveC)?,
    })
}
