//! The field.

use ark_ff::{Field, Fp256, MontBackend, MontConfig, One, PrimeField, Zero};

use super::*;
use crate::avx2::splat;

#[derive(MontConfig)]
#[modulus = "57896044618658097711785492504343953926634992332820282019728792003956564819949"]
#[generator = "2"]
struct Config;
type Fp = Fp256<MontBackend<Config, 4>>;

fn expected(bytes: &[u8; 32]) -> Fp {
    let mut bytes = *bytes;
    bytes[31] &= 0x7f;
    Fp::from_le_bytes_mod_order(&bytes)
}

fn assert_is(element: &Four, expected: [Fp; 4]) {
    for (bytes, expected) in bytes(element).iter().zip(expected) {
        let words = words(bytes);
        assert_eq!(words, expected.into_bigint().0);
    }
}

/// Limbs as large as those of a tidy element may be.
fn assert_tidy(element: &Four) {
    for lane in limbs(element) {
        for (index, limb) in lane.into_iter().enumerate() {
            let more = if index % 2 == 1 { 1 << 14 } else { 0 };
            assert!(limb < (1 << bits(index)) + more, "limb {index} is {limb}");
        }
    }
}

fn check(a: [[u8; 32]; 4], b: [[u8; 32]; 4]) {
    let (x, y) = (four(&a), four(&b));
    let (p, q) = (a.map(|bytes| expected(&bytes)), b.map(|bytes| expected(&bytes)));
    let each = |f: &dyn Fn(Fp, Fp) -> Fp| std::array::from_fn(|lane| f(p[lane], q[lane]));
    let (sum, difference) = (x.plus(&y), x.minus(&y));
    assert_is(&x, p);
    assert_is(&sum, each(&|p, q| p + q));
    assert_is(&difference, each(&|p, q| p - q));
    let results = [
        (x.times(&y), each(&|p, q| p * q)),
        (x.squared(), each(&|p, _| p * p)),
        (sum.times(&difference), each(&|p, q| (p + q) * (p - q))),
        (difference.times(&sum), each(&|p, q| (p + q) * (p - q))),
        (difference.times(&difference), each(&|p, q| (p - q) * (p - q))),
        (difference.squared(), each(&|p, q| (p - q) * (p - q))),
        // Of the largest limbs that the formulas for points make on the left side.
        (sum.minus(&y).times(&difference), each(&|p, q| p * (p - q))),
        (
            sum.plus(&difference).times(&difference),
            each(&|p, q| (p + p) * (p - q)),
        ),
    ];
    for (result, expected) in results {
        assert_tidy(&result);
        assert_is(&result, expected);
    }
    let mut zero = [0; 4];
    store(difference.is_zero(), &mut zero);
    assert_eq!(
        zero.map(|mask| mask == u64::MAX),
        each(&|p, q| if p == q { Fp::one() } else { Fp::zero() }).map(|x| x.is_one())
    );
    let mut odd = [0; 4];
    store(x.is_odd(), &mut odd);
    assert_eq!(
        odd.map(|mask| mask == u64::MAX),
        p.map(|p| p.into_bigint().0[0] % 2 == 1)
    );
}

#[test]
fn edges_and_random_values_agree_with_arkworks() {
    let edges = edges();
    for (index, edge) in edges.iter().enumerate() {
        for step in [0, 1, 7, 24, 40, 150] {
            let other = edges[(index + step) % edges.len()];
            check([*edge, other, small(1), near_p(-1)], [other, *edge, *edge, *edge]);
        }
    }
    for seed in 0..2000 {
        let value = |part: u64| *random(8 * seed + part).first_chunk().unwrap();
        check(
            [value(0), value(1), value(2), value(3)],
            [value(4), value(5), value(6), value(7)],
        );
    }
}

#[test]
fn the_largest_limbs_are_carried() {
    // Tidy ones at their bounds, and loose ones made of them.
    let tidy = Four(std::array::from_fn(|i| {
        splat((1 << bits(i)) - 1 + ((i as u64 % 2) << 14))
    }));
    let value = expected_limbs(&tidy);
    let loose = tidy.minus(&Four::small(0));
    let largest = tidy.plus(&tidy).minus(&Four::small(0));
    for (left, factor) in [(tidy, 1u64), (loose, 1), (largest, 2)] {
        let product = left.times(&loose);
        assert_tidy(&product);
        assert_is(&product, [value * value * Fp::from(factor); 4]);
    }
    assert_tidy(&loose.squared());
    assert_is(&loose.squared(), [value * value; 4]);
}

fn expected_limbs(element: &Four) -> Fp {
    let mut start = 0;
    let mut sum = Fp::zero();
    for (index, limb) in limbs(element)[0].into_iter().enumerate() {
        sum += Fp::from(limb) * Fp::from(2u64).pow([start]);
        start += bits(index) as u64;
    }
    sum
}

#[test]
fn the_power_for_roots_agrees() {
    let exponent = [u64::MAX - 2, u64::MAX, u64::MAX, (1 << 60) - 1];
    for edge in edges().into_iter().take(64) {
        let values = [
            edge,
            small(2),
            near_p(-2),
            *random(u64::from(edge[0])).first_chunk().unwrap(),
        ];
        let expected = values.map(|bytes| expected(&bytes).pow(exponent));
        assert_is(&four(&values).root_power(), expected);
    }
}
