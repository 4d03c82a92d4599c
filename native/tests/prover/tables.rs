//! Tables: the same proofs with them as without, however they came to be there.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use zkbazaar_native::prove::ProvingKey;

use crate::proofs::{World, refusal};
use crate::support::circuit::Shape;
use crate::support::folder::Folder;
use crate::support::random::Random;
use crate::support::watch::{CancelAt, Never};
use crate::support::zkey::values;

const ANY: u64 = u64::MAX;

pub fn world(seed: u64) -> World {
    let shape = Shape {
        constraints: 20,
        public: 2,
        free: 8,
        unused: 3,
        zeros: false,
    };
    World::new(shape, &mut Random::new(seed))
}

fn set_age(path: &Path, seconds: u64) {
    let file = fs::File::options().append(true).open(path).expect("the file");
    let then = SystemTime::now() - Duration::from_secs(seconds);
    file.set_modified(then).expect("a time");
}

#[test]
fn a_table_made_or_found_gives_proofs_that_verify() {
    let mut random = Random::new(41);
    for (constraints, public, zeros) in [
        (0, 0, false),
        (1, 0, false),
        (30, 3, false),
        (30, 3, true),
        (700, 1, false),
    ] {
        let shape = Shape {
            constraints,
            public,
            free: 10,
            unused: 3,
            zeros,
        };
        let (folder, world) = (Folder::new(), World::new(shape, &mut random));
        let key = world.open();
        assert_eq!(refusal(key.open_table(folder.path())), "NATIVE_TABLE_MISSING");
        assert!(
            key.tables_note()
                .is_some_and(|note| note.contains("NATIVE_TABLE_MISSING"))
        );
        key.make_table(folder.path(), ANY, &Never).expect("a table");
        assert!(key.table().is_some() && key.tables_note().is_none());
        world.check(&key, "made");
        let again = world.open();
        again.open_table(folder.path()).expect("the table that was made");
        world.check(&again, "found");
        assert_eq!(again.mapped_bytes(), key.mapped_bytes());
    }
}

#[test]
fn a_wrong_witness_is_the_witness_s_fault_and_the_table_stays() {
    let (folder, world) = (Folder::new(), world(42));
    let key = world.open();
    key.make_table(folder.path(), ANY, &Never).expect("a table");
    let mut bytes = values(&world.witness);
    bytes[32..64].fill(1);
    assert_eq!(refusal(key.prove(&bytes, &Never)), "NATIVE_UNSATISFIED");
    assert!(key.table().is_some());
    folder.only(".table");
    world.check(&key, "afterwards");
}

#[test]
fn a_table_above_the_limit_is_not_made() {
    let (folder, world) = (Folder::new(), world(43));
    let key = world.open();
    key.make_table(folder.path(), ANY, &Never).expect("a table");
    let size = fs::metadata(folder.only(".table")).expect("the table").len();
    let other = world.open();
    let empty = Folder::new();
    assert_eq!(
        refusal(other.make_table(empty.path(), size - 1, &Never)),
        "NATIVE_TABLE_LIMIT"
    );
    assert_eq!(empty.names("").len(), 0);
    other.make_table(empty.path(), size, &Never).expect("just enough");
    world.check(&other, "just enough");
}

#[test]
fn the_least_recently_used_tables_make_room() {
    let folder = Folder::new();
    let worlds = [51, 52, 53].map(world);
    let keys = [0, 1, 2].map(|index| worlds[index].open());
    let mut sizes = Vec::new();
    let mut paths = Vec::new();
    for key in &keys[..2] {
        let before = folder.names(".table");
        key.make_table(folder.path(), ANY, &Never).expect("a table");
        let names = folder.names(".table");
        let new = names
            .iter()
            .find(|name| !before.contains(name))
            .expect("a new file");
        paths.push(folder.path().join(new));
        sizes.push(fs::metadata(&paths[paths.len() - 1]).expect("the table").len());
    }
    set_age(&paths[0], 2000);
    set_age(&paths[1], 1000);
    // Its use makes the older one the more recent.
    worlds[0]
        .open()
        .open_table(folder.path())
        .expect("the first table");
    fs::write(folder.path().join("notes.txt"), "not ours").expect("a file");
    let elsewhere = Folder::new();
    worlds[2]
        .open()
        .make_table(elsewhere.path(), ANY, &Never)
        .expect("a table");
    sizes[1] = fs::metadata(elsewhere.only(".table")).expect("the table").len();
    let limit = sizes.iter().sum::<u64>() + 10;
    keys[2]
        .make_table(folder.path(), limit, &Never)
        .expect("the third table");
    assert!(paths[0].exists(), "the one in use went");
    assert!(!paths[1].exists(), "the one that was not used stayed");
    assert!(folder.path().join("notes.txt").exists());
    assert_eq!(folder.names(".table").len(), 2);
    // Whoever holds the one that went goes on with it.
    worlds[1].check(&keys[1], "removed, but mapped");
    worlds[2].check(&keys[2], "the third");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_and_no_more() {
    let (folder, world) = (Folder::new(), world(44));
    let file = folder.path().join("file");
    fs::write(&file, "a file").expect("a file");
    let key = world.open();
    for path in [file.as_path(), &file.join("below")] {
        let code = refusal(key.make_table(path, ANY, &Never));
        assert_eq!(code, "NATIVE_TABLE_UNWRITABLE", "{path:?}");
    }
    // Not even the superuser writes here.
    #[cfg(target_os = "linux")]
    for path in ["/proc/zkbazaar", "/proc/self"] {
        assert_eq!(
            refusal(key.make_table(Path::new(path), ANY, &Never)),
            "NATIVE_TABLE_UNWRITABLE"
        );
    }
    world.check(&key, "without a table");
    assert!(key.tables_note().is_some_and(|note| note.contains("UNWRITABLE")));
}

#[test]
fn a_cancelled_making_leaves_nothing() {
    let (folder, world) = (Folder::new(), world(45));
    let key = world.open();
    let mut questions = 0;
    while refusal(key.make_table(folder.path(), ANY, &CancelAt::new(questions))) == "NATIVE_CANCELLED" {
        assert_eq!(folder.names("").len(), 0);
        assert!(key.table().is_none());
        questions += 1;
    }
    assert!(questions >= 5, "{questions}");
    world.check(&key, "not cancelled");
}

#[test]
fn keys_with_points_at_infinity_alone_have_tables_too() {
    let shape = Shape {
        constraints: 0,
        public: 0,
        free: 3,
        unused: 2,
        zeros: true,
    };
    let (folder, world) = (Folder::new(), World::new(shape, &mut Random::new(46)));
    let key: ProvingKey = world.open();
    key.make_table(folder.path(), ANY, &Never)
        .expect("a table of next to nothing");
    world.check(&key, "nothing but wire 0");
}
