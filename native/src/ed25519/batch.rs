//! Batches of a request, and the threads that take them one after another.

use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Request;
use super::search::search;
use super::sound::Batch;
use crate::error::{Error, Result};

/// Signatures in one equation. More save little (docs/decisions/ledger-crypto.md), and need 350 bytes each while they are checked.
const BATCH: usize = 2048;
/// Signatures that make a batch of their own, and with it a thread, worth its overhead.
const LEAST: usize = 256;

/// One verdict per signature, 1 for a good one. Errors: NATIVE_SYSTEM where there are no random bytes.
pub fn verify(request: &Request, threads: usize) -> Result<Vec<u8>> {
    let mut verdicts = vec![0; request.entries.len()];
    let batches = batches(verdicts.len(), threads);
    let size = verdicts.len().div_ceil(batches).max(1);
    // Whoever is done takes the next one: a thread that the machine keeps waiting keeps nobody else waiting.
    let open = Mutex::new(verdicts.chunks_mut(size).enumerate());
    let work = || loop {
        let next = open.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((batch, verdicts)) = next else {
            return Ok(());
        };
        let first = batch * size;
        let batch = Batch::of(request, first..first + verdicts.len())?;
        search(&batch, &mut |index| verdicts[index - first] = 1);
        batch.remember(|index| verdicts[index - first] == 1);
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(batches)).map(|_| scope.spawn(work)).collect();
        let mut outcome = work();
        for other in others {
            let crashed = |_| {
                Err(Error::new(
                    "NATIVE_INTERNAL",
                    "a thread that checks signatures ended",
                ))
            };
            outcome = outcome.and(other.join().unwrap_or_else(crashed));
        }
        outcome
    })?;
    Ok(verdicts)
}

/// How many batches of about the same size: a multiple of the threads, unless they would be very small.
fn batches(count: usize, threads: usize) -> usize {
    let needed = count.div_ceil(BATCH).max(1);
    needed
        .next_multiple_of(threads.max(1))
        .min((count / LEAST).max(needed))
}
