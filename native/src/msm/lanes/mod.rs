//! Four elements of a field side by side in AVX2 registers.
//!
//! An element is nine limbs of 29 bits, so that a 64-bit lane takes the sum of eighteen products of limbs without a carry,
//! and Montgomery's R is 2^261. Elements are not unique: an integer up to a bound stands for its remainder by q. Limbs of
//! a *tidy* element are below 2^29; those of a *loose* one, as a difference is, below 2^31.
//! Source of the idea: S. Gueron, V. Krasnov, *Software Implementation of Modular Exponentiation, Using Advanced Vector
//! Instructions Architectures*, WAIFI 2012.

mod limbs;
mod one;
#[cfg(test)]
mod tests;
mod two;

pub use one::One;
pub use two::Two;

use crate::field::Coordinate;
use limbs::FILE_SHIFT;

/// Arithmetic on four elements at once. Bounds: values of files, canonical and times 2^5, are below 0.19 R, differences
/// of them or of reduced values below 0.95 R; so a chain of products stays below 2^258. Reduced values are below 2^255.
pub trait Lanes: Copy + Send {
    type Scalar: Coordinate;
    /// Some element that is not zero: where a product begins that is divided out again.
    fn start() -> Self;

    /// Reads four elements, four words (or eight) each. `FILE` says that they are in Montgomery form with R = 2^256.
    fn load<const FILE: bool>(from: [&[u64]; 4]) -> Self;
    /// Writes four reduced elements.
    fn store(&self, to: [&mut [u64]; 4]);
    /// Loose.
    fn minus(&self, other: &Self) -> Self;
    /// self - a - b, reduced.
    fn minus_both(&self, a: &Self, b: &Self) -> Self;
    /// self - other, reduced.
    fn minus_reduced(&self, other: &Self) -> Self;
    /// `self` tidy, `other` tidy or loose; the product is tidy.
    fn times(&self, other: &Self) -> Self;
    /// `self` tidy.
    fn squared(&self) -> Self;
    /// The inverse of each, if all have one. Costs as much as fifty products.
    fn inverted(&self) -> Option<Self>;
    /// The element that a reduced value in memory stands for.
    fn to_scalar(words: &[u64]) -> Self::Scalar;
}

/// With arkworks' R a value v * 2^261 reads as v * 2^5; its inverse, times 2^10, reads as v^-1 * 2^261 again.
fn invert_all<F: Coordinate>(values: [F; 4]) -> Option<[F; 4]> {
    let ab = values[0] * values[1];
    let cd = values[2] * values[3];
    let inverse = (ab * cd).inverse()? * F::from(1u64 << (2 * FILE_SHIFT));
    let (ab_inverse, cd_inverse) = (inverse * cd, inverse * ab);
    Some([
        ab_inverse * values[1],
        ab_inverse * values[0],
        cd_inverse * values[3],
        cd_inverse * values[2],
    ])
}
