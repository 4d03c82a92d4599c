//! Jobs to outcomes: what the points decide first, then checks of many proofs, on one thread or several.

use super::check::{Check, Member, Mode, alive};
use super::error::{bad_jobs, internal, system};
use super::jobs::Job;
use super::key::PreparedKey;
use super::lines::trace;
use super::outcome::Outcome;
use crate::error::Result;
use std::sync::atomic::AtomicBool;

/// Jobs of one check. Above it a proof gets 2 % cheaper, and a bad one costs more to find.
const MAX_CHECK_JOBS: usize = 128;

/// One outcome per job, in order. A job's outcome does not depend on the others, save for a chance of 2^-127, and for
/// `Suspect` in mode `Groups`.
pub fn run(keys: &[PreparedKey], jobs: &[Job], mode: Mode, cancel: &AtomicBool) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    for some in jobs.chunks(MAX_CHECK_JOBS) {
        outcomes.extend(run_some(keys, some, mode, cancel)?);
    }
    Ok(outcomes)
}

/// As `run`, with the jobs dealt out to threads that live as long as the call.
pub fn run_on_threads(
    keys: &[PreparedKey],
    jobs: &[Job],
    mode: Mode,
    threads: usize,
    cancel: &AtomicBool,
) -> Result<Vec<Outcome>> {
    let share = jobs.len().div_ceil(threads.max(1)).max(1);
    let mut parts = jobs.chunks(share);
    let first = parts.next().unwrap_or_default();
    std::thread::scope(|scope| {
        let others: Vec<_> = parts
            .map(|part| {
                std::thread::Builder::new()
                    .name("zkbazaar-verify".into())
                    .spawn_scoped(scope, move || run(keys, part, mode, cancel))
                    .map_err(|_| system("no thread could be started"))
            })
            .collect();
        let mut outcomes = run(keys, first, mode, cancel)?;
        for other in others {
            outcomes.extend(other?.join().map_err(|_| internal("a thread panicked"))??);
        }
        Ok(outcomes)
    })
}

fn run_some(keys: &[PreparedKey], jobs: &[Job], mode: Mode, cancel: &AtomicBool) -> Result<Vec<Outcome>> {
    let mut outcomes = vec![Outcome::Passed; jobs.len()];
    let mut proofs = Vec::new();
    for (index, (job, outcome)) in jobs.iter().zip(&mut outcomes).enumerate() {
        match job.proof {
            Ok(proof) => proofs.push((index, proof)),
            Err(fault) => *outcome = fault,
        }
    }
    alive(cancel)?;
    let points: Vec<_> = proofs.iter().map(|(_, proof)| proof.b).collect();
    let mut members = Vec::new();
    for ((index, proof), lines) in proofs.into_iter().zip(trace(&points)) {
        match (lines, jobs[index].key) {
            (None, _) => outcomes[index] = Outcome::OffSubgroup,
            (Some(_), None) => {}
            (Some(lines), Some(key)) => {
                let key = keys
                    .get(key)
                    .ok_or_else(|| bad_jobs("one names a key that is not there"))?;
                members.push(Member::new(index, &jobs[index], key, proof, lines));
            }
        }
    }
    for (index, outcome) in Check::new(members, cancel)?.verdicts(mode)? {
        outcomes[index] = outcome;
    }
    Ok(outcomes)
}
