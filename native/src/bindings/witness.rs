//! Face of `witness`. A few milliseconds of work each, on libuv's pool.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::*;
use napi_derive::napi;
use zeroize::Zeroizing;

use super::call::to_js;
use crate::error::Error as CodedError;
use crate::witness::{Evaluator, Graph};

/// An input signal: 64-bit FNV-1a hash of its name, number of values.
#[napi(object)]
pub struct WitnessSignal {
    pub hash: BigInt,
    pub size: u32,
}

/// A circuit's witness generation, checked and planned.
#[napi]
pub struct NativeWitnessGraph {
    evaluator: Arc<Mutex<Evaluator>>,
    wires: u32,
}

pub struct OpenTask {
    bytes: Vec<u8>,
}

impl Task for OpenTask {
    type Output = Evaluator;
    type JsValue = NativeWitnessGraph;

    fn compute(&mut self) -> Result<Evaluator> {
        guarded(|| Graph::parse(&self.bytes).map(|graph| Evaluator::new(&graph)))
    }

    fn resolve(&mut self, _: Env, evaluator: Evaluator) -> Result<NativeWitnessGraph> {
        let wires = evaluator.wires() as u32;
        Ok(NativeWitnessGraph {
            evaluator: Arc::new(Mutex::new(evaluator)),
            wires,
        })
    }
}

/// Reads a witness graph, plain bytes of `proofs/<circuit>/witness-graph.bin.br`.
#[napi(ts_return_type = "Promise<NativeWitnessGraph>")]
pub fn open_witness_graph(bytes: Uint8Array) -> AsyncTask<OpenTask> {
    // A copy, since the caller's memory may change under a thread.
    AsyncTask::new(OpenTask {
        bytes: bytes.to_vec(),
    })
}

pub struct EvaluateTask {
    evaluator: Arc<Mutex<Evaluator>>,
    inputs: Zeroizing<Vec<u8>>,
}

impl Task for EvaluateTask {
    type Output = Option<Zeroizing<Vec<u8>>>;
    type JsValue = Option<Uint8Array>;

    fn compute(&mut self) -> Result<Self::Output> {
        // A panic leaves an evaluator that was wiped on the way out.
        let mut evaluator = self.evaluator.lock().unwrap_or_else(PoisonError::into_inner);
        guarded(|| evaluator.evaluate(&self.inputs))
    }

    fn resolve(&mut self, _: Env, witness: Self::Output) -> Result<Option<Uint8Array>> {
        // Handed over, not copied: the caller wipes it.
        Ok(witness.map(|mut witness| Uint8Array::from(std::mem::take(&mut *witness))))
    }
}

#[napi]
impl NativeWitnessGraph {
    /// In the order in which `evaluate` takes their values.
    #[napi]
    pub fn signals(&self) -> Vec<WitnessSignal> {
        let evaluator = self.evaluator.lock().unwrap_or_else(PoisonError::into_inner);
        let signals = evaluator.signals().iter();
        signals
            .map(|signal| WitnessSignal {
                hash: BigInt::from(signal.hash),
                size: signal.size,
            })
            .collect()
    }

    #[napi(getter)]
    pub fn wires(&self) -> u32 {
        self.wires
    }

    /// The values of all wires, or null if an assertion of the circuit fails.
    #[napi(ts_return_type = "Promise<Uint8Array | null>")]
    pub fn evaluate(&self, inputs: Uint8Array) -> AsyncTask<EvaluateTask> {
        AsyncTask::new(EvaluateTask {
            evaluator: Arc::clone(&self.evaluator),
            inputs: Zeroizing::new(inputs.to_vec()),
        })
    }
}

/// A panic of ours fails the call and not the process.
fn guarded<T>(work: impl FnOnce() -> std::result::Result<T, CodedError>) -> Result<T> {
    let internal = || CodedError::new("NATIVE_INTERNAL", "the witness evaluator panicked");
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(internal()))
        .map_err(to_js)
}
