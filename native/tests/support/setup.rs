//! Groth16 keys with the trapdoor in hand, so that each point is one multiplication of the generator.
//! Source: J. Groth, eprint 2016/260, section 3.2; the points H as snarkjs has them: Lagrange polynomials of the odd half
//! of the doubled domain.

use ark_bn254::{Bn254, Fq, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::scalar_mul::ScalarMul;
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::{AdditiveGroup, BigInteger, FftField, Field, PrimeField, batch_inversion};
use ark_groth16::VerifyingKey;

use super::circuit::Circuit;
use super::random::Random;

pub struct Trapdoor {
    pub alpha: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub delta: Fr,
    pub tau: Fr,
}

impl Trapdoor {
    pub fn random(random: &mut Random) -> Self {
        let [alpha, beta, gamma, delta, tau] = [0; 5].map(|_| random.fr());
        Self {
            alpha,
            beta,
            gamma,
            delta,
            tau,
        }
    }
}

/// All that a `.zkey` holds.
pub struct Key {
    pub wires: usize,
    pub public: usize,
    pub domain: usize,
    pub alpha1: G1Affine,
    pub beta1: G1Affine,
    pub beta2: G2Affine,
    pub gamma2: G2Affine,
    pub delta1: G1Affine,
    pub delta2: G2Affine,
    pub ic: Vec<G1Affine>,
    /// Matrix (0 A, 1 B), constraint, wire, value.
    pub coefficients: Vec<(u32, u32, u32, Fr)>,
    pub a: Vec<G1Affine>,
    pub b1: Vec<G1Affine>,
    pub b2: Vec<G2Affine>,
    pub c: Vec<G1Affine>,
    pub h: Vec<G1Affine>,
}

impl Key {
    pub fn new(circuit: &Circuit, trapdoor: &Trapdoor) -> Self {
        let Circuit { wires, public, .. } = *circuit;
        let domain = domain_of(circuit);
        let [a, b, c] = columns(circuit, &lagrange(domain, 1, trapdoor.tau));
        let Trapdoor {
            alpha,
            beta,
            gamma,
            delta,
            tau,
        } = *trapdoor;
        let [by_gamma, by_delta] = [gamma, delta].map(|value| value.inverse().unwrap_or(Fr::ONE));
        let joined = |wire: usize| beta * a[wire] + alpha * b[wire] + c[wire];
        let ic: Vec<Fr> = (0..=public).map(|wire| joined(wire) * by_gamma).collect();
        let inner: Vec<Fr> = (public + 1..wires).map(|wire| joined(wire) * by_delta).collect();
        let mut h = lagrange(2 * domain, 2, tau);
        h.iter_mut().for_each(|value| *value *= by_delta);
        Self {
            wires,
            public,
            domain,
            alpha1: g1(alpha),
            beta1: g1(beta),
            beta2: g2(beta),
            gamma2: g2(gamma),
            delta1: g1(delta),
            delta2: g2(delta),
            ic: G1Projective::generator().batch_mul(&ic),
            coefficients: coefficients(circuit),
            a: G1Projective::generator().batch_mul(&a),
            b1: G1Projective::generator().batch_mul(&b),
            b2: G2Projective::generator().batch_mul(&b),
            c: G1Projective::generator().batch_mul(&inner),
            h: G1Projective::generator().batch_mul(&h),
        }
    }

    /// The verifying part as the verifier takes it: alpha, beta, gamma, delta, IC; coordinates big-endian.
    pub fn packed(&self) -> Vec<u8> {
        let fq = |value: &Fq| value.into_bigint().to_bytes_be();
        let mut coordinates = vec![self.alpha1.x, self.alpha1.y];
        for point in [&self.beta2, &self.gamma2, &self.delta2] {
            coordinates.extend([point.x.c0, point.x.c1, point.y.c0, point.y.c1]);
        }
        // Infinity has zeros here, too.
        coordinates.extend(self.ic.iter().flat_map(|point| [point.x, point.y]));
        coordinates.iter().flat_map(fq).collect()
    }

    pub fn verifying(&self) -> VerifyingKey<Bn254> {
        VerifyingKey {
            alpha_g1: self.alpha1,
            beta_g2: self.beta2,
            gamma_g2: self.gamma2,
            delta_g2: self.delta2,
            gamma_abc_g1: self.ic.clone(),
        }
    }
}

pub fn g1(scalar: Fr) -> G1Affine {
    (G1Projective::generator() * scalar).into_affine()
}

pub fn g2(scalar: Fr) -> G2Affine {
    (G2Projective::generator() * scalar).into_affine()
}

/// As snarkjs: a row for each constraint, then one for wire 0 and each public wire.
pub fn domain_of(circuit: &Circuit) -> usize {
    (circuit.constraints.len() + circuit.public + 1).next_power_of_two()
}

/// Rows of A and B in the order of constraints; those after the last constraint hold public wires to their values.
pub fn coefficients(circuit: &Circuit) -> Vec<(u32, u32, u32, Fr)> {
    let mut rows = Vec::new();
    for (constraint, sums) in circuit.constraints.iter().enumerate() {
        for (matrix, sum) in sums.iter().take(2).enumerate() {
            for (wire, value) in sum {
                rows.push((matrix as u32, constraint as u32, *wire as u32, *value));
            }
        }
    }
    let count = circuit.constraints.len();
    rows.extend((0..=circuit.public).map(|wire| (0, (count + wire) as u32, wire as u32, Fr::ONE)));
    rows
}

/// Every `step`-th Lagrange polynomial of a domain at tau: all of them (1), or the odd ones (2).
fn lagrange(size: usize, step: usize, tau: Fr) -> Vec<Fr> {
    let root = Fr::get_root_of_unity(size as u64).unwrap_or(Fr::ONE);
    let vanishing = tau.pow([size as u64]) - Fr::ONE;
    let scale = vanishing * Fr::from(size as u64).inverse().unwrap_or(Fr::ONE);
    let points: Vec<Fr> = (step as u64 - 1..size as u64)
        .step_by(step)
        .map(|index| root.pow([index]))
        .collect();
    let mut inverses: Vec<Fr> = points.iter().map(|point| tau - point).collect();
    batch_inversion(&mut inverses);
    let values = points.iter().zip(&inverses);
    values.map(|(point, inverse)| *point * inverse * scale).collect()
}

/// Each wire's polynomial of A, B and C at tau.
fn columns(circuit: &Circuit, lagrange: &[Fr]) -> [Vec<Fr>; 3] {
    let mut columns = [0; 3].map(|_| vec![Fr::ZERO; circuit.wires]);
    for (sums, row) in circuit.constraints.iter().zip(lagrange) {
        for (column, sum) in columns.iter_mut().zip(sums) {
            for (wire, value) in sum {
                column[*wire] += *row * value;
            }
        }
    }
    let rest = &lagrange[circuit.constraints.len()..];
    for (value, row) in columns[0].iter_mut().zip(&rest[..=circuit.public]) {
        *value += row;
    }
    columns
}
