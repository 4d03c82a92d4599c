//! Four signatures at a time, each with its own equation: where so few are left that one for all of them costs more.

use std::sync::LazyLock;

use super::digits::{LANES, Window};
use super::point::{Niels, Points, Stored};
use super::sum::base_point;
use crate::avx2::store;
use crate::ed25519::Equation;

/// Bits of a digit of k, for whose multiples a table is made each time, and of S, whose table stays. The second is a multiple.
const KEY_BITS: usize = 4;
const BASE_BITS: usize = 8;

/// From 0 to 128 times the base point.
static BASE: LazyLock<Vec<Stored>> = LazyLock::new(|| {
    let point = base_point().map_or(Points::neutral(), |base| Points::of([base; LANES]));
    multiples(&point, 1 << (BASE_BITS - 1))
        .into_iter()
        .map(|[lane, ..]| lane)
        .collect()
});

/// From 0 to `count` times each lane's point.
fn multiples(point: &Points, count: usize) -> Vec<[Stored; LANES]> {
    let mut multiple = Points::neutral();
    let mut table = vec![[Stored::NEUTRAL; LANES]; count + 1];
    for four in &mut table[1..] {
        multiple.add(point);
        multiple.store(four.each_mut());
    }
    table
}

/// Whether [8] S B = [8] R + [8] k A, for each.
pub fn hold(equations: &[Equation<Niels>]) -> Vec<bool> {
    let mut verdicts = Vec::with_capacity(equations.len().next_multiple_of(LANES));
    for four in equations.chunks(LANES) {
        // Lanes that are left over repeat the last one.
        verdicts.extend(four_hold(std::array::from_fn(|lane| {
            &four[lane.min(four.len() - 1)]
        })));
    }
    verdicts.truncate(equations.len());
    verdicts
}

fn four_hold(equations: [&Equation<Niels>; LANES]) -> [bool; LANES] {
    let (short, long) = (Window::new(KEY_BITS), Window::new(BASE_BITS));
    let of_keys = equations.map(|one| short.split(&-one.k));
    let of_base = equations.map(|one| long.split(&one.s));
    let keys = multiples(&Points::of(equations.map(|one| one.key)), short.half());
    let mut sum = Points::neutral();
    for digit in (0..short.groups * LANES).rev() {
        sum = sum.doubled_times(KEY_BITS);
        let (places, negative) = short.digit(&of_keys, digit);
        let point = Points::load(std::array::from_fn(|lane| &keys[places[lane]][lane]));
        sum.add(&point.negated(negative));
        if digit % (BASE_BITS / KEY_BITS) == 0 {
            let (places, negative) = long.digit(&of_base, digit / (BASE_BITS / KEY_BITS));
            let point = Points::load(places.map(|place| &BASE[place]));
            sum.add(&point.negated(negative));
        }
    }
    let r = Points::of(equations.map(|one| one.r));
    sum.add(&r.negated(crate::avx2::splat(u64::MAX)));
    let mut neutral = [0; LANES];
    store(sum.doubled_times(3).is_neutral(), &mut neutral);
    neutral.map(|mask| mask == u64::MAX)
}
