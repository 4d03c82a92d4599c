//! Sums of many short lists of points at once, in affine form with one shared inversion per round.
//!
//! Adding two affine points costs one inversion and 3 multiplications; Montgomery's trick turns n inversions into one and
//! 3n multiplications, so that an addition costs 5 multiplications and a square, where a mixed Jacobian one costs 11.
//! Source: D. Bernstein et al., *Faster batch forgery identification*, eprint 2012/549, section 4.

use crate::field::Coordinate;
use crate::wipe::wipe;

/// An affine point; (0, 0), which is on neither curve, is the point at infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Point<F> {
    pub x: F,
    pub y: F,
}

impl<F: Coordinate> Point<F> {
    pub const BYTES: usize = 2 * F::BYTES;
    pub const INFINITY: Self = Self {
        x: F::ZERO,
        y: F::ZERO,
    };

    #[inline(always)]
    pub fn read(bytes: &[u8]) -> Self {
        Self {
            x: F::from_montgomery(&bytes[..F::BYTES]),
            y: F::from_montgomery(&bytes[F::BYTES..2 * F::BYTES]),
        }
    }

    pub fn write(&self, out: &mut [u8]) {
        let (x, y) = out.split_at_mut(F::BYTES);
        self.x.write_montgomery(x);
        self.y.write_montgomery(y);
    }

    /// The limbs of x and y.
    #[inline(always)]
    pub fn as_words(&self) -> &[u64] {
        // SAFETY: `Coordinate` promises limbs and nothing else, and `repr(C)` puts x before y.
        unsafe { std::slice::from_raw_parts(std::ptr::from_ref(self).cast(), Self::BYTES / 8) }
    }

    pub fn from_words(words: &[u64]) -> Self {
        let mut bytes = [0u8; 128];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        Self::read(&bytes)
    }

    #[inline(always)]
    pub fn is_infinity(&self) -> bool {
        self.x.is_zero() && self.y.is_zero()
    }
}

/// Sums of many lists of points at once: push the points of a list, end it, and so on; then `finish`.
pub trait ListSums<F: Coordinate>: Sized + Send {
    /// A point in the form that suits these sums.
    type Item: Copy + Send + Sync + PartialEq;
    const INFINITY: Self::Item;

    /// @param points as many as are pushed between two calls of `clear`, and lists, at most
    fn with_capacity(points: usize) -> Self;
    /// Begins anew. `bases`: only `push_base` is used from here on; else only `push`.
    fn clear(&mut self, bases: bool);
    /// Adds a point of a file to the last list, or its negative.
    fn push_base(&mut self, bytes: &[u8], negative: bool);
    /// Adds a point that is not the point at infinity.
    fn push(&mut self, item: &Self::Item);
    /// Ends a list that began `length` points ago.
    fn end_list(&mut self, length: usize);
    /// Gives the sum of each list, in order; that of an empty list is the point at infinity.
    fn finish(&mut self, result: impl FnMut(Self::Item));
    fn point(item: &Self::Item) -> Point<F>;
}

/// One addition of a round: two neighbours of `points` into one of `next`.
#[derive(Clone, Copy)]
pub struct Pair {
    pub from: u32,
    pub to: u32,
}

/// Buffers that are used again from round to round. None grows beyond what it begins with: what it left would not be wiped.
pub struct Sums<F: Coordinate> {
    points: Vec<Point<F>>,
    next: Vec<Point<F>>,
    lengths: Vec<u32>,
    pairs: Vec<Pair>,
    denominators: Vec<F>,
    products: Vec<F>,
}

impl<F: Coordinate> Drop for Sums<F> {
    fn drop(&mut self) {
        wipe(&mut self.points);
        wipe(&mut self.next);
        wipe(&mut self.lengths);
        wipe(&mut self.pairs);
        wipe(&mut self.denominators);
        wipe(&mut self.products);
    }
}

impl<F: Coordinate> ListSums<F> for Sums<F> {
    type Item = Point<F>;
    const INFINITY: Point<F> = Point::INFINITY;

    fn with_capacity(points: usize) -> Self {
        Self {
            points: Vec::with_capacity(points),
            next: Vec::with_capacity(points),
            lengths: Vec::with_capacity(points),
            pairs: Vec::with_capacity(points / 2),
            denominators: Vec::with_capacity(points / 2),
            products: Vec::with_capacity(points / 2),
        }
    }

    fn clear(&mut self, _: bool) {
        self.points.clear();
        self.lengths.clear();
    }

    #[inline(always)]
    fn push_base(&mut self, bytes: &[u8], negative: bool) {
        let mut point = Point::<F>::read(bytes);
        if negative {
            point.y = -point.y;
        }
        self.points.push(point);
    }

    #[inline(always)]
    fn push(&mut self, point: &Point<F>) {
        self.points.push(*point);
    }

    fn end_list(&mut self, length: usize) {
        self.lengths.push(length as u32);
    }

    fn finish(&mut self, mut result: impl FnMut(Point<F>)) {
        while self.lengths.iter().any(|length| *length > 1) {
            self.round();
        }
        let mut points = self.points.iter();
        for length in &self.lengths {
            result(if *length == 0 {
                Point::INFINITY
            } else {
                *points.next().unwrap_or(&Point::INFINITY)
            });
        }
    }

    fn point(item: &Point<F>) -> Point<F> {
        *item
    }
}

impl<F: Coordinate> Sums<F> {
    /// Halves every list.
    fn round(&mut self) {
        self.pairs.clear();
        self.denominators.clear();
        self.products.clear();
        self.next.clear();
        let mut from = 0usize;
        let mut product = F::ONE;
        for length in &mut self.lengths {
            let end = from + *length as usize;
            while from + 1 < end {
                let (a, b) = (&self.points[from], &self.points[from + 1]);
                match denominator(a, b) {
                    Ok(denominator) => {
                        self.pairs.push(Pair {
                            from: from as u32,
                            to: self.next.len() as u32,
                        });
                        self.denominators.push(denominator);
                        self.products.push(product);
                        product *= denominator;
                        self.next.push(Point::INFINITY);
                    }
                    Err(sum) => self.next.push(sum),
                }
                from += 2;
            }
            if from < end {
                self.next.push(self.points[from]);
                from += 1;
            }
            *length = length.div_ceil(2);
        }
        // Zero only if a denominator was, which `denominator` rules out.
        let mut inverse = product.inverse().unwrap_or(F::ONE);
        for (index, pair) in self.pairs.iter().enumerate().rev() {
            let (a, b) = (
                &self.points[pair.from as usize],
                &self.points[pair.from as usize + 1],
            );
            let inverted = inverse * self.products[index];
            inverse *= self.denominators[index];
            self.next[pair.to as usize] = add(a, b, inverted);
        }
        std::mem::swap(&mut self.points, &mut self.next);
    }
}

/// What the slope between two points is divided by, or their sum where there is no slope.
#[inline(always)]
fn denominator<F: Coordinate>(a: &Point<F>, b: &Point<F>) -> Result<F, Point<F>> {
    if a.is_infinity() {
        return Err(*b);
    }
    if b.is_infinity() {
        return Err(*a);
    }
    let difference = b.x - a.x;
    if !difference.is_zero() {
        return Ok(difference);
    }
    // Curves of odd order have no point with y = 0; one from a damaged file must still not divide by zero.
    if a.y == b.y && !a.y.is_zero() {
        Ok(a.y.double())
    } else {
        Err(Point::INFINITY)
    }
}

/// The sum, given the inverse of `denominator`.
#[inline(always)]
fn add<F: Coordinate>(a: &Point<F>, b: &Point<F>, inverted: F) -> Point<F> {
    let numerator = if a.x == b.x {
        let square = a.x.square();
        square.double() + square
    } else {
        b.y - a.y
    };
    let slope = numerator * inverted;
    let x = slope.square() - a.x - b.x;
    Point {
        x,
        y: slope * (a.x - x) - a.y,
    }
}

/// Doubles every point in place; `buffer` is scratch.
pub fn double_all<F: Coordinate>(points: &mut [Point<F>], buffer: &mut Vec<F>) {
    buffer.clear();
    let mut product = F::ONE;
    for point in points.iter() {
        buffer.push(product);
        if !point.y.is_zero() {
            product *= point.y.double();
        }
    }
    let mut inverse = product.inverse().unwrap_or(F::ONE);
    for (point, product) in points.iter_mut().zip(buffer.iter()).rev() {
        if point.y.is_zero() {
            *point = Point::INFINITY;
            continue;
        }
        let inverted = inverse * product;
        inverse *= point.y.double();
        *point = add(point, point, inverted);
    }
}
