//! The lines of the optimal ate pairing through a point Q of the twist, all scaled so that the part without P is one:
//!   1 + (-slope) (x_P / y_P) w + (slope x - y) (1 / y_P) v w.
//! The loop ends at R = (6x+2)Q + psi(Q) - psi^2(Q), and Q has order r exactly if R = -psi^3(Q): the subgroup check
//! costs nothing beside. Criterion: Dai, Lin, Zhao, Zhou, https://eprint.iacr.org/2022/348; that no other point passes
//! follows from a resultant, which test/unit/verifier/subgroup.test.ts computes.
//! Loop: Vercauteren, https://eprint.iacr.org/2008/096, section IV.

use ark_bn254::{Config, Fq, Fq2, G2Affine, g2};
use ark_ec::bn::BnConfig;
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ff::{AdditiveGroup, Field, Zero, batch_inversion};

/// From here on sharing one inversion per step beats projective coordinates with one for all steps.
const AFFINE_FROM: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Minus the slope; goes with x_P / y_P.
    pub slope: Fq2,
    /// What the line takes at x = 0, negated; goes with 1 / y_P.
    pub offset: Fq2,
}

/// One line per step of `steps`.
pub type Lines = Vec<Line>;

/// A step of the loop on a running point T.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// T becomes 2T; the Miller value is squared before its line.
    Double,
    /// T becomes T plus the n-th of Q, -Q, psi(Q), -psi^2(Q).
    Add(usize),
}

/// The steps in order.
pub fn steps() -> impl Iterator<Item = Step> {
    let digits = Config::ATE_LOOP_COUNT.iter().rev().skip(1);
    let of_digit = |digit: &i8| match digit {
        1 => vec![Step::Double, Step::Add(0)],
        -1 => vec![Step::Double, Step::Add(1)],
        _ => vec![Step::Double],
    };
    digits.flat_map(of_digit).chain([Step::Add(2), Step::Add(3)])
}

/// Untwist, Frobenius, twist.
fn psi(point: &G2Affine) -> G2Affine {
    let mut image = *point;
    image.x.conjugate_in_place();
    image.y.conjugate_in_place();
    image.x *= Config::TWIST_MUL_BY_Q_X;
    image.y *= Config::TWIST_MUL_BY_Q_Y;
    image
}

/// What may be added to T, and -psi^3(Q), at which T must end.
struct Stations {
    addends: [G2Affine; 4],
    end: G2Affine,
}

impl Stations {
    fn new(q: &G2Affine) -> Self {
        let psi1 = psi(q);
        let psi2 = psi(&psi1);
        Self {
            addends: [*q, -*q, psi1, -psi2],
            end: -psi(&psi2),
        }
    }
}

/// The lines of each point, or None for one outside the subgroup. Points must be on the twist and not at infinity.
pub fn trace(points: &[G2Affine]) -> Vec<Option<Lines>> {
    if points.len() < AFFINE_FROM {
        trace_projective(points)
    } else {
        trace_affine(points)
    }
}

/// Affine coordinates; one inversion per step for all points.
fn trace_affine(points: &[G2Affine]) -> Vec<Option<Lines>> {
    let stations: Vec<_> = points.iter().map(Stations::new).collect();
    let mut running = points.to_vec();
    let mut lines = vec![Vec::with_capacity(steps().count()); points.len()];
    // A slope that does not exist is met by no point of order r.
    let mut sound = vec![true; points.len()];
    let mut slopes = vec![Fq2::ZERO; points.len()];
    for step in steps() {
        for (((slope, t), station), sound) in slopes.iter_mut().zip(&running).zip(&stations).zip(&mut sound) {
            *slope = match step {
                Step::Double => t.y.double(),
                Step::Add(n) => station.addends[n].x - t.x,
            };
            *sound &= !slope.is_zero();
        }
        batch_inversion(&mut slopes);
        for (((slope, t), station), lines) in slopes.iter().zip(&mut running).zip(&stations).zip(&mut lines) {
            let (slope, s) = match step {
                Step::Double => {
                    let square = t.x.square();
                    (*slope * (square.double() + square), *t)
                }
                Step::Add(n) => (*slope * (station.addends[n].y - t.y), station.addends[n]),
            };
            lines.push(Line {
                slope: -slope,
                offset: slope * s.x - s.y,
            });
            let x = slope.square() - t.x - s.x;
            t.y = slope * (s.x - x) - s.y;
            t.x = x;
        }
    }
    let ends = running
        .iter()
        .zip(&stations)
        .map(|(t, station)| *t == station.end);
    ends.zip(sound)
        .zip(lines)
        .map(|((ends, sound), lines)| (ends && sound).then_some(lines))
        .collect()
}

/// A point (X/Z, Y/Z).
struct Homogeneous {
    x: Fq2,
    y: Fq2,
    z: Fq2,
}

/// Homogeneous coordinates (Aranha, Barreto, Longa, Ricardini, https://eprint.iacr.org/2013/722); one inversion for all
/// steps and points.
fn trace_projective(points: &[G2Affine]) -> Vec<Option<Lines>> {
    let mut lines = Vec::new();
    let mut scales = Vec::new();
    let mut ends = Vec::new();
    for q in points {
        let stations = Stations::new(q);
        let mut t = Homogeneous {
            x: q.x,
            y: q.y,
            z: Fq2::ONE,
        };
        for step in steps() {
            let (scale, line) = match step {
                Step::Double => t.double(),
                Step::Add(n) => t.add(&stations.addends[n]),
            };
            scales.push(scale);
            lines.push(line);
        }
        ends.push(t.is(&stations.end));
    }
    let count = steps().count();
    let sound: Vec<_> = scales
        .chunks(count)
        .map(|own| own.iter().all(|scale| !scale.is_zero()))
        .collect();
    batch_inversion(&mut scales);
    for (line, scale) in lines.iter_mut().zip(&scales) {
        line.slope *= scale;
        line.offset *= scale;
    }
    let own_lines = lines.chunks(count).map(<[Line]>::to_vec);
    ends.into_iter()
        .zip(sound)
        .zip(own_lines)
        .map(|((ends, sound), own)| (ends && sound).then_some(own))
        .collect()
}

impl Homogeneous {
    fn is(&self, point: &G2Affine) -> bool {
        !self.z.is_zero() && self.x == point.x * self.z && self.y == point.y * self.z
    }

    /// Doubles; gives the line times the factor that comes first.
    fn double(&mut self) -> (Fq2, Line) {
        let half = |mut value: Fq2| {
            value.mul_assign_by_basefield(&HALF);
            value
        };
        let triple = |value: Fq2| value.double() + value;
        let (b, c, xx) = (self.y.square(), self.z.square(), self.x.square());
        let e = triple(g2::Config::COEFF_B * c);
        let f = triple(e);
        let h = (self.y + self.z).square() - b - c;
        let line = Line {
            slope: triple(xx),
            offset: e - b,
        };
        self.x = half(self.x * self.y) * (b - f);
        self.y = half(b + f).square() - triple(e.square());
        self.z = b * h;
        (-h, line)
    }

    /// Adds `q`; gives the line times the factor that comes first.
    fn add(&mut self, q: &G2Affine) -> (Fq2, Line) {
        let theta = self.y - q.y * self.z;
        let lambda = self.x - q.x * self.z;
        let line = Line {
            slope: -theta,
            offset: theta * q.x - lambda * q.y,
        };
        let square = lambda.square();
        let cube = square * lambda;
        let g = self.x * square;
        let h = cube + self.z * theta.square() - g.double();
        self.x = lambda * h;
        self.y = theta * (g - h) - cube * self.y;
        self.z *= cube;
        (lambda, line)
    }
}

/// 1/2.
const HALF: Fq =
    ark_ff::MontFp!("10944121435919637611123202872628637544348155578648911831344518947322613104292");
