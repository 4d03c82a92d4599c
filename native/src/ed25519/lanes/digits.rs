//! Numbers as signed digits of some bits each, without carries: half a window is added to every digit beforehand, all at
//! once, and taken from it afterwards.

use curve25519_dalek::scalar::Scalar;

use crate::avx2::{Vector, above, and, load, right_each, splat, store, sub, xor};
use crate::ed25519::coefficient::Coefficient;

pub const LANES: usize = 4;
/// Of a scalar below the group's order, which is just above 2^252, with a sign.
const SCALAR_BITS: usize = 254;
const COEFFICIENT_BITS: usize = 128;
/// Five words hold what is added to a number, and what is read beyond its end.
const WORDS: usize = 5;

/// Words of a number, lowest first, with half a window added to each digit.
#[derive(Clone, Copy)]
pub struct Digits([u64; WORDS]);

/// How numbers are split into digits, four of which, one a lane, make a group.
pub struct Window {
    pub bits: usize,
    pub groups: usize,
    /// Those that coefficients have.
    pub short_groups: usize,
    halves: [u64; WORDS],
    short_halves: [u64; WORDS],
}

impl Window {
    /// @param bits 4 to 11. With 4 a coefficient might have a digit more than it has room for, so it is for scalars only.
    pub fn new(bits: usize) -> Self {
        let groups = SCALAR_BITS.div_ceil(LANES * bits);
        let short_groups = COEFFICIENT_BITS.div_ceil(LANES * bits);
        let less = Coefficient::OFFSET.wrapping_neg();
        let less = [less as u64, (less >> 64) as u64, u64::MAX, u64::MAX, u64::MAX];
        Window {
            bits,
            groups,
            short_groups,
            halves: halves(bits, groups),
            short_halves: sum(halves(bits, short_groups), &less),
        }
    }

    /// Digits lie from minus this to this less one.
    pub fn half(&self) -> usize {
        1 << (self.bits - 1)
    }

    pub fn split(&self, scalar: &Scalar) -> Digits {
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(scalar.as_bytes().as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Digits(sum(words, &self.halves))
    }

    pub fn split_short(&self, coefficient: Coefficient) -> Digits {
        let mut words = [0; WORDS];
        words[0] = coefficient.bits as u64;
        words[1] = (coefficient.bits >> 64) as u64;
        Digits(sum(words, &self.short_halves))
    }

    /// The digit of that number of each of four scalars, without their signs, and all ones in the lanes where it is below zero.
    pub fn digit(&self, scalars: &[Digits; LANES], digit: usize) -> ([usize; LANES], Vector) {
        let bit = digit * self.bits;
        let (word, low) = (bit / 64, bit % 64);
        let half = self.half();
        // No digit of the lengths in use lies in two words.
        let chunks = scalars
            .each_ref()
            .map(|digits| (digits.0[word] >> low) as usize & (2 * half - 1));
        let negative = chunks.map(|chunk| if chunk < half { u64::MAX } else { 0 });
        (chunks.map(|chunk| chunk.abs_diff(half)), load(&negative))
    }

    /// The digits of a group without their signs, and all ones in the lanes whose digit is below zero.
    #[inline(always)]
    pub fn group(&self, digits: &Digits, group: usize) -> ([usize; LANES], Vector) {
        let bit = group * LANES * self.bits;
        let (word, low) = (bit / 64, bit % 64);
        let next = digits.0.get(word + 1).copied().unwrap_or(0);
        let four = ((u128::from(digits.0[word]) | u128::from(next) << 64) >> low) as u64;
        let shifts = load(&std::array::from_fn(|lane| (lane * self.bits) as u64));
        let half = splat(self.half() as u64);
        let mask = splat(2 * self.half() as u64 - 1);
        let signed = sub(and(right_each(splat(four), shifts), mask), half);
        let negative = above(splat(0), signed);
        let mut sizes = [0; LANES];
        store(sub(xor(signed, negative), negative), &mut sizes);
        (sizes.map(|size| size as usize), negative)
    }
}

fn halves(bits: usize, groups: usize) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    for digit in 1..=groups * LANES {
        let bit = digit * bits - 1;
        words[bit / 64] |= 1 << (bit % 64);
    }
    words
}

fn sum(mut words: [u64; WORDS], other: &[u64; WORDS]) -> [u64; WORDS] {
    let mut carry = false;
    for (word, other) in words.iter_mut().zip(other) {
        let (first, one) = word.overflowing_add(*other);
        let (second, two) = first.overflowing_add(u64::from(carry));
        (*word, carry) = (second, one || two);
    }
    words
}
