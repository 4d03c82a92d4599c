//! Tables of shifted bases, made once per proving key and kept on disk.
//!
//! A table only ever makes a proof faster: it is bound to the key by the key's hash, to its own bytes by a hash, and a proof
//! is verified before it is handed out, so that even a table forged by someone who can write to the folder yields no
//! proof that differs from the right one.

mod build;
mod file;
pub mod folder;

pub use file::{Layout, TableFile};
pub use folder::open;
