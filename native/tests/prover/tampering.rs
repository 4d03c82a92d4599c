//! Tables that somebody changed: noticed before they are used, or at the latest by the proof's own verification.

use std::fs;
use std::ops::Range;
use std::path::Path;

use ark_bn254::Fq;
use ark_ff::{BigInteger, PrimeField};
use zkbazaar_native::prove::ProvingKey;

use crate::proofs::{World, refusal};
use crate::support::folder::Folder;
use crate::support::random::Random;
use crate::support::watch::Never;
use crate::tables::world;

const HEADER: usize = 4096;
const HASH: Range<usize> = 40..72;

struct Made {
    folder: Folder,
    world: World,
    good: Vec<u8>,
    sections: Vec<Range<usize>>,
}

impl Made {
    fn new(seed: u64) -> Self {
        let (folder, world) = (Folder::new(), world(seed));
        let key = world.open();
        key.make_table(folder.path(), u64::MAX, &Never).expect("a table");
        let sections = key.table().expect("the table").layout.ranges.to_vec();
        let good = fs::read(folder.only(".table")).expect("the table");
        Self {
            folder,
            world,
            good,
            sections,
        }
    }

    /// Opens the key with this table in its place.
    fn open_with(&self, path: &Path, bytes: &[u8]) -> (ProvingKey, &'static str) {
        fs::write(path, bytes).expect("a changed table");
        let key = self.world.open();
        let outcome = refusal(key.open_table(self.folder.path()));
        (key, outcome)
    }
}

/// What whoever can write to the folder can do, too.
fn set_hash(bytes: &mut [u8]) {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes[..HASH.start]);
    hasher.update(&bytes[HASH.end..]);
    bytes[HASH].copy_from_slice(hasher.finalize().as_bytes());
}

#[test]
fn a_change_anywhere_is_noticed_and_the_file_removed() {
    let made = Made::new(61);
    let path = made.folder.only(".table");
    let mut random = Random::new(61);
    let mut places = vec![0, 7, 8, 39, 40, 71, 72, 79, 80, 231, 232, HEADER - 1];
    for section in &made.sections {
        places.extend([
            section.start,
            section.end - 1,
            section.start + random.below(section.len()),
        ]);
    }
    for place in places {
        let mut bytes = made.good.clone();
        bytes[place] ^= 1 << random.below(8);
        let (key, outcome) = made.open_with(&path, &bytes);
        assert_eq!(outcome, "NATIVE_TABLE_INVALID", "byte {place}");
        assert!(!path.exists(), "byte {place}: the damaged file stayed");
        assert!(key.table().is_none() && key.tables_note().is_some_and(|note| note.contains("INVALID")));
    }
    made.world.check(&made.world.open(), "without");
}

#[test]
fn a_file_of_another_size_is_refused() {
    let made = Made::new(62);
    let path = made.folder.only(".table");
    let size = made.good.len();
    for length in [
        0,
        1,
        71,
        HEADER - 1,
        HEADER,
        size / 2,
        size - 1,
        size + 1,
        2 * size,
    ] {
        let mut bytes = made.good.clone();
        bytes.resize(length, 0);
        if length > HASH.end {
            set_hash(&mut bytes);
        }
        let (key, outcome) = made.open_with(&path, &bytes);
        assert_eq!(outcome, "NATIVE_TABLE_INVALID", "{length} bytes");
        assert!(!path.exists() && key.table().is_none());
        if length == size / 2 {
            key.make_table(made.folder.path(), u64::MAX, &Never)
                .expect("a new table");
            made.world.check(&key, "made again");
        }
    }
}

#[test]
fn a_table_of_another_key_is_refused() {
    // The same circuit's shape, and so the same sizes.
    let (one, other) = (Made::new(63), Made::new(64));
    let path = one.folder.only(".table");
    if one.good.len() == other.good.len() {
        assert_ne!(one.good, other.good);
    }
    let (key, outcome) = one.open_with(&path, &other.good);
    assert_eq!(outcome, "NATIVE_TABLE_INVALID");
    one.world.check(&key, "without");
    // Header of the one, rows of the other.
    let mut bytes = other.good.clone();
    bytes.resize(one.good.len(), 0);
    bytes[..HEADER].copy_from_slice(&one.good[..HEADER]);
    assert_eq!(one.open_with(&path, &bytes).1, "NATIVE_TABLE_INVALID");
}

#[test]
fn a_folder_in_the_table_s_place_does_no_harm() {
    let made = Made::new(65);
    let path = made.folder.only(".table");
    fs::remove_file(&path).expect("the table goes");
    fs::create_dir(&path).expect("a folder");
    let key = made.world.open();
    assert!(refusal(key.open_table(made.folder.path())).starts_with("NATIVE_TABLE_"));
    let code = refusal(key.make_table(made.folder.path(), u64::MAX, &Never));
    assert_eq!(code, "NATIVE_TABLE_UNWRITABLE");
    made.world.check(&key, "without");
    assert_eq!(made.folder.names(".making").len(), 0);
}

#[test]
fn a_forged_table_whose_hash_is_right_gives_no_wrong_proof() {
    let made = Made::new(66);
    let path = made.folder.only(".table");
    let mut random = Random::new(66);
    for (index, section) in made.sections.iter().enumerate() {
        for way in 0..3 {
            let mut bytes = made.good.clone();
            let rows = &mut bytes[section.clone()];
            match way {
                0 => rows.fill(0),
                1 => rows.rotate_left(64),
                _ => {
                    rows.iter_mut().for_each(|byte| *byte = random.next() as u8);
                    // Below q, whose highest byte is 0x30.
                    rows.iter_mut()
                        .skip(31)
                        .step_by(32)
                        .for_each(|byte| *byte &= 0x1f);
                }
            }
            set_hash(&mut bytes);
            let (key, outcome) = made.open_with(&path, &bytes);
            let what = format!("section {index}, way {way}");
            assert_eq!(outcome, "accepted", "{what}: the forger's hash is wrong");
            // The proof is right: it was made again without the table, which is gone then.
            made.world.check(&key, &what);
            assert!(key.table().is_none(), "{what}: the table is still in use");
            assert!(!path.exists(), "{what}: the table is still there");
            assert!(key.tables_note().is_some_and(|note| note.contains("wrong proof")));
            made.world.check(&key, &what);
        }
    }
}

#[test]
fn a_forged_table_with_a_coordinate_that_is_none_is_refused() {
    let made = Made::new(68);
    let path = made.folder.only(".table");
    let mut q = [0; 32];
    for (byte, own) in q.iter_mut().zip(Fq::MODULUS.to_bytes_le()) {
        *byte = own;
    }
    for section in &made.sections {
        for place in [section.start, section.end - 32] {
            for coordinate in [q, [0xff; 32]] {
                let mut bytes = made.good.clone();
                bytes[place..place + 32].copy_from_slice(&coordinate);
                set_hash(&mut bytes);
                let (key, outcome) = made.open_with(&path, &bytes);
                assert_eq!(outcome, "NATIVE_TABLE_INVALID", "byte {place}");
                assert!(!path.exists() && key.table().is_none());
            }
        }
    }
    made.world.check(&made.world.open(), "without");
}

#[test]
fn a_table_that_is_changed_while_it_is_in_use_gives_no_wrong_proof() {
    use std::io::{Seek, SeekFrom, Write};
    let made = Made::new(67);
    let path = made.folder.only(".table");
    let key = made.world.open();
    key.open_table(made.folder.path()).expect("the table");
    made.world.check(&key, "before");
    let mut file = fs::File::options().write(true).open(&path).expect("the table");
    for section in &made.sections {
        file.seek(SeekFrom::Start(section.start as u64)).expect("a place");
        file.write_all(&vec![7; section.len()]).expect("a change");
    }
    made.world.check(&key, "after");
    assert!(key.table().is_none() && !path.exists());
}
