//! Groth16 proofs from a proving key and a witness.

pub mod active;
pub mod groth16;
pub mod prover;
mod quotient;

pub use groth16::Proof;
pub use prover::ProvingKey;
