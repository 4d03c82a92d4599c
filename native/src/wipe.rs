//! Memory that held secrets is overwritten before it is given back: the witness, and everything computed from it.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};

/// Overwrites all that a vector has room for, also where it held something earlier, and leaves it empty.
pub fn wipe<T: Copy>(values: &mut Vec<T>) {
    values.clear();
    let room = values.spare_capacity_mut();
    room.fill(MaybeUninit::zeroed());
    // Else the compiler sees that nobody reads it.
    black_box(room);
}

/// A vector that is wiped when it goes, however that comes; where it grows, so is the place it leaves.
pub struct Wiped<T: Copy>(Vec<T>);

impl<T: Copy> Wiped<T> {
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    pub fn filled(value: T, length: usize) -> Self {
        Self(vec![value; length])
    }

    pub fn push(&mut self, value: T) {
        if self.0.len() == self.0.capacity() {
            let mut larger = Vec::with_capacity((2 * self.0.len()).max(64));
            larger.extend_from_slice(&self.0);
            wipe(&mut self.0);
            self.0 = larger;
        }
        self.0.push(value);
    }

    /// Moves all values of the other to the end of this one, which must have room for them.
    pub fn append(&mut self, other: &mut Self) {
        debug_assert!(self.0.len() + other.0.len() <= self.0.capacity(), "no room");
        self.0.append(&mut other.0);
    }
}

impl<T: Copy> From<Vec<T>> for Wiped<T> {
    fn from(values: Vec<T>) -> Self {
        Self(values)
    }
}

impl<T: Copy> Deref for Wiped<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Copy> DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: Copy> Drop for Wiped<T> {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}
