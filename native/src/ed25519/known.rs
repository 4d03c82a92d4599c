//! Public keys that have signed before, decoded. Who signs often is decoded once in a while; who floods us with keys puts
//! out nobody unless each has signed something, and makes a check slower by the time of a look-up.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use super::KEY_BYTES;
use super::group::Point;

type Key = [u8; KEY_BYTES];

/// Keys of a generation, all that a table of 65,536 places takes: 11 MB, and two of them are kept.
const GENERATION: usize = 57_344;

/// Of the whole process.
static KNOWN: LazyLock<RwLock<Known>> = LazyLock::new(|| RwLock::new(Known::of(GENERATION)));

/// Two generations: when the young one is full it becomes the old one, and the old one is forgotten. Tables are hashed with a random
/// key of the process, so nobody can choose keys that meet in one place.
struct Known {
    limit: usize,
    young: HashMap<Key, Point>,
    old: HashMap<Key, Point>,
}

impl Known {
    fn of(limit: usize) -> Self {
        Self {
            limit,
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }

    /// The point, and whether it is to be remembered anew so as not to be forgotten with its generation.
    fn find(&self, key: &Key) -> Option<(Point, bool)> {
        let young = self.young.get(key).map(|point| (*point, false));
        young.or_else(|| self.old.get(key).map(|point| (*point, true)))
    }

    fn remember(&mut self, key: Key, point: Point) {
        if self.young.len() >= self.limit {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, point);
    }
}

/// The point of each key that is known, and the positions of those to be remembered if they prove good.
pub fn find(keys: &[Key]) -> (Vec<Option<Point>>, Vec<usize>) {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let found: Vec<_> = keys.iter().map(|key| known.find(key)).collect();
    let again = (0..keys.len()).filter(|index| found[*index].is_none_or(|(_, again)| again));
    let again = again.collect();
    (
        found
            .into_iter()
            .map(|found| found.map(|(point, _)| point))
            .collect(),
        again,
    )
}

pub fn remember(points: impl IntoIterator<Item = (Key, Point)>) {
    let mut points = points.into_iter().peekable();
    if points.peek().is_none() {
        return;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    points.for_each(|(key, point)| known.remember(key, point));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ed25519::group::decode;
    use curve25519_dalek::edwards::EdwardsPoint;
    use curve25519_dalek::scalar::Scalar;

    fn key(number: u64) -> Key {
        EdwardsPoint::mul_base(&Scalar::from(number))
            .compress()
            .to_bytes()
    }

    #[test]
    fn never_more_than_two_generations_and_those_that_come_again_stay() {
        let mut known = Known::of(8);
        let point = |key: &Key| decode(&[*key])[0].expect("a point");
        for number in 1..200 {
            for key in [key(number), key(1000)] {
                if known.find(&key).is_none_or(|(_, again)| again) {
                    known.remember(key, point(&key));
                }
            }
            assert!(known.young.len() <= 8 && known.old.len() <= 8);
            assert!(known.find(&key(1000)).is_some() && known.find(&key(number)).is_some());
        }
        assert!(known.find(&key(1)).is_none());
    }
}
