//! Many inputs of a few blocks each: their full blocks in vector lanes, those of as many blocks together. The kernel of
//! the lanes knows full blocks only, so the last block of each goes alone.

use blake3::IncrementCounter;
use blake3::platform::{Platform, le_bytes_from_words_32, words_from_le_bytes_32};

use super::{CHUNK_END, CHUNK_START, HASH_BYTES, KEYED_HASH, ROOT, bad};
use crate::error::Result;

const BLOCK: usize = 64;
/// An input of one chunk has at most so many blocks; longer ones fill the lanes by themselves.
const MAX_BLOCKS: usize = 16;
/// Inputs of one kind that are waited for: twice the lanes of AVX2.
const GROUP: usize = 16;

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
    let lanes = Lanes {
        platform: Platform::detect(),
        key: words_from_le_bytes_32(key),
    };
    // By the number of blocks before the last one: inputs and where their hashes go.
    let mut waiting: [Group; MAX_BLOCKS] = std::array::from_fn(|_| Group::default());
    for (index, (start, end)) in starts.iter().zip(ends).enumerate() {
        let input = bytes.get(*start as usize..*end as usize);
        let input = input.ok_or_else(|| bad("a range leaves the bytes"))?;
        let before_last = input.len().saturating_sub(1) / BLOCK;
        match waiting.get_mut(before_last) {
            None => hashes[index] = *blake3::keyed_hash(key, input).as_bytes(),
            // Nothing to do together.
            Some(_) if before_last == 0 => hashes[index] = lanes.last_block(None, input),
            Some(group) => {
                group.inputs[group.count] = (input, index);
                group.count += 1;
                if group.count == GROUP {
                    lanes.hash(before_last, group, hashes);
                }
            }
        }
    }
    for (before_last, group) in waiting.iter_mut().enumerate() {
        lanes.hash(before_last, group, hashes);
    }
    Ok(())
}

#[derive(Default)]
struct Group<'a> {
    inputs: [(&'a [u8], usize); GROUP],
    count: usize,
}

struct Lanes {
    platform: Platform,
    key: [u32; 8],
}

impl Lanes {
    /// Hashes a group whose inputs have `before_last` full blocks before their last one, and empties it.
    fn hash(&self, before_last: usize, group: &mut Group, hashes: &mut [[u8; HASH_BYTES]]) {
        let inputs = &group.inputs[..group.count];
        let mut values = [[0; HASH_BYTES]; GROUP];
        let values = values[..inputs.len()].as_flattened_mut();
        match before_last {
            1 => self.full_blocks::<{ BLOCK }>(inputs, values),
            2 => self.full_blocks::<{ 2 * BLOCK }>(inputs, values),
            3 => self.full_blocks::<{ 3 * BLOCK }>(inputs, values),
            4 => self.full_blocks::<{ 4 * BLOCK }>(inputs, values),
            5 => self.full_blocks::<{ 5 * BLOCK }>(inputs, values),
            6 => self.full_blocks::<{ 6 * BLOCK }>(inputs, values),
            7 => self.full_blocks::<{ 7 * BLOCK }>(inputs, values),
            8 => self.full_blocks::<{ 8 * BLOCK }>(inputs, values),
            9 => self.full_blocks::<{ 9 * BLOCK }>(inputs, values),
            10 => self.full_blocks::<{ 10 * BLOCK }>(inputs, values),
            11 => self.full_blocks::<{ 11 * BLOCK }>(inputs, values),
            12 => self.full_blocks::<{ 12 * BLOCK }>(inputs, values),
            13 => self.full_blocks::<{ 13 * BLOCK }>(inputs, values),
            14 => self.full_blocks::<{ 14 * BLOCK }>(inputs, values),
            15 => self.full_blocks::<{ 15 * BLOCK }>(inputs, values),
            _ => {}
        }
        let (values, _) = values.as_chunks::<HASH_BYTES>();
        for ((input, index), value) in inputs.iter().zip(values) {
            hashes[*index] = self.last_block(Some(value), &input[before_last * BLOCK..]);
        }
        group.count = 0;
    }

    /// Hash of an input with this last block, after the chaining value of those before, if there are any.
    fn last_block(&self, before: Option<&[u8; HASH_BYTES]>, last: &[u8]) -> [u8; HASH_BYTES] {
        let (mut state, start) = match before {
            None => (self.key, CHUNK_START),
            Some(value) => (words_from_le_bytes_32(value), 0),
        };
        let mut block = [0; BLOCK];
        block[..last.len()].copy_from_slice(last);
        let flags = KEYED_HASH | start | CHUNK_END | ROOT;
        self.platform
            .compress_in_place(&mut state, &block, last.len() as u8, 0, flags);
        le_bytes_from_words_32(&state)
    }

    /// Chaining values of each input after its first `N` bytes.
    fn full_blocks<const N: usize>(&self, inputs: &[(&[u8], usize)], values: &mut [u8]) {
        let mut starts: [&[u8; N]; GROUP] = [&[0; N]; GROUP];
        let starts = &mut starts[..inputs.len()];
        for (slot, (input, _)) in starts.iter_mut().zip(inputs) {
            let Some(first) = input.first_chunk() else { return };
            *slot = first;
        }
        self.platform.hash_many(
            starts,
            &self.key,
            0,
            IncrementCounter::No,
            KEYED_HASH,
            CHUNK_START,
            0,
            values,
        );
    }
}
