//! Fuzzers of every reader. What they call is what `cargo test` calls with seeded mutations (`../tests/prover/readers.rs`).
//!
//! ```text
//! cd native/fuzz
//! cargo run --release --bin seeds
//! RUSTC_BOOTSTRAP=1 cargo fuzz run proving_key -- -max_total_time=600
//! ```
//!
//! `RUSTC_BOOTSTRAP=1` is for a stable compiler; a nightly one needs nothing.

#[path = "../../tests/support/mod.rs"]
mod support;

pub use support::{entries, zkey};
