//! Keys and witnesses in snarkjs's files. Source of the layout: snarkjs 0.7, `src/zkey_utils.js` and `src/wtns_utils.js`.

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};

use super::setup::Key;

pub fn u32_bytes(number: usize) -> [u8; 4] {
    (number as u32).to_le_bytes()
}

fn limbs(limbs: &[u64; 4]) -> impl Iterator<Item = u8> {
    limbs.map(u64::to_le_bytes).into_iter().flatten()
}

fn fq(value: &Fq) -> impl Iterator<Item = u8> {
    limbs(&value.0.0)
}

/// Coordinates in Montgomery form; zeros for the point at infinity.
pub fn g1_bytes(point: &G1Affine) -> Vec<u8> {
    if point.is_zero() {
        return vec![0; 64];
    }
    fq(&point.x).chain(fq(&point.y)).collect()
}

pub fn g2_bytes(point: &G2Affine) -> Vec<u8> {
    if point.is_zero() {
        return vec![0; 128];
    }
    let coordinates = [point.x.c0, point.x.c1, point.y.c0, point.y.c1];
    coordinates.iter().flat_map(fq).collect()
}

/// The sections of a `.zkey` by number.
pub fn sections(key: &Key) -> Vec<(u32, Vec<u8>)> {
    let many1 = |points: &[G1Affine]| points.iter().flat_map(g1_bytes).collect::<Vec<u8>>();
    let mut header = Vec::new();
    for prime in [Fq::MODULUS, Fr::MODULUS] {
        header.extend(u32_bytes(32));
        header.extend(prime.to_bytes_le());
    }
    for count in [key.wires, key.public, key.domain] {
        header.extend(u32_bytes(count));
    }
    header.extend(g1_bytes(&key.alpha1));
    header.extend(g1_bytes(&key.beta1));
    header.extend(g2_bytes(&key.beta2));
    header.extend(g2_bytes(&key.gamma2));
    header.extend(g1_bytes(&key.delta1));
    header.extend(g2_bytes(&key.delta2));
    let mut rows = u32_bytes(key.coefficients.len()).to_vec();
    // Times R^2, of which the element's own form has one R.
    let r = Fr::from_le_bytes_mod_order(&[vec![0; 32], vec![1]].concat());
    for (matrix, constraint, wire, value) in &key.coefficients {
        for number in [matrix, constraint, wire] {
            rows.extend(number.to_le_bytes());
        }
        rows.extend(limbs(&(*value * r).0.0));
    }
    vec![
        (1, u32_bytes(1).to_vec()),
        (2, header),
        (3, many1(&key.ic)),
        (4, rows),
        (5, many1(&key.a)),
        (6, many1(&key.b1)),
        (7, key.b2.iter().flat_map(g2_bytes).collect()),
        (8, many1(&key.c)),
        (9, many1(&key.h)),
        (10, vec![0; 68]),
    ]
}

/// iden3's container.
pub fn container(magic: &[u8; 4], version: usize, sections: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.extend(u32_bytes(version));
    bytes.extend(u32_bytes(sections.len()));
    for (id, content) in sections {
        bytes.extend(id.to_le_bytes());
        bytes.extend((content.len() as u64).to_le_bytes());
        bytes.extend(content);
    }
    bytes
}

pub fn zkey(key: &Key) -> Vec<u8> {
    container(b"zkey", 1, &sections(key))
}

/// The bare values of a witness.
pub fn values(witness: &[Fr]) -> Vec<u8> {
    let bytes = witness.iter().flat_map(|value| value.into_bigint().to_bytes_le());
    bytes.collect()
}

pub fn wtns(witness: &[Fr]) -> Vec<u8> {
    let mut header = u32_bytes(32).to_vec();
    header.extend(Fr::MODULUS.to_bytes_le());
    header.extend(u32_bytes(witness.len()));
    container(b"wtns", 2, &[(1, header), (2, values(witness))])
}
