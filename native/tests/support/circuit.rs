//! Random circuits with a witness that satisfies them.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::random::Random;

/// Wire and coefficient of each term.
pub type Sum = Vec<(usize, Fr)>;

/// Rank-1 constraints: the product of the first two sums is the third. Wire 0 is 1, then come the public ones.
#[derive(Clone)]
pub struct Circuit {
    pub wires: usize,
    pub public: usize,
    pub constraints: Vec<[Sum; 3]>,
}

#[derive(Clone, Copy)]
pub struct Shape {
    pub constraints: usize,
    pub public: usize,
    /// Wires whose values are chosen.
    pub free: usize,
    /// Wires that no constraint has.
    pub unused: usize,
    /// Free wires are 0, and so is much of what follows from them.
    pub zeros: bool,
}

pub fn value(sum: &Sum, witness: &[Fr]) -> Fr {
    sum.iter()
        .map(|(wire, coefficient)| witness[*wire] * coefficient)
        .sum()
}

impl Circuit {
    pub fn holds(&self, witness: &[Fr]) -> bool {
        self.constraints
            .iter()
            .all(|[a, b, c]| value(a, witness) * value(b, witness) == value(c, witness))
    }

    /// Circuit and witness. Each constraint determines a wire of its own, or says that a free one is 0 or 1.
    pub fn random(shape: Shape, random: &mut Random) -> (Self, Vec<Fr>) {
        let free = shape.free.max(1);
        let wires = 1 + free + shape.constraints + shape.unused;
        assert!(shape.public < wires, "more public wires than wires");
        // Public ones are inputs, results and unused ones, as it comes.
        let mut names: Vec<usize> = (1..wires).collect();
        random.shuffle(&mut names);
        let mut witness = vec![Fr::ZERO; wires];
        witness[0] = Fr::ONE;
        let mut known = vec![0];
        for _ in 0..free {
            let wire = names.pop().unwrap_or_default();
            witness[wire] = if shape.zeros { Fr::ZERO } else { random.edgy() };
            known.push(wire);
        }
        let mut constraints = Vec::new();
        for _ in 0..shape.constraints {
            let wire = names.pop().unwrap_or_default();
            constraints.push(if random.one_in(5) {
                witness[wire] = if shape.zeros {
                    Fr::ZERO
                } else {
                    Fr::from(random.below(2) as u64)
                };
                [
                    vec![(wire, Fr::ONE)],
                    vec![(wire, Fr::ONE), (0, -Fr::ONE)],
                    vec![],
                ]
            } else {
                let [a, b, mut c] = [0; 3].map(|_| random_sum(&known, random));
                let coefficient = random.fr() + Fr::ONE;
                let inverse = coefficient.inverse().unwrap_or(Fr::ONE);
                witness[wire] = (value(&a, &witness) * value(&b, &witness) - value(&c, &witness)) * inverse;
                c.push((wire, coefficient));
                [a, b, c]
            });
            known.push(wire);
        }
        for wire in names {
            witness[wire] = if shape.zeros { Fr::ZERO } else { random.edgy() };
        }
        let circuit = Self {
            wires,
            public: shape.public,
            constraints,
        };
        assert!(circuit.holds(&witness), "the generator is wrong");
        (circuit, witness)
    }
}

/// Up to three different wires; sometimes none.
fn random_sum(known: &[usize], random: &mut Random) -> Sum {
    let mut sum = Sum::new();
    for _ in 0..random.below(4) {
        let wire = known[random.below(known.len())];
        if sum.iter().all(|(other, _)| *other != wire) {
            sum.push((wire, random.edgy()));
        }
    }
    sum
}
