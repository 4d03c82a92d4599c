//! Verifying keys made ready: lines of the fixed points of G2, Miller value of alpha and beta.

use super::error::VerifyError;
use super::points::{G1_BYTES, G2_BYTES, PointFault, read_g1, read_g2};
use super::subgroup::is_in_g2_subgroup;
use ark_bn254::{Bn254, Config, Fq12, G1Affine, G2Affine};
use ark_ec::{bn::G2Prepared, pairing::Pairing};

/// Above what src/verifier reads, and a bound of our own on memory: 64 bytes a point.
const MAX_IC: usize = 1 << 16;

pub struct PreparedKey {
    pub(super) minus_alpha: G1Affine,
    pub(super) beta: G2Prepared<Config>,
    pub(super) gamma: G2Prepared<Config>,
    pub(super) delta: G2Prepared<Config>,
    /// Miller loop of (-alpha, beta): spares a single proof a pairing.
    pub(super) minus_alpha_beta: Fq12,
    pub(super) ic: Vec<G1Affine>,
}

impl PreparedKey {
    pub fn signal_count(&self) -> usize {
        self.ic.len() - 1
    }

    /// @param ic one point more than there are signals; empty is taken as one point at infinity
    pub fn new(
        alpha: G1Affine,
        beta: G2Affine,
        gamma: G2Affine,
        delta: G2Affine,
        mut ic: Vec<G1Affine>,
    ) -> Self {
        if ic.is_empty() {
            ic.push(G1Affine::identity());
        }
        let minus_alpha = -alpha;
        let beta = G2Prepared::from(beta);
        let minus_alpha_beta = Bn254::multi_miller_loop([minus_alpha], [beta.clone()]).0;
        Self {
            minus_alpha,
            beta,
            gamma: G2Prepared::from(gamma),
            delta: G2Prepared::from(delta),
            minus_alpha_beta,
            ic,
        }
    }
}

/// A key from its packed form: alpha (64), beta, gamma, delta (128 each), then IC (64 each). Only points of IC may be at
/// infinity (all bytes zero). That the key is sound (gamma is not delta) has been checked by src/verifier.
pub fn parse_key(bytes: &[u8]) -> Result<PreparedKey, VerifyError> {
    const IC_START: usize = G1_BYTES + 3 * G2_BYTES;
    let ic_bytes = bytes
        .get(IC_START..)
        .ok_or(VerifyError::BadKey("it is cut off"))?;
    if ic_bytes.is_empty() || ic_bytes.len() % G1_BYTES != 0 || ic_bytes.len() > MAX_IC * G1_BYTES {
        return Err(VerifyError::BadKey("its length fits no number of signals"));
    }
    let g1 = |part: &[u8]| read_g1(part).map_err(|_| VerifyError::BadKey("a point of G1 is not valid"));
    let g2 = |index: usize| {
        let start = G1_BYTES + index * G2_BYTES;
        let point = read_g2(&bytes[start..start + G2_BYTES])
            .map_err(|_| VerifyError::BadKey("a point of G2 is not valid"))?;
        if is_in_g2_subgroup(&point) {
            Ok(point)
        } else {
            Err(VerifyError::BadKey("a point of G2 is not in the subgroup"))
        }
    };
    let ic = ic_bytes
        .chunks_exact(G1_BYTES)
        .map(|part| match read_g1(part) {
            Err(PointFault::Infinity) => Ok(G1Affine::identity()),
            other => other.map_err(|_| VerifyError::BadKey("a point of IC is not valid")),
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(PreparedKey::new(
        g1(&bytes[..G1_BYTES])?,
        g2(0)?,
        g2(1)?,
        g2(2)?,
        ic,
    ))
}
