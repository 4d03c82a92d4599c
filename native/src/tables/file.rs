//! The file of a table: a header of one page, then the rows of A, B1, B2, C and H.

use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use crate::error::{Error, Result};
use crate::field::{Fq, Fq2, all_canonical};
use crate::msm::Plan;
use crate::msm::sums::Point;
use crate::prove::active::{Active, SECTIONS};

const MAGIC: &[u8; 8] = b"zkbzTBL\x01";
/// One page, so that points lie on cache lines.
pub const HEADER_BYTES: usize = 4096;
/// Magic, hash of the key, then the hash of all that is not itself.
const KEY_AT: usize = 8;
const HASH_AT: usize = 40;
const PLANS_AT: usize = 72;

/// Where the rows of each section lie. It follows from the key alone, so a file has no say in it.
#[derive(Debug, Clone)]
pub struct Layout {
    pub plans: [Plan; SECTIONS],
    pub ranges: [Range<usize>; SECTIONS],
    pub bytes: usize,
}

impl Layout {
    pub fn new(active: &Active) -> Self {
        let mut bytes = HEADER_BYTES;
        let plans = active
            .lists()
            .map(|list| Plan::table(list.len(), active.table_sets()));
        let mut index = 0;
        let ranges = plans.map(|plan| {
            let point = if index == 2 {
                Point::<Fq2>::BYTES
            } else {
                Point::<Fq>::BYTES
            };
            let start = bytes;
            bytes += plan.rows() * active.lists()[index].len() * point;
            index += 1;
            start..bytes
        });
        Self { plans, ranges, bytes }
    }

    /// Points of the largest section.
    pub fn points(&self) -> usize {
        self.ranges
            .iter()
            .map(|range| range.len() / Point::<Fq>::BYTES)
            .max()
            .unwrap_or(0)
    }

    /// The header without the hash of the contents.
    pub fn header(&self, key: &[u8; 32]) -> Vec<u8> {
        let mut header = vec![0; HEADER_BYTES];
        header[..8].copy_from_slice(MAGIC);
        header[KEY_AT..HASH_AT].copy_from_slice(key);
        let numbers = self.plans.iter().zip(&self.ranges).flat_map(|(plan, range)| {
            [
                plan.bits as u64,
                plan.sets as u64,
                range.start as u64,
                range.end as u64,
            ]
        });
        for (number, slot) in numbers.zip(header[PLANS_AT..].chunks_exact_mut(8)) {
            slot.copy_from_slice(&number.to_le_bytes());
        }
        header
    }
}

pub fn hash(header: &[u8], body: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(&header[..HASH_AT])
        .update(&header[PLANS_AT..HEADER_BYTES]);
    hasher.update_rayon(body);
    *hasher.finalize().as_bytes()
}

pub fn set_hash(header: &mut [u8], hash: &[u8; 32]) {
    header[HASH_AT..PLANS_AT].copy_from_slice(hash);
}

/// A table that has been checked, mapped.
#[derive(Debug)]
pub struct TableFile {
    pub layout: Layout,
    bytes: Mmap,
    path: PathBuf,
}

impl TableFile {
    /// Errors: NATIVE_TABLE_MISSING, NATIVE_TABLE_INVALID if it is of another key, another layout, or changed.
    pub fn open(path: &Path, layout: Layout, key: &[u8; 32]) -> Result<Self> {
        let file =
            File::open(path).map_err(|_| Error::new("NATIVE_TABLE_MISSING", "there is no table yet"))?;
        // SAFETY: the file is ours, written under a temporary name and never changed after it got this one. Were another
        // program to change it all the same, sums would be wrong, the proof's own verification would fail, and it would
        // be made again without the table; cut short, it ends the process as it would any program that maps it.
        let bytes = unsafe { Mmap::map(&file) }
            .map_err(|error| Error::new("NATIVE_TABLE_INVALID", error.to_string()))?;
        let invalid = |message| Err(Error::new("NATIVE_TABLE_INVALID", message));
        if bytes.len() != layout.bytes {
            return invalid("the table has another size");
        }
        let (header, body) = bytes.split_at(HEADER_BYTES);
        let mut expected = layout.header(key);
        set_hash(&mut expected, &hash(header, body));
        if header != expected {
            return invalid("the table is damaged, or of another proving key");
        }
        // Whoever writes to the folder can make the hash right, too. Wrong points only make a wrong proof, which is not
        // let out; but for limbs above q nobody has shown what the arithmetic does.
        if !all_canonical(body) {
            return invalid("a coordinate of the table is not below q");
        }
        Ok(Self {
            layout,
            bytes,
            path: path.to_owned(),
        })
    }

    pub fn section(&self, index: usize) -> &[u8] {
        &self.bytes[self.layout.ranges[index].clone()]
    }

    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Removes the file; what is mapped stays readable to those who hold it.
    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}
