//! Four integers modulo p = 2^255 - 19.
//!
//! Ten limbs of 26 and 25 bits in turn: limb i counts 2^ceil(25.5 i). Limbs of a *tidy* element are below 2^26 (even i) and 2^25 + 2^14
//! (odd i); those of a *loose* one, a sum or difference of tidy ones, below 2^27.6 and 2^26.6. A column of a product of loose ones
//! is below 2^59 * 2^3.2, so no sum leaves its 64 bits. An element is any integer with such limbs that has its remainder by p.
//! Source: D. Bernstein, P. Schwabe, *NEON crypto*, CHES 2012, section 4 (limbs and order of carries).

use crate::avx2::{Vector, add, and, choose, equal, left, mul, opaque, or, right, splat, sub};

pub const LIMBS: usize = 10;

/// Bits of limb `index`.
pub const fn bits(index: usize) -> usize {
    26 - index % 2
}

/// Where limb `index` begins.
const fn start(index: usize) -> usize {
    index * 25 + index.div_ceil(2)
}

/// A constant below p from its words, lowest first.
pub const fn to_limbs(words: [u64; 4]) -> [u32; LIMBS] {
    let mut limbs = [0; LIMBS];
    let mut index = 0;
    while index < LIMBS {
        let (word, low) = (start(index) / 64, start(index) % 64);
        let mut limb = words[word] >> low;
        if low + bits(index) > 64 && word < 3 {
            limb |= words[word + 1] << (64 - low);
        }
        limbs[index] = (limb & ((1 << bits(index)) - 1)) as u32;
        index += 1;
    }
    limbs
}

/// 2 p, from whose limbs those of a tidy element can be taken.
const TWICE_P: [u64; LIMBS] = {
    let mut limbs = [0; LIMBS];
    let mut index = 0;
    while index < LIMBS {
        limbs[index] = 2 * ((1 << bits(index)) - if index == 0 { 19 } else { 1 });
        index += 1;
    }
    limbs
};

/// Calls with each limb's number as a constant: loops of a hundred products the compiler does not unroll.
macro_rules! each_limb {
    ($row:ident($($argument:expr),*)) => {
        each_limb!($row($($argument),*) 0 1 2 3 4 5 6 7 8 9)
    };
    ($row:ident $arguments:tt $($limb:literal)*) => {{
        $(each_limb!(@call $row $limb $arguments);)*
    }};
    (@call $row:ident $limb:literal ($($argument:expr),*)) => {
        $row::<$limb>($($argument),*)
    };
}

/// Adds the products of limb `I` of `a`. `wrapped` is 19 b.
#[inline(always)]
fn product_row<const I: usize>(
    sums: &mut [Vector; LIMBS],
    a: &[Vector; LIMBS],
    b: &[Vector; LIMBS],
    wrapped: &[Vector; LIMBS],
) {
    let (once, twice) = (a[I], opaque(add(a[I], a[I])));
    for j in 0..LIMBS {
        // Two odd limbs begin half a bit late each.
        let a = if I % 2 == 1 && j % 2 == 1 { twice } else { once };
        let b = if I + j < LIMBS { b[j] } else { wrapped[j] };
        let column = (I + j) % LIMBS;
        sums[column] = opaque(add(sums[column], mul(a, b)));
    }
}

/// The same of a square, each pair once. `wrapped` is 19 a, or 38 a for odd limbs.
#[inline(always)]
fn square_row<const I: usize>(
    sums: &mut [Vector; LIMBS],
    a: &[Vector; LIMBS],
    twice: &[Vector; LIMBS],
    wrapped: &[Vector; LIMBS],
) {
    for j in I..LIMBS {
        let first = if I == j { a[I] } else { twice[I] };
        let product = match (I + j >= LIMBS, I % 2 == 1, j % 2 == 1) {
            // The 38 of an odd limb is for two odd ones.
            (true, false, true) => mul(wrapped[I], twice[j]),
            (true, ..) => mul(first, wrapped[j]),
            (false, true, true) => mul(first, twice[j]),
            (false, ..) => mul(first, a[j]),
        };
        let column = (I + j) % LIMBS;
        sums[column] = opaque(add(sums[column], product));
    }
}

#[derive(Clone, Copy)]
pub struct Four(pub [Vector; LIMBS]);

impl Four {
    /// The same value in every lane; tidy.
    #[inline(always)]
    pub fn constant(limbs: &[u32; LIMBS]) -> Self {
        Four(limbs.map(|limb| splat(u64::from(limb))))
    }

    /// @param value below 2^26
    #[inline(always)]
    pub fn small(value: u64) -> Self {
        let mut limbs = [splat(0); LIMBS];
        limbs[0] = splat(value);
        Four(limbs)
    }

    /// Tidy, of the low 255 bits of four words a lane.
    #[inline(always)]
    pub fn from_words(words: [Vector; 4]) -> Self {
        Four(std::array::from_fn(|index| {
            let (word, low) = (start(index) / 64, start(index) % 64);
            let mut limb = right(words[word], low);
            if low + bits(index) > 64 && word < 3 {
                limb = or(limb, left(words[word + 1], 64 - low));
            }
            and(limb, splat((1 << bits(index)) - 1))
        }))
    }

    /// Loose, of two tidy ones.
    #[inline(always)]
    pub fn plus(&self, other: &Self) -> Self {
        Four(std::array::from_fn(|index| add(self.0[index], other.0[index])))
    }

    /// Loose, of two tidy ones. Of the sum of two tidy ones and a tidy one: limbs up to 2^28, for the left side of a product.
    #[inline(always)]
    pub fn minus(&self, other: &Self) -> Self {
        Four(std::array::from_fn(|index| {
            sub(add(self.0[index], splat(TWICE_P[index])), other.0[index])
        }))
    }

    /// `other` in the lanes where the mask is all ones.
    #[inline(always)]
    pub fn or_else(&self, other: &Self, mask: Vector) -> Self {
        Four(std::array::from_fn(|index| {
            choose(self.0[index], other.0[index], mask)
        }))
    }

    /// Tidy. `self` has limbs up to 2^28.4, `other` is tidy or loose. What lies above 32 bits of a limb does not count.
    #[inline(always)]
    pub fn times(&self, other: &Self) -> Self {
        let (a, b) = (self.0.map(opaque), other.0.map(opaque));
        let wrapped = b.map(|limb| opaque(mul(limb, splat(19))));
        let mut sums = [splat(0); LIMBS];
        each_limb!(product_row(&mut sums, &a, &b, &wrapped));
        Four(sums).carried()
    }

    /// Tidy, of a tidy or loose one.
    #[inline(always)]
    pub fn squared(&self) -> Self {
        let a = self.0.map(opaque);
        let twice = a.map(|limb| opaque(add(limb, limb)));
        let wrapped: [Vector; LIMBS] =
            std::array::from_fn(|j| opaque(mul(a[j], splat(if j % 2 == 1 { 38 } else { 19 }))));
        let mut sums = [splat(0); LIMBS];
        each_limb!(square_row(&mut sums, &a, &twice, &wrapped));
        Four(sums).carried()
    }

    /// `N` products in a loop of their own: where they stood one after another, the processor would wait for its decoder.
    #[inline(never)]
    pub fn products<const N: usize>(to: [&mut Self; N], left: [&Self; N], right: [&Self; N]) {
        for ((to, left), right) in to.into_iter().zip(left).zip(right) {
            *to = left.times(right);
        }
    }

    /// Squared `times` times.
    #[inline(always)]
    pub fn squared_times(&self, times: usize) -> Self {
        let mut power = *self;
        for _ in 0..times {
            power = power.squared();
        }
        power
    }

    /// Tidy, of limbs below 2^64.
    #[inline(always)]
    pub fn carried(mut self) -> Self {
        // Two chains side by side, from limbs 0 and 4.
        for step in 0..4 {
            self.carry(step);
            self.carry(step + 4);
        }
        self.carry(4);
        self.carry(8);
        self.carry(9);
        self.carry(0);
        self
    }

    /// The 19 fold of what leaves limb 9 goes to limb 0.
    #[inline(always)]
    fn carry(&mut self, from: usize) {
        let carry = right(self.0[from], bits(from));
        self.0[from] = and(self.0[from], splat((1 << bits(from)) - 1));
        if from + 1 < LIMBS {
            self.0[from + 1] = add(self.0[from + 1], carry);
        } else {
            // By shifts: it may have more than 32 bits.
            let thrice = add(carry, left(carry, 1));
            self.0[0] = add(self.0[0], add(thrice, left(carry, 4)));
        }
    }

    /// The one representative below p, of a tidy one.
    #[inline(always)]
    pub fn reduced(mut self) -> Self {
        // Whether 19 more reach 2^255: then p is taken away, by adding 19 and dropping that bit.
        let mut carry = splat(19);
        for index in 0..LIMBS {
            carry = right(add(self.0[index], carry), bits(index));
        }
        self.0[0] = add(self.0[0], mul(carry, splat(19)));
        for index in 0..LIMBS - 1 {
            self.carry(index);
        }
        self.0[LIMBS - 1] = and(self.0[LIMBS - 1], splat((1 << bits(LIMBS - 1)) - 1));
        self
    }

    /// All ones in the lanes that are 0 modulo p. Of a tidy or loose one.
    #[inline(always)]
    pub fn is_zero(&self) -> Vector {
        let limbs = self.carried().reduced().0;
        equal(limbs.into_iter().fold(splat(0), or), splat(0))
    }

    /// All ones in the lanes whose representative below p is odd. Of a tidy one.
    #[inline(always)]
    pub fn is_odd(&self) -> Vector {
        equal(and(self.reduced().0[0], splat(1)), splat(1))
    }

    /// The power (p - 5) / 8 = 2^252 - 3: 252 squares and 11 products.
    pub fn root_power(&self) -> Self {
        let two = self.squared();
        let nine = self.times(&two.squared_times(2));
        let eleven = nine.times(&two);
        // Names tell the exponent: 2^n - 1.
        let e5 = eleven.squared().times(&nine);
        let e10 = e5.squared_times(5).times(&e5);
        let e20 = e10.squared_times(10).times(&e10);
        let e40 = e20.squared_times(20).times(&e20);
        let e50 = e40.squared_times(10).times(&e10);
        let e100 = e50.squared_times(50).times(&e50);
        let e200 = e100.squared_times(100).times(&e100);
        let e250 = e200.squared_times(50).times(&e50);
        e250.squared_times(2).times(self)
    }
}
