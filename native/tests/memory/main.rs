//! What the crate asks of the allocator, and what it leaves in the memory that it gives back.

mod bounds;
mod leftovers;
#[path = "../support/mod.rs"]
mod support;
mod watched;

use watched::Watched;

#[global_allocator]
static ALLOCATOR: Watched = Watched;
