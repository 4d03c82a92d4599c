//! At the speed of the hardware: Groth16 over BN254 for the engines of `src/prover` and `src/verifier`, and the hashes
//! and signatures of `src/crypto` in batches.
//! No policy lives here: what may be proven or believed is decided in TypeScript.

#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
mod avx2;
pub mod ed25519;
pub mod error;
pub mod fft;
pub mod field;
pub mod hashing;
pub mod key;
pub mod msm;
pub mod poseidon;
pub mod prove;
pub mod tables;
pub mod verify;
pub mod wipe;
pub mod witness;

#[cfg(feature = "node")]
mod bindings;
