//! The equation of a batch, and the search for those that break it. With z of 128 random bits for each signature,
//! [8] (sum z S) B = [8] sum z R + [8] sum (z k) A holds for good ones, and for a batch with a bad one with a chance of
//! 2^-128, since the signatures were fixed before the z were drawn.

use std::ops::Range;
use std::thread;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use sha2::{Digest, Sha512};

use super::points::{Keys, decode};
use super::{KEY_BYTES, Request};
use crate::error::{Error, Result};

/// Signatures in one equation. More save additions, but their points no longer fit into a core's second cache, which
/// costs twice what is saved (docs/decisions/ledger-crypto.md).
const BATCH: usize = 512;
/// Into so many parts a batch is split that holds a bad one.
const PARTS: usize = 8;
/// So few signatures are checked one by one.
const SINGLE: usize = 8;
/// Signatures that make a thread worth starting.
const PER_THREAD: usize = 32;

/// A signature whose parts decode.
struct Sound {
    index: usize,
    /// Among the keys of its batch.
    key: usize,
    r: EdwardsPoint,
    s: Scalar,
    k: Scalar,
    z: Scalar,
}

/// One verdict per signature, 1 for a good one. Errors: NATIVE_SYSTEM where there are no random bytes.
pub fn verify(request: &Request, threads: usize) -> Result<Vec<u8>> {
    let count = request.entries.len();
    let mut verdicts = vec![0; count];
    let threads = threads.min(count / PER_THREAD).max(1);
    let share = count.div_ceil(threads).max(1);
    let mut parts = verdicts
        .chunks_mut(share)
        .enumerate()
        .map(|(part, verdicts)| (part * share, verdicts));
    let first = parts.next();
    thread::scope(|scope| {
        let others: Vec<_> = parts
            .map(|(start, part)| scope.spawn(move || verify_part(request, start, part)))
            .collect();
        let mut outcome = first.map_or(Ok(()), |(start, part)| verify_part(request, start, part));
        for other in others {
            let crashed = |_| {
                Err(Error::new(
                    "NATIVE_INTERNAL",
                    "a thread that checks signatures ended",
                ))
            };
            outcome = outcome.and(other.join().unwrap_or_else(crashed));
        }
        outcome
    })?;
    Ok(verdicts)
}

/// Signatures from `start` on, as many as there are verdicts, in batches of about the same size.
fn verify_part(request: &Request, start: usize, verdicts: &mut [u8]) -> Result<()> {
    let batches = verdicts.len().div_ceil(BATCH).max(1);
    let size = verdicts.len().div_ceil(batches).max(1);
    for (batch, verdicts) in verdicts.chunks_mut(size).enumerate() {
        let first = start + batch * size;
        let mut keys = Keys::default();
        let sound = decode_all(request, first..first + verdicts.len(), &mut keys)?;
        search(&sound, keys.points(), false, &mut |good: &Sound| {
            verdicts[good.index - first] = 1
        });
    }
    Ok(())
}

fn decode_all(request: &Request, range: Range<usize>, keys: &mut Keys) -> Result<Vec<Sound>> {
    let mut random = vec![0u8; range.len() * 16];
    getrandom::fill(&mut random)
        .map_err(|_| Error::new("NATIVE_SYSTEM", "the operating system gave no random bytes"))?;
    let (random, _) = random.as_chunks::<16>();
    let sound = range.zip(random).filter_map(|(index, random)| {
        let entry = &request.entries[index];
        let (r, s) = entry.signature.split_first_chunk::<KEY_BYTES>()?;
        let s = Option::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
        let key = keys.position(&entry.key)?;
        let hash = Sha512::new()
            .chain_update(r)
            .chain_update(entry.key)
            .chain_update(&request.prefix)
            .chain_update(request.message(index));
        Some(Sound {
            index,
            key,
            r: decode(*r)?,
            s,
            k: Scalar::from_bytes_mod_order_wide(&hash.finalize().into()),
            z: Scalar::from(u128::from_le_bytes(*random)),
        })
    });
    Ok(sound.collect())
}

/// Tells of every good one. `failed`: these are known to hold a bad one, so that their common equation is not asked.
/// Where an equation fails, those of its eighths are asked, then of theirs: a bad one costs two rounds and itself, and
/// a batch of bad ones less than twice what they cost alone. Halves would cost more in both.
fn search(sound: &[Sound], keys: &[EdwardsPoint], failed: bool, good: &mut dyn FnMut(&Sound)) {
    if sound.len() <= SINGLE {
        let single = sound.iter().filter(|one| holds(one, &keys[one.key]));
        single.for_each(good);
    } else if !failed && all_hold(sound, keys) {
        sound.iter().for_each(good);
    } else {
        let size = sound.len().div_ceil(PARTS);
        let last = sound.len().div_ceil(size) - 1;
        let mut all_good = true;
        for (index, part) in sound.chunks(size).enumerate() {
            let mut found = 0;
            // Where all parts before were good, the last one holds the bad one.
            search(part, keys, all_good && index == last, &mut |one: &Sound| {
                found += 1;
                good(one);
            });
            all_good &= found == part.len();
        }
    }
}

fn all_hold(sound: &[Sound], keys: &[EdwardsPoint]) -> bool {
    let mut base = Scalar::ZERO;
    let mut of_keys = vec![Scalar::ZERO; keys.len()];
    for one in sound {
        base -= one.z * one.s;
        of_keys[one.key] += one.z * one.k;
    }
    let (mut scalars, mut points) = (vec![base], vec![ED25519_BASEPOINT_POINT]);
    for one in sound {
        scalars.push(one.z);
        points.push(one.r);
    }
    for (scalar, point) in of_keys
        .iter()
        .zip(keys)
        .filter(|(scalar, _)| **scalar != Scalar::ZERO)
    {
        scalars.push(*scalar);
        points.push(*point);
    }
    EdwardsPoint::vartime_multiscalar_mul(&scalars, &points)
        .mul_by_cofactor()
        .is_identity()
}

fn holds(one: &Sound, key: &EdwardsPoint) -> bool {
    let r = EdwardsPoint::vartime_double_scalar_mul_basepoint(&-one.k, key, &one.s);
    (r - one.r).mul_by_cofactor().is_identity()
}
