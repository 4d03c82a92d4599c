//! Random choices that are the same in each run.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};

/// Source: G. Steele, D. Lea, C. Flood, *Fast Splittable Pseudorandom Number Generators* (SplitMix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    pub fn fr(&mut self) -> Fr {
        let bytes = self.bytes(48);
        Fr::from_le_bytes_mod_order(&bytes)
    }

    /// Any element, and often one at an edge: 0, 1, r - 1, small, a power of two, or next to one.
    pub fn edgy(&mut self) -> Fr {
        let power = |random: &mut Self| Fr::from(2u64).pow([random.below(254) as u64]);
        match self.below(10) {
            0 | 1 => Fr::ZERO,
            2 => Fr::ONE,
            3 => -Fr::ONE,
            4 => Fr::from(self.below(1 << 16) as u64),
            5 => -Fr::from(self.below(1 << 16) as u64),
            6 => power(self),
            7 => power(self) - Fr::ONE,
            _ => self.fr(),
        }
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}
