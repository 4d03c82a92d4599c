//! BLAKE3 in batches: many short inputs under one key, as many at once as the CPU has vector lanes. One call per input
//! leaves those lanes empty, since BLAKE3 fills them from one input only where it is longer than a kilobyte.

// Doc-hidden, hence the exact version in Cargo.toml; `tests/hashing` holds every kernel against the public API.
use blake3::IncrementCounter;
use blake3::platform::{Platform, le_bytes_from_words_32, words_from_le_bytes_32};

use crate::error::{Error, Result};

pub const HASH_BYTES: usize = 32;
pub const PAIR_BYTES: usize = 64;
/// An input up to this length has no tree above it.
const CHUNK_BYTES: usize = 1024;
/// Inputs that go into one call of the kernel: a few times the width of the widest vectors.
const GROUP: usize = 64;

/// Domain flags of section 2.2 of the BLAKE3 paper.
const CHUNK_START: u8 = 1 << 0;
const CHUNK_END: u8 = 1 << 1;
const ROOT: u8 = 1 << 3;
const KEYED_HASH: u8 = 1 << 4;

fn bad(message: &'static str) -> Error {
    Error::new("NATIVE_BAD_INPUTS", message)
}

/// Keyed hashes of inputs of 64 bytes each, written one after another: `output[32 i..]` is that of `input[64 i..]`.
/// Errors: NATIVE_BAD_INPUTS unless `input` holds whole pairs and `output` a hash for each.
pub fn hash_pairs(key: &[u8; HASH_BYTES], input: &[u8], output: &mut [u8]) -> Result<()> {
    let (pairs, rest) = input.as_chunks::<PAIR_BYTES>();
    if !rest.is_empty() || output.len() != pairs.len() * HASH_BYTES {
        return Err(bad(
            "pairs are 64 bytes each, and every one has 32 bytes of output",
        ));
    }
    let platform = Platform::detect();
    let key = words_from_le_bytes_32(key);
    let mut group: [&[u8; PAIR_BYTES]; GROUP] = [&[0; PAIR_BYTES]; GROUP];
    for (pairs, output) in pairs.chunks(GROUP).zip(output.chunks_mut(GROUP * HASH_BYTES)) {
        let group = &mut group[..pairs.len()];
        for (slot, pair) in group.iter_mut().zip(pairs) {
            *slot = pair;
        }
        // A pair is one full block, hence first and last of its only chunk, which is the root.
        let (start, end) = (CHUNK_START, CHUNK_END | ROOT);
        platform.hash_many(
            group,
            &key,
            0,
            IncrementCounter::No,
            KEYED_HASH,
            start,
            end,
            output,
        );
    }
    Ok(())
}

/// Keyed hashes of `bytes[starts[i]..ends[i]]`; ranges may overlap.
/// Errors: NATIVE_BAD_INPUTS where a range leaves `bytes`, or the lengths do not fit each other.
pub fn hash_ranges(
    key: &[u8; HASH_BYTES],
    bytes: &[u8],
    starts: &[u32],
    ends: &[u32],
    output: &mut [u8],
) -> Result<()> {
    let (hashes, rest) = output.as_chunks_mut::<HASH_BYTES>();
    if !rest.is_empty() || hashes.len() != starts.len() || starts.len() != ends.len() {
        return Err(bad("every range has a start, an end and 32 bytes of output"));
    }
    let platform = Platform::detect();
    let words = words_from_le_bytes_32(key);
    for ((hash, start), end) in hashes.iter_mut().zip(starts).zip(ends) {
        let range = bytes
            .get(*start as usize..*end as usize)
            .ok_or_else(|| bad("a range leaves the bytes"))?;
        *hash = if range.len() <= CHUNK_BYTES {
            hash_chunk(platform, words, range)
        } else {
            *blake3::keyed_hash(key, range).as_bytes()
        };
    }
    Ok(())
}

/// Keyed hash of an input of one chunk, block after block. What the public API does around them, for inputs of any length,
/// takes longer than the one or two blocks of a path or leaf.
fn hash_chunk(platform: Platform, key: [u32; 8], input: &[u8]) -> [u8; HASH_BYTES] {
    let mut chaining = key;
    let mut flags = KEYED_HASH | CHUNK_START;
    let mut rest = input;
    while let Some((block, after)) = rest.split_first_chunk::<PAIR_BYTES>() {
        if after.is_empty() {
            break;
        }
        platform.compress_in_place(&mut chaining, block, PAIR_BYTES as u8, 0, flags);
        flags = KEYED_HASH;
        rest = after;
    }
    let mut last = [0; PAIR_BYTES];
    last[..rest.len()].copy_from_slice(rest);
    let flags = flags | CHUNK_END | ROOT;
    platform.compress_in_place(&mut chaining, &last, rest.len() as u8, 0, flags);
    le_bytes_from_words_32(&chaining)
}

/// Root over leaves of 32 bytes in the shape of RFC 6962 (split at the largest power of two below their number), a node
/// being the keyed hash of left || right. No leaf: zeros; one: itself.
/// Errors: NATIVE_BAD_INPUTS unless `leaves` holds whole leaves.
pub fn merkle_root(key: &[u8; HASH_BYTES], leaves: &[u8]) -> Result<[u8; HASH_BYTES]> {
    if !leaves.len().is_multiple_of(HASH_BYTES) {
        return Err(bad("leaves are 32 bytes each"));
    }
    // Pairing neighbours and passing an odd last one up gives the same tree, level by level.
    let mut level = leaves.to_vec();
    while level.len() > HASH_BYTES {
        let paired = level.len() / PAIR_BYTES * PAIR_BYTES;
        let mut above = vec![0; paired / 2];
        hash_pairs(key, &level[..paired], &mut above)?;
        above.extend_from_slice(&level[paired..]);
        level = above;
    }
    let mut root = [0; HASH_BYTES];
    root[..level.len()].copy_from_slice(&level);
    Ok(root)
}
