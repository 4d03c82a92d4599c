//! circomlib's Poseidon: x^5 over the scalar field, 1 to 16 inputs, first state element 0. `src/crypto/poseidon.ts` is the
//! same in TypeScript, and what runs where the addon is not; tests hold both against circomlibjs.

mod grain;
mod parameters;

use std::sync::OnceLock;

use ark_ff::{Field, Zero};
use zeroize::Zeroize;

use crate::field::Fr;
use parameters::{FULL_ROUNDS, PARTIAL_ROUNDS, Parameters, apply, dot};

pub const MAX_INPUTS: usize = PARTIAL_ROUNDS.len();

static PARAMETERS: [OnceLock<Parameters>; MAX_INPUTS] = [const { OnceLock::new() }; MAX_INPUTS];

/// None unless there are 1 to 16 inputs. The first hash of each width makes its constants, within some milliseconds.
pub fn hash(inputs: &[Fr]) -> Option<Fr> {
    let parameters = PARAMETERS.get(inputs.len().checked_sub(1)?)?;
    let parameters = parameters.get_or_init(|| Parameters::new(inputs.len() + 1));
    let mut state = [&[Fr::zero()], inputs].concat();
    let half = FULL_ROUNDS / 2;
    for (round, constants) in parameters.constants[..half].iter().enumerate() {
        full_sbox(&mut state, constants);
        let mix = if round == half - 1 {
            &parameters.mix_to_partial
        } else {
            &parameters.mix
        };
        state = replaced(state, |state| apply(mix, state));
    }
    for round in &parameters.partial {
        state[0] = pow5(state[0] + round.constant);
        let first = dot(&round.row, &state);
        let power = state[0];
        for (value, column) in state[1..].iter_mut().zip(&round.column) {
            *value += power * column;
        }
        state[0] = first;
    }
    for constants in &parameters.constants[half..FULL_ROUNDS - 1] {
        full_sbox(&mut state, constants);
        state = replaced(state, |state| apply(&parameters.mix, state));
    }
    full_sbox(&mut state, &parameters.constants[FULL_ROUNDS - 1]);
    // Only the first element of the last state is the hash.
    let result = dot(&parameters.mix[0], &state);
    state.zeroize();
    Some(result)
}

/// Inputs may be secret, and the first rounds can be undone: no state is left behind.
fn replaced(mut state: Vec<Fr>, next: impl Fn(&[Fr]) -> Vec<Fr>) -> Vec<Fr> {
    let new = next(&state);
    state.zeroize();
    new
}

fn full_sbox(state: &mut [Fr], constants: &[Fr]) {
    for (value, constant) in state.iter_mut().zip(constants) {
        *value = pow5(*value + constant);
    }
}

fn pow5(value: Fr) -> Fr {
    value.square().square() * value
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    #[test]
    fn gives_the_hashes_of_circomlib() {
        let expected = [
            (
                2,
                "7853200120776062878684798364095072458815029376092732009249414926327459813530",
            ),
            (
                5,
                "6183221330272524995739186171720101788151706631170188140075976616310159254464",
            ),
        ];
        for (count, text) in expected {
            let inputs: Vec<Fr> = (1..=count).map(Fr::from).collect();
            assert_eq!(hash(&inputs), Fr::from_str(text).ok());
        }
    }

    #[test]
    fn takes_1_to_16_inputs() {
        assert_eq!(hash(&[]), None);
        assert_eq!(hash(&[Fr::zero(); 17]), None);
        assert!((1..=16).all(|count| hash(&vec![Fr::zero(); count]).is_some()));
    }
}
