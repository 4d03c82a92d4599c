//! Multi-scalar multiplication over bases that stay the same from proof to proof (Pippenger's buckets, signed digits).
//!
//! With a table of shifted bases all windows count into the same buckets: the sum over the windows disappears, and the
//! windows can be wider. Source: E. Brickell, D. Gordon, K. McCurley, D. Wilson, *Fast Exponentiation with
//! Precomputation*, EUROCRYPT '92.

#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
mod lanes;
pub mod plan;
mod sort;
pub mod sums;
#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
mod vector_sums;
mod weigh;
#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
mod words;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ff::{AdditiveGroup, BigInt, Zero};

#[cfg(not(all(target_arch = "x86_64", target_feature = "avx2")))]
use crate::field::Coordinate;
use crate::wipe::Wiped;
pub use plan::Plan;
use sort::{Sorted, sort};
use sums::{ListSums, Point};
#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
pub use vector_sums::Fastest;
use weigh::weighted;

/// Which sums are fastest here for points over a field.
#[cfg(not(all(target_arch = "x86_64", target_feature = "avx2")))]
pub trait Fastest: Coordinate {
    type Sums: ListSums<Self>;
}
#[cfg(not(all(target_arch = "x86_64", target_feature = "avx2")))]
impl<F: Coordinate> Fastest for F {
    type Sums = sums::Sums<F>;
}

/// A point in the form of the fastest sums.
type Item<F> = <<F as Fastest>::Sums as ListSums<F>>::Item;

/// Points that are summed at a time: what they need stays within a core's second-level cache.
const CHUNK_BYTES: usize = 512 * 1024;

/// The bases of one sum: points row after row, in Montgomery form, as they lie in a file.
pub struct Bases<'a> {
    pub plan: Plan,
    /// Wires (positions among the scalars) whose base is not the point at infinity.
    pub active: &'a [u32],
    pub bytes: &'a [u8],
    /// True: rows hold the active bases alone. False: one row with a base for every scalar.
    pub compact: bool,
}

/// A cancelled sum has no result.
pub struct Cancelled;

/// What a long computation asks and tells between its steps.
pub trait Watch: Sync {
    fn cancelled(&self) -> bool;
    /// So many more additions are done, counted in multiplications of the base field.
    fn advance(&self, work: usize);
}

/// The sum of scalar times base. Work is shared by as many tasks of the current thread pool as it has threads.
/// @param scalars canonical limbs
pub fn msm<C: SWCurveConfig>(
    bases: &Bases<'_>,
    scalars: &[BigInt<4>],
    watch: &impl Watch,
) -> Result<Projective<C>, Cancelled>
where
    C::BaseField: Fastest,
{
    let plan = bases.plan;
    let buckets = sum_buckets::<C::BaseField>(bases, &sort(bases, scalars), watch)?;
    let mut sum = Projective::<C>::zero();
    for set in (0..plan.sets).rev() {
        for _ in 0..if sum.is_zero() { 0 } else { plan.bits } {
            sum.double_in_place();
        }
        sum += weighted::<C>(&buckets[set * plan.buckets()..(set + 1) * plan.buckets()]);
    }
    Ok(sum)
}

fn sum_buckets<F: Fastest>(
    bases: &Bases<'_>,
    sorted: &Sorted,
    watch: &impl Watch,
) -> Result<Wiped<Item<F>>, Cancelled> {
    let chunk = CHUNK_BYTES / Point::<F>::BYTES;
    let chunks = sorted.entries.len().div_ceil(chunk);
    let next = AtomicUsize::new(0);
    let partial = Mutex::new(Wiped::<(u32, Item<F>)>::with_capacity(
        sorted.starts.len() + chunks,
    ));
    let work = || {
        let mut sums = F::Sums::with_capacity(chunk.min(sorted.entries.len()));
        let mut results = Wiped::with_capacity(0);
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= chunks || watch.cancelled() {
                break;
            }
            let range = index * chunk..((index + 1) * chunk).min(sorted.entries.len());
            watch.advance(range.len() * F::BYTES);
            sum_range::<F>(bases, sorted, range, &mut sums, &mut results);
        }
        if let Ok(mut partial) = partial.lock() {
            partial.append(&mut results);
        }
    };
    rayon::scope(|scope| {
        for _ in 1..rayon::current_num_threads().min(chunks) {
            scope.spawn(|_| work());
        }
        work();
    });
    if watch.cancelled() {
        return Err(Cancelled);
    }
    let mut buckets = Wiped::filled(F::Sums::INFINITY, sorted.starts.len() - 1);
    // A bucket on a chunk's border comes in parts.
    let mut parts = F::Sums::with_capacity(2 * chunks);
    parts.clear(false);
    let mut split: Vec<u32> = Vec::new();
    let mut partial = partial.into_inner().unwrap_or_else(PoisonError::into_inner);
    partial.sort_unstable_by_key(|(bucket, _)| *bucket);
    for group in partial.chunk_by(|a, b| a.0 == b.0) {
        if let [(bucket, point)] = group {
            buckets[*bucket as usize] = *point;
            continue;
        }
        // A part may be the point at infinity, which `push` does not know.
        let finite = group.iter().filter(|(_, point)| *point != F::Sums::INFINITY);
        let length = finite.map(|(_, point)| parts.push(point)).count();
        parts.end_list(length);
        split.push(group[0].0);
    }
    let mut split = split.iter();
    parts.finish(|point| {
        if let Some(bucket) = split.next() {
            buckets[*bucket as usize] = point;
        }
    });
    Ok(buckets)
}

/// Sums of the buckets within a range of entries.
fn sum_range<F: Fastest>(
    bases: &Bases<'_>,
    sorted: &Sorted,
    range: std::ops::Range<usize>,
    sums: &mut F::Sums,
    results: &mut Wiped<(u32, Item<F>)>,
) {
    const AHEAD: usize = 16;
    sums.clear(true);
    let entries = &sorted.entries[..range.end];
    let first = sorted
        .starts
        .partition_point(|start| *start as usize <= range.start)
        - 1;
    let (mut bucket, mut at) = (first, range.start);
    let begin = results.len();
    while at < range.end {
        let end = (sorted.starts[bucket + 1] as usize).min(range.end);
        if end > at {
            for index in at..end {
                if let Some(later) = entries.get(index + AHEAD) {
                    let offset = (*later >> 1) as usize * Point::<F>::BYTES;
                    (0..Point::<F>::BYTES)
                        .step_by(64)
                        .for_each(|line| prefetch(bases.bytes, offset + line));
                }
                let entry = entries[index];
                let offset = (entry >> 1) as usize * Point::<F>::BYTES;
                sums.push_base(&bases.bytes[offset..offset + Point::<F>::BYTES], entry & 1 == 1);
            }
            sums.end_list(end - at);
            results.push((bucket as u32, F::Sums::INFINITY));
            at = end;
        }
        bucket += 1;
    }
    let mut results = results[begin..].iter_mut();
    sums.finish(|sum| {
        if let Some(result) = results.next() {
            result.1 = sum;
        }
    });
}

/// Tables are larger than the caches and read in random order.
#[inline(always)]
fn prefetch(bytes: &[u8], offset: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(byte) = bytes.get(offset) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: prefetching never faults, and the address is that of a byte of the slice.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, offset);
}
