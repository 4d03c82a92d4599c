//! A key that ark-groth16 made, brought into snarkjs's form: setup and verifier are theirs, the proof is ours.

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, FftField, Field};
use ark_groth16::{Groth16, ProvingKey};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, Result, SynthesisError, Variable,
};

use crate::proofs::World;
use crate::support::circuit::{Circuit, Shape, Sum};
use crate::support::random::Random;
use crate::support::setup::{Key, coefficients, domain_of};
use crate::support::zkey::zkey;

struct Synthesis<'a> {
    circuit: &'a Circuit,
    witness: &'a [Fr],
}

impl ConstraintSynthesizer<Fr> for Synthesis<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<()> {
        let mut variables = vec![Variable::One];
        for (wire, value) in self.witness.iter().enumerate().skip(1) {
            let value = || Ok::<Fr, SynthesisError>(*value);
            variables.push(if wire <= self.circuit.public {
                cs.new_input_variable(value)?
            } else {
                cs.new_witness_variable(value)?
            });
        }
        let combination = |sum: &Sum| {
            let terms = sum.iter().map(|(wire, value)| (*value, variables[*wire]));
            LinearCombination(terms.collect())
        };
        for [a, b, c] in &self.circuit.constraints {
            cs.enforce_r1cs_constraint(|| combination(a), || combination(b), || combination(c))?;
        }
        Ok(())
    }
}

fn converted(circuit: &Circuit, made: &ProvingKey<Bn254>) -> Key {
    let domain = domain_of(circuit);
    Key {
        wires: circuit.wires,
        public: circuit.public,
        domain,
        alpha1: made.vk.alpha_g1,
        beta1: made.beta_g1,
        beta2: made.vk.beta_g2,
        gamma2: made.vk.gamma_g2,
        delta1: made.delta_g1,
        delta2: made.vk.delta_g2,
        ic: made.vk.gamma_abc_g1.clone(),
        coefficients: coefficients(circuit),
        a: made.a_query.clone(),
        b1: made.b_g1_query.clone(),
        b2: made.b_g2_query.clone(),
        c: made.l_query.clone(),
        h: odd_points(&made.h_query, domain),
    }
}

/// From tau^k Z(tau) / delta to the odd half of the doubled domain. There Z is -2, so that A * B - C is -2 times the
/// quotient; the power k = domain - 1, which is missing, no quotient has.
fn odd_points(powers: &[G1Affine], domain: usize) -> Vec<G1Affine> {
    let root = Fr::get_root_of_unity(2 * domain as u64).expect("a root of unity");
    let scale = -Fr::from(2 * domain as u64).inverse().expect("not 0");
    let point = |odd: u64| {
        let back = root.pow([2 * odd + 1]).inverse().expect("not 0");
        let mut weight = scale;
        let mut sum = G1Projective::ZERO;
        for power in powers.iter().take(domain - 1) {
            sum += *power * weight;
            weight *= back;
        }
        sum.into_affine()
    };
    (0..domain as u64).map(point).collect()
}

#[test]
fn proofs_under_keys_of_ark_groth16_verify() {
    let mut random = Random::new(31);
    let mut rng = ark_std::test_rng();
    for (constraints, public) in [(1, 0), (3, 1), (10, 5), (14, 1), (20, 2)] {
        let shape = Shape {
            constraints,
            public,
            free: 4,
            unused: 2,
            zeros: false,
        };
        let (circuit, witness) = Circuit::random(shape, &mut random);
        let synthesis = Synthesis {
            circuit: &circuit,
            witness: &witness,
        };
        let made = Groth16::<Bn254>::generate_random_parameters_with_reduction(synthesis, &mut rng);
        let made = made.expect("a key of ark-groth16");
        let world = World {
            file: zkey(&converted(&circuit, &made)),
            circuit,
            witness,
            verifying: made.vk,
        };
        world.check(
            &world.open(),
            &format!("{constraints} constraints, {public} public"),
        );
    }
}
