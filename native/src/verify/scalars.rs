//! Scalars as short signed digits, by the endomorphism phi(x, y) = (BETA x, y) of the curve, which multiplies by LAMBDA
//! (Gallant, Lambert, Vanstone, CRYPTO 2001). Nothing here is secret, so time may depend on the values.

use ark_bn254::{Fr, g1};
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::PrimeField;

/// Zero, or odd and below 2^(width - 1) in size.
pub type Digit = i16;

/// `value` in width-w non-adjacent form, the least significant digit first.
pub fn digits(value: u128, negative: bool, width: u32) -> Vec<Digit> {
    let (window, sign) = (1i32 << width, if negative { -1 } else { 1 });
    let mut out = Vec::with_capacity(130);
    let mut rest = value;
    while rest != 0 {
        let low = (rest & (window as u128 - 1)) as i32;
        let digit = match low {
            even if even & 1 == 0 => 0,
            odd if odd >= window / 2 => odd - window,
            odd => odd,
        };
        out.push((sign * digit) as Digit);
        rest >>= 1;
        if digit != 0 {
            // (rest - digit) / 2 for odd numbers, without a 129th bit.
            rest = rest.wrapping_add_signed(i128::from((1 - digit) / 2));
        }
    }
    out
}

/// Two parts of 128 bits at most, each with whether it is negative: scalar = first + LAMBDA second.
pub fn split(scalar: Fr) -> [(u128, bool); 2] {
    let ((positive1, k1), (positive2, k2)) = g1::Config::scalar_decomposition(scalar);
    let low = |k: Fr| {
        let limbs = k.into_bigint().0;
        u128::from(limbs[0]) | (u128::from(limbs[1]) << 64)
    };
    [(low(k1), !positive1), (low(k2), !positive2)]
}
