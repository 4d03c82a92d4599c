//! The values of all wires, as snarkjs and circom write them.

use ark_ff::PrimeField;

use super::sections::{Reader, Sections};
use crate::error::{Error, Result};
use crate::field::{FIELD_BYTES, Fr, limbs};

/// The values in a `.wtns` file, or the bytes as they are if they are the bare values: 32 bytes each, little-endian.
/// A bare witness begins with the wire that is always 1, so the two cannot be confused.
/// Errors: NATIVE_FORMAT_INVALID, NATIVE_WITNESS_LENGTH, NATIVE_WITNESS_RANGE.
pub fn witness_values(bytes: &[u8], wires: usize) -> Result<&[u8]> {
    let body = if bytes.starts_with(b"wtns") {
        read_wtns(bytes)?
    } else {
        bytes
    };
    if Some(body.len()) != wires.checked_mul(FIELD_BYTES) {
        let found = body.len() / FIELD_BYTES;
        let message = format!("the witness has {found} values, the proving key has {wires} wires");
        return Err(Error::new("NATIVE_WITNESS_LENGTH", message));
    }
    if let Some(wire) = body
        .chunks_exact(FIELD_BYTES)
        .position(|value| limbs(value) >= Fr::MODULUS)
    {
        return Err(Error::new(
            "NATIVE_WITNESS_RANGE",
            format!("the value of wire {wire} is not below r"),
        ));
    }
    if body.first_chunk::<FIELD_BYTES>().map(|one| limbs(one).0) != Some([1, 0, 0, 0]) {
        return Err(Error::new("NATIVE_WITNESS_RANGE", "wire 0 is not 1"));
    }
    Ok(body)
}

fn read_wtns(bytes: &[u8]) -> Result<&[u8]> {
    let sections = Sections::parse(bytes, b"wtns", 2..3)?;
    let mut header = Reader::new(bytes, sections.range(1)?)?;
    require_prime(&mut header, &Fr::MODULUS.0, "r")?;
    let count = header.u32()? as usize;
    let range = sections.sized(2, count.checked_mul(FIELD_BYTES))?;
    Ok(&bytes[range])
}

/// Reads a field size and a prime, which must be those of bn128.
pub fn require_prime(reader: &mut Reader<'_>, prime: &[u64; 4], name: &str) -> Result<()> {
    let size = reader.u32()? as usize;
    if size != FIELD_BYTES || limbs(reader.take(size)?).0 != *prime {
        return Err(Error::new(
            "NATIVE_CURVE_UNSUPPORTED",
            format!("{name} is not the prime of bn128"),
        ));
    }
    Ok(())
}
