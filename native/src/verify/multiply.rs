//! Sums of multiples of points of G1: tables of odd multiples, then one run of doublings for all (Straus).

use super::coefficients::Coefficient;
use super::scalars::{Digit, digits, split};
use ark_bn254::{Fq, Fr, G1Affine, G1Projective, g1};
use ark_ec::AffineRepr;
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::{AdditiveGroup, Field, Zero, batch_inversion};

/// Digits of tables that serve one batch: 8 points each.
const FRESH_WIDTH: u32 = 5;
/// Digits of tables that serve as long as a key: 32 points each, 2 KiB.
const KEPT_WIDTH: u32 = 7;
/// Keys with more points than this get small tables, so that memory stays some MiB.
const MANY_POINTS: usize = 1024;

/// P, 3P, 5P and so on; none for the point at infinity.
pub type OddMultiples = Vec<G1Affine>;

pub struct Tables {
    width: u32,
    points: Vec<OddMultiples>,
}

impl Tables {
    /// For points that are multiplied once or twice.
    pub fn fresh(points: &[G1Affine]) -> Self {
        Self {
            width: FRESH_WIDTH,
            points: odd_multiples(points, FRESH_WIDTH),
        }
    }

    /// For points that stay.
    pub fn kept(points: &[G1Affine]) -> Self {
        let width = if points.len() > MANY_POINTS {
            FRESH_WIDTH
        } else {
            KEPT_WIDTH
        };
        Self {
            width,
            points: odd_multiples(points, width),
        }
    }

    pub fn count(&self) -> usize {
        self.points.len()
    }

    /// The multiple of one point by a coefficient.
    pub fn weighed(&self, index: usize, rho: Coefficient) -> G1Projective {
        sum(&self.coefficient_terms(index, rho))
    }

    /// The sum of rho times point over (index, rho).
    pub fn weighed_sum(&self, items: impl Iterator<Item = (usize, Coefficient)>) -> G1Projective {
        let terms: Vec<_> = items
            .flat_map(|(index, rho)| self.coefficient_terms(index, rho))
            .collect();
        sum(&terms)
    }

    /// The sum of scalar times point over all points.
    pub fn scalar_sum(&self, scalars: &[Fr]) -> G1Projective {
        let mut terms = Vec::with_capacity(2 * scalars.len());
        for (index, scalar) in scalars.iter().enumerate().filter(|(_, scalar)| !scalar.is_zero()) {
            let [first, second] = split(*scalar);
            terms.push(self.term(index, first, false));
            terms.push(self.term(index, second, true));
        }
        sum(&terms)
    }

    fn coefficient_terms(&self, index: usize, rho: Coefficient) -> [Term<'_>; 2] {
        let part = |value: u64, phi: bool| self.term(index, (u128::from(value), false), phi);
        [part(rho.low, false), part(rho.high, true)]
    }

    fn term(&self, index: usize, (value, negative): (u128, bool), phi: bool) -> Term<'_> {
        let table = &self.points[index];
        let digits = if table.is_empty() {
            Vec::new()
        } else {
            digits(value, negative, self.width)
        };
        Term { table, digits, phi }
    }
}

/// A point, or its image by phi, times a number in digits.
struct Term<'a> {
    table: &'a [G1Affine],
    digits: Vec<Digit>,
    phi: bool,
}

fn sum(terms: &[Term]) -> G1Projective {
    let length = terms.iter().map(|term| term.digits.len()).max().unwrap_or(0);
    let mut total = G1Projective::ZERO;
    for place in (0..length).rev() {
        total.double_in_place();
        for term in terms {
            let digit = term.digits.get(place).copied().unwrap_or(0);
            if digit == 0 {
                continue;
            }
            let mut point = term.table[usize::from(digit.unsigned_abs() / 2)];
            if term.phi {
                point.x *= g1::Config::ENDO_COEFFS[0];
            }
            if digit < 0 {
                point.y = -point.y;
            }
            total += point;
        }
    }
    total
}

/// Odd multiples of each point in affine coordinates; one inversion for each row of all tables.
fn odd_multiples(points: &[G1Affine], width: u32) -> Vec<OddMultiples> {
    let entries = 1usize << (width - 2);
    let finite: Vec<G1Affine> = points.iter().filter(|point| !point.is_zero()).copied().collect();
    // No point has y = 0, and no odd multiple below r meets 2P or -2P: every slope exists.
    let mut inverses: Vec<Fq> = finite.iter().map(|point| point.y.double()).collect();
    batch_inversion(&mut inverses);
    let twice: Vec<G1Affine> = finite
        .iter()
        .zip(&inverses)
        .map(|(point, inverse)| {
            let square = point.x.square();
            chord(point, point, (square.double() + square) * inverse)
        })
        .collect();
    let mut tables: Vec<OddMultiples> = finite.iter().map(|point| vec![*point]).collect();
    for row in 1..entries {
        for ((inverse, table), twice) in inverses.iter_mut().zip(&tables).zip(&twice) {
            *inverse = twice.x - table[row - 1].x;
        }
        batch_inversion(&mut inverses);
        for ((inverse, table), twice) in inverses.iter().zip(&mut tables).zip(&twice) {
            let last = table[row - 1];
            table.push(chord(&last, twice, (twice.y - last.y) * inverse));
        }
    }
    let mut rest = tables.into_iter();
    points
        .iter()
        .map(|point| {
            if point.is_zero() {
                Vec::new()
            } else {
                rest.next().unwrap_or_default()
            }
        })
        .collect()
}

/// The third point of the line through p and s, mirrored.
fn chord(p: &G1Affine, s: &G1Affine, slope: Fq) -> G1Affine {
    let x = slope.square() - p.x - s.x;
    G1Affine::new_unchecked(x, slope * (p.x - x) - p.y)
}
