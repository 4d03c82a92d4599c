//! The constants of nine limbs of 29 bits.

use ark_ff::PrimeField;

use crate::field::Fq;

pub const LIMBS: usize = 9;
pub const LIMB_BITS: usize = 29;
pub const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;
/// R / 2^256, by which elements here and in files differ.
pub const FILE_SHIFT: usize = 5;

pub type Limbs = [u64; LIMBS];

pub const Q: Limbs = to_limbs(&Fq::MODULUS.0);
/// -1/q modulo 2^29.
pub const MINUS_Q_INVERSE: u64 = {
    let mut inverse = 1u64;
    let mut round = 0;
    while round < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(Q[0].wrapping_mul(inverse)));
        round += 1;
    }
    inverse.wrapping_neg() & LIMB_MASK
};
/// 2^261 - q: adding it t times and dropping what is above 2^261 takes away t * q.
pub const COMPLEMENT: Limbs = {
    let mut limbs = [0; LIMBS];
    let (mut index, mut borrow) = (0, 0);
    while index < LIMBS {
        let difference = (1u64 << LIMB_BITS) - Q[index] - borrow;
        limbs[index] = difference & LIMB_MASK;
        borrow = 1 - (difference >> LIMB_BITS);
        index += 1;
    }
    limbs
};
/// Multiples of q with limbs from 2^29 (2^30) up, from which one (two) tidy elements below 2^260 can be taken.
pub const ABOVE_ONE: Limbs = above(128, 1);
pub const ABOVE_TWO: Limbs = above(256, 2);
/// The same for one element below 2^255.
pub const ABOVE_REDUCED: Limbs = above(4, 1);
/// 2^40 / (q / 2^232 + 1): estimates a quotient by q from the top limb.
pub const QUOTIENT_SHIFT: usize = 40;
pub const QUOTIENT: u64 = (1 << QUOTIENT_SHIFT) / (Q[LIMBS - 1] + 1);

pub const fn to_limbs(words: &[u64; 4]) -> Limbs {
    let mut limbs = [0; LIMBS];
    let mut index = 0;
    while index < LIMBS {
        let bit = index * LIMB_BITS;
        let (word, shift) = (bit / 64, bit % 64);
        let mut limb = words[word] >> shift;
        if shift + LIMB_BITS > 64 && word + 1 < 4 {
            limb |= words[word + 1] << (64 - shift);
        }
        limbs[index] = limb & LIMB_MASK;
        index += 1;
    }
    limbs
}

/// multiple * q, with 2^29 * times lent from each limb to the one below it.
pub const fn above(multiple: u64, times: u64) -> Limbs {
    let mut limbs = [0; LIMBS];
    let (mut index, mut carry) = (0, 0);
    while index < LIMBS {
        let value = Q[index] * multiple + carry;
        limbs[index] = if index + 1 < LIMBS {
            value & LIMB_MASK
        } else {
            value
        };
        carry = value >> LIMB_BITS;
        index += 1;
    }
    index = 0;
    while index + 1 < LIMBS {
        limbs[index] += times << LIMB_BITS;
        limbs[index + 1] -= times;
        index += 1;
    }
    limbs
}
