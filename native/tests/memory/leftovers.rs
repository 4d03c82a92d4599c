//! The memory of a proof is wiped before it is given back: witness, evaluations, digits, sums of buckets.
//! What lies on stacks, in registers and in swapped pages, this cannot see; `docs/threat-model.md` says so.

use std::collections::HashSet;
use std::hint::black_box;

use ark_bn254::{Bn254, Fr, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::pairing::Pairing;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use rayon::ThreadPool;
use zkbazaar_native::fft::Domain;
use zkbazaar_native::prove::ProvingKey;

use crate::support::circuit::{Circuit, Shape, value};
use crate::support::folder::Folder;
use crate::support::random::Random;
use crate::support::setup::{Key, Trapdoor};
use crate::support::watch::{CancelAt, Never};
use crate::support::zkey::{values, wtns, zkey};
use crate::watched::{LARGE, Leftovers, alone, leftovers_of};

type G2Prepared = <Bn254 as Pairing>::G2Prepared;

struct Secret {
    key: ProvingKey,
    witness: Vec<Fr>,
    circuit: Circuit,
}

impl Secret {
    /// Large enough that every buffer of a proof is a large block.
    fn new() -> Self {
        let shape = Shape {
            constraints: 1_000,
            public: 1,
            free: 300,
            unused: 5,
            zeros: false,
        };
        let mut random = Random::new(91);
        let (circuit, witness) = Circuit::random(shape, &mut random);
        let key = zkey(&Key::new(&circuit, &Trapdoor::random(&mut random)));
        Self {
            key: ProvingKey::from_bytes(&key).expect("a sound key"),
            witness,
            circuit,
        }
    }

    /// Every word of the private witness and of what is computed from it, in both forms of a field element.
    fn words(&self) -> Vec<u64> {
        let domain = self.key.zkey.domain;
        let (public, private) = self.witness.split_at(1 + self.circuit.public);
        let mut rows = [0, 1].map(|matrix| {
            let mut rows: Vec<Fr> = self
                .circuit
                .constraints
                .iter()
                .map(|sums| value(&sums[matrix], &self.witness))
                .collect();
            if matrix == 0 {
                rows.extend(public);
            }
            rows.resize(domain, Fr::ZERO);
            rows
        });
        let products: Vec<Fr> = rows[0].iter().zip(&rows[1]).map(|(a, b)| *a * b).collect();
        let mut secrets = [private, &rows[0], &rows[1], &products].concat();
        let [a, b] = &mut rows;
        let mut c = products;
        for values in [&mut *a, b, &mut c] {
            Domain::new(domain).shift(values);
        }
        let quotient: Vec<Fr> = (0..domain).map(|i| a[i] * b[i] - c[i]).collect();
        secrets.extend([a, b, &mut c].iter().flat_map(|values| values.iter()));
        secrets.extend(quotient);
        secrets.retain(|secret| !public.contains(secret));
        let known = edges();
        let words = secrets.iter().flat_map(both_forms);
        words.filter(|word| !known.contains(word)).collect()
    }

    fn prove(&self, witness: &[u8], pool: &ThreadPool) {
        let proof = pool.install(|| self.key.prove(witness, &Never));
        black_box(proof.expect("a proof"));
    }
}

/// As the addon has them: kept from proof to proof. What a thread's end gives back holds parts of its stack.
fn pool(threads: usize) -> ThreadPool {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.build().expect("threads")
}

fn both_forms(value: &Fr) -> impl Iterator<Item = u64> {
    value.into_bigint().0.into_iter().chain(value.0.0)
}

/// Words of constants, which circuits have and which are found everywhere: small numbers, powers of two, their neighbours
/// and negatives.
fn edges() -> HashSet<u64> {
    let small = (0..1u64 << 16).map(Fr::from);
    let powers = (0..254u64).map(|power| Fr::from(2u64).pow([power]));
    let near = powers.flat_map(|power| [power, power - Fr::ONE, power + Fr::ONE]);
    let all = small.chain(near).flat_map(|value| [value, -value]);
    all.flat_map(|value| both_forms(&value).collect::<Vec<_>>())
        .collect()
}

/// The lines of a proof's B, and copies of those of the key's three points, which are public, are all that may stay.
fn clean(what: &str, found: &Leftovers) {
    let lines = leftovers_of(&[], || {
        drop(black_box(G2Prepared::from(G2Affine::generator())));
    });
    assert!(
        found.blocks > 50,
        "{what}: looked at {} blocks only",
        found.blocks
    );
    assert_eq!(found.secrets, 0, "{what}: {found:?}");
    let as_expected = found.large <= 2 * lines.large && found.largest <= lines.largest;
    assert!(as_expected, "{what}: {found:?}, and lines leave {lines:?}");
}

#[test]
fn proofs_leave_nothing_in_memory_they_give_back() {
    let _alone = alone();
    let secret = Secret::new();
    let words = secret.words();
    let (bare, file) = (values(&secret.witness), wtns(&secret.witness));
    // The first proof prepares the key's own points.
    let pools = [1, 3].map(pool);
    secret.prove(&bare, &pools[0]);
    for pool in &pools {
        clean("no table", &leftovers_of(&words, || secret.prove(&bare, pool)));
        clean("a file", &leftovers_of(&words, || secret.prove(&file, pool)));
    }
    let folder = Folder::new();
    secret
        .key
        .make_table(folder.path(), u64::MAX, &Never)
        .expect("a table");
    for pool in &pools {
        clean("a table", &leftovers_of(&words, || secret.prove(&bare, pool)));
    }
}

#[test]
fn proofs_that_fail_or_are_cancelled_leave_nothing_either() {
    let _alone = alone();
    let secret = Secret::new();
    let mut words = secret.words();
    let good = values(&secret.witness);
    let pool = pool(2);
    secret.prove(&good, &pool);
    let mut wrong = secret.witness.clone();
    let wire = (2..wrong.len()).find(|wire| {
        wrong[*wire] += Fr::from(7u64);
        !secret.circuit.holds(&wrong)
    });
    words.extend(wrong[wire.expect("a wire that matters")].into_bigint().0);
    let bad = values(&wrong);
    let found = leftovers_of(&words, || {
        assert!(pool.install(|| secret.key.prove(&bad, &Never)).is_err());
    });
    clean("wrong", &found);
    for questions in 0..20 {
        let watch = CancelAt::new(questions);
        let found = leftovers_of(&words, || {
            drop(black_box(pool.install(|| secret.key.prove(&good, &watch))));
        });
        clean("cancelled", &found);
    }
}

#[test]
fn this_search_finds_what_is_left() {
    let _alone = alone();
    let secret = Secret::new();
    let words = secret.words();
    let found = leftovers_of(&words, || {
        drop(black_box(values(&secret.witness)));
        drop(black_box(secret.witness.clone()));
    });
    assert!(found.secrets > 2 * secret.witness.len(), "{found:?}");
    assert!(found.large >= 2, "{found:?}");
    let found = leftovers_of(&words, || drop(black_box(vec![0u8; 2 * LARGE])));
    assert_eq!((found.secrets, found.large), (0, 0));
    // Rows of zeros and ones would be found nowhere and prove nothing.
    assert!(words.iter().filter(|word| **word >= 1 << 40).count() > 20_000);
}
