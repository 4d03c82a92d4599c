//! From the sums of the buckets to the sum of a window.

use ark_ec::CurveConfig;
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ff::{AdditiveGroup, Zero};

use super::sums::{ListSums, Point};
use super::{Fastest, Item};
use crate::wipe::Wiped;

/// Sum of k times bucket k, k from 1. With k = high * 2^h + low it is the sum of low * column(low), and 2^h times that of
/// high * row(high): rows and columns are many lists at once, and what is left to weigh is their square root in number.
pub fn weighted<C: SWCurveConfig>(buckets: &[Item<C::BaseField>]) -> Projective<C>
where
    C::BaseField: Fastest,
{
    type Fast<C> = <<C as CurveConfig>::BaseField as Fastest>::Sums;
    let low_bits = (usize::BITS - buckets.len().leading_zeros()) as usize / 2;
    let columns = 1usize << low_bits;
    let rows = buckets.len() / columns + 1;
    let at = |row: usize, column: usize| {
        (row * columns + column)
            .checked_sub(1)
            .and_then(|index| buckets.get(index))
    };
    let mut sums = Fast::<C>::with_capacity(buckets.len());
    let mut collect =
        |outer: usize, inner: usize, item: &dyn Fn(usize, usize) -> Option<Item<C::BaseField>>| {
            sums.clear(false);
            for i in 0..outer {
                let mut length = 0;
                for item in (0..inner)
                    .filter_map(|j| item(i, j))
                    .filter(|item| *item != Fast::<C>::INFINITY)
                {
                    sums.push(&item);
                    length += 1;
                }
                sums.end_list(length);
            }
            let mut points = Wiped::with_capacity(outer);
            sums.finish(|item| {
                points.push(if item == Fast::<C>::INFINITY {
                    Point::INFINITY
                } else {
                    Fast::<C>::point(&item)
                });
            });
            points
        };
    let by_row = collect(rows, columns, &|i, j| at(i, j).copied());
    let by_column = collect(columns, rows, &|i, j| at(j, i).copied());
    let mut sum = running::<C>(&by_row);
    for _ in 0..low_bits {
        sum.double_in_place();
    }
    sum + running::<C>(&by_column)
}

/// Sum of k times point k, k from 0.
fn running<C: SWCurveConfig>(points: &[Point<C::BaseField>]) -> Projective<C>
where
    C::BaseField: Fastest,
{
    let mut above = Projective::<C>::zero();
    let mut sum = Projective::<C>::zero();
    for point in points.iter().skip(1).rev() {
        if !point.is_infinity() {
            above += Affine::<C>::new_unchecked(point.x, point.y);
        }
        sum += above;
    }
    sum
}
