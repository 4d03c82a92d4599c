//! Groth16 verification against the same equation written down plainly, in pairings of ark-bn254 and of halo2curves.

mod checks;
mod groups;
mod multiples;
mod pairings;
mod readers;
mod support;
