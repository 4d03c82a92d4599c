//! Decoding and sums by curve25519-dalek alone, where there is no AVX2.

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};

use super::Equation;
use super::coefficient::Coefficient;

pub type Point = EdwardsPoint;

/// Each point by ZIP 215's rules, which are those of dalek's decoder: y modulo p, and -0 is 0.
pub fn decode(encoded: &[[u8; 32]]) -> Vec<Option<Point>> {
    encoded
        .iter()
        .map(|bytes| CompressedEdwardsY(*bytes).decompress())
        .collect()
}

/// Whether eight times the sum of all products is the neutral point. What is multiplied by `base` is the base point.
pub fn vanishes(base: &Scalar, full: &[(Scalar, &Point)], short: &[(Coefficient, &Point)]) -> bool {
    let scalars = std::iter::once(*base)
        .chain(full.iter().map(|(scalar, _)| *scalar))
        .chain(short.iter().map(|(coefficient, _)| coefficient.scalar()));
    let points = std::iter::once(ED25519_BASEPOINT_POINT)
        .chain(full.iter().map(|(_, point)| **point))
        .chain(short.iter().map(|(_, point)| **point));
    EdwardsPoint::vartime_multiscalar_mul(scalars, points)
        .mul_by_cofactor()
        .is_identity()
}

/// Whether [8] S B = [8] R + [8] k A, for each.
pub fn hold(equations: &[Equation<Point>]) -> Vec<bool> {
    let hold = |one: &Equation<Point>| {
        let r = EdwardsPoint::vartime_double_scalar_mul_basepoint(&-one.k, one.key, &one.s);
        (r - one.r).mul_by_cofactor().is_identity()
    };
    equations.iter().map(hold).collect()
}
