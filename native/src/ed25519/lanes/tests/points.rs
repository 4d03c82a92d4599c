//! Decoding.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;

use super::*;
use crate::ed25519::lanes::decode;
use crate::ed25519::lanes::point::{D, Niels};
use crate::ed25519::plain;

/// Affine coordinates of what is added: (y + x) / 2 and (y - x) / 2 give both; and the third part must be d x y.
fn coordinates(point: &Niels) -> ([u8; 32], [u8; 32]) {
    let part = |part: usize| {
        Four(std::array::from_fn(|i| {
            crate::avx2::splat(u64::from(point.0[part * LIMBS + i]))
        }))
    };
    let (x, y) = (
        part(0).minus(&part(1)).carried(),
        part(0).plus(&part(1)).carried(),
    );
    let product = x.times(&y).times(&Four::constant(&D));
    assert_eq!(bytes(&product)[0], bytes(&part(2))[0]);
    (bytes(&x)[0], bytes(&y)[0])
}

/// The verdict and the point of dalek's decoder for each. Returns how many are points.
fn check(encoded: &[[u8; 32]]) -> usize {
    let mut points = 0;
    let both = decode(encoded).into_iter().zip(plain::decode(encoded));
    for (encoded, (ours, theirs)) in encoded.iter().zip(both) {
        assert_eq!(ours.is_some(), theirs.is_some(), "{encoded:02x?}");
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            let (x, mut y) = coordinates(&ours);
            y[31] |= x[0] << 7;
            assert_eq!(y, theirs.compress().to_bytes(), "{encoded:02x?}");
            points += 1;
        }
    }
    points
}

fn with_both_signs(encoded: impl IntoIterator<Item = [u8; 32]>) -> Vec<[u8; 32]> {
    let signed = encoded.into_iter().flat_map(|mut bytes| {
        bytes[31] &= 0x7f;
        let positive = bytes;
        bytes[31] |= 0x80;
        [positive, bytes]
    });
    signed.collect()
}

#[test]
fn edges_are_decoded_as_dalek_does() {
    // Every y from p to 2^255 - 1 is among them, and x = 0 with either sign.
    let points = check(&with_both_signs(edges()));
    assert!(points > 100 && points < 2 * edges().len());
}

#[test]
fn small_order_in_every_encoding() {
    let canonical = EIGHT_TORSION.iter().map(|point| point.compress().to_bytes());
    let all = with_both_signs(canonical.chain([near_p(0), near_p(1)]));
    assert_eq!(check(&all), all.len());
}

#[test]
fn random_bytes_and_points() {
    // Half of all y have no x.
    let any: Vec<[u8; 32]> = (0..20_000)
        .map(|seed| *random(seed).first_chunk().unwrap())
        .collect();
    let points = check(&any);
    assert!(points > 9_000 && points < 11_000);
    let all = with_both_signs((0..500).map(|seed| point(seed).compress().to_bytes()));
    assert_eq!(check(&all), 1000);
}

#[test]
fn each_lane_has_its_own_verdict() {
    let bad = small(2);
    assert!(CompressedEdwardsY(bad).decompress().is_none());
    for mask in 0..16u64 {
        for length in 0..=4 {
            let good = |lane: u64| point(mask + lane).compress().to_bytes();
            let all: Vec<_> = (0..4)
                .map(|lane| if mask >> lane & 1 == 1 { bad } else { good(lane) })
                .collect();
            let expected = (0..length).filter(|lane| mask >> lane & 1 == 0).count();
            assert_eq!(check(&all[..length]), expected);
        }
    }
}
