//! Points as whole words, the form in which they wait in memory between two additions of four.

use super::sums::Point;
use crate::field::Coordinate;

/// An affine point of words, each coordinate below 2^256 and times 2^261; all zero is the point at infinity.
pub trait Words: Copy + Send + Sync + PartialEq + 'static {
    const ZERO: Self;
    fn words(&self) -> &[u64];
    /// x and y.
    fn halves(&mut self) -> (&mut [u64], &mut [u64]);
    fn from_words(words: &[u64]) -> Self;
}

macro_rules! words {
    ($count:literal) => {
        impl Words for [u64; $count] {
            const ZERO: Self = [0; $count];
            #[inline(always)]
            fn words(&self) -> &[u64] {
                self
            }
            #[inline(always)]
            fn halves(&mut self) -> (&mut [u64], &mut [u64]) {
                self.split_at_mut($count / 2)
            }
            #[inline(always)]
            fn from_words(words: &[u64]) -> Self {
                let mut own = [0; $count];
                own.copy_from_slice(words);
                own
            }
        }
    };
}
words!(8);
words!(16);

/// As in a file.
#[inline(always)]
pub fn to_words<F: Coordinate, W: Words>(point: &Point<F>) -> W {
    W::from_words(point.as_words())
}

/// As in a file.
pub fn from_words<F: Coordinate, W: Words>(item: &W) -> Point<F> {
    Point::from_words(item.words())
}
