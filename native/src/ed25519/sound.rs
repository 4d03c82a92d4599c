//! A batch: all that its equation needs of those signatures whose parts decode.

use std::ops::Range;

use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use sha2::{Digest, Sha512};

use super::coefficient::Coefficient;
use super::group::{Point, decode};
use super::keys::Keys;
use super::known;
use super::request::Entry;
use super::{KEY_BYTES, Request};
use crate::error::{Error, Result};

/// A signature whose parts decode.
pub struct Sound<'a> {
    pub index: usize,
    entry: &'a Entry,
    /// Among the keys of its batch.
    pub key: usize,
    pub r: Point,
    pub s: Scalar,
    pub k: Scalar,
    pub z: Coefficient,
}

pub struct Batch<'a> {
    pub sound: Vec<Sound<'a>>,
    /// Nothing where a key does not decode; nothing sound is under such a one.
    pub keys: Vec<Option<Point>>,
    /// Positions of keys that the memory of keys lacks, or will lack soon.
    fresh: Vec<usize>,
}

/// The encoded point R, and S if it is below the group's order.
fn parts(entry: &Entry) -> Option<([u8; KEY_BYTES], Scalar)> {
    let (r, s) = entry.signature.split_first_chunk::<KEY_BYTES>()?;
    let s = Option::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
    Some((*r, s))
}

impl<'a> Batch<'a> {
    /// Errors: NATIVE_SYSTEM where there are no random bytes.
    pub fn of(request: &'a Request, range: Range<usize>) -> Result<Self> {
        let mut random = vec![[0u8; 16]; range.len()];
        getrandom::fill(random.as_flattened_mut())
            .map_err(|_| Error::new("NATIVE_SYSTEM", "the operating system gave no random bytes"))?;
        let mut candidate_keys = Keys::default();
        let candidates: Vec<_> = range
            .filter_map(|index| {
                let entry = &request.entries[index];
                let (r, s) = parts(entry)?;
                Some((index, entry, candidate_keys.position(&entry.key)?, r, s))
            })
            .collect();
        let encoded: Vec<_> = candidates.iter().map(|(_, _, _, r, _)| *r).collect();
        let (keys, fresh) = decode_keys(candidate_keys.encoded());
        let sound = candidates
            .into_iter()
            .zip(decode(&encoded))
            .zip(random)
            .filter_map(|(((index, entry, key, encoded, s), r), random)| {
                keys[key].as_ref()?;
                let r = r?;
                let hash = Sha512::new()
                    .chain_update(encoded)
                    .chain_update(entry.key)
                    .chain_update(&request.prefix)
                    .chain_update(request.message(index));
                let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
                let z = Coefficient::of(random);
                Some(Sound {
                    index,
                    entry,
                    key,
                    r,
                    s,
                    k,
                    z,
                })
            })
            .collect();
        Ok(Self { sound, keys, fresh })
    }

    /// Keeps the keys that have signed something good for the next batches.
    /// @param good the verdict of the signature of an index
    pub fn remember(&self, good: impl Fn(usize) -> bool) {
        if self.fresh.is_empty() {
            return;
        }
        let mut fresh = vec![false; self.keys.len()];
        self.fresh.iter().for_each(|position| fresh[*position] = true);
        let signed = self
            .sound
            .iter()
            .filter(|one| fresh[one.key] && good(one.index) && std::mem::take(&mut fresh[one.key]));
        known::remember(signed.filter_map(|one| Some((one.entry.key, self.keys[one.key]?))));
    }
}

/// Each key's point if it has one, and the positions of those that are to be remembered.
fn decode_keys(encoded: &[[u8; KEY_BYTES]]) -> (Vec<Option<Point>>, Vec<usize>) {
    let (mut points, fresh) = known::find(encoded);
    let unknown: Vec<usize> = (0..points.len())
        .filter(|index| points[*index].is_none())
        .collect();
    let bytes: Vec<_> = unknown.iter().map(|index| encoded[*index]).collect();
    for (index, point) in unknown.into_iter().zip(decode(&bytes)) {
        points[index] = point;
    }
    (points, fresh)
}

impl Sound<'_> {
    /// The signature's own equation, by dalek alone.
    pub fn holds(&self) -> bool {
        let decode = |bytes| CompressedEdwardsY(bytes).decompress();
        let r = self.entry.signature.first_chunk().copied().and_then(decode);
        let (Some(r), Some(key)) = (r, decode(self.entry.key)) else {
            return false;
        };
        let sum = EdwardsPoint::vartime_double_scalar_mul_basepoint(&-self.k, &key, &self.s);
        (sum - r).mul_by_cofactor().is_identity()
    }
}
