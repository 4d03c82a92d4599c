//! A proving key, opened: its file mapped, everything prepared that does not depend on the witness.

use std::fs::File;
use std::path::Path;
use std::sync::OnceLock;

use ark_bn254::Bn254;
use ark_ec::pairing::Pairing;
use ark_ff::BigInt;
use memmap2::Mmap;
use zeroize::Zeroize;

use super::active::{Active, SECTIONS};
use super::groth16::{self, Proof};
use crate::error::{Error, Result};
use crate::fft::Domain;
use crate::field::{FIELD_BYTES, limbs};
use crate::key::{Zkey, witness_values};
use crate::msm::{Plan, Watch};
use crate::tables::TableFile;
use crate::tables::folder::{self, Source};

pub struct ProvingKey {
    file: Mmap,
    hash: [u8; 32],
    pub zkey: Zkey,
    pub(super) active: Active,
    pub(super) domain: Domain,
    pub(super) plain_plans: [Plan; SECTIONS],
    table: OnceLock<TableFile>,
    verifying: OnceLock<Verifying>,
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
            table: OnceLock::new(),
            verifying: OnceLock::new(),
        })
    }

    pub fn bytes(&self) -> &[u8] {
        &self.file
    }

    /// Bytes of key and table that are mapped.
    pub fn mapped_bytes(&self) -> usize {
        self.file.len() + self.table().map_or(0, TableFile::len)
    }

    pub fn table(&self) -> Option<&TableFile> {
        self.table.get()
    }

    /// Errors: see `tables::folder::open`.
    pub fn open_table(&self, folder: &Path) -> Result<()> {
        let table = folder::open(folder, &self.source())?;
        let _ = self.table.set(table);
        Ok(())
    }

    /// Errors: see `tables::folder::make`.
    pub fn make_table(&self, folder: &Path, limit: u64, watch: &impl Watch) -> Result<()> {
        let table = folder::make(folder, limit, &self.source(), watch)?;
        let _ = self.table.set(table);
        Ok(())
    }

    /// What a proof of a dense witness tells `Watch::advance` in all.
    pub fn work(&self) -> usize {
        let sums = (0..SECTIONS).map(|section| {
            let bases = self.bases(section);
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
        let mut scalars: Vec<BigInt<4>> = values.chunks_exact(FIELD_BYTES).map(limbs).collect();
        let proof = groth16::prove(self, &scalars, watch);
        scalars.iter_mut().for_each(|scalar| scalar.0.zeroize());
        proof
    }
}
