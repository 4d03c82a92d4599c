//! Face of `prove`. The work runs on rayon's threads, waited for by one thread of libuv's pool: one proof at a time is all
//! that an engine asks for.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ark_bn254::{Fq, G1Affine, G2Affine};
use ark_ff::{BigInteger, PrimeField};
use napi::bindgen_prelude::*;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use rayon::ThreadPool;

use crate::error::Error as CodedError;
use crate::msm::Watch;
use crate::prove::{Proof, ProvingKey};

/// More threads than any machine of ours has cores; keeps a mistaken number from starting thousands.
const MAX_THREADS: u32 = 64;
/// Progress is told in steps of so many hundredths.
const PROGRESS_STEP: usize = 2;

type CodedResult<T> = std::result::Result<T, CodedError>;

fn to_js(error: CodedError) -> Error {
    Error::from_reason(error.to_string())
}

/// Ends the proofs that were given it.
#[napi]
#[derive(Default)]
pub struct NativeCancel {
    cancelled: Arc<AtomicBool>,
}

#[napi]
impl NativeCancel {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi]
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

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
        on_progress: Option<ThreadsafeFunction<f64, (), f64, Status, false>>,
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

/// Where a computation stands, and whether it should go on.
struct Progress {
    cancelled: Arc<AtomicBool>,
    done: AtomicUsize,
    told: AtomicUsize,
    total: usize,
    listener: Option<ThreadsafeFunction<f64, (), f64, Status, false>>,
}

impl Progress {
    fn new(
        cancel: Option<&NativeCancel>,
        listener: Option<ThreadsafeFunction<f64, (), f64, Status, false>>,
        total: usize,
    ) -> Self {
        let cancelled = cancel
            .map(|cancel| Arc::clone(&cancel.cancelled))
            .unwrap_or_default();
        Self {
            cancelled,
            done: AtomicUsize::new(0),
            told: AtomicUsize::new(0),
            total,
            listener,
        }
    }
}

impl Watch for Progress {
    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn advance(&self, work: usize) {
        let Some(listener) = &self.listener else { return };
        let done = self.done.fetch_add(work, Ordering::Relaxed) + work;
        let step = (done * 100 / self.total.max(1)).min(99) / PROGRESS_STEP * PROGRESS_STEP;
        if self.told.fetch_max(step, Ordering::Relaxed) < step {
            listener.call(step as f64 / 100.0, ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

/// Pools by number of threads: kept, since starting threads for each proof would cost a millisecond. They sleep between
/// proofs and keep no process alive.
static POOLS: Mutex<Option<HashMap<usize, Arc<ThreadPool>>>> = Mutex::new(None);

fn in_pool<T: Send>(threads: u32, work: impl FnOnce() -> CodedResult<T> + Send) -> Result<T> {
    let threads = threads.clamp(1, MAX_THREADS) as usize;
    let pool = {
        let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
        let pools = pools.get_or_insert_with(HashMap::new);
        match pools.get(&threads) {
            Some(pool) => Arc::clone(pool),
            None => {
                let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
                let pool = builder
                    .thread_name(|index| format!("zkbazaar-prove-{index}"))
                    .build();
                let pool =
                    Arc::new(pool.map_err(|error| Error::from_reason(format!("NATIVE_INTERNAL: {error}")))?);
                pools.insert(threads, Arc::clone(&pool));
                pool
            }
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| pool.install(work)));
    match outcome {
        Ok(result) => result.map_err(to_js),
        // The payload may quote values, so it is not passed on.
        Err(_) => Err(Error::from_reason("NATIVE_INTERNAL: the native prover failed")),
    }
}

fn write_fq(value: &Fq, out: &mut Vec<u8>) {
    out.extend(value.into_bigint().to_bytes_be());
}

fn write_g1(point: &G1Affine, out: &mut Vec<u8>) {
    // Infinity, which no honest proof or key has, is written as zeros.
    write_fq(&point.x, out);
    write_fq(&point.y, out);
}

fn write_g2(point: &G2Affine, out: &mut Vec<u8>) {
    for value in [&point.x.c0, &point.x.c1, &point.y.c0, &point.y.c1] {
        write_fq(value, out);
    }
}
