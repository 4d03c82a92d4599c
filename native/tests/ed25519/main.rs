//! Batches of Ed25519 against the plain equation of ZIP 215, one signature at a time.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use sha2::{Digest, Sha512};
use zkbazaar_native::ed25519::{Request, is_small_order, verify};

const PREFIX: &[u8] = b"domain";

#[derive(Clone)]
struct Signed {
    key: [u8; 32],
    signature: [u8; 64],
    message: [u8; 32],
}

/// Reproducible numbers below the group's order.
fn number(seed: u64) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(seed.to_le_bytes()).into())
}

fn challenge(r: &[u8], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(key);
    let hash = hash.chain_update(PREFIX).chain_update(message);
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

/// By key a B + T, with R = r B + T'.
fn sign(secret: u64, seed: u64, torsion: usize) -> Signed {
    let (a, r) = (number(secret), number(seed ^ 0x5555));
    let key = (EdwardsPoint::mul_base(&a) + EIGHT_TORSION[torsion % 8])
        .compress()
        .to_bytes();
    let point = (EdwardsPoint::mul_base(&r) + EIGHT_TORSION[torsion * 3 % 8]).compress();
    let message: [u8; 32] = Sha512::digest(seed.to_be_bytes())[..32]
        .try_into()
        .expect("32 bytes");
    let s = r + challenge(point.as_bytes(), &key, &message) * a;
    let signature = [point.to_bytes(), s.to_bytes()].concat().try_into();
    Signed {
        key,
        signature: signature.expect("64 bytes"),
        message,
    }
}

/// ZIP 215 as it is written, and no keys of small order.
fn by_definition(one: &Signed) -> bool {
    let decode = |bytes: &[u8]| CompressedEdwardsY::from_slice(bytes).ok()?.decompress();
    let s: [u8; 32] = one.signature[32..].try_into().expect("32 bytes");
    let (Some(key), Some(r), Some(s)) = (
        decode(&one.key),
        decode(&one.signature[..32]),
        Option::<Scalar>::from(Scalar::from_canonical_bytes(s)),
    ) else {
        return false;
    };
    let k = challenge(&one.signature[..32], &one.key, &one.message);
    !key.is_small_order() && (s * B - r - k * key).mul_by_cofactor().is_identity()
}

fn request(all: &[Signed]) -> Request {
    let bytes: Vec<u8> = all
        .iter()
        .flat_map(|one| [&one.key[..], &one.signature].concat())
        .collect();
    let messages: Vec<u8> = all.iter().flat_map(|one| one.message).collect();
    let keys: Vec<u32> = (0..all.len() as u32).map(|i| i * 96).collect();
    let signatures: Vec<u32> = keys.iter().map(|key| key + 32).collect();
    Request::gather(&bytes, &keys, &signatures, PREFIX, &messages).expect("parts within the bytes")
}

fn check(all: &[Signed]) {
    let expected: Vec<u8> = all.iter().map(|one| u8::from(by_definition(one))).collect();
    for threads in [1, 3] {
        assert_eq!(verify(&request(all), threads).expect("random bytes"), expected);
    }
}

#[test]
fn batches_of_every_size_stand() {
    for count in [0, 1, 2, 8, 9, 63, 64, 65, 300, 513, 1100] {
        // Every third signer signs again and again.
        let all: Vec<Signed> = (0..count)
            .map(|i| sign(if i % 3 == 0 { 7 } else { i }, i, 0))
            .collect();
        check(&all);
        assert!(all.iter().all(by_definition));
    }
}

#[test]
fn points_of_any_order_follow_the_cofactored_equation() {
    let all: Vec<Signed> = (0..128).map(|i| sign(i, i, i as usize)).collect();
    assert!(all.iter().all(by_definition));
    check(&all);
}

#[test]
fn bad_ones_are_found_among_good_ones() {
    let good: Vec<Signed> = (0..600).map(|i| sign(i % 100, i, i as usize)).collect();
    let mut next = steps(1);
    for bad in [1, 2, 20, 300, 600] {
        let mut all = good.clone();
        for _ in 0..bad {
            let one = &mut all[next(600)];
            let bit = next(1024);
            match bit / 256 {
                0 => one.key[bit % 256 / 8] ^= 1 << (bit % 8),
                1 => one.message[bit % 256 / 8] ^= 1 << (bit % 8),
                _ => one.signature[bit % 512 / 8] ^= 1 << (bit % 8),
            }
        }
        check(&all);
    }
}

/// Numbers that repeat from run to run.
fn steps(mut state: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    }
}

/// `ZKBAZAAR_SIGNATURES=100000` for so many.
#[test]
fn changed_ones_get_the_verdict_that_they_get_alone() {
    let count = std::env::var("ZKBAZAAR_SIGNATURES")
        .ok()
        .and_then(|text| text.parse().ok());
    let count: usize = count.unwrap_or(3000);
    let good: Vec<Signed> = (0..500).map(|i| sign(i % 170, i, i as usize)).collect();
    let mut next = steps(7);
    for start in (0..count).step_by(1500) {
        let all: Vec<Signed> = (start..count.min(start + 1500))
            .map(|_| changed(&good, &mut next))
            .collect();
        check(&all);
    }
}

/// One of the good ones with nothing, a bit, a part or an encoding changed. Half of the changes are to what may still hold.
fn changed(good: &[Signed], next: &mut impl FnMut(usize) -> usize) -> Signed {
    let mut one = good[next(good.len())].clone();
    let other = &good[next(good.len())];
    let (byte, bit) = (next(32), next(8));
    match next(10) {
        0 => one.key[byte] ^= 1 << bit,
        1 => one.message[byte] ^= 1 << bit,
        2 => one.signature[byte] ^= 1 << bit,
        3 => one.signature[32 + byte] ^= 1 << bit,
        4 => one.key[31] ^= 0x80,
        5 => one.signature[..32].copy_from_slice(&other.signature[..32]),
        6 => one.key = other.key,
        7 => one.signature[..32].copy_from_slice(&encodings()[next(encodings().len())]),
        8 => one.key = encodings()[next(encodings().len())],
        _ => (),
    }
    one
}

/// Of every y up to 20 and from p - 19 on, and of all points of small order; with either sign. Not all are of points.
fn encodings() -> &'static [[u8; 32]] {
    static ALL: std::sync::LazyLock<Vec<[u8; 32]>> = std::sync::LazyLock::new(|| {
        let near = (0..=20u8)
            .map(|y| (y, 0, 0))
            .chain((0..38).map(|y| (0xda + y, 0xff, 0x7f)));
        let near = near.map(|(first, rest, last)| {
            let mut encoded = [rest; 32];
            (encoded[0], encoded[31]) = (first, last);
            encoded
        });
        let small = EIGHT_TORSION.iter().map(|point| point.compress().to_bytes());
        let signed = near.chain(small).flat_map(|mut encoded| {
            encoded[31] ^= 0x80;
            let turned = encoded;
            encoded[31] ^= 0x80;
            [encoded, turned]
        });
        signed.collect()
    });
    &ALL
}

/// Under a secret that nobody has but for points of known order, R is taken as it is encoded: S = r + k a holds by the rule.
#[test]
fn every_encoding_of_r_and_key_follows_the_rule() {
    let mut all = Vec::new();
    for (index, encoded) in encodings().iter().enumerate() {
        let mut one = sign(index as u64, 1, 0);
        // Where R has small order, S = k a.
        one.signature[..32].copy_from_slice(encoded);
        let k = challenge(encoded, &one.key, &one.message);
        one.signature[32..].copy_from_slice((k * number(index as u64)).as_bytes());
        all.push(one.clone());
        // Where the key has small order, S = r: that holds, and is refused.
        let mut one = sign(index as u64, 2, 0);
        one.key = *encoded;
        let r = number(2 ^ 0x5555);
        one.signature[32..].copy_from_slice(r.as_bytes());
        all.push(one);
    }
    let good = all.iter().filter(|one| by_definition(one)).count();
    assert!(good >= 14, "R in each of its encodings: {good}");
    check(&all);
    for one in &all {
        check(std::slice::from_ref(one));
    }
}

#[test]
fn two_errors_do_not_cancel() {
    // S + 1 and S - 1 under the same key: their plain sum is right.
    let mut all: Vec<Signed> = (0..64).map(|i| sign(3, i, 0)).collect();
    for (index, change) in [(10, Scalar::ONE), (11, -Scalar::ONE)] {
        let s: [u8; 32] = all[index].signature[32..].try_into().expect("32 bytes");
        let s = Scalar::from_bytes_mod_order(s) + change;
        all[index].signature[32..].copy_from_slice(s.as_bytes());
    }
    check(&all);
}

#[test]
fn small_order_is_known_by_the_encoding() {
    let mut encodings: Vec<[u8; 32]> = EIGHT_TORSION
        .iter()
        .map(|point| point.compress().to_bytes())
        .collect();
    for first in [0xed, 0xee] {
        let mut second = [0xff; 32];
        (second[0], second[31]) = (first, 0x7f);
        encodings.push(second);
    }
    for mut encoded in encodings {
        for _ in 0..2 {
            let point = CompressedEdwardsY(encoded).decompress().expect("a point");
            assert!(point.is_small_order() && is_small_order(&encoded));
            encoded[31] ^= 0x80;
        }
    }
    for y in 0..64u8 {
        for (first, rest, last) in [(y, 0, 0), (0xed_u8.wrapping_add(y.min(18)), 0xff, 0x7f)] {
            let mut encoded = [rest; 32];
            (encoded[0], encoded[31]) = (first, last);
            if let Some(point) = CompressedEdwardsY(encoded).decompress() {
                assert_eq!(is_small_order(&encoded), point.is_small_order(), "{encoded:?}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let bytes = [0; 96];
    let gather = |keys: &[u32], signatures: &[u32], messages: &[u8]| {
        Request::gather(&bytes, keys, signatures, PREFIX, messages).is_err()
    };
    assert!(gather(&[65], &[0], &[]));
    assert!(gather(&[0], &[33], &[]));
    assert!(gather(&[u32::MAX], &[0], &[]));
    assert!(gather(&[0], &[0, 1], &[]));
    assert!(gather(&[0, 1], &[0, 1], &[0]));
    assert!(gather(&[0], &[0], &[0; 1024]));
    assert!(!gather(&[64], &[32], &[0; 1018]));
    assert!(!gather(&[], &[], &[]));
}
