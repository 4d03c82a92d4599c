//! The faces towards Node. Everything that takes longer than a few microseconds runs off the main thread.

mod verifier;
mod witness;
