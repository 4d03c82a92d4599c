//! The equation of a batch, and the search for those that break it. With z one of 2^128 numbers for each signature,
//! [8] (sum z S) B = [8] sum z R + [8] sum (z k) A holds for good ones, and for a batch with a bad one with a chance of
//! 2^-128, since the signatures were fixed before the z were drawn.

use curve25519_dalek::scalar::Scalar;

use super::coefficient::Coefficient;
use super::equation::Equation;
use super::group::{Point, hold, vanishes};
use super::sound::{Batch, Sound};

/// Into so many parts a batch is split that holds a bad one.
const PARTS: usize = 8;
/// So few signatures are checked each by its own equation.
const SINGLE: usize = 8;

/// Tells the index of every good one.
pub fn search(batch: &Batch, good: &mut dyn FnMut(usize)) {
    split(&batch.sound, &batch.keys, false, good);
}

/// @param failed these are known to hold a bad one, so that their common equation is not asked
/// Where an equation fails, those of its eighths are asked, then of theirs: a bad one costs two rounds and itself, and
/// a batch of bad ones less than twice what they cost alone. Halves would cost more in both.
fn split(sound: &[Sound], keys: &[Option<Point>], failed: bool, good: &mut dyn FnMut(usize)) {
    if sound.len() <= SINGLE {
        one_by_one(sound, keys, good);
    } else if !failed && all_hold(sound, keys) {
        sound.iter().for_each(|one| good(one.index));
    } else {
        let size = sound.len().div_ceil(PARTS);
        let last = sound.len().div_ceil(size) - 1;
        let mut all_good = true;
        for (index, part) in sound.chunks(size).enumerate() {
            let mut found = 0;
            // Where all parts before were good, the last one holds the bad one.
            split(part, keys, all_good && index == last, &mut |index| {
                found += 1;
                good(index);
            });
            all_good &= found == part.len();
        }
    }
}

fn one_by_one(sound: &[Sound], keys: &[Option<Point>], good: &mut dyn FnMut(usize)) {
    if let [one] = sound {
        if one.holds() {
            good(one.index);
        }
        return;
    }
    let (mut asked, mut equations) = (Vec::new(), Vec::new());
    for one in sound {
        // Nothing sound is under a key that does not decode.
        let Some(key) = &keys[one.key] else { continue };
        let (s, k, r) = (one.s, one.k, &one.r);
        asked.push(one.index);
        equations.push(Equation { s, k, key, r });
    }
    let verdicts = asked.into_iter().zip(hold(&equations));
    verdicts
        .filter(|(_, holds)| *holds)
        .for_each(|(index, _)| good(index));
}

fn all_hold(sound: &[Sound], keys: &[Option<Point>]) -> bool {
    let mut base = Scalar::ZERO;
    let mut of_keys = vec![None; keys.len()];
    let mut short: Vec<(Coefficient, &Point)> = Vec::with_capacity(sound.len());
    for one in sound {
        let z = one.z.scalar();
        base -= z * one.s;
        *of_keys[one.key].get_or_insert(Scalar::ZERO) += z * one.k;
        short.push((one.z, &one.r));
    }
    // A key that is not here has signed nothing of these, and one that decodes nowhere nothing at all.
    let full: Vec<(Scalar, &Point)> = of_keys
        .into_iter()
        .zip(keys)
        .filter_map(|(scalar, key)| Some((scalar?, key.as_ref()?)))
        .collect();
    vanishes(&base, &full, &short)
}
