//! One check of many proofs, and the search for the bad ones where it fails.

use super::coefficients::{Coefficient, random_coefficients};
use super::error::{cancelled, internal};
use super::jobs::Job;
use super::key::PreparedKey;
use super::lines::Lines;
use super::miller::{Pair, Place, miller, places};
use super::multiply::Tables;
use super::outcome::Outcome;
use super::points::Proof;
use crate::error::Result;
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

pub fn alive(cancel: &AtomicBool) -> Result<()> {
    if cancel.load(Ordering::Relaxed) {
        Err(cancelled())
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
    pub fn new(mut members: Vec<Member<'a>>, cancel: &'a AtomicBool) -> Result<Self> {
        members.sort_by_key(|member| member.group);
        let mut check = Self {
            members,
            places: Vec::new(),
            c: None,
            chunks: Vec::new(),
            cancel,
        };
        check.weigh()?;
        let of_group = |group: Range<usize>| {
            let end = group.end;
            group
                .step_by(CHUNK)
                .map(move |start| start..end.min(start + CHUNK))
        };
        let chunks: Vec<_> = check.groups().into_iter().flat_map(of_group).collect();
        // The value of a single chunk would never serve again.
        for chunk in chunks.iter().filter(|_| chunks.len() > 1) {
            alive(cancel)?;
            let value = miller(&check.pairs(chunk.clone()));
            check.chunks.push((chunk.clone(), value));
        }
        Ok(check)
    }

    /// Draws a coefficient for each member and multiplies its A with it.
    fn weigh(&mut self) -> Result<()> {
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
    pub fn verdicts(&self, mode: Mode) -> Result<Vec<(usize, Outcome)>> {
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
    fn search(&self, range: Range<usize>, product: Fq12, mode: Mode, outcomes: &mut [Outcome]) -> Result<()> {
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

    /// (rho A, B) of each member of `range`.
    fn pairs(&self, range: Range<usize>) -> Vec<Pair<'_>> {
        let members = &self.members[range.clone()];
        self.places[range]
            .iter()
            .copied()
            .zip(members.iter().map(|member| member.lines.as_slice()))
            .collect()
    }

    /// The product of all pairings of `range`, final exponentiation included; one if all are valid.
    fn product(&self, range: Range<usize>) -> Result<Fq12> {
        alive(self.cancel)?;
        let inside = |chunk: &Range<usize>| range.start <= chunk.start && chunk.end <= range.end;
        let known: Vec<_> = self.chunks.iter().filter(|(chunk, _)| inside(chunk)).collect();
        let is_known = known.iter().map(|(chunk, _)| chunk.len()).sum::<usize>() == range.len();
        let mut value: Fq12 = if is_known {
            known.iter().map(|(_, value)| value).product()
        } else {
            Fq12::ONE
        };
        let mut pairs = if is_known {
            Vec::new()
        } else {
            self.pairs(range.clone())
        };

        let mut of_keys: Vec<(&PreparedKey, Vec<usize>)> = Vec::new();
        for member in range {
            let key = self.members[member].key;
            match of_keys.iter_mut().find(|(other, _)| std::ptr::eq(*other, key)) {
                Some((_, members)) => members.push(member),
                None => of_keys.push((key, vec![member])),
            }
        }
        let (mut points, mut lines) = (Vec::new(), Vec::new());
        for (key, members) in &of_keys {
            alive(self.cancel)?;
            let scalars = self.scalars(key, members);
            points.extend([-key.ic.scalar_sum(&scalars), -self.sum_of_c(members)]);
            lines.extend([key.gamma.as_slice(), key.delta.as_slice()]);
            if self.c.is_none() {
                value *= key.minus_alpha_beta;
            } else {
                points.push(key.minus_alpha.scalar_sum(&scalars[..1]));
                lines.push(&key.beta);
            }
        }
        pairs.extend(places(&points).into_iter().zip(lines));
        alive(self.cancel)?;
        value *= miller(&pairs);
        Bn254::final_exponentiation(MillerLoopOutput(value))
            .map(|output| output.0)
            .ok_or_else(|| internal("a Miller value is zero"))
    }

    /// The scalars of IC: s, and the sum of rho signal for each signal.
    fn scalars(&self, key: &PreparedKey, members: &[usize]) -> Vec<Fr> {
        let mut scalars = vec![Fr::ZERO; key.ic.count()];
        for member in members.iter().map(|member| &self.members[*member]) {
            let rho = member.rho.to_fr();
            scalars[0] += rho;
            for (sum, signal) in scalars[1..].iter_mut().zip(member.signals) {
                *sum += rho * signal;
            }
        }
        scalars
    }

    /// The sum of rho C.
    fn sum_of_c(&self, members: &[usize]) -> G1Projective {
        match &self.c {
            Some(tables) => {
                tables.weighed_sum(members.iter().map(|member| (*member, self.members[*member].rho)))
            }
            None => members
                .iter()
                .map(|member| G1Projective::from(self.members[*member].proof.c))
                .sum(),
        }
    }
}
