//! Groth16 verification, one proof and many.
