//! Lines, subgroup and Miller loop against ark-bn254 and halo2curves.

use crate::support::{Seed, g1, g2, points_of_small_order, twist_points};
use ark_bn254::{Bn254, Config, Fq, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::bn::G2Prepared;
use ark_ec::pairing::{MillerLoopOutput, Pairing};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use halo2curves::bn256;
use halo2curves::ff::PrimeField as _;
use halo2curves::group::Group as _;
use halo2curves::pairing::{MillerLoopResult as _, MultiMillerLoop as _};
use zkbazaar_native::verify::{Lines, miller, places, trace};

/// Both ways of tracing: alone, and in company large enough for affine coordinates.
fn both_ways(points: &[G2Affine]) -> Vec<Option<Lines>> {
    let alone: Vec<_> = points.iter().flat_map(|point| trace(&[*point])).collect();
    let mut company = points.to_vec();
    company.extend((1..9u64).map(|scalar| g2(Fr::from(scalar))));
    assert_eq!(alone, trace(&company)[..points.len()]);
    alone
}

#[test]
fn lines_are_those_of_ark() {
    let mut seed = Seed::new("lines");
    let points: Vec<_> = (0..10).map(|_| g2(seed.fr())).collect();
    for (point, lines) in points.iter().zip(both_ways(&points)) {
        let lines = lines.expect("a point of the subgroup");
        let theirs = G2Prepared::<Config>::from(*point).ell_coeffs;
        assert_eq!(lines.len(), theirs.len());
        for (line, (y, x, one)) in lines.iter().zip(theirs) {
            assert_eq!((line.slope * y, line.offset * y), (x, one));
        }
    }
}

#[test]
fn every_point_of_the_subgroup_is_in_it() {
    let mut seed = Seed::new("inside");
    let mut scalars: Vec<Fr> = [1u64, 2, 3, 4, 5, 4965661367192848881].map(Fr::from).to_vec();
    scalars.extend(scalars.clone().iter().map(|scalar| -*scalar));
    scalars.extend((0..30).map(|_| seed.fr()));
    let mut points: Vec<_> = scalars.into_iter().map(g2).collect();
    points.extend(twist_points(&mut seed, 5).iter().map(G2Affine::clear_cofactor));
    assert!(both_ways(&points).iter().all(Option::is_some));
}

#[test]
fn no_other_point_is() {
    let mut seed = Seed::new("outside");
    let mut points = twist_points(&mut seed, 60);
    for small in points_of_small_order(&mut seed) {
        points.push(small);
        points.push(-small);
        points.push((small + g2(seed.fr())).into_affine());
        points.push((small + small).into_affine());
    }
    assert!(
        points
            .iter()
            .all(|point| point.is_on_curve() && !point.is_in_correct_subgroup_assuming_on_curve())
    );
    assert!(both_ways(&points).iter().all(Option::is_none));
}

fn ours(pairs: &[(G1Projective, G2Affine)]) -> ark_bn254::Fq12 {
    let (g1, g2): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    let lines: Vec<Lines> = trace(&g2)
        .into_iter()
        .map(|lines| lines.expect("a point of the subgroup"))
        .collect();
    let places = places(&g1);
    let pairs: Vec<_> = places
        .iter()
        .zip(&lines)
        .map(|(place, lines)| (*place, lines.as_slice()))
        .collect();
    Bn254::final_exponentiation(MillerLoopOutput(miller(&pairs)))
        .expect("a value")
        .0
}

fn theirs(value: Fq) -> bn256::Fq {
    let bytes: [u8; 32] = value.into_bigint().to_bytes_le().try_into().expect("32 bytes");
    bn256::Fq::from_repr(bytes.into()).expect("a coordinate")
}

fn halo2_product_is_one(pairs: &[(G1Projective, G2Affine)]) -> bool {
    let g1 = |point: &G1Projective| {
        let point = point.into_affine();
        if point.is_zero() {
            return bn256::G1Affine::default();
        }
        bn256::G1Affine {
            x: theirs(point.x),
            y: theirs(point.y),
        }
    };
    let g2 = |point: &G2Affine| bn256::G2Affine {
        x: bn256::Fq2::new(theirs(point.x.c0), theirs(point.x.c1)),
        y: bn256::Fq2::new(theirs(point.y.c0), theirs(point.y.c1)),
    };
    let points: Vec<_> = pairs.iter().map(|(p, q)| (g1(p), g2(q))).collect();
    let terms: Vec<_> = points.iter().map(|(p, q)| (p, q)).collect();
    bn256::Bn256::multi_miller_loop(&terms)
        .final_exponentiation()
        .is_identity()
        .into()
}

#[test]
fn products_of_pairings_are_those_of_ark_and_halo2curves() {
    let mut seed = Seed::new("products");
    for length in [1, 2, 3, 5, 6, 7, 20] {
        let mut exponents: Vec<(Fr, Fr)> = (0..length).map(|_| (seed.fr(), seed.fr())).collect();
        for round in 0..3 {
            if round == 1 {
                // The last pair takes back what the others make.
                let (_, last) = exponents[length - 1];
                let others: Fr = exponents[..length - 1].iter().map(|(a, b)| *a * b).sum();
                exponents[length - 1] = (-others / last, last);
            } else if round == 2 {
                exponents[length - 1].0 += Fr::ONE;
            }
            let pairs: Vec<_> = exponents
                .iter()
                .map(|(a, b)| (G1Projective::from(g1(*a)), g2(*b)))
                .collect();
            let value = ours(&pairs);
            let (p, q): (Vec<G1Affine>, Vec<G2Affine>) =
                pairs.iter().map(|(p, q)| (p.into_affine(), *q)).unzip();
            assert_eq!(value, Bn254::multi_pairing(p, q).0);
            let one = value == ark_bn254::Fq12::ONE;
            assert_eq!(one, round == 1);
            assert_eq!(one, halo2_product_is_one(&pairs));
        }
    }
}

#[test]
fn infinity_and_jacobian_coordinates_are_what_they_stand_for() {
    let mut seed = Seed::new("coordinates");
    let (p, q) = (g1(seed.fr()), g2(seed.fr()));
    assert_eq!(ours(&[(G1Projective::ZERO, q)]), ark_bn254::Fq12::ONE);
    let z = seed.fq();
    let scaled = G1Projective::new_unchecked(p.x * z.square(), p.y * z.square() * z, z);
    assert_eq!(
        ours(&[(scaled, q), (G1Projective::ZERO, q)]),
        Bn254::pairing(p, q).0
    );
}
