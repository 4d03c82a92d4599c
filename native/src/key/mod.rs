//! Proving keys and witnesses as snarkjs writes them.

pub mod sections;
pub mod wtns;
pub mod zkey;

pub use wtns::witness_values;
pub use zkey::Zkey;
