//! Agreement with arkworks, on random values and on edges.

use super::*;
use ark_ff::{AdditiveGroup, Field, UniformRand, Zero};
use ark_std::rand::{SeedableRng, rngs::StdRng};

fn four<L: Lanes>(values: [L::Scalar; 4]) -> L {
    let words = values.map(|value| {
        let mut bytes = vec![0u8; L::Scalar::BYTES];
        value.write_montgomery(&mut bytes);
        bytes
            .chunks(8)
            .map(|chunk| u64::from_le_bytes(chunk.try_into().unwrap()))
            .collect::<Vec<_>>()
    });
    L::load::<true>(words.each_ref().map(Vec::as_slice))
}

fn back<L: Lanes>(lanes: L) -> [L::Scalar; 4] {
    let mut words = [[0u64; 8]; 4];
    let size = L::Scalar::BYTES / 8;
    // A difference with zero is what reduces from outside.
    let zero = four::<L>([L::Scalar::ZERO; 4]);
    lanes
        .minus_reduced(&zero)
        .store(words.each_mut().map(|lane| &mut lane[..size]));
    words.map(|lane| L::to_scalar(&lane[..size]))
}

fn agrees<L: Lanes>() {
    let mut rng = StdRng::seed_from_u64(1);
    let (mut chain, mut expected_chain) = (four::<L>([L::Scalar::ONE; 4]), [L::Scalar::ONE; 4]);
    let edges = [
        L::Scalar::ZERO,
        L::Scalar::ONE,
        -L::Scalar::ONE,
        L::Scalar::from(2u64).inverse().unwrap(),
    ];
    for round in 0..3000usize {
        let mut pick = |i: usize| {
            if (round >> i) % 8 == 7 {
                edges[(round + i) % 4]
            } else {
                L::Scalar::rand(&mut rng)
            }
        };
        let (a, b, c): ([_; 4], [_; 4], [_; 4]) = (
            std::array::from_fn(&mut pick),
            std::array::from_fn(|i| pick(i + 3)),
            std::array::from_fn(|i| pick(i + 5)),
        );
        let (x, y, z) = (four::<L>(a), four::<L>(b), four::<L>(c));
        let map = |f: &dyn Fn(usize) -> L::Scalar| std::array::from_fn::<_, 4, _>(f);
        assert_eq!(back(x), a);
        assert_eq!(back(x.times(&y)), map(&|i| a[i] * b[i]), "product");
        assert_eq!(
            back(x.times(&y).squared()),
            map(&|i| (a[i] * b[i]).square()),
            "square"
        );
        assert_eq!(
            back(x.times(&y.minus(&z))),
            map(&|i| a[i] * (b[i] - c[i])),
            "product of a difference"
        );
        assert_eq!(
            back(x.minus_both(&y, &z)),
            map(&|i| a[i] - b[i] - c[i]),
            "two differences"
        );
        assert_eq!(
            back(x.times(&y).minus_reduced(&z)),
            map(&|i| a[i] * b[i] - c[i]),
            "difference"
        );
        // The longest chain there is, with the largest factors.
        chain = chain.times(&y.minus(&z));
        expected_chain = map(&|i| {
            if b[i] == c[i] {
                L::Scalar::ZERO
            } else {
                expected_chain[i] * (b[i] - c[i])
            }
        });
        if expected_chain.iter().any(|value| value.is_zero()) {
            (chain, expected_chain) = (x, a);
        }
        assert_eq!(back(chain), expected_chain, "chain");
        let inverses = x.times(&y).inverted().map(back);
        let expected = map(&|i| (a[i] * b[i]).inverse().unwrap_or_default());
        assert_eq!(
            inverses,
            (0..4).all(|i| !(a[i] * b[i]).is_zero()).then_some(expected),
            "inverse"
        );
    }
}

#[test]
fn of_the_base_field_agree_with_arkworks() {
    agrees::<One>();
}

#[test]
fn of_the_extension_agree_with_arkworks() {
    agrees::<Two>();
}
