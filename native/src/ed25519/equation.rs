//! What a signature says.

use curve25519_dalek::scalar::Scalar;

/// [8] S B = [8] R + [8] k A, over whatever points are here.
pub struct Equation<'a, P> {
    pub s: Scalar,
    pub k: Scalar,
    /// A.
    pub key: &'a P,
    pub r: &'a P,
}
