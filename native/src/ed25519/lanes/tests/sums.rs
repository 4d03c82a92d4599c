//! Sums that vanish and those that do not, and equations alone, against dalek's.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

use super::*;
use crate::ed25519::Equation;
use crate::ed25519::coefficient::Coefficient;
use crate::ed25519::lanes::digits::Window;
use crate::ed25519::lanes::sum::vanishes_with;
use crate::ed25519::lanes::{Point, decode, hold, vanishes};
use crate::ed25519::plain;

fn coefficient(seed: u64) -> Coefficient {
    match seed % 50 {
        0 => Coefficient::of([0; 16]),
        1 => Coefficient::of([0xff; 16]),
        // The number zero.
        2 => Coefficient::of([0x80; 16]),
        3 => Coefficient::of([0x7f; 16]),
        _ => Coefficient::of(*random(seed).first_chunk().unwrap()),
    }
}

fn scalar(seed: u64) -> Scalar {
    match seed % 50 {
        0 => Scalar::ZERO,
        1 => Scalar::ONE,
        2 => -Scalar::ONE,
        3 => Scalar::from(128u64),
        4 => -Scalar::from(1u64 << 40),
        _ => number(seed),
    }
}

struct Terms {
    base: Scalar,
    full: Vec<(Scalar, EdwardsPoint)>,
    short: Vec<(Coefficient, EdwardsPoint)>,
}

/// Terms whose sum is the neutral point, or one of small order. Some points repeat, with their negatives.
fn vanishing(seed: u64, full: u64, short: u64) -> Terms {
    let pick = |i: u64| match i % 16 {
        0 => point(seed),
        1 => -point(seed),
        2 => EIGHT_TORSION[(i / 16) as usize % 8],
        3 => ED25519_BASEPOINT_POINT,
        _ => point(seed + i),
    };
    let full: Vec<_> = (0..full).map(|i| (scalar(seed + i), pick(i))).collect();
    let short: Vec<_> = (0..short).map(|i| (coefficient(seed + i), pick(i + 5))).collect();
    let sum: EdwardsPoint = full.iter().map(|(scalar, point)| scalar * point).sum();
    let rest: EdwardsPoint = short.iter().map(|(short, point)| short.scalar() * point).sum();
    let base = number(seed + 7);
    let last = -(sum + rest + EdwardsPoint::mul_base(&base)) + EIGHT_TORSION[seed as usize % 8];
    let full = full.into_iter().chain([(Scalar::ONE, last)]).collect();
    Terms { base, full, short }
}

fn ours(point: &EdwardsPoint) -> Point {
    decode(&[point.compress().to_bytes()])[0].expect("a point")
}

/// Every window and dalek agree.
fn check(terms: &Terms, expected: bool) {
    let full: Vec<_> = terms
        .full
        .iter()
        .map(|(scalar, point)| (*scalar, ours(point)))
        .collect();
    let short: Vec<_> = terms
        .short
        .iter()
        .map(|(short, point)| (*short, ours(point)))
        .collect();
    let full: Vec<_> = full.iter().map(|(scalar, point)| (*scalar, point)).collect();
    let short: Vec<_> = short.iter().map(|(scalar, point)| (*scalar, point)).collect();
    let base = ours(&ED25519_BASEPOINT_POINT);
    for bits in 5..=11 {
        let sum = vanishes_with(&Window::new(bits), (&terms.base, &base), &full, &short);
        assert_eq!(sum, expected, "{bits} bits");
    }
    assert_eq!(vanishes(&terms.base, &full, &short), expected);
    let full: Vec<_> = terms
        .full
        .iter()
        .map(|(scalar, point)| (*scalar, point))
        .collect();
    let short: Vec<_> = terms.short.iter().map(|(short, point)| (*short, point)).collect();
    assert_eq!(plain::vanishes(&terms.base, &full, &short), expected);
}

#[test]
fn sums_agree_with_dalek() {
    for (full, short) in [
        (0, 0),
        (1, 0),
        (0, 1),
        (3, 2),
        (20, 20),
        (0, 90),
        (90, 0),
        (400, 400),
    ] {
        for seed in 0..if full + short > 100 { 1 } else { 6 } {
            let mut terms = vanishing(1000 * seed + full, full, short);
            check(&terms, true);
            terms.base += Scalar::ONE;
            check(&terms, false);
            terms.base -= Scalar::ONE;
            let last = terms.full.len() - 1;
            terms.full[last].1 += ED25519_BASEPOINT_POINT;
            check(&terms, false);
            // A point of small order more changes nothing.
            terms.full[last].1 += EIGHT_TORSION[3] - ED25519_BASEPOINT_POINT;
            check(&terms, true);
        }
    }
}

#[test]
fn every_change_of_a_term_is_seen() {
    let terms = |seed| vanishing(seed, 30, 30);
    for place in 0..30 {
        let mut changed = terms(5);
        changed.full[place].1 += point(77);
        let neutral = changed.full[place].0 == Scalar::ZERO;
        check(&changed, neutral);
        let mut changed = terms(6);
        changed.short[place].1 += point(78);
        let neutral = changed.short[place].0.scalar() == Scalar::ZERO;
        check(&changed, neutral);
    }
}

#[test]
fn equations_alone_agree_with_dalek() {
    let mut seen = [0; 2];
    for seed in 0..400 {
        let (s, k) = (scalar(seed), scalar(3 * seed + 1));
        let key = if seed % 17 == 5 {
            EIGHT_TORSION[seed as usize % 8]
        } else {
            point(seed + 1)
        };
        let r = s * ED25519_BASEPOINT_POINT - k * key + EIGHT_TORSION[seed as usize / 3 % 8];
        // One in three is wrong by something.
        let (s, k, r) = match seed % 9 {
            0 => (s + Scalar::ONE, k, r),
            1 => (s, k - Scalar::ONE, r),
            2 => (s, k, r + point(seed)),
            _ => (s, k, r),
        };
        let others: Vec<_> = (0..seed % 6).map(|i| (number(seed + i), point(i))).collect();
        let (our_key, our_r) = (ours(&key), ours(&r));
        let points: Vec<_> = others.iter().map(|(_, point)| (ours(point), *point)).collect();
        let mut mine = vec![Equation {
            s,
            k,
            key: &our_key,
            r: &our_r,
        }];
        let mut theirs = vec![Equation {
            s,
            k,
            key: &key,
            r: &r,
        }];
        for ((scalar, _), (our, their)) in others.iter().zip(&points) {
            // S = k and R = A say that (k B = R + k A), which no random ones fulfil.
            mine.push(Equation {
                s: *scalar,
                k: *scalar,
                key: our,
                r: our,
            });
            theirs.push(Equation {
                s: *scalar,
                k: *scalar,
                key: their,
                r: their,
            });
        }
        // Each lane in turn has the equation in question.
        let length = mine.len();
        mine.rotate_left(seed as usize / 6 % length);
        theirs.rotate_left(seed as usize / 6 % length);
        let expected = plain::hold(&theirs);
        assert_eq!(hold(&mine), expected, "{seed}");
        expected
            .into_iter()
            .for_each(|holds| seen[usize::from(holds)] += 1);
    }
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}
