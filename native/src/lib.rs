//! Groth16 over BN254 at the speed of the hardware: kernels for the engines of `src/prover` and `src/verifier`.
//! No policy lives here: what may be proven or believed is decided in TypeScript.

pub mod verify;
pub mod witness;

#[cfg(feature = "node")]
mod bindings;
