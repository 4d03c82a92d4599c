//! Witness generation: a circuit's graph of field operations, recorded ahead of time from its own WebAssembly
//! (`src/artifacts/graph`), checked once and then evaluated for each proof. The graph holds the circuit's assertions
//! too; where one fails there is no witness, and the caller asks the WebAssembly why.

mod evaluate;
mod file;
mod plan;

pub use evaluate::Evaluator;
pub use file::{Graph, Node, Signal};
