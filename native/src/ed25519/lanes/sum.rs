//! Sums of multiples by the bucket method (N. Pippenger), four windows at a time: each lane has buckets of its own, and a
//! point is added once in every lane, so no addition waits for another's bucket.

use std::sync::LazyLock;

use curve25519_dalek::constants::ED25519_BASEPOINT_COMPRESSED;
use curve25519_dalek::scalar::Scalar;

use super::decode::decode;
use super::digits::{Digits, LANES, Window};
use super::point::{Niels, Points, Stored, reorder};
use crate::avx2::store;
use crate::ed25519::coefficient::Coefficient;

/// Bits of a digit and from how many points on it is the fastest.
const WINDOWS: [(usize, usize); 4] = [(8, 700), (7, 350), (6, 150), (5, 0)];

/// A point with its digits.
type Term<'a> = (Digits, &'a Niels);

pub fn base_point() -> Option<&'static Niels> {
    static BASE: LazyLock<Option<Niels>> =
        LazyLock::new(|| decode(&[ED25519_BASEPOINT_COMPRESSED.0]).pop().flatten());
    BASE.as_ref()
}

/// Whether eight times the sum of all products is the neutral point. What is multiplied by `base` is the base point.
pub fn vanishes(base: &Scalar, full: &[(Scalar, &Niels)], short: &[(Coefficient, &Niels)]) -> bool {
    let Some(base_point) = base_point() else {
        return false;
    };
    let count = full.len() + short.len();
    let bits = WINDOWS
        .iter()
        .find(|(_, from)| count >= *from)
        .map_or(5, |(bits, _)| *bits);
    vanishes_with(&Window::new(bits), (base, base_point), full, short)
}

pub(super) fn vanishes_with(
    window: &Window,
    base: (&Scalar, &Niels),
    full: &[(Scalar, &Niels)],
    short: &[(Coefficient, &Niels)],
) -> bool {
    let full: Vec<Term> = std::iter::once((window.split(base.0), base.1))
        .chain(full.iter().map(|(scalar, point)| (window.split(scalar), *point)))
        .collect();
    let short: Vec<Term> = short
        .iter()
        .map(|(coefficient, point)| (window.split_short(*coefficient), *point))
        .collect();
    // Where a digit is zero its point goes into a bucket that nobody looks into.
    let size = window.half() + 1;
    let mut buckets = vec![Stored::NEUTRAL; LANES * size];
    let mut sum = Points::neutral();
    for group in (0..window.groups).rev() {
        buckets.fill(Stored::NEUTRAL);
        collect(window, group, &full, &mut buckets);
        if group < window.short_groups {
            collect(window, group, &short, &mut buckets);
        }
        sum = sum.doubled_times(LANES * window.bits).plus(&weighed(&buckets));
    }
    // Lanes are neighbouring digits.
    let mut whole = reorder(&sum, [LANES - 1; LANES]);
    for lane in (0..LANES - 1).rev() {
        whole = whole
            .doubled_times(window.bits)
            .plus(&reorder(&sum, [lane; LANES]));
    }
    let mut neutral = [0; LANES];
    store(whole.doubled_times(3).is_neutral(), &mut neutral);
    neutral == [u64::MAX; LANES]
}

/// Those of one group: each lane's in a row, lane by lane.
struct Buckets<'a>([&'a mut [Stored]; LANES]);

impl Buckets<'_> {
    #[inline(always)]
    fn load(&self, places: [usize; LANES]) -> Points {
        Points::load(std::array::from_fn(|lane| &self.0[lane][places[lane]]))
    }

    #[inline(always)]
    fn store(&mut self, places: [usize; LANES], points: &Points) {
        let [a, b, c, d] = &mut self.0;
        points.store([
            &mut a[places[0]],
            &mut b[places[1]],
            &mut c[places[2]],
            &mut d[places[3]],
        ]);
    }
}

/// Adds each point to the bucket of its digit, in every lane.
#[inline(never)]
fn collect(window: &Window, group: usize, terms: &[Term], buckets: &mut [Stored]) {
    let (ab, cd) = buckets.split_at_mut(2 * (window.half() + 1));
    let ((a, b), (c, d)) = (
        ab.split_at_mut(window.half() + 1),
        cd.split_at_mut(window.half() + 1),
    );
    let mut buckets = Buckets([a, b, c, d]);
    for (digits, point) in terms {
        let (places, negative) = window.group(digits, group);
        let mut sum = buckets.load(places);
        sum.add_signed(point, negative);
        buckets.store(places, &sum);
    }
}

/// Each bucket times its digit, by running sums.
#[inline(never)]
fn weighed(buckets: &[Stored]) -> Points {
    let size = buckets.len() / LANES;
    let (mut running, mut sum) = (Points::neutral(), Points::neutral());
    for digit in (1..size).rev() {
        let four = std::array::from_fn(|lane| &buckets[lane * size + digit]);
        running.add(&Points::load(four));
        sum.add(&running);
    }
    sum
}
