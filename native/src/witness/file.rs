//! Reader of witness graphs; `src/artifacts/graph/graph-file.ts` writes them and says what stands where. Whatever the
//! bytes, reading ends in a graph whose evaluation is safe, or in an error; memory stays within a small multiple of
//! the file's size.

use crate::error::{Error, Result};
use crate::field::{Fr, limbs};
use ark_ff::{BigInt, PrimeField};

const MAGIC: &[u8; 4] = b"zkwg";
const VERSION: u32 = 1;
/// The largest circuits have some hundred inputs; the limit keeps a size that costs 4 bytes from costing gigabytes.
const MAX_INPUTS: usize = 1 << 20;
/// Values are numbered with 32 bits, and a file of them has a byte each at least.
const MAX_FILE_BYTES: usize = 1 << 30;
const FIELD_BITS: u32 = 254;
const ELEMENT_BYTES: usize = 32;
const SIGNAL_BYTES: usize = 12;

/// An input signal, by the 64-bit FNV-1a hash of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    pub hash: u64,
    pub size: u32,
}

/// One operation; operands are numbers of earlier values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    /// 1/a; 0 for 0.
    Inverse(u32),
    /// 1 if equal, else 0.
    Equal(u32, u32),
    /// The second if the first is not 0, else the third.
    Select(u32, u32, u32),
    /// A bit of the canonical value.
    Bit(u32, u32),
    /// Integer quotient of the canonical value and a number that is not 0.
    Quotient(u32, u64),
}

/// A graph whose references all point backwards. Values are numbered: constants, inputs, nodes.
#[derive(Debug, Clone)]
pub struct Graph {
    pub signals: Vec<Signal>,
    pub constants: Vec<Fr>,
    pub inputs: usize,
    pub nodes: Vec<Node>,
    /// Values that are 1 if no assertion of the circuit fails.
    pub guards: Vec<u32>,
    /// The value of each wire.
    pub wires: Vec<u32>,
}

impl Graph {
    /// Number of the first node's value.
    pub fn first_node(&self) -> usize {
        self.constants.len() + self.inputs
    }

    pub fn parse(bytes: &[u8]) -> Result<Graph> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(invalid("it is too large"));
        }
        let mut reader = Reader { bytes };
        if reader.take(MAGIC.len())? != MAGIC || reader.u32()? != VERSION {
            return Err(invalid("it is none, or of another version"));
        }
        let [
            signal_count,
            inputs,
            constant_count,
            node_count,
            guard_count,
            wire_count,
        ] = reader.counts()?;
        let mut signals = Vec::with_capacity(signal_count.min(bytes.len() / SIGNAL_BYTES));
        for _ in 0..signal_count {
            signals.push(Signal {
                hash: reader.u64()?,
                size: reader.u32()?,
            });
        }
        let named: u64 = signals.iter().map(|signal| u64::from(signal.size)).sum();
        if inputs > MAX_INPUTS || named != inputs as u64 {
            return Err(invalid("the number of inputs is not that of its signals"));
        }
        let constants = reader.constants(constant_count)?;
        let first_node = constant_count + inputs;
        let operations = reader.take(node_count)?;
        let nodes = reader.nodes(operations, first_node, &constants)?;
        let last = Reference {
            first_node,
            node: node_count,
        };
        let guards = reader.references(guard_count, last)?;
        let wires = reader.references(wire_count, last)?;
        if !reader.bytes.is_empty() {
            return Err(invalid("bytes are left over"));
        }
        Ok(Graph {
            signals,
            constants,
            inputs,
            nodes,
            guards,
            wires,
        })
    }
}

/// Where a reference is read: it reaches values before this node only.
#[derive(Clone, Copy)]
struct Reference {
    first_node: usize,
    node: usize,
}

impl Reference {
    fn resolve(self, code: usize) -> Result<u32> {
        let number = code >> 1;
        let value = if code & 1 == 1 {
            (number < self.first_node).then_some(number)
        } else {
            (1..=self.node)
                .contains(&number)
                .then(|| self.first_node + self.node - number)
        };
        value
            .and_then(|value| u32::try_from(value).ok())
            .ok_or_else(|| invalid("a reference leads nowhere"))
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(length)
            .ok_or_else(|| invalid("it ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(self
            .take(4)?
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(self
            .take(8)?
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn counts(&mut self) -> Result<[usize; 6]> {
        let mut counts = [0; 6];
        for count in &mut counts {
            *count = self.u32()? as usize;
        }
        Ok(counts)
    }

    fn leb(&mut self) -> Result<usize> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return usize::try_from(value).map_err(|_| invalid("a number is too large"));
            }
        }
        Err(invalid("a number is too long"))
    }

    fn constants(&mut self, count: usize) -> Result<Vec<Fr>> {
        let length = count
            .checked_mul(ELEMENT_BYTES)
            .ok_or_else(|| invalid("it ends too early"))?;
        let read = |bytes| Fr::from_bigint(limbs(bytes)).ok_or_else(|| invalid("a constant is not below r"));
        self.take(length)?.chunks_exact(ELEMENT_BYTES).map(read).collect()
    }

    fn references(&mut self, count: usize, from: Reference) -> Result<Vec<u32>> {
        // Each takes a byte at least.
        let mut found = Vec::with_capacity(count.min(self.bytes.len()));
        for _ in 0..count {
            found.push(from.resolve(self.leb()?)?);
        }
        Ok(found)
    }

    /// The operands stand in columns: the first of every node, then the second of those that have one, then the third.
    fn nodes(&mut self, operations: &[u8], first_node: usize, constants: &[Fr]) -> Result<Vec<Node>> {
        let mut nodes = Vec::with_capacity(operations.len());
        let at = |node| Reference { first_node, node };
        for (node, operation) in operations.iter().enumerate() {
            let a = at(node).resolve(self.leb()?)?;
            nodes.push(match operation {
                2 => Node::Add(a, 0),
                3 => Node::Sub(a, 0),
                4 => Node::Mul(a, 0),
                5 => Node::Inverse(a),
                6 => Node::Equal(a, 0),
                7 => Node::Select(a, 0, 0),
                8 => Node::Bit(a, 0),
                9 => Node::Quotient(a, 1),
                _ => return Err(invalid("it has an unknown operation")),
            });
        }
        for (index, node) in nodes.iter_mut().enumerate() {
            match node {
                Node::Add(_, b)
                | Node::Sub(_, b)
                | Node::Mul(_, b)
                | Node::Equal(_, b)
                | Node::Select(_, b, _) => *b = at(index).resolve(self.leb()?)?,
                Node::Bit(_, position) => *position = bit_position(self.leb()?)?,
                Node::Quotient(_, divisor) => *divisor = small_divisor(constants.get(self.leb()?))?,
                Node::Inverse(_) => {}
            }
        }
        for (index, node) in nodes.iter_mut().enumerate() {
            if let Node::Select(_, _, c) = node {
                *c = at(index).resolve(self.leb()?)?;
            }
        }
        Ok(nodes)
    }
}

fn bit_position(position: usize) -> Result<u32> {
    u32::try_from(position)
        .ok()
        .filter(|position| *position < FIELD_BITS)
        .ok_or_else(|| invalid("a bit that no value has"))
}

fn small_divisor(constant: Option<&Fr>) -> Result<u64> {
    match constant.map(|value| value.into_bigint()) {
        Some(BigInt([divisor, 0, 0, 0])) if divisor != 0 => Ok(divisor),
        _ => Err(invalid("a divisor that is zero, unknown or above 64 bits")),
    }
}

fn invalid(what: &str) -> Error {
    Error::format(format!("the witness graph cannot be used: {what}"))
}
