//! Face of `witness`.
