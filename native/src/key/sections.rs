//! iden3's binary container, which `.zkey` and `.wtns` share: magic, version, then numbered sections.
//! Source: <https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md> (the container part).

use std::ops::Range;

use crate::error::{Error, Result};

/// Groth16 keys have ten sections, witnesses two; more than this is no file of ours.
const MAX_SECTIONS: u32 = 64;

/// Where each section lies in its file. Holds ranges alone, so it can stand beside the bytes it is about.
#[derive(Debug)]
pub struct Sections {
    found: Vec<(u32, Range<usize>)>,
}

impl Sections {
    /// Errors: NATIVE_FORMAT_INVALID if the container is not whole.
    pub fn parse(bytes: &[u8], magic: &[u8; 4], versions: Range<u32>) -> Result<Self> {
        let mut reader = Reader::new(bytes, 0..bytes.len())?;
        if reader.take(4)? != magic {
            return Err(Error::format(format!(
                "not a {} file",
                String::from_utf8_lossy(magic)
            )));
        }
        let version = reader.u32()?;
        if !versions.contains(&version) {
            return Err(Error::format(format!("version {version} is not known")));
        }
        let count = reader.u32()?;
        if count > MAX_SECTIONS {
            return Err(Error::format("too many sections"));
        }
        let mut found: Vec<(u32, Range<usize>)> = Vec::new();
        for _ in 0..count {
            let id = reader.u32()?;
            let length =
                usize::try_from(reader.u64()?).map_err(|_| Error::format("a section is too long"))?;
            let start = reader.position();
            reader.take(length)?;
            if found.iter().any(|(known, _)| *known == id) {
                return Err(Error::format(format!("section {id} is there twice")));
            }
            found.push((id, start..start + length));
        }
        Ok(Self { found })
    }

    pub fn range(&self, id: u32) -> Result<Range<usize>> {
        let found = self.found.iter().find(|(known, _)| *known == id);
        found
            .map(|(_, range)| range.clone())
            .ok_or_else(|| Error::format(format!("section {id} is missing")))
    }

    /// A section that must have exactly `length` bytes.
    pub fn sized(&self, id: u32, length: Option<usize>) -> Result<Range<usize>> {
        let range = self.range(id)?;
        match length {
            Some(length) if length == range.len() => Ok(range),
            _ => Err(Error::format(format!(
                "section {id} has {} bytes, which is not its size",
                range.len()
            ))),
        }
    }
}

/// Reads numbers one after the other; never past its end.
pub struct Reader<'a> {
    bytes: &'a [u8],
    next: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], range: Range<usize>) -> Result<Self> {
        if range.start > range.end || range.end > bytes.len() {
            return Err(Error::format("the file is too short"));
        }
        Ok(Self {
            bytes,
            next: range.start,
            end: range.end,
        })
    }

    pub fn position(&self) -> usize {
        self.next
    }

    pub fn remaining(&self) -> usize {
        self.end - self.next
    }

    pub fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        if length > self.remaining() {
            return Err(Error::format("the file is too short"));
        }
        let part = &self.bytes[self.next..self.next + length];
        self.next += length;
        Ok(part)
    }

    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().unwrap_or_default()))
    }

    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().unwrap_or_default()))
    }
}
