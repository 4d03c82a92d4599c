//! `Sums`, four additions at a time. Points wait in memory as whole words and become limbs when they are added.
//!
//! The usual case alone is done here: where two points of a list have the same x (equal, or opposite), the shared inverse
//! does not exist, and `Sums` takes the lists over from there.

use super::lanes::{Lanes, One, Two};
use super::sums::{ListSums, Pair, Point, Sums};
use super::words::{Words, from_words, to_words};
use crate::field::{Coordinate, Fq, Fq2};
use crate::wipe::wipe;

pub type VectorSumsG1 = VectorSums<One, [u64; 8]>;
pub type VectorSumsG2 = VectorSums<Two, [u64; 16]>;

pub struct VectorSums<L: Lanes, W: Words> {
    points: Vec<W>,
    next: Vec<W>,
    lengths: Vec<u32>,
    pairs: Vec<Pair>,
    products: Vec<L>,
    /// The points are as in files.
    file: bool,
}

impl<L: Lanes, W: Words> Drop for VectorSums<L, W> {
    fn drop(&mut self) {
        wipe(&mut self.points);
        wipe(&mut self.next);
        wipe(&mut self.lengths);
        wipe(&mut self.pairs);
        wipe(&mut self.products);
    }
}

impl<L: Lanes, W: Words> ListSums<L::Scalar> for VectorSums<L, W> {
    type Item = W;
    const INFINITY: W = W::ZERO;

    fn with_capacity(points: usize) -> Self {
        Self {
            points: Vec::with_capacity(points),
            next: Vec::with_capacity(points + 1),
            lengths: Vec::with_capacity(points),
            pairs: Vec::with_capacity(points / 2 + 4),
            products: Vec::with_capacity(points / 8 + 1),
            file: false,
        }
    }

    fn clear(&mut self, bases: bool) {
        self.points.clear();
        self.lengths.clear();
        self.file = bases;
    }

    #[inline(always)]
    fn push_base(&mut self, bytes: &[u8], negative: bool) {
        let mut point = Point::<L::Scalar>::read(bytes);
        if negative {
            point.y = -point.y;
        }
        self.points.push(to_words(&point));
    }

    #[inline(always)]
    fn push(&mut self, item: &W) {
        self.points.push(*item);
    }

    fn end_list(&mut self, length: usize) {
        self.lengths.push(length as u32);
    }

    fn finish(&mut self, mut result: impl FnMut(W)) {
        while self.lengths.iter().any(|length| *length > 1) || (self.file && !self.points.is_empty()) {
            let done = if self.file {
                self.round::<true>()
            } else {
                self.round::<false>()
            };
            if !done {
                self.finish_one_by_one();
                break;
            }
        }
        let mut points = self.points.iter();
        for length in &self.lengths {
            result(if *length == 0 {
                W::ZERO
            } else {
                points.next().copied().unwrap_or(W::ZERO)
            });
        }
    }

    fn point(item: &W) -> Point<L::Scalar> {
        let (x, y) = item.words().split_at(item.words().len() / 2);
        Point {
            x: L::to_scalar(x),
            y: L::to_scalar(y),
        }
    }
}

impl<L: Lanes, W: Words> VectorSums<L, W> {
    /// Halves every list; false, with nothing done, if two points of a pair have the same x.
    fn round<const FILE: bool>(&mut self) -> bool {
        self.pair_up::<FILE>();
        let count = self.pairs.len();
        if count == 0 {
            return self.keep::<FILE>();
        }
        // The last group is filled up with its last pair, added into a place that nobody reads.
        let spare = self.next.len() as u32;
        self.next.push(W::ZERO);
        let last = self.pairs[count - 1].from;
        self.pairs.resize(
            count.next_multiple_of(4),
            Pair {
                from: last,
                to: spare,
            },
        );
        self.products.clear();
        let mut product = L::start();
        for group in self.pairs.chunks_exact(4) {
            let (ax, bx) = self.load_pair::<FILE, false>(group);
            self.products.push(product);
            product = product.times(&bx.minus(&ax));
        }
        let Some(mut inverse) = product.inverted() else {
            return false;
        };
        for (group, product) in self.pairs.chunks_exact(4).zip(&self.products).rev() {
            let (ax, bx) = self.load_pair::<FILE, false>(group);
            let (ay, by) = self.load_pair::<FILE, true>(group);
            let inverted = inverse.times(product);
            inverse = inverse.times(&bx.minus(&ax));
            let slope = inverted.times(&by.minus(&ay));
            let x = slope.squared().minus_both(&ax, &bx);
            let y = slope.times(&ax.minus(&x)).minus_reduced(&ay);
            let mut sums = [W::ZERO; 4];
            let [a, b, c, d] = sums.each_mut().map(|sum| sum.halves());
            x.store([a.0, b.0, c.0, d.0]);
            y.store([a.1, b.1, c.1, d.1]);
            for (pair, sum) in group.iter().zip(sums) {
                self.next[pair.to as usize] = sum;
            }
        }
        self.next.truncate(spare as usize);
        self.finish_round();
        true
    }

    /// Lists the additions of a round and copies what has no partner.
    fn pair_up<const FILE: bool>(&mut self) {
        self.pairs.clear();
        self.next.clear();
        let mut from = 0u32;
        for length in &self.lengths {
            for _ in 0..length / 2 {
                self.pairs.push(Pair {
                    from,
                    to: self.next.len() as u32,
                });
                self.next.push(W::ZERO);
                from += 2;
            }
            if length % 2 == 1 {
                self.next.push(if FILE {
                    from_file::<L, W>(&self.points[from as usize])
                } else {
                    self.points[from as usize]
                });
                from += 1;
            }
        }
    }

    fn finish_round(&mut self) {
        for length in &mut self.lengths {
            *length = length.div_ceil(2);
        }
        std::mem::swap(&mut self.points, &mut self.next);
        self.file = false;
    }

    /// A round without additions: only the form changes.
    fn keep<const FILE: bool>(&mut self) -> bool {
        if FILE {
            self.finish_round();
        }
        true
    }

    /// The x (or y) of the two points of four pairs.
    #[inline(always)]
    fn load_pair<const FILE: bool, const Y: bool>(&self, group: &[Pair]) -> (L, L) {
        let one = |offset: usize| {
            L::load::<FILE>(std::array::from_fn(|lane| {
                let words = self.points[group[lane].from as usize + offset].words();
                let (x, y) = words.split_at(words.len() / 2);
                if Y { y } else { x }
            }))
        };
        (one(0), one(1))
    }

    /// Everything that is left, with the sums that know all cases.
    fn finish_one_by_one(&mut self) {
        let mut sums = Sums::<L::Scalar>::with_capacity(self.points.len());
        sums.clear(self.file);
        for item in &self.points {
            sums.push(&if self.file {
                from_words(item)
            } else {
                Self::point(item)
            });
        }
        self.lengths
            .iter()
            .for_each(|length| sums.end_list(*length as usize));
        self.points.clear();
        let points = &mut self.points;
        let mut lengths = self.lengths.iter_mut();
        sums.finish(|point| {
            if let Some(length) = lengths.next().filter(|length| **length > 0) {
                *length = 1;
                points.push(if point.is_infinity() {
                    W::ZERO
                } else {
                    from_file::<L, W>(&to_words(&point))
                });
            }
        });
        self.file = false;
    }
}

/// From R = 2^256 to R = 2^261.
fn from_file<L: Lanes, W: Words>(item: &W) -> W {
    let factor = L::Scalar::from(32u64);
    let point: Point<L::Scalar> = from_words(item);
    to_words(&Point {
        x: point.x * factor,
        y: point.y * factor,
    })
}

/// Which sums are fastest here for points over `F`.
pub trait Fastest: Coordinate {
    type Sums: ListSums<Self>;
}

impl Fastest for Fq {
    type Sums = VectorSumsG1;
}

impl Fastest for Fq2 {
    type Sums = VectorSumsG2;
}
