//! Points as they cross to Node: coordinates of 32 bytes, big-endian. The point at infinity, which no honest proof or key
//! has, is written as zeros.

use ark_bn254::{Fq, G1Affine, G2Affine};
use ark_ff::{BigInteger, PrimeField};

fn write_fq(value: &Fq, out: &mut Vec<u8>) {
    out.extend(value.into_bigint().to_bytes_be());
}

pub fn write_g1(point: &G1Affine, out: &mut Vec<u8>) {
    write_fq(&point.x, out);
    write_fq(&point.y, out);
}

pub fn write_g2(point: &G2Affine, out: &mut Vec<u8>) {
    for value in [&point.x.c0, &point.x.c1, &point.y.c0, &point.y.c1] {
        write_fq(value, out);
    }
}
