//! Digits by bucket: a counting sort, so that each bucket is one list.

use ark_ff::BigInt;

use super::Bases;
use crate::wipe::Wiped;

/// Digits in the order of their buckets.
pub struct Sorted {
    /// Index of the point, doubled, plus 1 if it is to be subtracted.
    pub entries: Wiped<u32>,
    /// Where each bucket begins; one more than there are buckets.
    pub starts: Wiped<u32>,
}

pub fn sort(bases: &Bases<'_>, scalars: &[BigInt<4>]) -> Sorted {
    let Bases {
        plan,
        active,
        compact,
        ..
    } = bases;
    let buckets = plan.buckets();
    let mut starts = Wiped::filled(0u32, plan.sets * buckets + 1);
    for wire in *active {
        plan.digits(&scalars[*wire as usize].0, |window, _, magnitude| {
            starts[window % plan.sets * buckets + magnitude] += 1;
        });
    }
    for bucket in 1..starts.len() {
        starts[bucket] += starts[bucket - 1];
    }
    let mut entries = Wiped::filled(0u32, starts.last().map_or(0, |count| *count as usize));
    let mut next = Wiped::from(starts.to_vec());
    for (position, wire) in active.iter().enumerate() {
        plan.digits(&scalars[*wire as usize].0, |window, negative, magnitude| {
            let row = window / plan.sets;
            let point = if *compact {
                row * active.len() + position
            } else {
                *wire as usize
            };
            let slot = &mut next[window % plan.sets * buckets + magnitude - 1];
            entries[*slot as usize] = (point as u32) << 1 | u32::from(negative);
            *slot += 1;
        });
    }
    Sorted { entries, starts }
}
