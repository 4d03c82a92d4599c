//! Signatures as they are handed over: keys and signatures somewhere in one buffer, messages one after another.

use super::{KEY_BYTES, MAX_SIGNED_BYTES, SIGNATURE_BYTES};
use crate::error::{Error, Result};

fn bad(message: &'static str) -> Error {
    Error::new("NATIVE_BAD_INPUTS", message)
}

/// One signature with all it is checked against, in memory that nobody else can change.
pub struct Entry {
    pub key: [u8; KEY_BYTES],
    /// The encoded point R, then the scalar S.
    pub signature: [u8; SIGNATURE_BYTES],
}

/// What was signed is `prefix || message`.
pub struct Request {
    pub entries: Vec<Entry>,
    pub prefix: Vec<u8>,
    pub messages: Vec<u8>,
    pub message_length: usize,
}

impl Request {
    /// Gathers the parts into memory of its own.
    /// @param keys, signatures where each begins in `bytes`
    /// Errors: NATIVE_BAD_INPUTS where a part leaves the bytes, or there are not as many of each.
    pub fn gather(
        bytes: &[u8],
        keys: &[u32],
        signatures: &[u32],
        prefix: &[u8],
        messages: &[u8],
    ) -> Result<Self> {
        let count = keys.len();
        if signatures.len() != count {
            return Err(bad("there is a signature for every key"));
        }
        if count > 0 && !messages.len().is_multiple_of(count) {
            return Err(bad("all messages have one length"));
        }
        let message_length = messages.len().checked_div(count).unwrap_or(0);
        if prefix.len().saturating_add(message_length) > MAX_SIGNED_BYTES {
            return Err(bad("what is signed is longer than 1,024 bytes"));
        }
        let entries = keys.iter().zip(signatures).map(|(key, signature)| {
            let key = part(bytes, *key).ok_or_else(|| bad("a key leaves the bytes"))?;
            let signature = part(bytes, *signature).ok_or_else(|| bad("a signature leaves the bytes"))?;
            Ok(Entry { key, signature })
        });
        Ok(Self {
            entries: entries.collect::<Result<_>>()?,
            prefix: prefix.to_vec(),
            messages: messages.to_vec(),
            message_length,
        })
    }

    pub fn message(&self, index: usize) -> &[u8] {
        &self.messages[index * self.message_length..(index + 1) * self.message_length]
    }
}

fn part<const N: usize>(bytes: &[u8], start: u32) -> Option<[u8; N]> {
    bytes.get(start as usize..)?.first_chunk().copied()
}
