//! Number-theoretic transforms over the scalar field, and the quotient polynomial of a proof.
//!
//! The inverse transform takes values in order and leaves coefficients in bit-reversed order (decimation in frequency);
//! the forward one takes that order and leaves values in order (decimation in time). So nothing is ever permuted.

use ark_ff::{FftField, Field};
use rayon::prelude::*;

use crate::field::Fr;

/// Below this many elements a transform is done by one thread.
const PARALLEL: usize = 1 << 12;

/// Everything about a domain that does not depend on the values.
pub struct Domain {
    size: usize,
    /// Powers of the root of unity, and of its inverse: half a domain each.
    roots: Vec<Fr>,
    inverse_roots: Vec<Fr>,
    /// shift^i / size, i bit-reversed: makes coefficients those of the polynomial on the shifted domain.
    shifts: Vec<Fr>,
}

impl Domain {
    /// @param size a power of two up to 2^27, so that the shift below is a root of unity of twice the size
    pub fn new(size: usize) -> Self {
        let power = size.trailing_zeros() as u64;
        let root = |power: u64| {
            (power..Fr::TWO_ADICITY as u64).fold(Fr::TWO_ADIC_ROOT_OF_UNITY, |root, _| root.square())
        };
        let (one, shift) = (root(power), root(power + 1));
        let inverse_size = Fr::from(size as u64).inverse().unwrap_or(Fr::ONE);
        let mut shifts = powers(shift, size);
        shifts.iter_mut().for_each(|value| *value *= inverse_size);
        bit_reverse(&mut shifts);
        Self {
            size,
            roots: powers(one, size / 2),
            inverse_roots: powers(one.inverse().unwrap_or(Fr::ONE), size / 2),
            shifts,
        }
    }

    pub fn bytes(&self) -> usize {
        2 * self.size * size_of::<Fr>()
    }

    /// From values on the domain to values on the domain shifted by a root of unity of twice its size.
    pub fn shift(&self, values: &mut [Fr]) {
        decimate_in_frequency(values, &self.inverse_roots, 1);
        values
            .par_iter_mut()
            .with_min_len(PARALLEL)
            .zip(&self.shifts)
            .for_each(|(value, shift)| *value *= shift);
        decimate_in_time(values, &self.roots, 1);
    }
}

fn powers(base: Fr, count: usize) -> Vec<Fr> {
    let mut next = Fr::ONE;
    (0..count.max(1))
        .map(|_| {
            let power = next;
            next *= base;
            power
        })
        .collect()
}

fn bit_reverse(values: &mut [Fr]) {
    let bits = values.len().trailing_zeros();
    if bits == 0 {
        return;
    }
    for index in 0..values.len() {
        let other = index.reverse_bits() >> (usize::BITS - bits);
        if index < other {
            values.swap(index, other);
        }
    }
}

/// @param stride of the roots at this depth
fn decimate_in_frequency(values: &mut [Fr], roots: &[Fr], stride: usize) {
    let half = values.len() / 2;
    if half == 0 {
        return;
    }
    let (low, high) = values.split_at_mut(half);
    let butterfly = |(index, (a, b)): (usize, (&mut Fr, &mut Fr))| {
        let difference = *a - *b;
        *a += *b;
        *b = difference * roots[index * stride];
    };
    if half >= PARALLEL {
        low.par_iter_mut()
            .zip(high.par_iter_mut())
            .enumerate()
            .with_min_len(PARALLEL / 4)
            .for_each(butterfly);
        rayon::join(
            || decimate_in_frequency(low, roots, 2 * stride),
            || decimate_in_frequency(high, roots, 2 * stride),
        );
    } else {
        low.iter_mut()
            .zip(high.iter_mut())
            .enumerate()
            .for_each(butterfly);
        decimate_in_frequency(low, roots, 2 * stride);
        decimate_in_frequency(high, roots, 2 * stride);
    }
}

fn decimate_in_time(values: &mut [Fr], roots: &[Fr], stride: usize) {
    let half = values.len() / 2;
    if half == 0 {
        return;
    }
    let (low, high) = values.split_at_mut(half);
    let butterfly = |(index, (a, b)): (usize, (&mut Fr, &mut Fr))| {
        let product = *b * roots[index * stride];
        *b = *a - product;
        *a += product;
    };
    if half >= PARALLEL {
        rayon::join(
            || decimate_in_time(low, roots, 2 * stride),
            || decimate_in_time(high, roots, 2 * stride),
        );
        low.par_iter_mut()
            .zip(high.par_iter_mut())
            .enumerate()
            .with_min_len(PARALLEL / 4)
            .for_each(butterfly);
    } else {
        decimate_in_time(low, roots, 2 * stride);
        decimate_in_time(high, roots, 2 * stride);
        low.iter_mut()
            .zip(high.iter_mut())
            .enumerate()
            .for_each(butterfly);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::AdditiveGroup;

    #[test]
    fn shifts_a_polynomial() {
        for power in [0usize, 1, 2, 5, 13] {
            let size = 1 << power;
            let coefficients: Vec<Fr> = (0..size as u64).map(|i| Fr::from(i * i + 3).pow([7])).collect();
            let at = |x: Fr| coefficients.iter().rev().fold(Fr::ZERO, |sum, c| sum * x + c);
            let root = Fr::get_root_of_unity(size as u64).unwrap();
            let shift = Fr::get_root_of_unity(2 * size as u64).unwrap();
            let probe = [0, 1, size / 2, size - 1].map(|i| i.min(size - 1) as u64);
            let mut values: Vec<Fr> = if power < 8 {
                (0..size as u64).map(|i| at(root.pow([i]))).collect()
            } else {
                let mut reversed = coefficients.clone();
                bit_reverse(&mut reversed);
                decimate_in_time(&mut reversed, &powers(root, size / 2), 1);
                assert_eq!(reversed[1], at(root));
                reversed
            };
            Domain::new(size).shift(&mut values);
            for i in probe {
                assert_eq!(values[i as usize], at(shift * root.pow([i])), "2^{power} at {i}");
            }
        }
    }
}
