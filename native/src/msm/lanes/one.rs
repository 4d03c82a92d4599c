//! Four elements of the base field.

use std::sync::OnceLock;

use ark_ff::{BigInt, BigInteger, Field, PrimeField};

use super::limbs::*;
use super::{Lanes, invert_all};
use crate::avx2::{Vector, add, and, left, load, mul, or, right, splat, store, sub, transpose};
use crate::field::Fq;

#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub struct One(pub(super) [Vector; LIMBS]);

impl One {
    #[inline(always)]
    pub(super) fn constant(limbs: &Limbs) -> Self {
        One(limbs.map(splat))
    }

    /// Limbs below 2^63 made tidy. The value must be below 2^261.
    #[inline(always)]
    pub(super) fn carried(mut self) -> Self {
        let mask = splat(LIMB_MASK);
        for index in 0..LIMBS - 1 {
            let carry = right(self.0[index], LIMB_BITS);
            self.0[index] = and(self.0[index], mask);
            self.0[index + 1] = add(self.0[index + 1], carry);
        }
        self
    }

    /// A tidy representative below 2^255 of limbs below 2^32.
    #[inline(always)]
    pub(super) fn reduced(mut self) -> Self {
        let top = add(self.0[LIMBS - 1], right(self.0[LIMBS - 2], LIMB_BITS));
        let quotient = right(mul(top, splat(QUOTIENT)), QUOTIENT_SHIFT);
        for (limb, complement) in self.0.iter_mut().zip(COMPLEMENT) {
            *limb = add(*limb, mul(quotient, splat(complement)));
        }
        let mut tidy = self.carried();
        tidy.0[LIMBS - 1] = and(tidy.0[LIMBS - 1], splat(LIMB_MASK));
        tidy
    }

    #[inline(always)]
    pub(super) fn zip(&self, other: &Self, f: impl Fn(Vector, Vector) -> Vector) -> Self {
        One(std::array::from_fn(|index| f(self.0[index], other.0[index])))
    }

    #[inline(always)]
    pub(super) fn plus(&self, other: &Self) -> Self {
        self.zip(other, add)
    }

    /// Montgomery's product of sums: (a * b + c * d) / R, at most eighteen products of limbs in a lane.
    /// Source: C. K. Koc, T. Acar, B. Kaliski, *Analyzing and Comparing Montgomery Multiplication Algorithms*, 1996 (CIOS).
    #[inline(always)]
    pub(super) fn product<const PAIRS: usize>(pairs: [(&Self, &Self); PAIRS]) -> Self {
        let mut sum = [splat(0); LIMBS];
        for i in 0..LIMBS {
            step(&mut sum, &pairs, i);
        }
        One(sum).carried()
    }

    /// Canonical words of one reduced value.
    pub(super) fn canonical(words: &[u64]) -> Fq {
        let mut value = BigInt::new([words[0], words[1], words[2], words[3]]);
        while value >= Fq::MODULUS {
            value.sub_with_borrow(&Fq::MODULUS);
        }
        Fq::new_unchecked(value)
    }
}

/// Adds the products with limb `i` of the first factors, makes the lowest limb zero by a multiple of q, and drops it.
#[inline(always)]
fn step<const PAIRS: usize>(sum: &mut [Vector; LIMBS], pairs: &[(&One, &One); PAIRS], i: usize) {
    for (a, b) in pairs {
        for (sum, limb) in sum.iter_mut().zip(b.0) {
            *sum = add(*sum, mul(a.0[i], limb));
        }
    }
    let factor = and(mul(sum[0], splat(MINUS_Q_INVERSE)), splat(LIMB_MASK));
    let carry = right(add(sum[0], mul(factor, splat(Q[0]))), LIMB_BITS);
    for (j, prime) in Q.iter().enumerate().skip(1) {
        sum[j - 1] = add(sum[j], mul(factor, splat(*prime)));
    }
    sum[0] = add(sum[0], carry);
    sum[LIMBS - 1] = splat(0);
}

#[inline(always)]
fn first_four(words: &[u64]) -> &[u64; 4] {
    words.first_chunk().unwrap_or(&[0; 4])
}

#[inline(always)]
fn first_four_mut(words: &mut [u64]) -> &mut [u64; 4] {
    words
        .first_chunk_mut()
        .expect("lanes are stored to four words or more")
}

impl Lanes for One {
    type Scalar = Fq;

    fn start() -> Self {
        One([splat(1); LIMBS])
    }

    #[inline(always)]
    fn load<const FILE: bool>(from: [&[u64]; 4]) -> Self {
        let w = transpose(from.map(|words| load(first_four(words))));
        let mask = splat(LIMB_MASK);
        One(std::array::from_fn(|index| {
            let bit = index * LIMB_BITS;
            let Some(bit) = bit.checked_sub(if FILE { FILE_SHIFT } else { 0 }) else {
                return and(left(w[0], FILE_SHIFT), mask);
            };
            let (word, low) = (bit / 64, bit % 64);
            let mut limb = right(w[word], low);
            if low + LIMB_BITS > 64 && word + 1 < 4 {
                limb = or(limb, left(w[word + 1], 64 - low));
            }
            and(limb, mask)
        }))
    }

    #[inline(always)]
    fn store(&self, to: [&mut [u64]; 4]) {
        let words: [Vector; 4] = std::array::from_fn(|word| {
            let mut sum = splat(0);
            for (index, limb) in self.0.iter().enumerate() {
                let (bit, start) = (index * LIMB_BITS, word * 64);
                if bit >= start && bit < start + 64 {
                    sum = or(sum, left(*limb, bit - start));
                } else if bit < start && bit + LIMB_BITS > start {
                    sum = or(sum, right(*limb, start - bit));
                }
            }
            sum
        });
        for (words, row) in to.into_iter().zip(transpose(words)) {
            store(row, first_four_mut(words));
        }
    }

    #[inline(always)]
    fn minus(&self, other: &Self) -> Self {
        self.plus(&One::constant(&ABOVE_ONE)).zip(other, sub)
    }

    #[inline(always)]
    fn minus_both(&self, a: &Self, b: &Self) -> Self {
        let above = self.plus(&One::constant(&ABOVE_TWO));
        above.zip(&a.plus(b), sub).reduced()
    }

    #[inline(always)]
    fn minus_reduced(&self, other: &Self) -> Self {
        self.minus(other).reduced()
    }

    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        One::product([(self, other)])
    }

    #[inline(always)]
    fn squared(&self) -> Self {
        One::product([(self, self)])
    }

    fn inverted(&self) -> Option<Self> {
        let mut words = [[0u64; 4]; 4];
        let reduced = self.reduced();
        reduced.store(words.each_mut().map(|lane| lane.as_mut_slice()));
        invert_all(words.map(|lane| One::canonical(&lane))).map(|inverses| {
            let words = inverses.map(|inverse| inverse.0.0);
            One::load::<false>(words.each_ref().map(|lane| lane.as_slice()))
        })
    }

    fn to_scalar(words: &[u64]) -> Fq {
        One::canonical(words) * from_lanes()
    }
}

/// What takes the file's R out of a value with R = 2^261.
fn from_lanes() -> Fq {
    static FACTOR: OnceLock<Fq> = OnceLock::new();
    *FACTOR.get_or_init(|| Fq::from(1u64 << FILE_SHIFT).inverse().unwrap_or_default())
}
