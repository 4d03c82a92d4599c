//! Which bases of a key are not the point at infinity: the others never need to be looked at.

use std::ops::Range;

use crate::field::{Fq, Fq2};
use crate::key::Zkey;
use crate::msm::sums::Point;

/// A, B1, B2, C and H.
pub const SECTIONS: usize = 5;

/// Windows that share a row of the table. 1 would be fastest by some 3 % and twice as large.
const TABLE_SETS: usize = 2;

pub struct Active {
    lists: [Vec<u32>; SECTIONS],
}

pub fn section_range(key: &Zkey, index: usize) -> Range<usize> {
    [&key.a, &key.b1, &key.b2, &key.c, &key.h][index].clone()
}

impl Active {
    pub fn new(key: &Zkey, bytes: &[u8]) -> Self {
        let list = |index: usize, size: usize| {
            let points = bytes[section_range(key, index)].chunks_exact(size).enumerate();
            points
                .filter(|(_, point)| point.iter().any(|byte| *byte != 0))
                .map(|(wire, _)| wire as u32)
                .collect()
        };
        let (g1, g2) = (Point::<Fq>::BYTES, Point::<Fq2>::BYTES);
        Self {
            lists: [list(0, g1), list(1, g1), list(2, g2), list(3, g1), list(4, g1)],
        }
    }

    pub fn lists(&self) -> [&[u32]; SECTIONS] {
        [0, 1, 2, 3, 4].map(|index| self.lists[index].as_slice())
    }

    pub fn table_sets(&self) -> usize {
        TABLE_SETS
    }
}
