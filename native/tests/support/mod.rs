//! What several test programs share: circuits, keys whose trapdoors are known, files and folders.

#![allow(dead_code)] // No program uses all of it.

pub mod circuit;
pub mod entries;
pub mod folder;
pub mod mutate;
pub mod random;
pub mod setup;
#[path = "../witness/sketch.rs"]
pub mod sketch;
pub mod watch;
pub mod zkey;
