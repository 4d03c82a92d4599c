//! The scalars of the points H: the quotient of the circuit's polynomials, by its values on a shifted domain.

use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use rayon::prelude::*;

use crate::fft::Domain;
use crate::field::{Fr, limbs};
use crate::key::Zkey;
use crate::key::zkey::{COEFFICIENT_BYTES, coefficient_indices};

/// (A * B - C) on the shifted domain; the division by the vanishing polynomial, constant there, is in the points H.
/// @param witness canonical limbs
pub fn quotient(key: &Zkey, bytes: &[u8], domain: &Domain, witness: &[BigInt<4>]) -> Vec<BigInt<4>> {
    let (mut a, mut b) = rows(key, bytes, witness);
    let mut c: Vec<Fr> = a.par_iter().zip(&b).map(|(a, b)| *a * b).collect();
    rayon::join(
        || domain.shift(&mut a),
        || rayon::join(|| domain.shift(&mut b), || domain.shift(&mut c)),
    );
    let values = a
        .par_iter()
        .zip(&b)
        .zip(&c)
        .map(|((a, b), c)| (*a * b - c).into_bigint())
        .collect();
    for secret in [&mut a, &mut b, &mut c] {
        secret.fill(Fr::ZERO);
        std::hint::black_box(secret);
    }
    values
}

/// Values of the rows of A and B. The key's coefficients are times R^2 and the witness is in ordinary form, so that one
/// Montgomery product gives a value in Montgomery form.
fn rows(key: &Zkey, bytes: &[u8], witness: &[BigInt<4>]) -> (Vec<Fr>, Vec<Fr>) {
    let mut rows = [vec![Fr::ZERO; key.domain], vec![Fr::ZERO; key.domain]];
    for row in bytes[key.coefficients.clone()].chunks_exact(COEFFICIENT_BYTES) {
        let (matrix, constraint, wire) = coefficient_indices(row);
        let value = &witness[wire];
        if value.0 != [0; 4] {
            rows[matrix as usize][constraint] +=
                Fr::new_unchecked(limbs(&row[12..])) * Fr::new_unchecked(*value);
        }
    }
    let [a, b] = rows;
    (a, b)
}
