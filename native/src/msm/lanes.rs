//! Four elements of a field side by side in AVX2 registers.
//!
//! An element is nine limbs of 29 bits, so that a 64-bit lane takes the sum of eighteen products of limbs without a carry,
//! and Montgomery's R is 2^261. Elements are not unique: an integer up to a bound stands for its remainder by q. Limbs of
//! a *tidy* element are below 2^29; those of a *loose* one, as a difference is, below 2^31.
//! Source of the idea: S. Gueron, V. Krasnov, *Software Implementation of Modular Exponentiation, Using Advanced Vector
//! Instructions Architectures*, WAIFI 2012.

use ark_ff::{BigInt, BigInteger, Field, PrimeField};

use super::avx2::{Vector, add, and, left, load, mul, or, right, splat, store, sub, transpose};
use crate::field::{Coordinate, Fq, Fq2};

const LIMBS: usize = 9;
const LIMB_BITS: usize = 29;
const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;
/// R / 2^256, by which elements here and in files differ.
const FILE_SHIFT: usize = 5;

type Limbs = [u64; LIMBS];

const Q: Limbs = to_limbs(&Fq::MODULUS.0);
/// -1/q modulo 2^29.
const MINUS_Q_INVERSE: u64 = {
    let mut inverse = 1u64;
    let mut round = 0;
    while round < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(Q[0].wrapping_mul(inverse)));
        round += 1;
    }
    inverse.wrapping_neg() & LIMB_MASK
};
/// 2^261 - q: adding it t times and dropping what is above 2^261 takes away t * q.
const COMPLEMENT: Limbs = {
    let mut limbs = [0; LIMBS];
    let (mut index, mut borrow) = (0, 0);
    while index < LIMBS {
        let difference = (1u64 << LIMB_BITS) - Q[index] - borrow;
        limbs[index] = difference & LIMB_MASK;
        borrow = 1 - (difference >> LIMB_BITS);
        index += 1;
    }
    limbs
};
/// Multiples of q with limbs from 2^29 (2^30) up, from which one (two) tidy elements below 2^260 can be taken.
const ABOVE_ONE: Limbs = above(128, 1);
const ABOVE_TWO: Limbs = above(256, 2);
/// The same for one element below 2^255.
const ABOVE_REDUCED: Limbs = above(4, 1);
/// 2^40 / (q / 2^232 + 1): estimates a quotient by q from the top limb.
const QUOTIENT_SHIFT: usize = 40;
const QUOTIENT: u64 = (1 << QUOTIENT_SHIFT) / (Q[LIMBS - 1] + 1);

const fn to_limbs(words: &[u64; 4]) -> Limbs {
    let mut limbs = [0; LIMBS];
    let mut index = 0;
    while index < LIMBS {
        let bit = index * LIMB_BITS;
        let (word, shift) = (bit / 64, bit % 64);
        let mut limb = words[word] >> shift;
        if shift + LIMB_BITS > 64 && word + 1 < 4 {
            limb |= words[word + 1] << (64 - shift);
        }
        limbs[index] = limb & LIMB_MASK;
        index += 1;
    }
    limbs
}

/// multiple * q, with 2^29 * times lent from each limb to the one below it.
const fn above(multiple: u64, times: u64) -> Limbs {
    let mut limbs = [0; LIMBS];
    let (mut index, mut carry) = (0, 0);
    while index < LIMBS {
        let value = Q[index] * multiple + carry;
        limbs[index] = if index + 1 < LIMBS {
            value & LIMB_MASK
        } else {
            value
        };
        carry = value >> LIMB_BITS;
        index += 1;
    }
    index = 0;
    while index + 1 < LIMBS {
        limbs[index] += times << LIMB_BITS;
        limbs[index + 1] -= times;
        index += 1;
    }
    limbs
}

/// Arithmetic on four elements at once. Bounds: values of files, canonical and times 2^5, are below 0.19 R, differences
/// of them or of reduced values below 0.95 R; so a chain of products stays below 2^258. Reduced values are below 2^255.
pub trait Lanes: Copy + Send {
    type Scalar: Coordinate;
    /// Some element that is not zero: where a product begins that is divided out again.
    fn start() -> Self;

    /// Reads four elements, four words (or eight) each. `FILE` says that they are in Montgomery form with R = 2^256.
    fn load<const FILE: bool>(from: [&[u64]; 4]) -> Self;
    /// Writes four reduced elements.
    fn store(&self, to: [&mut [u64]; 4]);
    /// Loose.
    fn minus(&self, other: &Self) -> Self;
    /// self - a - b, reduced.
    fn minus_both(&self, a: &Self, b: &Self) -> Self;
    /// self - other, reduced.
    fn minus_reduced(&self, other: &Self) -> Self;
    /// `self` tidy, `other` tidy or loose; the product is tidy.
    fn times(&self, other: &Self) -> Self;
    /// `self` tidy.
    fn squared(&self) -> Self;
    /// The inverse of each, if all have one. Costs as much as fifty products.
    fn inverted(&self) -> Option<Self>;
    /// The element that a reduced value in memory stands for.
    fn to_scalar(words: &[u64]) -> Self::Scalar;
}

#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub struct One([Vector; LIMBS]);

impl One {
    #[inline(always)]
    fn constant(limbs: &Limbs) -> Self {
        One(limbs.map(splat))
    }

    /// Limbs below 2^63 made tidy. The value must be below 2^261.
    #[inline(always)]
    fn carried(mut self) -> Self {
        let mask = splat(LIMB_MASK);
        for index in 0..LIMBS - 1 {
            let carry = right(self.0[index], LIMB_BITS);
            self.0[index] = and(self.0[index], mask);
            self.0[index + 1] = add(self.0[index + 1], carry);
        }
        self
    }

    /// A tidy representative below 2^255 of limbs below 2^32.
    #[inline(always)]
    fn reduced(mut self) -> Self {
        let top = add(self.0[LIMBS - 1], right(self.0[LIMBS - 2], LIMB_BITS));
        let quotient = right(mul(top, splat(QUOTIENT)), QUOTIENT_SHIFT);
        for index in 0..LIMBS {
            let part = mul(quotient, splat(COMPLEMENT[index]));
            self.0[index] = add(self.0[index], part);
        }
        let mut tidy = self.carried();
        tidy.0[LIMBS - 1] = and(tidy.0[LIMBS - 1], splat(LIMB_MASK));
        tidy
    }

    #[inline(always)]
    fn zip(&self, other: &Self, f: impl Fn(Vector, Vector) -> Vector) -> Self {
        One(std::array::from_fn(|index| f(self.0[index], other.0[index])))
    }

    #[inline(always)]
    fn plus(&self, other: &Self) -> Self {
        self.zip(other, |a, b| add(a, b))
    }

    /// Montgomery's product of sums: (a * b + c * d) / R, at most eighteen products of limbs in a lane.
    /// Source: C. K. Koc, T. Acar, B. Kaliski, *Analyzing and Comparing Montgomery Multiplication Algorithms*, 1996 (CIOS).
    #[inline(always)]
    fn product<const PAIRS: usize>(pairs: [(&Self, &Self); PAIRS]) -> Self {
        let mut sum = [splat(0); LIMBS];
        for i in 0..LIMBS {
            step(&mut sum, &pairs, i);
        }
        One(sum).carried()
    }

    /// Canonical words of one reduced value.
    fn canonical(words: &[u64]) -> Fq {
        let mut value = BigInt::new([words[0], words[1], words[2], words[3]]);
        while value >= Fq::MODULUS {
            value.sub_with_borrow(&Fq::MODULUS);
        }
        Fq::new_unchecked(value)
    }
}

/// Adds the products with limb `i` of the first factors, makes the lowest limb zero by a multiple of q, and drops it.
#[inline(always)]
fn step<const PAIRS: usize>(sum: &mut [Vector; LIMBS], pairs: &[(&One, &One); PAIRS], i: usize) {
    for (a, b) in pairs {
        for j in 0..LIMBS {
            sum[j] = add(sum[j], mul(a.0[i], b.0[j]));
        }
    }
    let factor = and(mul(sum[0], splat(MINUS_Q_INVERSE)), splat(LIMB_MASK));
    let carry = right(add(sum[0], mul(factor, splat(Q[0]))), LIMB_BITS);
    for j in 1..LIMBS {
        sum[j - 1] = add(sum[j], mul(factor, splat(Q[j])));
    }
    sum[0] = add(sum[0], carry);
    sum[LIMBS - 1] = splat(0);
}

#[inline(always)]
fn first_four(words: &[u64]) -> &[u64; 4] {
    words.first_chunk().unwrap_or(&[0; 4])
}

#[inline(always)]
fn first_four_mut(words: &mut [u64]) -> &mut [u64; 4] {
    words
        .first_chunk_mut()
        .expect("lanes are stored to four words or more")
}

impl Lanes for One {
    type Scalar = Fq;

    fn start() -> Self {
        One([splat(1); LIMBS])
    }

    #[inline(always)]
    fn load<const FILE: bool>(from: [&[u64]; 4]) -> Self {
        let w = transpose(from.map(|words| load(first_four(words))));
        let mask = splat(LIMB_MASK);
        One(std::array::from_fn(|index| {
            let bit = index * LIMB_BITS;
            let Some(bit) = bit.checked_sub(if FILE { FILE_SHIFT } else { 0 }) else {
                return and(left(w[0], FILE_SHIFT), mask);
            };
            let (word, low) = (bit / 64, bit % 64);
            let mut limb = right(w[word], low);
            if low + LIMB_BITS > 64 && word + 1 < 4 {
                limb = or(limb, left(w[word + 1], 64 - low));
            }
            and(limb, mask)
        }))
    }

    #[inline(always)]
    fn store(&self, to: [&mut [u64]; 4]) {
        let words: [Vector; 4] = std::array::from_fn(|word| {
            let mut sum = splat(0);
            for (index, limb) in self.0.iter().enumerate() {
                let (bit, start) = (index * LIMB_BITS, word * 64);
                if bit >= start && bit < start + 64 {
                    sum = or(sum, left(*limb, bit - start));
                } else if bit < start && bit + LIMB_BITS > start {
                    sum = or(sum, right(*limb, start - bit));
                }
            }
            sum
        });
        for (words, row) in to.into_iter().zip(transpose(words)) {
            store(row, first_four_mut(words));
        }
    }

    #[inline(always)]
    fn minus(&self, other: &Self) -> Self {
        self.plus(&One::constant(&ABOVE_ONE)).zip(other, |a, b| sub(a, b))
    }

    #[inline(always)]
    fn minus_both(&self, a: &Self, b: &Self) -> Self {
        let above = self.plus(&One::constant(&ABOVE_TWO));
        above.zip(&a.plus(b), |above, both| sub(above, both)).reduced()
    }

    #[inline(always)]
    fn minus_reduced(&self, other: &Self) -> Self {
        self.minus(other).reduced()
    }

    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        One::product([(self, other)])
    }

    #[inline(always)]
    fn squared(&self) -> Self {
        One::product([(self, self)])
    }

    fn inverted(&self) -> Option<Self> {
        let mut words = [[0u64; 4]; 4];
        let reduced = self.reduced();
        reduced.store(words.each_mut().map(|lane| lane.as_mut_slice()));
        invert_all(words.map(|lane| One::canonical(&lane))).map(|inverses| {
            let words = inverses.map(|inverse| inverse.0.0);
            One::load::<false>(words.each_ref().map(|lane| lane.as_slice()))
        })
    }

    fn to_scalar(words: &[u64]) -> Fq {
        One::canonical(words) * from_lanes()
    }
}

/// What takes the file's R out of a value with R = 2^261.
fn from_lanes() -> Fq {
    static FACTOR: std::sync::OnceLock<Fq> = std::sync::OnceLock::new();
    *FACTOR.get_or_init(|| Fq::from(1u64 << FILE_SHIFT).inverse().unwrap_or_default())
}

/// With arkworks' R a value v * 2^261 reads as v * 2^5; its inverse, times 2^10, reads as v^-1 * 2^261 again.
fn invert_all<F: Coordinate>(values: [F; 4]) -> Option<[F; 4]> {
    let ab = values[0] * values[1];
    let cd = values[2] * values[3];
    let inverse = (ab * cd).inverse()? * F::from(1u64 << (2 * FILE_SHIFT));
    let (ab_inverse, cd_inverse) = (inverse * cd, inverse * ab);
    Some([
        ab_inverse * values[1],
        ab_inverse * values[0],
        cd_inverse * values[3],
        cd_inverse * values[2],
    ])
}

/// Four elements of the quadratic extension, i^2 = -1.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub struct Two(One, One);

impl Lanes for Two {
    type Scalar = Fq2;

    fn start() -> Self {
        Two(One::start(), One::start())
    }

    #[inline(always)]
    fn load<const FILE: bool>(from: [&[u64]; 4]) -> Self {
        Two(
            One::load::<FILE>(from.map(|words| &words[..4])),
            One::load::<FILE>(from.map(|words| &words[4..])),
        )
    }

    #[inline(always)]
    fn store(&self, to: [&mut [u64]; 4]) {
        let [a, b, c, d] = to.map(|words| words.split_at_mut(4));
        self.0.store([a.0, b.0, c.0, d.0]);
        self.1.store([a.1, b.1, c.1, d.1]);
    }

    #[inline(always)]
    fn minus(&self, other: &Self) -> Self {
        Two(self.0.minus(&other.0), self.1.minus(&other.1))
    }

    #[inline(always)]
    fn minus_both(&self, a: &Self, b: &Self) -> Self {
        Two(self.0.minus_both(&a.0, &b.0), self.1.minus_both(&a.1, &b.1))
    }

    #[inline(always)]
    fn minus_reduced(&self, other: &Self) -> Self {
        Two(self.0.minus_reduced(&other.0), self.1.minus_reduced(&other.1))
    }

    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        // Reduced, or a long chain of products would outgrow R: each is below its first factor times b / R, plus q.
        let (b0, b1) = (other.0.reduced(), other.1.reduced());
        let minus_b1 = One::constant(&ABOVE_REDUCED).zip(&b1, |above, b| sub(above, b));
        Two(
            One::product([(&self.0, &b0), (&self.1, &minus_b1)]),
            One::product([(&self.0, &b1), (&self.1, &b0)]),
        )
    }

    #[inline(always)]
    fn squared(&self) -> Self {
        let (sum, difference) = (self.0.plus(&self.1).carried(), self.0.minus(&self.1));
        let twice = self.0.plus(&self.0);
        Two(sum.times(&difference), self.1.times(&twice))
    }

    fn inverted(&self) -> Option<Self> {
        let mut words = [[0u64; 8]; 4];
        let reduced = Two(self.0.reduced(), self.1.reduced());
        reduced.store(words.each_mut().map(|lane| lane.as_mut_slice()));
        let values = words.map(|lane| Fq2::new(One::canonical(&lane[..4]), One::canonical(&lane[4..])));
        invert_all(values).map(|inverses| {
            let words = inverses.map(|inverse| {
                let mut lane = [0u64; 8];
                lane[..4].copy_from_slice(&inverse.c0.0.0);
                lane[4..].copy_from_slice(&inverse.c1.0.0);
                lane
            });
            Two::load::<false>(words.each_ref().map(|lane| lane.as_slice()))
        })
    }

    fn to_scalar(words: &[u64]) -> Fq2 {
        Fq2::new(One::to_scalar(&words[..4]), One::to_scalar(&words[4..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{AdditiveGroup, UniformRand, Zero};
    use ark_std::rand::{SeedableRng, rngs::StdRng};

    fn four<L: Lanes>(values: [L::Scalar; 4]) -> L {
        let words = values.map(|value| {
            let mut bytes = vec![0u8; L::Scalar::BYTES];
            value.write_montgomery(&mut bytes);
            bytes
                .chunks(8)
                .map(|chunk| u64::from_le_bytes(chunk.try_into().unwrap()))
                .collect::<Vec<_>>()
        });
        L::load::<true>(words.each_ref().map(Vec::as_slice))
    }

    fn back<L: Lanes>(lanes: L) -> [L::Scalar; 4] {
        let mut words = [[0u64; 8]; 4];
        let size = L::Scalar::BYTES / 8;
        // A difference with zero is what reduces from outside.
        let zero = four::<L>([L::Scalar::ZERO; 4]);
        lanes
            .minus_reduced(&zero)
            .store(words.each_mut().map(|lane| &mut lane[..size]));
        words.map(|lane| L::to_scalar(&lane[..size]))
    }

    fn agrees<L: Lanes>() {
        let mut rng = StdRng::seed_from_u64(1);
        let (mut chain, mut expected_chain) = (four::<L>([L::Scalar::ONE; 4]), [L::Scalar::ONE; 4]);
        let edges = [
            L::Scalar::ZERO,
            L::Scalar::ONE,
            -L::Scalar::ONE,
            L::Scalar::from(2u64).inverse().unwrap(),
        ];
        for round in 0..3000usize {
            let mut pick = |i: usize| {
                if (round >> i) % 8 == 7 {
                    edges[(round + i) % 4]
                } else {
                    L::Scalar::rand(&mut rng)
                }
            };
            let (a, b, c): ([_; 4], [_; 4], [_; 4]) = (
                std::array::from_fn(&mut pick),
                std::array::from_fn(|i| pick(i + 3)),
                std::array::from_fn(|i| pick(i + 5)),
            );
            let (x, y, z) = (four::<L>(a), four::<L>(b), four::<L>(c));
            let map = |f: &dyn Fn(usize) -> L::Scalar| std::array::from_fn::<_, 4, _>(f);
            assert_eq!(back(x), a);
            assert_eq!(back(x.times(&y)), map(&|i| a[i] * b[i]), "product");
            assert_eq!(
                back(x.times(&y).squared()),
                map(&|i| (a[i] * b[i]).square()),
                "square"
            );
            assert_eq!(
                back(x.times(&y.minus(&z))),
                map(&|i| a[i] * (b[i] - c[i])),
                "product of a difference"
            );
            assert_eq!(
                back(x.minus_both(&y, &z)),
                map(&|i| a[i] - b[i] - c[i]),
                "two differences"
            );
            assert_eq!(
                back(x.times(&y).minus_reduced(&z)),
                map(&|i| a[i] * b[i] - c[i]),
                "difference"
            );
            // The longest chain there is, with the largest factors.
            chain = chain.times(&y.minus(&z));
            expected_chain = map(&|i| {
                if b[i] == c[i] {
                    L::Scalar::ZERO
                } else {
                    expected_chain[i] * (b[i] - c[i])
                }
            });
            if expected_chain.iter().any(|value| value.is_zero()) {
                (chain, expected_chain) = (x, a);
            }
            assert_eq!(back(chain), expected_chain, "chain");
            let inverses = x.times(&y).inverted().map(back);
            let expected = map(&|i| (a[i] * b[i]).inverse().unwrap_or_default());
            assert_eq!(
                inverses,
                (0..4).all(|i| !(a[i] * b[i]).is_zero()).then_some(expected),
                "inverse"
            );
        }
    }

    #[test]
    fn of_the_base_field_agree_with_arkworks() {
        agrees::<One>();
    }

    #[test]
    fn of_the_extension_agree_with_arkworks() {
        agrees::<Two>();
    }
}
