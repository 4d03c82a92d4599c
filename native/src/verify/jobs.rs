//! Jobs as they cross the boundary, one after another:
//!   key u32 | group u32 | proof 256 bytes | signals, 32 bytes each, as many as the key has
//! u32 and signals little-endian, coordinates big-endian. Key 0xffffffff asks for the subgroup check alone and has no
//! signals. A group is whatever its proofs have in common (their sender): a bad proof is searched within its own.

use super::error::bad_jobs;
use super::outcome::Outcome;
use super::points::{FIELD_BYTES, PROOF_BYTES, Proof, read_proof};
use crate::error::Result;
use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};

/// The key of a job that names none.
pub const NO_KEY: u32 = u32::MAX;

#[derive(Clone, Debug)]
pub struct Job {
    /// Position among the keys.
    pub key: Option<usize>,
    pub group: u32,
    /// The proof, or the outcome that its points alone decide.
    pub proof: std::result::Result<Proof, Outcome>,
    /// As many as the key has.
    pub signals: Vec<Fr>,
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<&'a [u8; N]> {
        let (head, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or_else(|| bad_jobs("they are cut off"))?;
        self.rest = rest;
        Ok(head)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(*self.take::<4>()?))
    }
}

fn read_fr(bytes: &[u8; FIELD_BYTES]) -> Option<Fr> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = chunk
            .iter()
            .rev()
            .fold(0, |word, byte| (word << 8) | u64::from(*byte));
    }
    Fr::from_bigint(BigInt(limbs))
}

/// Reads packed jobs. What is wrong with one proof is its own outcome; what makes the rest unreadable is an error.
/// @param signal_counts number of signals of each key, by position
pub fn parse_jobs(bytes: &[u8], signal_counts: &[usize]) -> Result<Vec<Job>> {
    let mut reader = Reader { rest: bytes };
    // Grows with what was read, so no number in the input decides how much is allocated.
    let mut jobs = Vec::new();
    while !reader.rest.is_empty() {
        let key = reader.u32()?;
        let group = reader.u32()?;
        let mut proof = read_proof(reader.take::<PROOF_BYTES>()?);
        let position = if key == NO_KEY { None } else { Some(key as usize) };
        let count = match position {
            None => 0,
            Some(position) => *signal_counts
                .get(position)
                .ok_or_else(|| bad_jobs("one names a key that is not there"))?,
        };
        let mut signals = Vec::new();
        for _ in 0..count {
            match read_fr(reader.take::<FIELD_BYTES>()?) {
                Some(signal) => signals.push(signal),
                None => proof = Err(Outcome::Malformed),
            }
        }
        jobs.push(Job {
            key: position,
            group,
            proof,
            signals,
        });
    }
    Ok(jobs)
}
