//! Every reader over thousands of damaged files, the same in each run. `native/fuzz` does it without end.

use zkbazaar_native::key::witness_values;

use crate::support::entries::{
    Depth, TINY, good_jobs, graphs, jobs, proving_key, sound_table, table, verifying_key, witness,
    witness_graph,
};
use crate::support::mutate::{damaged, damaged_container};
use crate::support::random::Random;
use crate::support::zkey::{values, wtns};

/// Mutants that are followed to the end, of those that are accepted.
const FOLLOWED: usize = 400;

/// Feeds a reader; most of what it gets must be refused, and some of it must not, or the damage is of one kind only.
fn feed(
    name: &str,
    count: usize,
    make: impl Fn(&mut Random) -> Vec<u8>,
    read: impl Fn(&[u8], Depth) -> bool,
) {
    let mut random = Random::new(0xf00d);
    let mut accepted = 0;
    for _ in 0..count {
        let depth = if accepted < FOLLOWED {
            Depth::Everything
        } else {
            Depth::Reader
        };
        accepted += usize::from(read(&make(&mut random), depth));
    }
    println!("{name}: {accepted} of {count} accepted");
    assert!(accepted > 0 && accepted < count, "{name}: {accepted} of {count}");
}

#[test]
fn proving_keys() {
    assert!(proving_key(&TINY.file, Depth::Everything));
    let structured = |random: &mut Random| damaged_container(&TINY.file, random);
    feed("zkey, sections", 8_000, structured, proving_key);
    feed(
        "zkey, bytes",
        12_000,
        |random| damaged(&TINY.file, random),
        proving_key,
    );
}

#[test]
fn witnesses() {
    let (file, bare) = (wtns(&TINY.witness), values(&TINY.witness));
    assert!(witness(&file, Depth::Everything) && witness(&bare, Depth::Everything));
    let structured = |random: &mut Random| damaged_container(&file, random);
    feed("wtns, sections", 10_000, structured, witness);
    feed("wtns, bytes", 20_000, |random| damaged(&file, random), witness);
    feed("values", 20_000, |random| damaged(&bare, random), witness);
    for wires in [0, 1, usize::MAX] {
        assert!(witness_values(&[], wires).is_err());
    }
}

#[test]
fn packed_jobs_and_keys() {
    let good = good_jobs();
    assert!(verifying_key(&TINY.packed, Depth::Everything) && jobs(&good, Depth::Everything));
    feed(
        "verifying key",
        20_000,
        |random| damaged(&TINY.packed, random),
        verifying_key,
    );
    feed("jobs", 20_000, |random| damaged(&good, random), jobs);
}

#[test]
fn tables() {
    let sound = sound_table();
    let with = |first: u8, bytes: &[u8]| [&[first], bytes].concat();
    for first in [0, 1] {
        assert!(table(&with(first, &sound), Depth::Everything));
    }
    // The hash finds every change.
    let mut random = Random::new(0xf00d);
    for _ in 0..3_000 {
        let mutant = damaged(&sound, &mut random);
        assert_eq!(table(&with(0, &mutant), Depth::Reader), mutant == sound);
    }
    let forged = |random: &mut Random| with(1, &damaged(&sound, random));
    feed("table, forged", 1_500, forged, table);
}

#[test]
fn witness_graphs() {
    let graphs = graphs();
    for graph in &graphs {
        assert!(witness_graph(graph, Depth::Everything));
    }
    let pick = |random: &mut Random| {
        let index = random.below(graphs.len());
        damaged(&graphs[index], random)
    };
    feed("graph", 20_000, pick, witness_graph);
}
