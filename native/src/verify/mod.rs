//! Groth16 verification over BN254, one proof and many.
//!
//! For proofs i with random rho_i the equation of a batch is
//!   prod e(rho_i A_i, B_i) = prod over keys e(s alpha, beta) e(V, gamma) e(sum rho_i C_i, delta),
//!   s = sum rho_i,  V = s IC_0 + sum_j (sum_i rho_i signal_ij) IC_j:
//! Miller loops with shared squarings and one final exponentiation. A batch with a bad proof passes with a chance of
//! 2^-128 (Bellare, Garay, Rabin, https://doi.org/10.1007/BFb0054130, small exponents test).

#![forbid(unsafe_code)]

mod batch;
mod check;
mod coefficients;
mod error;
mod jobs;
mod key;
mod lines;
mod miller;
mod multiply;
mod outcome;
mod points;
mod scalars;

pub use batch::{run, run_on_threads};
pub use check::Mode;
pub use coefficients::{Coefficient, random_coefficients};
pub use jobs::{Job, NO_KEY, parse_jobs};
pub use key::{PreparedKey, parse_key};
pub use lines::{Line, Lines, trace};
pub use miller::{Place, miller, places};
pub use multiply::Tables;
pub use outcome::Outcome;
pub use points::{PROOF_BYTES, PointFault, Proof, read_g1, read_g2, read_proof};
