//! Made-up Groth16 keys whose discrete logarithms are known, so that valid proofs can be had for any signals.

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup, pairing::Pairing};
use ark_ff::{BigInteger, Field, PrimeField, Zero};
use std::sync::atomic::AtomicBool;
use zkbazaar_native::verify::{Job, Mode, Outcome, PreparedKey, Proof, run};

/// Numbers that are the same in each run.
pub struct Seed {
    name: &'static str,
    count: u64,
}

impl Seed {
    pub fn new(name: &'static str) -> Self {
        Self { name, count: 0 }
    }

    pub fn bytes(&mut self) -> [u8; 32] {
        self.count += 1;
        *blake3::hash(format!("{} {}", self.name, self.count).as_bytes()).as_bytes()
    }

    pub fn fr(&mut self) -> Fr {
        Fr::from_le_bytes_mod_order(&self.bytes())
    }

    pub fn fq(&mut self) -> Fq {
        Fq::from_le_bytes_mod_order(&self.bytes())
    }

    pub fn below(&mut self, limit: usize) -> usize {
        let bytes = self.bytes();
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize % limit
    }
}

pub fn g1(scalar: Fr) -> G1Affine {
    (G1Affine::generator() * scalar).into_affine()
}

pub fn g2(scalar: Fr) -> G2Affine {
    (G2Affine::generator() * scalar).into_affine()
}

/// A key in the open.
pub struct World {
    alpha: Fr,
    beta: Fr,
    gamma: Fr,
    delta: Fr,
    ic: Vec<Fr>,
}

impl World {
    pub fn new(seed: &mut Seed, signals: usize) -> Self {
        let ic = (0..=signals).map(|_| seed.fr()).collect();
        Self::with_ic(seed, ic)
    }

    /// Zero in `ic` is the point at infinity.
    pub fn with_ic(seed: &mut Seed, ic: Vec<Fr>) -> Self {
        Self {
            alpha: seed.fr(),
            beta: seed.fr(),
            gamma: seed.fr(),
            delta: seed.fr(),
            ic,
        }
    }

    pub fn points(&self) -> (G1Affine, [G2Affine; 3], Vec<G1Affine>) {
        let ic = self.ic.iter().map(|scalar| g1(*scalar)).collect();
        (
            g1(self.alpha),
            [g2(self.beta), g2(self.gamma), g2(self.delta)],
            ic,
        )
    }

    pub fn prepared(&self) -> PreparedKey {
        let (alpha, points, ic) = self.points();
        PreparedKey::new(alpha, points, &ic).expect("a good key")
    }

    pub fn packed(&self) -> Vec<u8> {
        let (alpha, points, ic) = self.points();
        let mut bytes = pack_g1(&alpha);
        points.iter().for_each(|point| bytes.extend(pack_g2(point)));
        ic.iter().for_each(|point| bytes.extend(pack_g1(point)));
        bytes
    }

    pub fn job(&self, key: usize, seed: &mut Seed) -> Job {
        let signals = self.ic[1..].iter().map(|_| seed.fr()).collect();
        self.job_for(key, signals, seed)
    }

    /// A valid proof for these signals.
    pub fn job_for(&self, key: usize, signals: Vec<Fr>, seed: &mut Seed) -> Job {
        let (a, b) = (seed.fr(), seed.fr());
        let v: Fr = self.ic[0]
            + self.ic[1..]
                .iter()
                .zip(&signals)
                .map(|(ic, signal)| *ic * signal)
                .sum::<Fr>();
        let c = (a * b - self.alpha * self.beta - v * self.gamma) / self.delta;
        Job {
            key: Some(key),
            group: 0,
            proof: Ok(Proof {
                a: g1(a),
                b: g2(b),
                c: g1(c),
            }),
            signals,
        }
    }

    /// e(A, B) = e(alpha, beta) e(V, gamma) e(C, delta), by ark's pairing, one after another.
    pub fn plain(&self, job: &Job) -> bool {
        let Ok(proof) = job.proof else { return false };
        let (alpha, [beta, gamma, delta], ic) = self.points();
        let terms = ic[1..]
            .iter()
            .zip(&job.signals)
            .map(|(point, signal)| *point * signal);
        let v = terms.fold(ic[0].into_group(), |sum, term| sum + term);
        let right = Bn254::pairing(alpha, beta) + Bn254::pairing(v, gamma) + Bn254::pairing(proof.c, delta);
        Bn254::pairing(proof.a, proof.b) == right
    }

    /// Ways to spoil a good job; its points stay in their groups.
    pub fn spoiled(&self, good: &Job, seed: &mut Seed) -> Vec<Job> {
        let proof = good.proof.expect("a good proof");
        let with = |proof: Proof| Job {
            proof: Ok(proof),
            ..good.clone()
        };
        let mut bad = vec![
            with(Proof { a: -proof.a, ..proof }),
            with(Proof { b: -proof.b, ..proof }),
            with(Proof { c: -proof.c, ..proof }),
            with(Proof {
                a: proof.c,
                c: proof.a,
                ..proof
            }),
            with(Proof {
                a: g1(seed.fr()),
                ..proof
            }),
            with(Proof {
                b: g2(seed.fr()),
                ..proof
            }),
            with(Proof {
                c: g1(seed.fr()),
                ..proof
            }),
            with(Proof {
                a: G1Affine::generator(),
                b: G2Affine::generator(),
                c: G1Affine::generator(),
            }),
        ];
        for index in 0..good.signals.len() {
            let mut job = good.clone();
            job.signals[index] += if index % 2 == 0 { Fr::ONE } else { seed.fr() };
            bad.push(job);
        }
        bad
    }
}

/// A bad job: C is another point.
pub fn spoil(job: &mut Job) {
    if let Ok(proof) = &mut job.proof {
        proof.c = (proof.c + G1Affine::generator()).into_affine();
    }
}

pub fn outcomes(keys: &[PreparedKey], jobs: &[Job]) -> Vec<Outcome> {
    run(keys, jobs, Mode::Search, &AtomicBool::new(false)).expect("a run")
}

pub fn big_endian(value: Fq) -> Vec<u8> {
    value.into_bigint().to_bytes_be()
}

pub fn pack_g1(point: &G1Affine) -> Vec<u8> {
    if point.is_zero() {
        vec![0; 64]
    } else {
        [big_endian(point.x), big_endian(point.y)].concat()
    }
}

pub fn pack_g2(point: &G2Affine) -> Vec<u8> {
    [point.x.c0, point.x.c1, point.y.c0, point.y.c1]
        .map(big_endian)
        .concat()
}

pub fn pack_proof(proof: &Proof) -> Vec<u8> {
    [pack_g1(&proof.a), pack_g2(&proof.b), pack_g1(&proof.c)].concat()
}

pub fn pack_job(key: u32, group: u32, proof: &Proof, signals: &[Fr]) -> Vec<u8> {
    let mut bytes = [key.to_le_bytes(), group.to_le_bytes()].concat();
    bytes.extend(pack_proof(proof));
    signals
        .iter()
        .for_each(|signal| bytes.extend(signal.into_bigint().to_bytes_le()));
    bytes
}

/// Points of the whole twist, of which hardly any is in the subgroup.
pub fn twist_points(seed: &mut Seed, count: usize) -> Vec<G2Affine> {
    let mut points = Vec::new();
    while points.len() < count {
        let x = Fq2::new(seed.fq(), seed.fq());
        points.extend(G2Affine::get_point_from_x_unchecked(x, false));
    }
    points
}

/// The prime factors of the twist's cofactor: its order is r times their product.
const FACTORS: [&[u64]; 4] = [
    &[10069],
    &[5864401],
    &[1875725156269],
    &[0x9b6e0b358e0d894d, 0xe9dab9240f0c6ab8, 0x210315729f570],
];

/// A point of each prime order of the cofactor.
pub fn points_of_small_order(seed: &mut Seed) -> Vec<G2Affine> {
    let one = |kept: usize, seed: &mut Seed| loop {
        let mut point: G2Projective = twist_points(seed, 1)[0].mul_bigint(Fr::MODULUS);
        for (index, factor) in FACTORS.iter().enumerate() {
            if index != kept {
                point = point.mul_bigint(factor);
            }
        }
        if !point.is_zero() {
            assert!(
                point.mul_bigint(FACTORS[kept]).is_zero(),
                "the factors are those of the twist's order"
            );
            return point.into_affine();
        }
    };
    (0..FACTORS.len()).map(|kept| one(kept, seed)).collect()
}
