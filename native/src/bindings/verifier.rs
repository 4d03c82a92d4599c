//! Face of `verify`.
