//! Groth16 over a proving key. Source: J. Groth, *On the Size of Pairing-based Non-interactive Arguments*, eprint 2016/260,
//! section 3.2.

use ark_bn254::{Bn254, G1Affine, G1Projective, G2Affine, G2Projective, g1, g2};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, BigInteger, PrimeField, Zero};
use zeroize::Zeroizing;

use super::prover::ProvingKey;
use super::quotient::quotient;
use crate::error::{Error, Result};
use crate::field::Fr;
use crate::msm::{Bases, Cancelled, Watch, msm};
use crate::tables::TableFile;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub a: G1Affine,
    pub b: G2Affine,
    pub c: G1Affine,
}

/// The five sums of a proof, all in flight at once.
struct Sums {
    a: G1Projective,
    b1: G1Projective,
    b2: G2Projective,
    c: G1Projective,
    h: G1Projective,
}

impl From<Cancelled> for Error {
    fn from(_: Cancelled) -> Self {
        Error::new("NATIVE_CANCELLED", "cancelled")
    }
}

/// Runs in the current thread pool.
/// @param witness canonical limbs of all wires, wire 0 being 1
/// Errors: NATIVE_CANCELLED, NATIVE_UNSATISFIED, NATIVE_RANDOM_UNAVAILABLE.
pub fn prove(key: &ProvingKey, witness: &[BigInt<4>], watch: &impl Watch) -> Result<Proof> {
    let signals = &witness[1..=key.zkey.public];
    let table = key.table();
    let proof = assemble(key, table.as_deref(), witness, watch)?;
    if verify(key, &proof, signals) {
        return Ok(proof);
    }
    if let Some(table) = table {
        // Its hash was right, but whoever can write to its folder can write that, too: without it, who is wrong?
        let proof = assemble(key, None, witness, watch)?;
        if verify(key, &proof, signals) {
            key.discard(&table);
            return Ok(proof);
        }
    }
    Err(Error::new(
        "NATIVE_UNSATISFIED",
        "the witness does not satisfy the circuit of this proving key",
    ))
}

/// A proof that nobody has verified yet.
fn assemble(
    key: &ProvingKey,
    table: Option<&TableFile>,
    witness: &[BigInt<4>],
    watch: &impl Watch,
) -> Result<Proof> {
    let sums = sums(key, table, witness, watch)?;
    // Fresh and uniform for every proof: reused r and s would tie proofs together and give the witness away.
    let (r, s) = (random_scalar()?, random_scalar()?);
    let points = &key.zkey.points;
    let delta1 = points.delta1;
    let a = sums.a + points.alpha1 + delta1 * *r;
    let b1 = sums.b1 + points.beta1 + delta1 * *s;
    let b = sums.b2 + points.beta2 + points.delta2 * *s;
    let c = sums.c + sums.h + a * *s + b1 * *r - delta1 * (*r * *s);
    Ok(Proof {
        a: a.into_affine(),
        b: b.into_affine(),
        c: c.into_affine(),
    })
}

fn sums(
    key: &ProvingKey,
    table: Option<&TableFile>,
    witness: &[BigInt<4>],
    watch: &impl Watch,
) -> Result<Sums> {
    let inner = &witness[key.zkey.public + 1..];
    let g1 =
        |section: usize, scalars: &[BigInt<4>]| msm::<g1::Config>(&key.bases(table, section), scalars, watch);
    // The quotient first: the last sum waits for it. The twist's sum next: it is the longest.
    let (h, (b2, (a, (b1, c)))) = rayon::join(
        || {
            let scalars = quotient(&key.zkey, key.bytes(), &key.domain, witness);
            g1(4, &scalars)
        },
        || {
            rayon::join(
                || msm::<g2::Config>(&key.bases(table, 2), witness, watch),
                || {
                    rayon::join(
                        || g1(0, witness),
                        || rayon::join(|| g1(1, witness), || g1(3, inner)),
                    )
                },
            )
        },
    );
    Ok(Sums {
        a: a?,
        b1: b1?,
        b2: b2?,
        c: c?,
        h: h?,
    })
}

/// The equation of eprint 2016/260, with what does not depend on the proof prepared.
fn verify(key: &ProvingKey, proof: &Proof, signals: &[BigInt<4>]) -> bool {
    let ic = &key.zkey.points.ic;
    let mut inputs = G1Projective::from(ic[0]);
    for (point, signal) in ic[1..].iter().zip(signals) {
        if !signal.is_zero() {
            inputs += point.mul_bigint(signal);
        }
    }
    let prepared = key.verifying();
    let g1 = [-proof.a, key.zkey.points.alpha1, inputs.into_affine(), proof.c];
    let g2 = [
        proof.b.into(),
        prepared.beta.clone(),
        prepared.gamma.clone(),
        prepared.delta.clone(),
    ];
    Bn254::multi_pairing(g1, g2).is_zero()
}

/// Uniform below r: 512 random bits, so that the remainder's bias is below 2^-250.
fn random_scalar() -> Result<Zeroizing<Fr>> {
    let mut bytes = Zeroizing::new([0u8; 64]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| {
        Error::new(
            "NATIVE_RANDOM_UNAVAILABLE",
            "the operating system gives no random bytes",
        )
    })?;
    Ok(Zeroizing::new(Fr::from_le_bytes_mod_order(bytes.as_slice())))
}

/// The bases of one section, from the table if there is one.
impl ProvingKey {
    pub(super) fn bases<'a>(&'a self, table: Option<&'a TableFile>, section: usize) -> Bases<'a> {
        let active = self.active.lists()[section];
        match table {
            Some(table) => Bases {
                plan: table.layout.plans[section],
                active,
                bytes: table.section(section),
                compact: true,
            },
            None => Bases {
                plan: self.plain_plans[section],
                active,
                bytes: &self.bytes()[super::active::section_range(&self.zkey, section)],
                compact: false,
            },
        }
    }
}
