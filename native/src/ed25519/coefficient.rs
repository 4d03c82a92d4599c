//! What each equation of a batch is multiplied by.

use curve25519_dalek::scalar::Scalar;

/// The number `bits` - OFFSET: as many different ones as there are values of 128 bits. Its digits of eight bits each with a sign
/// are the bytes less 128, so that sixteen of them do where a number from zero on would need a seventeenth.
#[derive(Clone, Copy)]
pub struct Coefficient {
    /// The number plus OFFSET.
    pub bits: u128,
}

impl Coefficient {
    pub const OFFSET: u128 = 0x8080_8080_8080_8080_8080_8080_8080_8080;

    /// @param bits random ones
    pub fn of(bits: [u8; 16]) -> Self {
        Coefficient {
            bits: u128::from_le_bytes(bits),
        }
    }

    pub fn scalar(self) -> Scalar {
        Scalar::from(self.bits) - Scalar::from(Self::OFFSET)
    }
}
