//! Whether a point of the twist has order r, by (x+1)P + psi(xP) + psi^2(xP) = psi^3(2xP), x the curve's parameter:
//! 63 doublings where rP = 0 takes 254. Criterion: Dai, Lin, Zhao, Zhou, https://eprint.iacr.org/2022/348. That nothing
//! else passes follows from a resultant, which test/unit/verifier/subgroup.test.ts computes.

use ark_bn254::{Config, G2Affine, G2Projective};
use ark_ec::{AffineRepr, bn::BnConfig};
use ark_ff::AdditiveGroup;

/// x = 4965661367192848881 in signed digits without neighbours, most significant first.
const DIGITS: [i8; DIGIT_COUNT] = non_adjacent_form();
const DIGIT_COUNT: usize = 63;

const fn non_adjacent_form() -> [i8; DIGIT_COUNT] {
    let mut digits = [0i8; DIGIT_COUNT];
    let mut rest = <Config as BnConfig>::X[0] as u128;
    let mut i = DIGIT_COUNT;
    while rest > 0 {
        i -= 1;
        if rest & 1 == 1 {
            if rest & 2 == 0 {
                digits[i] = 1;
                rest -= 1;
            } else {
                digits[i] = -1;
                rest += 1;
            }
        }
        rest >>= 1;
    }
    digits
}

/// Untwist, Frobenius, twist; in Jacobian coordinates the factors belong to X and Y alone.
fn psi(point: &G2Projective) -> G2Projective {
    let mut image = *point;
    for coordinate in [&mut image.x, &mut image.y, &mut image.z] {
        coordinate.conjugate_in_place();
    }
    image.x *= Config::TWIST_MUL_BY_Q_X;
    image.y *= Config::TWIST_MUL_BY_Q_Y;
    image
}

/// `point` must be on the twist and not at infinity.
pub fn is_in_g2_subgroup(point: &G2Affine) -> bool {
    let minus = -*point;
    let mut multiple = G2Projective::ZERO;
    for digit in DIGITS {
        multiple.double_in_place();
        match digit {
            1 => multiple += point,
            -1 => multiple += minus,
            _ => {}
        }
    }
    let psi1 = psi(&multiple);
    let left = multiple + point.into_group() + psi1 + psi(&psi1);
    let right = psi(&psi(&psi1.double()));
    left == right
}
