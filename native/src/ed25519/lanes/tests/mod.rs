//! Agreement with arkworks (the field) and curve25519-dalek (points and sums), on random values and on edges.

mod field;
mod points;
mod sums;

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

use super::field::{Four, LIMBS, bits};
use crate::avx2::{load, store, transpose};

fn random(seed: u64) -> [u8; 64] {
    Sha512::digest(seed.to_le_bytes()).into()
}

fn number(seed: u64) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&random(seed))
}

/// A point of prime order plus one of small order.
fn point(seed: u64) -> EdwardsPoint {
    EdwardsPoint::mul_base(&number(seed)) + EIGHT_TORSION[seed as usize % 8]
}

fn words(bytes: &[u8; 32]) -> [u64; 4] {
    std::array::from_fn(|i| u64::from_le_bytes(*bytes[8 * i..].first_chunk().unwrap()))
}

/// Of their low 255 bits.
fn four(values: &[[u8; 32]; 4]) -> Four {
    let words = values.map(|bytes| words(&bytes));
    Four::from_words(transpose(words.each_ref().map(load)))
}

/// Limbs of each lane.
fn limbs(element: &Four) -> [[u64; LIMBS]; 4] {
    let mut lanes = [[0; LIMBS]; 4];
    for (index, vector) in element.0.into_iter().enumerate() {
        let mut words = [0; 4];
        store(vector, &mut words);
        for (lane, word) in lanes.iter_mut().zip(words) {
            lane[index] = word;
        }
    }
    lanes
}

/// The representatives below p.
fn bytes(element: &Four) -> [[u8; 32]; 4] {
    limbs(&element.carried().reduced()).map(|limbs| {
        let mut bytes = [0; 32];
        let mut start = 0;
        for (index, limb) in limbs.into_iter().enumerate() {
            assert!(limb < 1 << bits(index));
            for bit in (0..bits(index)).filter(|bit| limb >> bit & 1 == 1) {
                bytes[(start + bit) / 8] |= 1 << ((start + bit) % 8);
            }
            start += bits(index);
        }
        bytes
    })
}

/// p + offset, for -19 to 18.
fn near_p(offset: i32) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = ((0xed + offset) as u8, 0x7f);
    bytes
}

fn small(value: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = value;
    bytes
}

/// Around 0 and p, all that a coordinate has two encodings for among them; and powers of two, where limbs meet.
fn edges() -> Vec<[u8; 32]> {
    let powers = (0..255).map(|bit| {
        let mut bytes = [0; 32];
        bytes[bit / 8] = 1 << (bit % 8);
        bytes
    });
    (0..=20)
        .map(small)
        .chain((-19..=18).map(near_p))
        .chain(powers)
        .collect()
}
