//! Reader of snarkjs's Groth16 proving keys. Checks everything that later steps rely on: sizes, indices, ranges.
//! Source of the layout: snarkjs 0.7, `src/zkey_utils.js`.

use std::ops::Range;

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{PrimeField, Zero};

use super::sections::{Reader, Sections};
use super::wtns::require_prime;
use crate::error::{Error, Result};
use crate::field::{Coordinate, FIELD_BYTES, Fq, Fq2, Fr, all_canonical, limbs};

const G1_BYTES: usize = 2 * <Fq as Coordinate>::BYTES;
const G2_BYTES: usize = 2 * <Fq2 as Coordinate>::BYTES;
pub const COEFFICIENT_BYTES: usize = 12 + FIELD_BYTES;
/// bn128 has roots of unity up to 2^28; the quotient needs those of the doubled domain.
const MAX_DOMAIN: usize = 1 << 27;
/// Sums number their points in 31 bits.
const MAX_WIRES: usize = 1 << 30;
const GROTH16: u32 = 1;

/// What a proof needs beside the sums over the witness, and what a verifier needs.
#[derive(Debug)]
pub struct Points {
    pub alpha1: G1Affine,
    pub beta1: G1Affine,
    pub beta2: G2Affine,
    pub gamma2: G2Affine,
    pub delta1: G1Affine,
    pub delta2: G2Affine,
    pub ic: Vec<G1Affine>,
}

/// Where things lie in a `.zkey`. Holds no bytes: each use is given the same file again.
#[derive(Debug)]
pub struct Zkey {
    pub wires: usize,
    pub public: usize,
    pub domain: usize,
    pub points: Points,
    /// Rows of matrix (0 A, 1 B), constraint, wire (u32 each), value times R^2; in the order of constraints.
    pub coefficients: Range<usize>,
    pub a: Range<usize>,
    pub b1: Range<usize>,
    pub b2: Range<usize>,
    pub c: Range<usize>,
    pub h: Range<usize>,
}

impl Zkey {
    /// Errors: NATIVE_FORMAT_INVALID, NATIVE_PROTOCOL_UNSUPPORTED (PLONK, FFLONK), NATIVE_CURVE_UNSUPPORTED.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let sections = Sections::parse(bytes, b"zkey", 1..2)?;
        if Reader::new(bytes, sections.range(1)?)?.u32()? != GROTH16 {
            return Err(Error::new(
                "NATIVE_PROTOCOL_UNSUPPORTED",
                "the proving key is not one of Groth16",
            ));
        }
        let mut header = Reader::new(bytes, sections.range(2)?)?;
        require_prime(&mut header, &Fq::MODULUS.0, "q")?;
        require_prime(&mut header, &Fr::MODULUS.0, "r")?;
        let wires = header.u32()? as usize;
        let public = header.u32()? as usize;
        let domain = header.u32()? as usize;
        if public >= wires || wires > MAX_WIRES || !domain.is_power_of_two() || domain > MAX_DOMAIN {
            return Err(Error::format("the counts in the header contradict each other"));
        }
        let ic = sections.sized(3, (public + 1).checked_mul(G1_BYTES))?;
        let points = Points {
            alpha1: g1(header.take(G1_BYTES)?)?,
            beta1: g1(header.take(G1_BYTES)?)?,
            beta2: g2(header.take(G2_BYTES)?)?,
            gamma2: g2(header.take(G2_BYTES)?)?,
            delta1: g1(header.take(G1_BYTES)?)?,
            delta2: g2(header.take(G2_BYTES)?)?,
            ic: bytes[ic].chunks_exact(G1_BYTES).map(g1).collect::<Result<_>>()?,
        };
        let key = Self {
            wires,
            public,
            domain,
            points,
            coefficients: coefficients(bytes, sections.range(4)?, wires, domain)?,
            a: sections.sized(5, wires.checked_mul(G1_BYTES))?,
            b1: sections.sized(6, wires.checked_mul(G1_BYTES))?,
            b2: sections.sized(7, wires.checked_mul(G2_BYTES))?,
            c: sections.sized(8, (wires - public - 1).checked_mul(G1_BYTES))?,
            h: sections.sized(9, domain.checked_mul(G1_BYTES))?,
        };
        for (range, name) in [
            (&key.a, "A"),
            (&key.b1, "B1"),
            (&key.b2, "B2"),
            (&key.c, "C"),
            (&key.h, "H"),
        ] {
            if !all_canonical(&bytes[range.clone()]) {
                return Err(Error::format(format!(
                    "a coordinate among the points {name} is not below q"
                )));
            }
        }
        Ok(key)
    }
}

/// Errors: an index out of range or out of order, on which the evaluation of rows relies.
fn coefficients(bytes: &[u8], section: Range<usize>, wires: usize, domain: usize) -> Result<Range<usize>> {
    let mut reader = Reader::new(bytes, section.clone())?;
    let count = reader.u32()? as usize;
    let range = reader.position()..section.end;
    if Some(range.len()) != count.checked_mul(COEFFICIENT_BYTES) {
        return Err(Error::format("the coefficients have the wrong size"));
    }
    let mut previous = 0;
    for row in bytes[range.clone()].chunks_exact(COEFFICIENT_BYTES) {
        let (matrix, constraint, wire) = coefficient_indices(row);
        let canonical = limbs(&row[12..]) < Fr::MODULUS;
        if matrix > 1 || constraint < previous || constraint >= domain || wire >= wires || !canonical {
            return Err(Error::format("a coefficient is out of range or out of order"));
        }
        previous = constraint;
    }
    Ok(range)
}

/// Matrix, constraint and wire of one row.
#[inline(always)]
pub fn coefficient_indices(row: &[u8]) -> (u32, usize, usize) {
    let number = |at: usize| u32::from_le_bytes([row[at], row[at + 1], row[at + 2], row[at + 3]]);
    (number(0), number(4) as usize, number(8) as usize)
}

/// Errors: not below q, not on the curve. (0, 0) is the point at infinity.
fn g1(bytes: &[u8]) -> Result<G1Affine> {
    let (x, y) = coordinates::<Fq>(bytes)?;
    let point = if x.is_zero() && y.is_zero() {
        G1Affine::zero()
    } else {
        G1Affine::new_unchecked(x, y)
    };
    if point.is_on_curve() {
        Ok(point)
    } else {
        Err(Error::format("a point of the header is not on its curve"))
    }
}

/// Errors as `g1`, and outside the subgroup of order r.
fn g2(bytes: &[u8]) -> Result<G2Affine> {
    let (x, y) = coordinates::<Fq2>(bytes)?;
    let point = if x.is_zero() && y.is_zero() {
        G2Affine::zero()
    } else {
        G2Affine::new_unchecked(x, y)
    };
    if point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve() {
        Ok(point)
    } else {
        Err(Error::format("a point of the header is not on its curve"))
    }
}

fn coordinates<F: Coordinate>(bytes: &[u8]) -> Result<(F, F)> {
    let (x, y) = bytes.split_at(F::BYTES);
    if !F::is_canonical(x) || !F::is_canonical(y) {
        return Err(Error::format("a coordinate of the header is not below q"));
    }
    Ok((F::from_montgomery(x), F::from_montgomery(y)))
}
