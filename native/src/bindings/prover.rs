//! Face of `prove`: opening keys, making tables, proving. The work runs on rayon's threads, waited for by one thread of
//! libuv's pool: one proof at a time is all that an engine asks for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::points::{write_g1, write_g2};
use super::pool::in_pool;
use super::watch::{Listener, NativeCancel, Progress};
use crate::prove::{Proof, ProvingKey};

#[napi(object)]
pub struct OpenProvingKeyOptions {
    pub table_directory: Option<String>,
    pub threads: u32,
}

#[napi(object)]
pub struct MakeTablesOptions {
    pub directory: String,
    /// Bytes that all tables of the folder may take; a table above it is not made.
    pub limit_bytes: f64,
    pub threads: u32,
}

/// A proving key of snarkjs, mapped and checked.
#[napi]
pub struct NativeProvingKey {
    key: Arc<ProvingKey>,
}

pub struct OpenTask {
    path: PathBuf,
    options: OpenProvingKeyOptions,
}

impl Task for OpenTask {
    type Output = ProvingKey;
    type JsValue = NativeProvingKey;

    fn compute(&mut self) -> Result<Self::Output> {
        let Self { path, options } = self;
        in_pool(options.threads, || {
            let key = ProvingKey::open(path)?;
            if let Some(folder) = &options.table_directory {
                // Why there is none is the key's note.
                let _ = key.open_table(Path::new(folder));
            }
            Ok(key)
        })
    }

    fn resolve(&mut self, _: Env, key: Self::Output) -> Result<NativeProvingKey> {
        Ok(NativeProvingKey { key: Arc::new(key) })
    }
}

/// Maps and checks a proving key, and opens its tables if they are there.
#[napi]
pub fn open_proving_key(path: String, options: OpenProvingKeyOptions) -> AsyncTask<OpenTask> {
    AsyncTask::new(OpenTask {
        path: path.into(),
        options,
    })
}

#[napi]
impl NativeProvingKey {
    #[napi(getter)]
    pub fn wires(&self) -> u32 {
        self.key.zkey.wires as u32
    }

    #[napi(getter)]
    pub fn public_signals(&self) -> u32 {
        self.key.zkey.public as u32
    }

    #[napi(getter)]
    pub fn domain_size(&self) -> u32 {
        self.key.zkey.domain as u32
    }

    #[napi(getter)]
    pub fn has_tables(&self) -> bool {
        self.key.table().is_some()
    }

    /// Why there are no tables.
    #[napi(getter)]
    pub fn tables_note(&self) -> Option<String> {
        self.key.tables_note()
    }

    /// Bytes of key and tables that are mapped.
    #[napi(getter)]
    pub fn mapped_bytes(&self) -> f64 {
        self.key.mapped_bytes() as f64
    }

    /// alpha (64), beta, gamma, delta (128 each), IC (64 each).
    #[napi]
    pub fn verifying_part(&self) -> Uint8Array {
        let points = &self.key.zkey.points;
        let mut bytes = Vec::new();
        write_g1(&points.alpha1, &mut bytes);
        for point in [&points.beta2, &points.gamma2, &points.delta2] {
            write_g2(point, &mut bytes);
        }
        points.ic.iter().for_each(|point| write_g1(point, &mut bytes));
        bytes.into()
    }

    /// Makes the tables that are not there.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn make_tables(
        &self,
        options: MakeTablesOptions,
        cancel: Option<&NativeCancel>,
    ) -> AsyncTask<MakeTablesTask> {
        let watch = Progress::new(cancel, None, usize::MAX);
        AsyncTask::new(MakeTablesTask {
            key: Arc::clone(&self.key),
            options,
            watch,
        })
    }

    /// A proof of 256 bytes, already verified.
    #[napi(ts_return_type = "Promise<Uint8Array>")]
    pub fn prove(
        &self,
        witness: Uint8Array,
        threads: u32,
        cancel: Option<&NativeCancel>,
        on_progress: Option<Listener>,
    ) -> AsyncTask<ProveTask> {
        let watch = Progress::new(cancel, on_progress, self.key.work());
        AsyncTask::new(ProveTask {
            key: Arc::clone(&self.key),
            witness,
            threads,
            watch,
        })
    }
}

pub struct MakeTablesTask {
    key: Arc<ProvingKey>,
    options: MakeTablesOptions,
    watch: Progress,
}

impl Task for MakeTablesTask {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        let MakeTablesOptions {
            directory,
            limit_bytes,
            threads,
        } = &self.options;
        in_pool(*threads, || {
            let folder = Path::new(directory);
            if self.key.table().is_some() {
                Ok(())
            } else {
                self.key.make_table(folder, *limit_bytes as u64, &self.watch)
            }
        })
    }

    fn resolve(&mut self, _: Env, (): ()) -> Result<()> {
        Ok(())
    }
}

pub struct ProveTask {
    key: Arc<ProvingKey>,
    witness: Uint8Array,
    threads: u32,
    watch: Progress,
}

impl Task for ProveTask {
    type Output = Proof;
    type JsValue = Uint8Array;

    fn compute(&mut self) -> Result<Proof> {
        let Self {
            key,
            witness,
            threads,
            watch,
        } = self;
        in_pool(*threads, || key.prove(witness, watch))
    }

    fn resolve(&mut self, _: Env, proof: Proof) -> Result<Uint8Array> {
        let mut bytes = Vec::with_capacity(256);
        write_g1(&proof.a, &mut bytes);
        write_g2(&proof.b, &mut bytes);
        write_g1(&proof.c, &mut bytes);
        Ok(bytes.into())
    }
}
