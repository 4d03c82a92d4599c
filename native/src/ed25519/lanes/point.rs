//! Points of the curve -x^2 + y^2 = 1 + d x^2 y^2. The formulas hold for every pair of points, those of small order included, since -1 is
//! a square and d is none: nothing that a stranger hands in makes them fail.
//! Source: H. Hisil, K. Wong, G. Carter, E. Dawson, *Twisted Edwards Curves Revisited*, ASIACRYPT 2008, sections 3.1 and 3.3.

use super::field::{Four, LIMBS, to_limbs};
use crate::avx2::{Vector, and, left, load, or, right, splat, splat_halves, store, transpose};

pub const D: [u32; LIMBS] = to_limbs([
    0x75eb_4dca_1359_78a3,
    0x0070_0a4d_4141_d8ab,
    0x8cc7_4079_7779_e898,
    0x5203_6cee_2b6f_fe73,
]);
const TWICE_D: [u32; LIMBS] = to_limbs([
    0xebd6_9b94_26b2_f159,
    0x00e0_149a_8283_b156,
    0x198e_80f2_eef3_d130,
    0x2406_d9dc_56df_fce7,
]);
/// 1/2.
pub const HALF: [u32; LIMBS] = to_limbs([
    0xffff_ffff_ffff_fff7,
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
    0x3fff_ffff_ffff_ffff,
]);

/// Two limbs of a tidy element in each lane.
const PACKED: usize = LIMBS / 2;

#[inline(always)]
fn pack(element: &Four) -> [Vector; PACKED] {
    std::array::from_fn(|index| or(element.0[2 * index], left(element.0[2 * index + 1], 32)))
}

/// With clean upper halves, as sums need them.
#[inline(always)]
fn unpack(packed: &[Vector]) -> Four {
    Four(std::array::from_fn(|index| {
        if index % 2 == 1 {
            right(packed[index / 2], 32)
        } else {
            and(packed[index / 2], splat(u64::from(u32::MAX)))
        }
    }))
}

/// A point as it is added: (y + x) / 2, (y - x) / 2, d x y, ten limbs each.
#[derive(Clone, Copy)]
pub struct Niels(pub [u32; 32]);

impl Niels {
    /// Of four affine points with tidy coordinates.
    #[inline(always)]
    pub fn of(x: &Four, y: &Four) -> [Niels; 4] {
        let half = Four::constant(&HALF);
        let parts = [
            pack(&y.plus(x).times(&half)),
            pack(&y.minus(x).times(&half)),
            pack(&x.times(y).times(&Four::constant(&D))),
        ];
        let flat = parts.as_flattened();
        let mut words = [[0u64; 16]; 4];
        for row in 0..4 {
            let columns = std::array::from_fn(|i| flat.get(4 * row + i).copied().unwrap_or(splat(0)));
            for (lane, four) in words.iter_mut().zip(transpose(columns)) {
                let (rows, _) = lane.as_chunks_mut::<4>();
                store(four, &mut rows[row]);
            }
        }
        words.map(|lane| Niels(std::array::from_fn(|i| (lane[i / 2] >> (32 * (i % 2))) as u32)))
    }

    /// A part in every lane, for the right side of a product.
    #[inline(always)]
    fn part(&self, part: usize) -> Four {
        Four(std::array::from_fn(|index| {
            splat_halves(self.0[part * LIMBS + index])
        }))
    }
}

/// One point in memory, X, Y, Z and T = X Y / Z with two limbs a word.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub struct Stored(pub [[u64; 4]; PACKED]);

impl Stored {
    pub const NEUTRAL: Stored = {
        let mut words = [[0; 4]; PACKED];
        // Y and Z are 1.
        words[1][1] = 1;
        words[2][2] = 1;
        Stored(words)
    };
}

/// Four points, one a lane; coordinates are tidy.
#[derive(Clone, Copy)]
pub struct Points {
    pub x: Four,
    pub y: Four,
    pub z: Four,
    pub t: Four,
}

impl Points {
    #[inline(always)]
    pub fn neutral() -> Self {
        let (zero, one) = (Four::small(0), Four::small(1));
        Points {
            x: zero,
            y: one,
            z: one,
            t: zero,
        }
    }

    /// One a lane.
    pub fn of(points: [&Niels; 4]) -> Self {
        let part = |part: usize| {
            Four(std::array::from_fn(|index| {
                load(&points.map(|point| u64::from(point.0[part * LIMBS + index])))
            }))
        };
        let (sum, difference) = (part(0), part(1));
        let (x, y) = (sum.minus(&difference).carried(), sum.plus(&difference).carried());
        Points {
            x,
            y,
            z: Four::small(1),
            t: x.times(&y),
        }
    }

    /// The negative in the lanes where the mask is all ones.
    pub fn negated(&self, mask: Vector) -> Self {
        let zero = Four::small(0);
        let turned = |element: &Four| element.or_else(&zero.minus(element).carried(), mask);
        Points {
            x: turned(&self.x),
            t: turned(&self.t),
            ..*self
        }
    }

    #[inline(always)]
    pub fn load(from: [&Stored; 4]) -> Self {
        let columns: [[Vector; 4]; PACKED] =
            std::array::from_fn(|row| transpose(from.map(|point| load(&point.0[row]))));
        let flat = columns.as_flattened();
        let part = |index: usize| unpack(&flat[index * PACKED..(index + 1) * PACKED]);
        Points {
            x: part(0),
            y: part(1),
            z: part(2),
            t: part(3),
        }
    }

    #[inline(always)]
    pub fn store(&self, to: [&mut Stored; 4]) {
        let packed = [pack(&self.x), pack(&self.y), pack(&self.z), pack(&self.t)];
        let flat = packed.as_flattened();
        let [a, b, c, d] = to;
        for row in 0..PACKED {
            let rows = transpose(std::array::from_fn(|i| flat[4 * row + i]));
            store(rows[0], &mut a.0[row]);
            store(rows[1], &mut b.0[row]);
            store(rows[2], &mut c.0[row]);
            store(rows[3], &mut d.0[row]);
        }
    }

    /// Adds the one point in every lane, its negative where the mask is all ones.
    #[inline(always)]
    pub fn add_signed(&mut self, point: &Niels, negative: Vector) {
        let (sum, difference) = (point.part(0), point.part(1));
        let left = [self.y.minus(&self.x), self.y.plus(&self.x)];
        let right = [
            difference.or_else(&sum, negative),
            sum.or_else(&difference, negative),
            point.part(2),
        ];
        let [mut a, mut b, mut c] = [Four::small(0); 3];
        Four::products(
            [&mut a, &mut b, &mut c],
            [&left[0], &left[1], &self.t],
            right.each_ref(),
        );
        let (less, more) = (self.z.minus(&c), self.z.plus(&c));
        let (f, g) = (less.or_else(&more, negative), more.or_else(&less, negative));
        let (e, h) = (b.minus(&a), b.plus(&a));
        Four::products(
            [&mut self.x, &mut self.y, &mut self.z, &mut self.t],
            [&f, &g, &f, &e],
            [&e, &h, &g, &h],
        );
    }

    /// Lane by lane.
    #[inline(always)]
    pub fn add(&mut self, other: &Self) {
        let left = [self.y.minus(&self.x), self.y.plus(&self.x)];
        let right = [other.y.minus(&other.x), other.y.plus(&other.x)];
        let twice_d = Four::constant(&TWICE_D);
        let [mut a, mut b, mut c, mut d, mut t] = [Four::small(0); 5];
        Four::products(
            [&mut a, &mut b, &mut d, &mut t],
            [&left[0], &left[1], &self.z, &self.t],
            [&right[0], &right[1], &other.z, &other.t],
        );
        Four::products([&mut c], [&t], [&twice_d]);
        let d = d.plus(&d);
        // Limbs of f go up to 2^28, so it stands on the left.
        let (e, f, g, h) = (b.minus(&a), d.minus(&c), d.plus(&c), b.plus(&a));
        Four::products(
            [&mut self.x, &mut self.y, &mut self.z, &mut self.t],
            [&f, &g, &f, &e],
            [&e, &h, &g, &h],
        );
    }

    #[inline(always)]
    pub fn plus(&self, other: &Self) -> Self {
        let mut sum = *self;
        sum.add(other);
        sum
    }

    pub fn double(&mut self) {
        let both = self.x.plus(&self.y);
        let [mut a, mut b, mut c, mut square] = [Four::small(0); 4];
        Four::products(
            [&mut a, &mut b, &mut c, &mut square],
            [&self.x, &self.y, &self.z, &both],
            [&self.x, &self.y, &self.z, &both],
        );
        // The negatives of E, G and H, and of F: limbs of e go up to 2^28, so it stands on the left.
        let (h, g) = (a.plus(&b), a.minus(&b).carried());
        let (e, f) = (h.minus(&square), c.plus(&c).plus(&g));
        Four::products(
            [&mut self.x, &mut self.y, &mut self.z, &mut self.t],
            [&e, &g, &f, &e],
            [&f, &h, &g, &h],
        );
    }

    pub fn doubled_times(mut self, times: usize) -> Self {
        (0..times).for_each(|_| self.double());
        self
    }

    /// All ones in the lanes that hold the neutral point.
    pub fn is_neutral(&self) -> Vector {
        and(self.x.is_zero(), self.y.minus(&self.z).is_zero())
    }
}

/// Of the four lanes in order, each at the place of `order`.
pub fn reorder(points: &Points, order: [usize; 4]) -> Points {
    let mut stored = [Stored::NEUTRAL; 4];
    points.store(stored.each_mut());
    Points::load(order.map(|lane| &stored[lane]))
}
