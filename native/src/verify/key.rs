//! Verifying keys made ready: lines of the fixed points of G2, Miller value of alpha and beta, tables of IC.

use super::error::bad_key;
use super::lines::{Lines, trace};
use super::miller::{miller, places};
use super::multiply::Tables;
use super::points::{G1_BYTES, G2_BYTES, PointFault, read_g1, read_g2};
use crate::error::Result;
use ark_bn254::{Fq12, G1Affine, G1Projective, G2Affine};

/// Above what src/verifier reads, and a bound of our own on memory.
const MAX_IC: usize = 1 << 16;

pub struct PreparedKey {
    pub(super) minus_alpha: Tables,
    pub(super) beta: Lines,
    pub(super) gamma: Lines,
    pub(super) delta: Lines,
    /// Miller value of (-alpha, beta): spares a single proof a pairing.
    pub(super) minus_alpha_beta: Fq12,
    pub(super) ic: Tables,
}

impl PreparedKey {
    pub fn signal_count(&self) -> usize {
        self.ic.count() - 1
    }

    /// Points of G2 are of the twist and not at infinity; `ic` has one point more than there are signals.
    pub fn new(alpha: G1Affine, g2: [G2Affine; 3], ic: &[G1Affine]) -> Result<Self> {
        if ic.is_empty() {
            return Err(bad_key("it has no point for the constant signal"));
        }
        let mut lines = trace(&g2).into_iter().flatten();
        let mut next = || {
            lines
                .next()
                .ok_or_else(|| bad_key("a point of G2 is not in the subgroup"))
        };
        let (beta, gamma, delta) = (next()?, next()?, next()?);
        let minus_alpha = -alpha;
        let place = places(&[G1Projective::from(minus_alpha)]);
        let minus_alpha_beta = miller(&[(place[0], &beta)]);
        Ok(Self {
            minus_alpha: Tables::kept(&[minus_alpha]),
            beta,
            gamma,
            delta,
            minus_alpha_beta,
            ic: Tables::kept(ic),
        })
    }
}

/// A key from its packed form: alpha (64), beta, gamma, delta (128 each), then IC (64 each). Only points of IC may be at
/// infinity (all bytes zero). That the key is sound (gamma is not delta) has been checked by src/verifier.
pub fn parse_key(bytes: &[u8]) -> Result<PreparedKey> {
    const IC_START: usize = G1_BYTES + 3 * G2_BYTES;
    let ic_bytes = bytes.get(IC_START..).ok_or_else(|| bad_key("it is cut off"))?;
    if ic_bytes.is_empty() || ic_bytes.len() % G1_BYTES != 0 || ic_bytes.len() > MAX_IC * G1_BYTES {
        return Err(bad_key("its length fits no number of signals"));
    }
    let g2 = |index: usize| {
        let start = G1_BYTES + index * G2_BYTES;
        read_g2(&bytes[start..start + G2_BYTES]).map_err(|_| bad_key("a point of G2 is not valid"))
    };
    let alpha = read_g1(&bytes[..G1_BYTES]).map_err(|_| bad_key("alpha is not valid"))?;
    let ic = ic_bytes
        .chunks_exact(G1_BYTES)
        .map(|part| match read_g1(part) {
            Err(PointFault::Infinity) => Ok(G1Affine::identity()),
            other => other.map_err(|_| bad_key("a point of IC is not valid")),
        })
        .collect::<Result<Vec<_>>>()?;
    PreparedKey::new(alpha, [g2(0)?, g2(1)?, g2(2)?], &ic)
}
