//! One check of many proofs, and the search for the bad ones where it fails.

use super::coefficients::{Coefficient, random_coefficients};
use super::error::VerifyError;
use super::jobs::Job;
use super::key::PreparedKey;
use super::outcome::Outcome;
use super::points::Proof;
use super::subgroup::is_in_g2_subgroup;
use ark_bn254::{Bn254, Fq12, Fr, G1Affine, G1Projective};
use ark_ec::{
    AffineRepr, CurveGroup,
    bn::G2Prepared,
    pairing::{MillerLoopOutput, Pairing},
};
use ark_ff::{AdditiveGroup, CyclotomicMultSubgroup, Field, PrimeField};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Jobs of one pairing check. Above it a proof gets less than 1 % cheaper, and a bad one costs more to find.
const MAX_CHECK_JOBS: usize = 256;
/// Proofs that share the squarings of one Miller loop; its value is kept for the search.
const CHUNK: usize = 16;

/// What is to be done where a check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Find each bad proof.
    Search,
    /// Find the groups that hold one, and call all their proofs suspect. A group of one is found bad or good.
    Groups,
}

/// A job on its way through one check.
struct Member<'a> {
    index: usize,
    group: u32,
    key: usize,
    proof: Proof,
    signals: &'a [Fr],
    rho: Coefficient,
    /// rho A.
    a: G1Affine,
}

struct Check<'a> {
    keys: &'a [PreparedKey],
    /// Ordered by group.
    members: Vec<Member<'a>>,
    /// Ranges of members, each within one group, with the Miller value of their (rho A, B).
    chunks: Vec<(Range<usize>, Fq12)>,
    cancel: &'a AtomicBool,
}

fn alive(cancel: &AtomicBool) -> Result<(), VerifyError> {
    if cancel.load(Ordering::Relaxed) {
        Err(VerifyError::Cancelled)
    } else {
        Ok(())
    }
}

/// One outcome per job, in order. A job's outcome does not depend on the others, save for a chance of 2^-127, and for
/// `Suspect` in mode `Groups`.
pub fn run(
    keys: &[PreparedKey],
    jobs: &[Job],
    mode: Mode,
    cancel: &AtomicBool,
) -> Result<Vec<Outcome>, VerifyError> {
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
) -> Result<Vec<Outcome>, VerifyError> {
    let share = jobs.len().div_ceil(threads.max(1)).max(1);
    let mut parts = jobs.chunks(share);
    let first = parts.next().unwrap_or_default();
    std::thread::scope(|scope| {
        let others: Vec<_> = parts
            .map(|part| {
                std::thread::Builder::new()
                    .name("zkbazaar-verify".into())
                    .spawn_scoped(scope, move || run(keys, part, mode, cancel))
                    .map_err(|_| VerifyError::System("no thread could be started"))
            })
            .collect();
        let mut outcomes = run(keys, first, mode, cancel)?;
        for other in others {
            outcomes.extend(
                other?
                    .join()
                    .map_err(|_| VerifyError::Internal("a thread panicked"))??,
            );
        }
        Ok(outcomes)
    })
}

fn run_some(
    keys: &[PreparedKey],
    jobs: &[Job],
    mode: Mode,
    cancel: &AtomicBool,
) -> Result<Vec<Outcome>, VerifyError> {
    let mut outcomes = vec![Outcome::Failed; jobs.len()];
    let mut members = Vec::new();
    for (index, (job, outcome)) in jobs.iter().zip(&mut outcomes).enumerate() {
        alive(cancel)?;
        match job.proof {
            Err(fault) => *outcome = fault,
            Ok(proof) if !is_in_g2_subgroup(&proof.b) => *outcome = Outcome::OffSubgroup,
            Ok(proof) => match job.key {
                None => *outcome = Outcome::Passed,
                Some(key) => members.push(Member {
                    index,
                    group: job.group,
                    key,
                    proof,
                    signals: &job.signals,
                    rho: Coefficient::ONE,
                    a: proof.a,
                }),
            },
        }
    }
    let verdicts = Check::new(keys, members, cancel)?.verdicts(mode)?;
    for (index, outcome) in verdicts {
        outcomes[index] = outcome;
    }
    Ok(outcomes)
}

impl<'a> Check<'a> {
    fn new(
        keys: &'a [PreparedKey],
        mut members: Vec<Member<'a>>,
        cancel: &'a AtomicBool,
    ) -> Result<Self, VerifyError> {
        members.sort_by_key(|member| member.group);
        if members.len() > 1 {
            weigh(&mut members)?;
        }
        let mut check = Self {
            keys,
            members,
            chunks: Vec::new(),
            cancel,
        };
        for group in check.groups() {
            let end = group.end;
            for start in group.step_by(CHUNK) {
                let range = start..end.min(start + CHUNK);
                let value = check.miller(range.clone())?;
                check.chunks.push((range, value));
            }
        }
        Ok(check)
    }

    fn groups(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        self.members
            .chunk_by(|one, next| one.group == next.group)
            .map(|members| {
                let range = start..start + members.len();
                start = range.end;
                range
            })
            .collect()
    }

    fn verdicts(&self, mode: Mode) -> Result<Vec<(usize, Outcome)>, VerifyError> {
        let mut verdicts: Vec<_> = self
            .members
            .iter()
            .map(|member| (member.index, Outcome::Passed))
            .collect();
        let all = 0..self.members.len();
        if all.is_empty() {
            return Ok(verdicts);
        }
        let total = self.product(all)?;
        if total == Fq12::ONE {
            return Ok(verdicts);
        }
        let groups = self.groups();
        let single = groups.len() == 1;
        for group in groups {
            let product = if single {
                total
            } else {
                self.product(group.clone())?
            };
            if product == Fq12::ONE {
                continue;
            }
            match mode {
                Mode::Groups if group.len() > 1 => {
                    for member in group {
                        verdicts[member].1 = Outcome::Suspect;
                    }
                }
                _ => {
                    for bad in self.bad_members(group, product)? {
                        verdicts[bad].1 = Outcome::Failed;
                    }
                }
            }
        }
        Ok(verdicts)
    }

    /// `product` is the pairing product of `range` and is not one. That of the right half is the quotient of it and of
    /// that of the left half, so each level costs half a check.
    fn bad_members(&self, range: Range<usize>, product: Fq12) -> Result<Vec<usize>, VerifyError> {
        if range.len() == 1 {
            return Ok(vec![range.start]);
        }
        let middle = self.middle(&range);
        let left = self.product(range.start..middle)?;
        let mut right = left;
        // In the subgroup where pairings live, inverse and conjugate are one.
        right.cyclotomic_inverse_in_place();
        right *= product;
        let mut bad = Vec::new();
        for (part, value) in [(range.start..middle, left), (middle..range.end, right)] {
            if value != Fq12::ONE {
                bad.extend(self.bad_members(part, value)?);
            }
        }
        Ok(bad)
    }

    /// Where a range is cut: between chunks if there are several, so that their Miller values serve again.
    fn middle(&self, range: &Range<usize>) -> usize {
        let half = range.start + range.len() / 2;
        let starts = self.chunks.iter().map(|(chunk, _)| chunk.start);
        starts
            .filter(|start| range.start < *start && *start < range.end)
            .min_by_key(|start| start.abs_diff(half))
            .unwrap_or(half)
    }

    /// Miller value of (rho A, B) over `range`.
    fn miller(&self, range: Range<usize>) -> Result<Fq12, VerifyError> {
        alive(self.cancel)?;
        let members = &self.members[range];
        let pairs = members
            .iter()
            .map(|member| (member.a, G2Prepared::from(member.proof.b)));
        let (a, b): (Vec<_>, Vec<_>) = pairs.unzip();
        Ok(Bn254::multi_miller_loop(a, b).0)
    }

    /// The product of all pairings of `range`, final exponentiation included; one if all are valid.
    fn product(&self, range: Range<usize>) -> Result<Fq12, VerifyError> {
        let inside = |chunk: &Range<usize>| range.start <= chunk.start && chunk.end <= range.end;
        let known: Vec<_> = self.chunks.iter().filter(|(chunk, _)| inside(chunk)).collect();
        let covered: usize = known.iter().map(|(chunk, _)| chunk.len()).sum();
        let mut value = if covered == range.len() {
            known.into_iter().map(|(_, value)| value).product()
        } else {
            self.miller(range.clone())?
        };
        let mut by_key: BTreeMap<usize, Vec<&Member>> = BTreeMap::new();
        for member in &self.members[range] {
            by_key.entry(member.key).or_default().push(member);
        }
        for (position, members) in by_key {
            alive(self.cancel)?;
            let key = self
                .keys
                .get(position)
                .ok_or(VerifyError::BadJobs("one names a key that is not there"))?;
            value *= key_miller(key, &members);
        }
        alive(self.cancel)?;
        Bn254::final_exponentiation(MillerLoopOutput(value))
            .map(|output| output.0)
            .ok_or(VerifyError::Internal("a Miller value is zero"))
    }
}

/// Draws a coefficient for each and multiplies its A with it.
fn weigh(members: &mut [Member]) -> Result<(), VerifyError> {
    let fresh = random_coefficients(members.len())?;
    let scaled: Vec<_> = members
        .iter()
        .zip(&fresh)
        .map(|(member, rho)| member.proof.a.mul_bigint([rho.low, rho.high]))
        .collect();
    for ((member, rho), a) in members
        .iter_mut()
        .zip(fresh)
        .zip(G1Projective::normalize_batch(&scaled))
    {
        member.rho = rho;
        member.a = a;
    }
    Ok(())
}

/// Miller value of (-V, gamma), (-sum rho C, delta), (-s alpha, beta) for members of one key.
fn key_miller(key: &PreparedKey, members: &[&Member]) -> Fq12 {
    let mut scalars = vec![Fr::ZERO; key.ic.len()];
    let mut c = G1Projective::ZERO;
    for member in members {
        let rho = member.rho.to_fr();
        scalars[0] += rho;
        for (sum, signal) in scalars[1..].iter_mut().zip(member.signals) {
            *sum += rho * signal;
        }
        c += member.proof.c.mul_bigint([member.rho.low, member.rho.high]);
    }
    let v: G1Projective = key
        .ic
        .iter()
        .zip(&scalars)
        .map(|(point, scalar)| point.mul_bigint(scalar.into_bigint()))
        .sum();
    let mut g1 = vec![-v, -c];
    let mut g2 = vec![key.gamma.clone(), key.delta.clone()];
    let ready = scalars[0] == Fr::ONE;
    if !ready {
        g1.push(key.minus_alpha.mul_bigint(scalars[0].into_bigint()));
        g2.push(key.beta.clone());
    }
    let value = Bn254::multi_miller_loop(G1Projective::normalize_batch(&g1), g2).0;
    if ready {
        value * key.minus_alpha_beta
    } else {
        value
    }
}
