//! Witness generation.
