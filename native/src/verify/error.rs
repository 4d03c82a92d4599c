//! Why nothing can be said about the proofs of a call. Never a verdict.

use crate::error::Error;

/// A packed key is cut off, has a point that is none, or one outside the subgroup.
pub fn bad_key(message: &str) -> Error {
    Error::new("NATIVE_BAD_KEY", message)
}

/// Packed jobs are cut off or name a key that is not there.
pub fn bad_jobs(message: &str) -> Error {
    Error::new("NATIVE_BAD_JOBS", message)
}

/// The operating system gave no random bytes, or no thread.
pub fn system(message: &str) -> Error {
    Error::new("NATIVE_SYSTEM", message)
}

/// The caller has ended the call.
pub fn cancelled() -> Error {
    Error::new("NATIVE_CANCELLED", "cancelled")
}

/// A defect of ours.
pub fn internal(message: &str) -> Error {
    Error::new("NATIVE_INTERNAL", message)
}
