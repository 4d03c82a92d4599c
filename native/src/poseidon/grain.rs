//! The parameter generator of Poseidon: an 80-bit Grain LFSR in self-shrinking mode.
//! Source: Grassi et al., Poseidon, eprint 2019/458, appendix F; generate_parameters_grain.sage.

use ark_ff::{BigInt, PrimeField};

use crate::field::Fr;

const STATE_BITS: usize = 80;
const FIELD_BITS: usize = 254;
const TAPS: [usize; 6] = [62, 51, 38, 23, 13, 0];

pub struct Grain {
    /// A ring; `at` is the oldest bit.
    bits: [bool; STATE_BITS],
    at: usize,
}

impl Grain {
    /// The seed names field (prime), S-box (x^5), field size, state width and both numbers of rounds.
    pub fn new(width: usize, full_rounds: usize, partial_rounds: usize) -> Self {
        let seed = [
            (1, 2),
            (0, 4),
            (FIELD_BITS, 12),
            (width, 12),
            (full_rounds, 10),
            (partial_rounds, 10),
            ((1 << 30) - 1, 30),
        ];
        let mut bits = [false; STATE_BITS];
        let mut next = 0;
        for (value, count) in seed {
            for bit in (0..count).rev() {
                bits[next] = (value >> bit) & 1 == 1;
                next += 1;
            }
        }
        let mut grain = Self { bits, at: 0 };
        for _ in 0..160 {
            grain.step();
        }
        grain
    }

    /// The next element of the field; values at or above r are skipped.
    pub fn element(&mut self) -> Fr {
        loop {
            if let Some(element) = Fr::from_bigint(self.integer()) {
                return element;
            }
        }
    }

    /// The next 254 bits, most significant first.
    pub fn integer(&mut self) -> BigInt<4> {
        let mut limbs = [0u64; 4];
        for position in (0..FIELD_BITS).rev() {
            limbs[position / 64] |= u64::from(self.bit()) << (position % 64);
        }
        BigInt::new(limbs)
    }

    /// Bits come in pairs: a leading 1 lets the second out, a leading 0 drops it.
    fn bit(&mut self) -> bool {
        loop {
            let keep = self.step();
            let bit = self.step();
            if keep {
                return bit;
            }
        }
    }

    fn step(&mut self) -> bool {
        let next = TAPS
            .iter()
            .fold(false, |sum, tap| sum ^ self.bits[(self.at + tap) % STATE_BITS]);
        self.bits[self.at] = next;
        self.at = (self.at + 1) % STATE_BITS;
        next
    }
}
