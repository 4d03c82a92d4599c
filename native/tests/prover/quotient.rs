//! The transforms, and the polynomials of a proof, against their definitions.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, FftField, Field};
use zkbazaar_native::fft::Domain;

use crate::support::random::Random;

/// The polynomial through these values on the domain, at a point outside of it (Lagrange's formula).
fn at(values: &[Fr], point: Fr) -> Fr {
    let size = values.len() as u64;
    let root = Fr::get_root_of_unity(size).expect("a root of unity");
    let vanishing = point.pow([size]) - Fr::ONE;
    let terms = values.iter().enumerate().map(|(index, value)| {
        let place = root.pow([index as u64]);
        *value * place * (point - place).inverse().expect("a point outside")
    });
    terms.sum::<Fr>() * vanishing * Fr::from(size).inverse().expect("not 0")
}

#[test]
fn values_move_to_the_shifted_domain() {
    let mut random = Random::new(11);
    for power in 0..=14 {
        let size = 1usize << power;
        let root = Fr::get_root_of_unity(size as u64).expect("a root of unity");
        let shift = Fr::get_root_of_unity(2 * size as u64).expect("a root of unity");
        let kinds: [fn(&mut Random) -> Fr; 3] = [Random::fr, |_| Fr::ZERO, Random::edgy];
        for kind in kinds {
            let values: Vec<Fr> = (0..size).map(|_| kind(&mut random)).collect();
            let mut shifted = values.clone();
            Domain::new(size).shift(&mut shifted);
            for index in [0, size / 2, size - 1, random.below(size)] {
                let point = shift * root.pow([index as u64]);
                assert_eq!(shifted[index], at(&values, point), "2^{power} at {index}");
            }
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_values() {
    let mut random = Random::new(12);
    let values: Vec<Fr> = (0..1 << 14).map(|_| random.edgy()).collect();
    let shifted = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let mut values = values.clone();
        pool.build()
            .expect("threads")
            .install(|| Domain::new(values.len()).shift(&mut values));
        values
    };
    let one = shifted(1);
    for threads in [2, 3, 8] {
        assert_eq!(shifted(threads), one, "{threads} threads");
    }
}
