//! Witness graphs as tests make them: written down node by node, and evaluated the plain way.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};

/// Reproducible, and good enough for tests. Source: G. Marsaglia, Xorshift RNGs.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    /// Small, near r, or anywhere.
    pub fn element(&mut self) -> Fr {
        let wide =
            |random: &mut Self| (0..5).fold(Fr::ZERO, |sum, _| sum * Fr::from(u64::MAX) + Fr::from(random.0));
        match self.below(4) {
            0 => Fr::from(self.below(3) as u64),
            1 => -Fr::from(self.below(3) as u64),
            _ => {
                self.below(2);
                wide(self)
            }
        }
    }
}

/// A graph as a test writes it down: operation, then values by number.
pub struct Sketch {
    pub constants: Vec<Fr>,
    pub inputs: usize,
    pub nodes: Vec<(u8, [usize; 3])>,
    pub guards: Vec<usize>,
    pub wires: Vec<usize>,
}

fn leb(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn bytes_of(value: &Fr) -> Vec<u8> {
    value.into_bigint().to_bytes_le()
}

impl Sketch {
    pub fn random(random: &mut Random, size: usize) -> Sketch {
        let mut constants: Vec<Fr> = (0..4).map(|_| random.element()).collect();
        constants.push(Fr::from(1 + random.below(100_000) as u64));
        let inputs = 1 + random.below(5);
        let base = constants.len() + inputs;
        let nodes = (0..size)
            .map(|index| {
                // Mostly what was made last, so that the graph is deep.
                let mut operand = || match random.below(3) {
                    0 => random.below(base + index),
                    _ => base + index - 1 - random.below((base + index).min(8)),
                };
                let (a, b, c) = (operand(), operand(), operand());
                let operation = 2 + random.below(8) as u8;
                let b = match operation {
                    8 => random.below(254),
                    9 => constants.len() - 1,
                    _ => b,
                };
                (operation, [a, b, c])
            })
            .collect();
        let wires = (0..20).map(|_| random.below(base + size)).collect();
        Sketch {
            constants,
            inputs,
            nodes,
            guards: vec![],
            wires,
        }
    }

    fn first_node(&self) -> usize {
        self.constants.len() + self.inputs
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = b"zkwg".to_vec();
        let mut u32 = |value: usize| out.extend((value as u32).to_le_bytes());
        u32(1);
        u32(1);
        let counts = [
            self.inputs,
            self.constants.len(),
            self.nodes.len(),
            self.guards.len(),
            self.wires.len(),
        ];
        counts.into_iter().for_each(&mut u32);
        out.extend(0x1234_5678_9abc_def0u64.to_le_bytes());
        out.extend((self.inputs as u32).to_le_bytes());
        self.constants
            .iter()
            .for_each(|constant| out.extend(bytes_of(constant)));
        out.extend(self.nodes.iter().map(|(operation, _)| operation));
        let first = self.first_node();
        let refer = |out: &mut Vec<u8>, value: usize, from: usize| {
            leb(
                out,
                if value < first {
                    2 * value + 1
                } else {
                    2 * (from + first - value)
                },
            );
        };
        for place in 0..3 {
            for (index, (operation, operands)) in self.nodes.iter().enumerate() {
                match (operation, place) {
                    (_, 0) | (2 | 3 | 4 | 6 | 7, 1) | (7, 2) => refer(&mut out, operands[place], index),
                    (8 | 9, 1) => leb(&mut out, operands[1]),
                    _ => {}
                }
            }
        }
        for value in self.guards.iter().chain(&self.wires) {
            refer(&mut out, *value, self.nodes.len());
        }
        out
    }

    /// In the order of the nodes, one at a time: what the evaluator's layers and places must come to.
    pub fn evaluate(&self, inputs: &[Fr]) -> Vec<Fr> {
        let mut values = [self.constants.as_slice(), inputs].concat();
        for (operation, [a, b, c]) in &self.nodes {
            let [x, y, z] = [a, b, c].map(|value| values.get(*value).copied().unwrap_or(Fr::ZERO));
            values.push(match operation {
                2 => x + y,
                3 => x - y,
                4 => x * y,
                5 => x.inverse().unwrap_or(Fr::ZERO),
                6 => Fr::from(x == y),
                7 => {
                    if x == Fr::ZERO {
                        z
                    } else {
                        y
                    }
                }
                8 => Fr::from(x.into_bigint().get_bit(*b)),
                _ => divide(x, self.constants[*b]),
            });
        }
        self.wires.iter().map(|wire| values[*wire]).collect()
    }
}

/// Integer division, bit by bit.
fn divide(value: Fr, divisor: Fr) -> Fr {
    let (mut quotient, mut rest) = (Fr::ZERO, Fr::ZERO);
    for bit in value.into_bigint().to_bits_be() {
        rest = rest.double() + Fr::from(bit);
        quotient.double_in_place();
        if rest.into_bigint() >= divisor.into_bigint() {
            rest -= divisor;
            quotient += Fr::ONE;
        }
    }
    quotient
}
