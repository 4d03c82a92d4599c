//! The scalars of the points H: the quotient of the circuit's polynomials, by its values on a shifted domain.

use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use rayon::prelude::*;

use crate::fft::Domain;
use crate::field::{Fr, limbs};
use crate::key::Zkey;
use crate::key::zkey::{COEFFICIENT_BYTES, coefficient_indices};
use crate::wipe::Wiped;

/// (A * B - C) on the shifted domain; the division by the vanishing polynomial, constant there, is in the points H.
/// @param witness canonical limbs
pub fn quotient(key: &Zkey, bytes: &[u8], domain: &Domain, witness: &[BigInt<4>]) -> Wiped<BigInt<4>> {
    let [mut a, mut b] = rows(key, bytes, witness);
    // In place: what a parallel iterator collects may pass through more than one vector.
    let mut c = Wiped::filled(Fr::ZERO, key.domain);
    c.par_iter_mut()
        .zip(a.par_iter().zip(&b[..]))
        .for_each(|(c, (a, b))| *c = *a * b);
    rayon::join(
        || domain.shift(&mut a),
        || rayon::join(|| domain.shift(&mut b), || domain.shift(&mut c)),
    );
    let mut values = Wiped::filled(BigInt::default(), key.domain);
    values
        .par_iter_mut()
        .zip(a.par_iter().zip(&b[..]).zip(&c[..]))
        .for_each(|(value, ((a, b), c))| *value = (*a * b - c).into_bigint());
    values
}

/// Values of the rows of A and B. The key's coefficients are times R^2 and the witness is in ordinary form, so that one
/// Montgomery product gives a value in Montgomery form.
fn rows(key: &Zkey, bytes: &[u8], witness: &[BigInt<4>]) -> [Wiped<Fr>; 2] {
    let mut rows = [0; 2].map(|_| Wiped::filled(Fr::ZERO, key.domain));
    for row in bytes[key.coefficients.clone()].chunks_exact(COEFFICIENT_BYTES) {
        let (matrix, constraint, wire) = coefficient_indices(row);
        let value = &witness[wire];
        if value.0 != [0; 4] {
            rows[matrix as usize][constraint] +=
                Fr::new_unchecked(limbs(&row[12..])) * Fr::new_unchecked(*value);
        }
    }
    rows
}
