//! Ed25519 in batches under ZIP 215 (https://zips.z.cash/zip-0215), the rule under which one signature alone and the same
//! one in a batch always get the same verdict: the equation is [8] S B = [8] R + [8] k A, points decode with
//! any y below 2^255 and either sign of x = 0, and S is below the group's order. One thing is stricter: a public key of
//! small order, for which anybody can sign anything, is refused.
//!
//! Batches decode and sum with `lanes`, where the crate is compiled for AVX2 (the loader asks the CPU before it loads such a one),
//! else with curve25519-dalek, which also checks a signature that comes alone. Nothing here is secret, so time may tell everything.

mod batch;
mod coefficient;
mod equation;
mod keys;
mod known;
#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
mod lanes;
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "avx2"))))]
mod plain;
mod request;
mod search;
mod sound;

#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
use lanes as group;
#[cfg(not(all(target_arch = "x86_64", target_feature = "avx2")))]
use plain as group;

pub use batch::verify;
use equation::Equation;
pub use keys::is_small_order;
pub use request::Request;

pub const KEY_BYTES: usize = 32;
pub const SIGNATURE_BYTES: usize = 64;
/// Of prefix and message together: nobody signs more here than a domain and a hash or two.
pub const MAX_SIGNED_BYTES: usize = 1024;
