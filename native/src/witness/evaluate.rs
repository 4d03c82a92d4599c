//! Evaluation of a graph on one thread: a few milliseconds for 27k constraints.

use super::file::{Graph, Node, Signal};
use super::plan::{Plan, Step};
use crate::error::{Error, Result};
use crate::field::{FIELD_BYTES, Fr, limbs};
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use zeroize::{Zeroize, Zeroizing};

/// A circuit's graph, ready to be evaluated again and again. Holds no secret between two calls.
pub struct Evaluator {
    signals: Vec<Signal>,
    inputs: usize,
    constants: usize,
    plan: Plan,
    /// Constants stand in the first places for good; all others are zero between two calls.
    values: Vec<Fr>,
    prefixes: Vec<Fr>,
}

impl Evaluator {
    pub fn new(graph: &Graph) -> Evaluator {
        let plan = Plan::new(graph);
        let mut values = vec![Fr::ZERO; plan.places];
        values[..graph.constants.len()].copy_from_slice(&graph.constants);
        Evaluator {
            signals: graph.signals.clone(),
            inputs: graph.inputs,
            constants: graph.constants.len(),
            prefixes: vec![Fr::ZERO; plan.longest_batch],
            values,
            plan,
        }
    }

    /// In the order in which their values stand in the inputs.
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    pub fn wires(&self) -> usize {
        self.plan.wires.len()
    }

    /// The witness, 32 bytes little-endian per wire; none if an assertion of the circuit fails.
    ///
    /// `inputs` holds 32 bytes little-endian per input value, canonical.
    /// Errors: `NATIVE_INPUTS_INVALID` for another number of values, or one that is not below r.
    pub fn evaluate(&mut self, inputs: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
        if inputs.len() != self.inputs * FIELD_BYTES {
            return Err(invalid("their number is not that of the circuit"));
        }
        let Evaluator {
            constants,
            plan,
            values,
            prefixes,
            ..
        } = self;
        // Wiped on every way out, unwinding included.
        let secret = Wiped {
            values,
            constants: *constants,
            prefixes,
        };
        for (value, bytes) in secret.values[*constants..]
            .iter_mut()
            .zip(inputs.chunks_exact(FIELD_BYTES))
        {
            *value = Fr::from_bigint(limbs(bytes)).ok_or_else(|| invalid("a value is not below r"))?;
        }
        run(&plan.steps, secret.values, secret.prefixes);
        let values = &*secret.values;
        if plan.guards.iter().any(|&guard| values[guard as usize] != Fr::ONE) {
            return Ok(None);
        }
        let mut witness = Zeroizing::new(vec![0; plan.wires.len() * FIELD_BYTES]);
        for (bytes, &wire) in witness.chunks_exact_mut(FIELD_BYTES).zip(&plan.wires) {
            for (chunk, limb) in bytes
                .chunks_exact_mut(8)
                .zip(values[wire as usize].into_bigint().0)
            {
                chunk.copy_from_slice(&limb.to_le_bytes());
            }
        }
        drop(secret);
        Ok(Some(witness))
    }
}

struct Wiped<'a> {
    values: &'a mut [Fr],
    constants: usize,
    prefixes: &'a mut [Fr],
}

impl Drop for Wiped<'_> {
    fn drop(&mut self) {
        for value in self.values[self.constants..]
            .iter_mut()
            .chain(self.prefixes.iter_mut())
        {
            value.zeroize();
        }
    }
}

fn run(steps: &[Step], values: &mut [Fr], prefixes: &mut [Fr]) {
    let mut canonical = Canonical::default();
    let mut rest = steps;
    while let Some((step, after)) = rest.split_first() {
        let at = |place: u32| values[place as usize];
        let result = match step.node {
            Node::Add(a, b) => at(a) + at(b),
            Node::Sub(a, b) => at(a) - at(b),
            Node::Mul(a, b) => at(a) * at(b),
            Node::Equal(a, b) => Fr::from(at(a) == at(b)),
            Node::Select(a, b, c) => at(if at(a) == Fr::ZERO { c } else { b }),
            Node::Bit(a, position) => canonical.bit(a, &at(a), position),
            Node::Quotient(a, divisor) => quotient(&at(a), divisor),
            Node::Inverse(_) => {
                let (batch, others) = rest.split_at(step.batch.max(1) as usize);
                invert(batch, values, prefixes);
                canonical.forget();
                rest = others;
                continue;
            }
        };
        values[step.target as usize] = result;
        canonical.replaced(step.target);
        rest = after;
    }
    canonical.forget();
}

/// Montgomery's trick: one inversion and three multiplications a value. Zero, whose inverse is 0 here, is left out.
fn invert(batch: &[Step], values: &mut [Fr], prefixes: &mut [Fr]) {
    let operand = |step: &Step, values: &[Fr]| match step.node {
        Node::Inverse(a) => values[a as usize],
        _ => Fr::ZERO,
    };
    let mut product = Zeroizing::new(Fr::ONE);
    for (step, prefix) in batch.iter().zip(prefixes.iter_mut()) {
        *prefix = *product;
        let value = operand(step, values);
        if value != Fr::ZERO {
            *product *= value;
        }
    }
    // A product of values other than 0 has an inverse.
    let mut inverse = Zeroizing::new(product.inverse().unwrap_or(Fr::ZERO));
    for (step, prefix) in batch.iter().zip(prefixes.iter()).rev() {
        let value = operand(step, values);
        values[step.target as usize] = if value == Fr::ZERO {
            Fr::ZERO
        } else {
            *prefix * *inverse
        };
        if value != Fr::ZERO {
            *inverse *= value;
        }
    }
}

/// The canonical limbs of the value whose bits were asked for last: bits are taken in rows of up to 254.
#[derive(Default)]
struct Canonical {
    place: Option<u32>,
    limbs: [u64; 4],
}

impl Canonical {
    fn bit(&mut self, place: u32, value: &Fr, position: u32) -> Fr {
        if self.place != Some(place) {
            self.limbs = value.into_bigint().0;
            self.place = Some(place);
        }
        Fr::from(self.limbs[(position / 64) as usize] >> (position % 64) & 1 == 1)
    }

    fn replaced(&mut self, place: u32) {
        if self.place == Some(place) {
            self.place = None;
        }
    }

    fn forget(&mut self) {
        self.place = None;
        self.limbs.zeroize();
    }
}

fn quotient(value: &Fr, divisor: u64) -> Fr {
    let mut limbs = Zeroizing::new(value.into_bigint().0);
    let mut remainder = 0u128;
    for limb in limbs.iter_mut().rev() {
        let current = remainder << 64 | u128::from(*limb);
        *limb = (current / u128::from(divisor)) as u64;
        remainder = current % u128::from(divisor);
    }
    // Not above the value, so below r.
    Fr::from_bigint(BigInt::new(*limbs)).unwrap_or(Fr::ZERO)
}

fn invalid(what: &str) -> Error {
    Error::new(
        "NATIVE_INPUTS_INVALID",
        format!("the inputs cannot be used: {what}"),
    )
}
