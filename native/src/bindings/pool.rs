//! Where the prover's work runs: on rayon's threads, as many as the caller wants.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use napi::{Error, Result};
use rayon::ThreadPool;

use super::call::{CodedResult, MAX_THREADS, to_js};

/// Pools by number of threads: kept, since starting threads for each proof would cost a millisecond. They sleep between
/// proofs and keep no process alive.
static POOLS: Mutex<Option<HashMap<usize, Arc<ThreadPool>>>> = Mutex::new(None);

/// Runs `work` there and waits for it; a panic becomes an error.
pub fn in_pool<T: Send>(threads: u32, work: impl FnOnce() -> CodedResult<T> + Send) -> Result<T> {
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
