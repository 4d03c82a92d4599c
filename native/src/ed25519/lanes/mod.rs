//! Points of edwards25519 four at a time in AVX2 registers: decoding, and sums of many. All of this is about public data, so
//! time and memory accesses may depend on it, and do.

mod alone;
mod decode;
mod digits;
mod field;
mod point;
mod sum;
#[cfg(test)]
mod tests;

pub use alone::hold;
pub use decode::decode;
pub use point::Niels as Point;
pub use sum::vanishes;
