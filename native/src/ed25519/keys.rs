//! Public keys of a batch: each is decoded once, however often it signed.

use std::collections::HashMap;

use super::KEY_BYTES;

/// Every encoding, sign aside, of the y of a point of order 1, 2, 4 or 8: 0 and p (order 4), 1 and p + 1 (order 1), p - 1
/// (order 2), and the two of order 8. Others have y at or above 19, which no second encoding below 2^255 has.
const SMALL_ORDER_Y: [[u8; KEY_BYTES]; 7] = [
    y_of(0x00, 0x00, 0x00),
    y_of(0x01, 0x00, 0x00),
    y_of(0xec, 0xff, 0x7f),
    y_of(0xed, 0xff, 0x7f),
    y_of(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

const fn y_of(first: u8, middle: u8, last: u8) -> [u8; KEY_BYTES] {
    let mut bytes = [middle; KEY_BYTES];
    bytes[0] = first;
    bytes[KEY_BYTES - 1] = last;
    bytes
}

/// Whether the encoded point has order 1, 2, 4 or 8.
pub fn is_small_order(encoded: &[u8; KEY_BYTES]) -> bool {
    let mut y = *encoded;
    y[KEY_BYTES - 1] &= 0x7f;
    SMALL_ORDER_Y.contains(&y)
}

/// Distinct public keys, none of small order, in the order of their first signature.
#[derive(Default)]
pub struct Keys {
    positions: HashMap<[u8; KEY_BYTES], usize>,
    encoded: Vec<[u8; KEY_BYTES]>,
}

impl Keys {
    /// Position of a key, or nothing if no signature under it can be good.
    pub fn position(&mut self, encoded: &[u8; KEY_BYTES]) -> Option<usize> {
        if is_small_order(encoded) {
            return None;
        }
        Some(*self.positions.entry(*encoded).or_insert_with(|| {
            self.encoded.push(*encoded);
            self.encoded.len() - 1
        }))
    }

    /// Of the distinct ones.
    pub fn encoded(&self) -> &[[u8; KEY_BYTES]] {
        &self.encoded
    }
}
