//! Sums of multiples against ark's own multiplication.

use crate::support::{Seed, g1};
use ark_bn254::{Fr, G1Affine, G1Projective, g1 as curve};
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::{AdditiveGroup, Field};
use zkbazaar_native::verify::{Coefficient, Tables};

#[test]
fn sums_of_scalars_are_those_of_ark() {
    let mut seed = Seed::new("scalars");
    let lambda = curve::Config::LAMBDA;
    let half = -Fr::ONE / Fr::from(2u64);
    let edges = [
        Fr::ZERO,
        Fr::ONE,
        -Fr::ONE,
        lambda,
        -lambda,
        lambda + Fr::ONE,
        half,
        Fr::from(2u64).pow([127]),
    ];
    let mut scalars = edges.to_vec();
    scalars.extend((0..200).map(|_| seed.fr()));
    let mut points: Vec<G1Affine> = scalars.iter().map(|_| g1(seed.fr())).collect();
    points[5] = G1Affine::identity();
    let mut expected = G1Projective::ZERO;
    for (scalar, point) in scalars.iter().zip(&points) {
        assert_eq!(Tables::kept(&[*point]).scalar_sum(&[*scalar]), *point * scalar);
        assert_eq!(Tables::fresh(&[*point]).scalar_sum(&[*scalar]), *point * scalar);
        expected += *point * scalar;
    }
    assert_eq!(Tables::kept(&points).scalar_sum(&scalars), expected);
}

#[test]
fn coefficients_multiply_as_the_numbers_that_they_are() {
    let mut seed = Seed::new("coefficients");
    let edges = [0, 1, 2, 31, u64::MAX, u64::MAX - 1, 1 << 63];
    let mut coefficients: Vec<Coefficient> = edges
        .iter()
        .flat_map(|low| edges.map(|high| Coefficient { low: *low, high }))
        .collect();
    for _ in 0..50 {
        let low = seed.below(usize::MAX >> 33) as u64 * 0x9e37_79b9_7f4a_7c15;
        coefficients.push(Coefficient {
            low,
            high: low.rotate_left(17) ^ 0x5555,
        });
    }
    let points: Vec<G1Affine> = coefficients.iter().map(|_| g1(seed.fr())).collect();
    let tables = Tables::fresh(&points);
    let mut expected = G1Projective::ZERO;
    for (index, (rho, point)) in coefficients.iter().zip(&points).enumerate() {
        assert_eq!(tables.weighed(index, *rho), *point * rho.to_fr());
        expected += *point * rho.to_fr();
    }
    assert_eq!(tables.weighed_sum(coefficients.into_iter().enumerate()), expected);
}
