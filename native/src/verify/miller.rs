//! One Miller loop over many pairs with shared squarings.

use super::lines::{Line, Step, steps};
use ark_bn254::{Fq, Fq2, Fq12, Fq12Config, G1Projective};
use ark_ff::{Field, Fp12Config, batch_inversion};

/// A point of G1 as lines take it. At infinity both are zero, so that every line is one, as it must be.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    x_over_y: Fq,
    one_over_y: Fq,
}

/// No point of G1 has y = 0, since their order is odd; one inversion for all.
pub fn places(points: &[G1Projective]) -> Vec<Place> {
    let mut inverses: Vec<Fq> = points.iter().map(|point| point.y).collect();
    batch_inversion(&mut inverses);
    // Jacobian coordinates: x = X/Z^2, y = Y/Z^3.
    let place = |(point, inverse): (&G1Projective, Fq)| {
        let z_over_y = point.z * inverse;
        Place {
            x_over_y: point.x * z_over_y,
            one_over_y: point.z.square() * z_over_y,
        }
    };
    points.iter().zip(inverses).map(place).collect()
}

pub type Pair<'a> = (Place, &'a [Line]);

/// The product of the Miller values of all pairs.
pub fn miller(pairs: &[Pair]) -> Fq12 {
    let mut value = Fq12::ONE;
    for (index, step) in steps().enumerate() {
        if step == Step::Double && index > 0 {
            value.square_in_place();
        }
        for (place, lines) in pairs {
            let mut line = lines[index];
            line.slope.mul_assign_by_basefield(&place.x_over_y);
            line.offset.mul_assign_by_basefield(&place.one_over_y);
            multiply(&mut value, &line);
        }
    }
    value
}

/// (f0 + f1 w) (1 + (slope + offset v) w) by Karatsuba: 10 products in Fq2.
fn multiply(value: &mut Fq12, line: &Line) {
    let mut low = value.c1;
    low.mul_by_01(&line.slope, &line.offset);
    let mut cross = value.c0 + value.c1;
    cross.mul_by_01(&(line.slope + Fq2::ONE), &line.offset);
    value.c1 = cross - value.c0 - low;
    Fq12Config::mul_fp6_by_nonresidue_in_place(&mut low);
    value.c0 += low;
}
