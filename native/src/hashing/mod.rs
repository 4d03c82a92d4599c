//! BLAKE3 in batches: many short inputs under one key, as many at once as the CPU has vector lanes. One call per input
//! leaves those lanes empty, since BLAKE3 fills them from one input only where it is longer than a kilobyte.

// Doc-hidden, hence the exact version in Cargo.toml; `tests/hashing` holds every kernel against the public API.
use blake3::IncrementCounter;
use blake3::platform::{Platform, words_from_le_bytes_32};

use crate::error::{Error, Result};

mod ranges;
pub use ranges::hash_ranges;

pub const HASH_BYTES: usize = 32;
pub const PAIR_BYTES: usize = 64;
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
