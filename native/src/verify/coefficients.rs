//! Coefficients of a batch: 128 bits each from the operating system's generator, fresh for each batch. A prover who
//! could foresee them could make two bad proofs cancel.

use super::error::system;
use crate::error::Result;
use ark_bn254::{Fr, g1};
use ark_ec::scalar_mul::glv::GLVConfig;

/// rho = low + LAMBDA high, never 0: half the doublings of low + 2^64 high. No two pairs give the same rho, since the
/// shortest vector (a, b) with a + LAMBDA b = 0 has a part above 2^126.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Coefficient {
    pub low: u64,
    pub high: u64,
}

impl Coefficient {
    pub const ONE: Self = Self { low: 1, high: 0 };

    pub fn to_fr(self) -> Fr {
        Fr::from(self.low) + g1::Config::LAMBDA * Fr::from(self.high)
    }
}

/// `count` fresh coefficients.
pub fn random_coefficients(count: usize) -> Result<Vec<Coefficient>> {
    let mut bytes = vec![0u8; count * 16];
    getrandom::fill(&mut bytes).map_err(|_| system("the operating system gave no random bytes"))?;
    let word = |part: &[u8]| {
        part.iter()
            .rev()
            .fold(0u64, |word, byte| (word << 8) | u64::from(*byte))
    };
    Ok(bytes
        .chunks_exact(16)
        .map(|part| {
            let (low, high) = (word(&part[..8]), word(&part[8..]));
            if low == 0 && high == 0 {
                Coefficient::ONE
            } else {
                Coefficient { low, high }
            }
        })
        .collect())
}
