//! One check of many proofs, and the search for the bad ones where it fails.

use super::coefficients::{Coefficient, random_coefficients};
use super::error::VerifyError;
use super::jobs::Job;
use super::key::PreparedKey;
use super::lines::Lines;
use super::miller::{Place, miller, places};
use super::multiply::Tables;
use super::outcome::Outcome;
use super::points::Proof;
use ark_bn254::{Bn254, Fq12, Fr, G1Projective};
use ark_ec::pairing::{MillerLoopOutput, Pairing};
use ark_ff::{AdditiveGroup, CyclotomicMultSubgroup, Field};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

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

pub fn alive(cancel: &AtomicBool) -> Result<(), VerifyError> {
    if cancel.load(Ordering::Relaxed) {
        Err(VerifyError::Cancelled)
    } else {
        Ok(())
    }
}

/// A job on its way through one check.
pub struct Member<'a> {
    index: usize,
    group: u32,
    /// Told apart from others by its address.
    key: &'a PreparedKey,
    signals: &'a [Fr],
    proof: Proof,
    /// Of B.
    lines: Lines,
    rho: Coefficient,
}

impl<'a> Member<'a> {
    pub fn new(index: usize, job: &'a Job, key: &'a PreparedKey, proof: Proof, lines: Lines) -> Self {
        Self {
            index,
            group: job.group,
            key,
            signals: &job.signals,
            proof,
            lines,
            rho: Coefficient::ONE,
        }
    }
}

pub struct Check<'a> {
    /// Ordered by group.
    members: Vec<Member<'a>>,
    /// rho A of each.
    places: Vec<Place>,
    /// Multiples of each C; none for a lone proof, whose coefficient is 1.
    c: Option<Tables>,
    /// Ranges of members, each within one group, with the Miller value of their (rho A, B).
    chunks: Vec<(Range<usize>, Fq12)>,
    cancel: &'a AtomicBool,
}

impl<'a> Check<'a> {
    pub fn new(mut members: Vec<Member<'a>>, cancel: &'a AtomicBool) -> Result<Self, VerifyError> {
        members.sort_by_key(|member| member.group);
        let mut check = Self {
            members,
            places: Vec::new(),
            c: None,
            chunks: Vec::new(),
            cancel,
        };
        check.weigh()?;
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

    /// Draws a coefficient for each member and multiplies its A with it.
    fn weigh(&mut self) -> Result<(), VerifyError> {
        let a: Vec<_> = self.members.iter().map(|member| member.proof.a).collect();
        if a.len() <= 1 {
            let a: Vec<_> = a.into_iter().map(G1Projective::from).collect();
            self.places = places(&a);
            return Ok(());
        }
        for (member, rho) in self.members.iter_mut().zip(random_coefficients(a.len())?) {
            member.rho = rho;
        }
        let tables = Tables::fresh(&a);
        let weighed: Vec<_> = self
            .members
            .iter()
            .enumerate()
            .map(|(index, member)| tables.weighed(index, member.rho))
            .collect();
        self.places = places(&weighed);
        let c: Vec<_> = self.members.iter().map(|member| member.proof.c).collect();
        self.c = Some(Tables::fresh(&c));
        Ok(())
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

    /// (index of the job, outcome) of each member.
    pub fn verdicts(&self, mode: Mode) -> Result<Vec<(usize, Outcome)>, VerifyError> {
        let mut outcomes = vec![Outcome::Passed; self.members.len()];
        if !self.members.is_empty() {
            let all = 0..self.members.len();
            self.search(all.clone(), self.product(all)?, mode, &mut outcomes)?;
        }
        Ok(self
            .members
            .iter()
            .map(|member| member.index)
            .zip(outcomes)
            .collect())
    }

    /// `product` is the pairing product of `range`. Where it is not one, the range is halved; the product of the right
    /// half is the quotient of it and of that of the left half, so each level costs half a check. Coefficients stay,
    /// since nobody has seen them.
    fn search(
        &self,
        range: Range<usize>,
        product: Fq12,
        mode: Mode,
        outcomes: &mut [Outcome],
    ) -> Result<(), VerifyError> {
        if product == Fq12::ONE {
            return Ok(());
        }
        if range.len() == 1 {
            outcomes[range].fill(Outcome::Failed);
            return Ok(());
        }
        let in_one_group = self.members[range.start].group == self.members[range.end - 1].group;
        if mode == Mode::Groups && in_one_group {
            outcomes[range].fill(Outcome::Suspect);
            return Ok(());
        }
        let middle = self.middle(&range);
        let left = self.product(range.start..middle)?;
        let mut right = left;
        // Among values of pairings the inverse is the conjugate.
        right.cyclotomic_inverse_in_place();
        right *= product;
        self.search(range.start..middle, left, mode, outcomes)?;
        self.search(middle..range.end, right, mode, outcomes)
    }

    /// Where a range is cut: between groups if there are several, else between chunks, whose Miller values serve again.
    fn middle(&self, range: &Range<usize>) -> usize {
        let half = range.start + range.len() / 2;
        let nearest = |cuts: &mut dyn Iterator<Item = usize>| {
            cuts.filter(|cut| range.start < *cut && *cut < range.end)
                .min_by_key(|cut| cut.abs_diff(half))
        };
        nearest(&mut self.groups().iter().map(|group| group.start))
            .or_else(|| nearest(&mut self.chunks.iter().map(|(chunk, _)| chunk.start)))
            .unwrap_or(half)
    }

    /// Miller value of (rho A, B) over `range`.
    fn miller(&self, range: Range<usize>) -> Result<Fq12, VerifyError> {
        alive(self.cancel)?;
        let pairs: Vec<_> = range
            .map(|member| (self.places[member], self.members[member].lines.as_slice()))
            .collect();
        Ok(miller(&pairs))
    }

    /// The product of all pairings of `range`, final exponentiation included; one if all are valid.
    fn product(&self, range: Range<usize>) -> Result<Fq12, VerifyError> {
        let inside = |chunk: &Range<usize>| range.start <= chunk.start && chunk.end <= range.end;
        let known: Vec<_> = self.chunks.iter().filter(|(chunk, _)| inside(chunk)).collect();
        let covered: usize = known.iter().map(|(chunk, _)| chunk.len()).sum();
        let mut value: Fq12 = if covered == range.len() {
            known.into_iter().map(|(_, value)| value).product()
        } else {
            self.miller(range.clone())?
        };
        let mut of_keys: Vec<(&PreparedKey, Vec<usize>)> = Vec::new();
        for member in range {
            let key = self.members[member].key;
            match of_keys.iter_mut().find(|(other, _)| std::ptr::eq(*other, key)) {
                Some((_, members)) => members.push(member),
                None => of_keys.push((key, vec![member])),
            }
        }
        for (key, members) in of_keys {
            alive(self.cancel)?;
            value *= self.key_miller(key, &members);
        }
        alive(self.cancel)?;
        Bn254::final_exponentiation(MillerLoopOutput(value))
            .map(|output| output.0)
            .ok_or(VerifyError::Internal("a Miller value is zero"))
    }

    /// Miller value of (-V, gamma), (-sum rho C, delta), (-s alpha, beta) for members of one key.
    fn key_miller(&self, key: &PreparedKey, members: &[usize]) -> Fq12 {
        let mut scalars = vec![Fr::ZERO; key.ic.count()];
        for member in members.iter().map(|member| &self.members[*member]) {
            let rho = member.rho.to_fr();
            scalars[0] += rho;
            for (sum, signal) in scalars[1..].iter_mut().zip(member.signals) {
                *sum += rho * signal;
            }
        }
        let v = key.ic.scalar_sum(&scalars);
        let Some(c) = &self.c else {
            let c: G1Projective = members
                .iter()
                .map(|member| G1Projective::from(self.members[*member].proof.c))
                .sum();
            let places = places(&[-v, -c]);
            return miller(&[(places[0], &key.gamma), (places[1], &key.delta)]) * key.minus_alpha_beta;
        };
        let c = c.weighed_sum(members.iter().map(|member| (*member, self.members[*member].rho)));
        let places = places(&[-v, -c, key.minus_alpha.scalar_sum(&scalars[..1])]);
        miller(&[
            (places[0], &key.gamma),
            (places[1], &key.delta),
            (places[2], &key.beta),
        ])
    }
}
