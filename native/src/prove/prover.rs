//! A proving key, opened: its file mapped, everything prepared that does not depend on the witness.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use ark_bn254::Bn254;
use ark_ec::pairing::Pairing;
use ark_ff::BigInt;
use memmap2::{Mmap, MmapMut};

use super::active::{Active, SECTIONS};
use super::groth16::{self, Proof};
use crate::error::{Error, Result};
use crate::fft::Domain;
use crate::field::{FIELD_BYTES, limbs};
use crate::key::{Zkey, witness_values};
use crate::msm::{Plan, Watch};
use crate::tables::TableFile;
use crate::tables::folder::{self, Source};
use crate::wipe::Wiped;

pub struct ProvingKey {
    file: Mmap,
    hash: [u8; 32],
    pub zkey: Zkey,
    pub(super) active: Active,
    pub(super) domain: Domain,
    pub(super) plain_plans: [Plan; SECTIONS],
    tables: RwLock<Tables>,
    verifying: OnceLock<Verifying>,
}

/// The table in use, or in words why there is none.
#[derive(Default)]
struct Tables {
    used: Option<Arc<TableFile>>,
    note: Option<String>,
}

/// The fixed points of the pairing equation, with their lines.
pub(super) struct Verifying {
    pub beta: <Bn254 as Pairing>::G2Prepared,
    pub gamma: <Bn254 as Pairing>::G2Prepared,
    pub delta: <Bn254 as Pairing>::G2Prepared,
}

impl ProvingKey {
    /// Errors: NATIVE_FILE_UNREADABLE, and those of `Zkey::parse`.
    pub fn open(path: &Path) -> Result<Self> {
        let unreadable = |error: std::io::Error| Error::new("NATIVE_FILE_UNREADABLE", error.to_string());
        let file = File::open(path).map_err(unreadable)?;
        // SAFETY: keys are installed files that nobody writes to while they are in use. If one is changed all the same,
        // sums are wrong and the proof's own verification fails; offsets and indices were checked against the length,
        // and a file that is cut short ends the process as it would any program that maps it.
        let file = unsafe { Mmap::map(&file) }.map_err(unreadable)?;
        Self::from_map(file)
    }

    /// The same from bytes, which are copied.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let no_memory = |error: std::io::Error| Error::new("NATIVE_FILE_UNREADABLE", error.to_string());
        // A map of nothing cannot be had.
        let mut map = MmapMut::map_anon(bytes.len().max(1)).map_err(no_memory)?;
        map[..bytes.len()].copy_from_slice(bytes);
        Self::from_map(map.make_read_only().map_err(no_memory)?)
    }

    fn from_map(file: Mmap) -> Result<Self> {
        let zkey = Zkey::parse(&file)?;
        let active = Active::new(&zkey, &file);
        let mut hasher = blake3::Hasher::new();
        hasher.update_rayon(&file);
        Ok(Self {
            hash: *hasher.finalize().as_bytes(),
            plain_plans: active.lists().map(|list| Plan::plain(list.len())),
            domain: Domain::new(zkey.domain),
            active,
            zkey,
            file,
            tables: RwLock::default(),
            verifying: OnceLock::new(),
        })
    }

    pub fn bytes(&self) -> &[u8] {
        &self.file
    }

    /// Bytes of key and table that are mapped.
    pub fn mapped_bytes(&self) -> usize {
        self.file.len() + self.table().map_or(0, |table| table.size())
    }

    pub fn table(&self) -> Option<Arc<TableFile>> {
        self.tables
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .used
            .clone()
    }

    /// Why there is no table.
    pub fn tables_note(&self) -> Option<String> {
        self.tables
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .note
            .clone()
    }

    /// Errors: see `tables::folder::open`.
    pub fn open_table(&self, folder: &Path) -> Result<()> {
        self.take_table(folder::open(folder, &self.source()))
    }

    /// Errors: see `tables::folder::make`.
    pub fn make_table(&self, folder: &Path, limit: u64, watch: &impl Watch) -> Result<()> {
        self.take_table(folder::make(folder, limit, &self.source(), watch))
    }

    fn take_table(&self, table: Result<TableFile>) -> Result<()> {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        match table {
            Ok(table) => {
                tables.used = Some(Arc::new(table));
                tables.note = None;
                Ok(())
            }
            Err(error) => {
                tables.note = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Removes a table that gave a wrong proof, from here and from its folder.
    pub(super) fn discard(&self, table: &Arc<TableFile>) {
        table.remove();
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        if tables.used.as_ref().is_some_and(|used| Arc::ptr_eq(used, table)) {
            tables.used = None;
            tables.note =
                Some("NATIVE_TABLE_INVALID: the table gave a wrong proof and was removed".to_owned());
        }
    }

    /// What a proof of a dense witness tells `Watch::advance` in all.
    pub fn work(&self) -> usize {
        let table = self.table();
        let sums = (0..SECTIONS).map(|section| {
            let bases = self.bases(table.as_deref(), section);
            bases.plan.windows * bases.active.len() * FIELD_BYTES * if section == 2 { 2 } else { 1 }
        });
        sums.sum()
    }

    fn source(&self) -> Source<'_> {
        Source {
            key: &self.zkey,
            hash: &self.hash,
            bytes: &self.file,
            active: &self.active,
        }
    }

    pub(super) fn verifying(&self) -> &Verifying {
        let points = &self.zkey.points;
        self.verifying.get_or_init(|| Verifying {
            beta: points.beta2.into(),
            gamma: points.gamma2.into(),
            delta: points.delta2.into(),
        })
    }

    /// A proof that has been verified. Runs in the current thread pool.
    /// @param witness a `.wtns` file, or its values alone
    /// Errors: those of `witness_values` and of `groth16::prove`.
    pub fn prove(&self, witness: &[u8], watch: &impl Watch) -> Result<Proof> {
        let values = witness_values(witness, self.zkey.wires)?;
        let mut scalars = Wiped::filled(BigInt::default(), self.zkey.wires);
        for (scalar, value) in scalars.iter_mut().zip(values.chunks_exact(FIELD_BYTES)) {
            *scalar = limbs(value);
        }
        groth16::prove(self, &scalars, watch)
    }
}
