//! Proofs of random circuits, judged by ark-groth16's verifier; keys come from trapdoors of ours and from ark-groth16.

use ark_bn254::{Bn254, Fr};
use ark_ff::{AdditiveGroup, Field};
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_groth16::{Proof as ArkProof, VerifyingKey};
use zkbazaar_native::error::Error;
use zkbazaar_native::msm::Watch;
use zkbazaar_native::prove::{Proof, ProvingKey};

use crate::support::circuit::{Circuit, Shape};
use crate::support::random::Random;
use crate::support::setup::{Key, Trapdoor};
use crate::support::watch::{CancelAt, Never};
use crate::support::zkey::{values, wtns, zkey};

const SMALL: Shape = Shape {
    constraints: 5,
    public: 2,
    free: 4,
    unused: 1,
    zeros: false,
};

pub struct World {
    pub circuit: Circuit,
    pub witness: Vec<Fr>,
    pub file: Vec<u8>,
    pub verifying: VerifyingKey<Bn254>,
}

impl World {
    pub fn new(shape: Shape, random: &mut Random) -> Self {
        let (circuit, witness) = Circuit::random(shape, random);
        let key = Key::new(&circuit, &Trapdoor::random(random));
        Self {
            circuit,
            witness,
            file: zkey(&key),
            verifying: key.verifying(),
        }
    }

    pub fn small(seed: u64) -> Self {
        Self::new(SMALL, &mut Random::new(seed))
    }

    pub fn open(&self) -> ProvingKey {
        ProvingKey::from_bytes(&self.file).expect("a sound key")
    }

    /// What ark-groth16 says of a proof of our witness.
    pub fn accepts(&self, proof: &Proof) -> bool {
        let signals = &self.witness[1..=self.circuit.public];
        let proof = ArkProof {
            a: proof.a,
            b: proof.b,
            c: proof.c,
        };
        let prepared = prepare_verifying_key(&self.verifying);
        Groth16::<Bn254>::verify_proof(&prepared, &proof, signals).expect("a verdict")
    }

    pub fn check(&self, key: &ProvingKey, what: &str) -> Proof {
        let proof = key.prove(&values(&self.witness), &Never);
        let proof = proof.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(self.accepts(&proof), "{what}: ark-groth16 refuses");
        proof
    }
}

pub fn refusal<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(error) => error.code,
    }
}

#[test]
fn proofs_of_random_circuits_verify() {
    let mut random = Random::new(21);
    for round in 0..40 {
        let shape = Shape {
            constraints: 1 + random.below(40),
            public: random.below(5),
            free: 4 + random.below(8),
            unused: random.below(4),
            zeros: round % 8 == 7,
        };
        let world = World::new(shape, &mut random);
        let what = format!("round {round}");
        let key = world.open();
        let (first, second) = (world.check(&key, &what), world.check(&key, &what));
        assert!(
            first.a != second.a && first.b != second.b && first.c != second.c,
            "{what}"
        );
    }
}

#[test]
fn proofs_at_the_edges_of_domains_verify() {
    let mut random = Random::new(22);
    // (constraints, public): domains exactly full, one row more, one constraint, no public signal, all wires public.
    let edges = [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
        (7, 0),
        (8, 0),
        (6, 1),
        (7, 1),
        (5, 2),
        (63, 0),
        (64, 0),
        (1, 4),
    ];
    for (constraints, public) in edges {
        let shape = Shape {
            constraints,
            public,
            free: 4,
            unused: 0,
            zeros: false,
        };
        let world = World::new(shape, &mut random);
        let what = format!("{constraints} constraints, {public} public");
        assert_eq!(
            world.open().zkey.domain,
            (constraints + public + 1).next_power_of_two()
        );
        world.check(&world.open(), &what);
    }
}

#[test]
fn wires_without_constraints_and_empty_matrices_do_no_harm() {
    let mut random = Random::new(23);
    for zeros in [false, true] {
        let shape = Shape {
            constraints: 3,
            public: 2,
            free: 3,
            unused: 30,
            zeros,
        };
        let world = World::new(shape, &mut random);
        world.check(&world.open(), "many unused wires");
    }
    // Nothing but zeros in B: all of its points are at infinity.
    let one = vec![(0, Fr::ONE)];
    let circuit = Circuit {
        wires: 3,
        public: 1,
        constraints: vec![[one, vec![], vec![]], [vec![(1, Fr::ONE)], vec![], vec![]]],
    };
    let key = Key::new(&circuit, &Trapdoor::random(&mut random));
    let world = World {
        circuit,
        witness: vec![Fr::ONE, random.fr(), Fr::ZERO],
        file: zkey(&key),
        verifying: key.verifying(),
    };
    world.check(&world.open(), "no B");
}

#[test]
fn larger_proofs_verify_with_any_number_of_threads() {
    let mut random = Random::new(24);
    let shape = Shape {
        constraints: 1_500,
        public: 3,
        free: 200,
        unused: 5,
        zeros: false,
    };
    let world = World::new(shape, &mut random);
    let key = world.open();
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads")
            .install(|| world.check(&key, &format!("{threads} threads")));
    }
}

#[test]
fn a_witness_file_and_its_bare_values_are_the_same() {
    let world = World::small(25);
    let key = world.open();
    for witness in [wtns(&world.witness), values(&world.witness)] {
        assert!(world.accepts(&key.prove(&witness, &Never).expect("a proof")));
    }
}

#[test]
fn a_witness_that_breaks_a_constraint_gives_no_proof() {
    let mut random = Random::new(26);
    let mut refused = 0;
    for _ in 0..6 {
        let world = World::new(SMALL, &mut random);
        let key = world.open();
        for wire in 1..world.witness.len() {
            let mut changed = world.witness.clone();
            changed[wire] += if random.one_in(2) { Fr::ONE } else { random.fr() };
            let outcome = refusal(key.prove(&values(&changed), &Never));
            if world.circuit.holds(&changed) {
                // A wire that nothing depends on.
                assert_eq!(outcome, "accepted");
            } else {
                assert_eq!(outcome, "NATIVE_UNSATISFIED");
                refused += 1;
            }
        }
    }
    assert!(refused > 30, "{refused}");
}

#[test]
fn witnesses_that_are_none_are_refused() {
    let world = World::small(27);
    let key = world.open();
    let good = values(&world.witness);
    let code = |witness: &[u8]| refusal(key.prove(witness, &Never));
    assert_eq!(code(&good), "accepted");
    assert_eq!(code(&good[32..]), "NATIVE_WITNESS_LENGTH");
    assert_eq!(code(&good[..good.len() - 1]), "NATIVE_WITNESS_LENGTH");
    assert_eq!(code(&[]), "NATIVE_WITNESS_LENGTH");
    assert_eq!(
        code(&[good.clone(), vec![0; 32]].concat()),
        "NATIVE_WITNESS_LENGTH"
    );
    let mut changed = good.clone();
    changed[32..64].fill(0xff);
    assert_eq!(code(&changed), "NATIVE_WITNESS_RANGE");
    let mut changed = good;
    changed[0] = 2;
    assert_eq!(code(&changed), "NATIVE_WITNESS_RANGE");
    let mut other = world.witness.clone();
    other.push(Fr::ZERO);
    assert_eq!(code(&wtns(&other)), "NATIVE_WITNESS_LENGTH");
}

#[test]
fn a_cancelled_proof_ends_with_its_code_wherever_it_was() {
    let shape = Shape {
        constraints: 900,
        free: 60,
        ..SMALL
    };
    let world = World::new(shape, &mut Random::new(28));
    let key = world.open();
    let witness = values(&world.witness);
    let mut questions = 0;
    loop {
        let watch = CancelAt::new(questions);
        match key.prove(&witness, &watch) {
            Err(error) => assert_eq!(error.code, "NATIVE_CANCELLED"),
            Ok(proof) => {
                assert!(world.accepts(&proof));
                break;
            }
        }
        assert!(watch.cancelled());
        questions += 1;
    }
    assert!(questions >= 5, "a sum asks at least once: {questions}");
    // What is told as done is what was announced, for a witness without zeros.
    let watch = CancelAt::new(usize::MAX);
    key.prove(&witness, &watch).expect("a proof");
    assert!(watch.work.into_inner() <= key.work());
}
