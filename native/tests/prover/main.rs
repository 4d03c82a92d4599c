//! The prover: its sums against discrete logarithms, its quotient against the definition, its proofs against
//! ark-groth16, its tables against whoever can write to their folder.

mod foreign_key;
mod making;
mod proofs;
mod quotient;
mod readers;
mod sums;
#[path = "../support/mod.rs"]
mod support;
mod tables;
mod tampering;
