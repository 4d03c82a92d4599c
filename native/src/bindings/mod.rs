//! The faces towards Node. Everything that takes longer than a few microseconds runs off the main thread.

mod call;
mod ed25519;
mod hashing;
mod memory;
mod points;
mod pool;
mod poseidon;
mod prover;
mod verifier;
mod watch;
mod witness;

use napi_derive::napi;

/// Version of the interface, which the loader compares with its own (src/base/native/load.ts).
#[napi]
pub fn abi() -> u32 {
    4
}

/// CPU features that the compiler was free to use, of those that matter.
#[napi]
pub fn cpu_features() -> Vec<String> {
    let all = [
        ("adx", cfg!(target_feature = "adx")),
        ("bmi2", cfg!(target_feature = "bmi2")),
        ("avx2", cfg!(target_feature = "avx2")),
    ];
    all.iter()
        .filter(|(_, there)| *there)
        .map(|(name, _)| (*name).to_owned())
        .collect()
}
