//! No number in a file decides how much is allocated: only the file's own size does.

use zkbazaar_native::key::{Zkey, witness_values};
use zkbazaar_native::prove::ProvingKey;
use zkbazaar_native::verify::{parse_jobs, parse_key};
use zkbazaar_native::witness::Graph;

use crate::support::entries::{TINY, good_jobs, graphs};
use crate::support::mutate::damaged_container;
use crate::support::random::Random;
use crate::support::zkey::{container, wtns};
use crate::watched::{alone, peak_of};

/// Generous for files of a few KiB, and nothing against what their headers claim.
const BOUND: usize = 1 << 20;

fn bounded(what: &str, work: impl FnOnce()) {
    let peak = peak_of(work);
    assert!(peak < BOUND, "{what}: {peak} bytes");
}

/// The numbers of a file's header, each in turn and all at once, are claimed to be `claim`.
fn claims(file: &[u8], places: &[usize], claim: u32) -> Vec<Vec<u8>> {
    let with = |places: &[usize]| {
        let mut file = file.to_vec();
        for place in places {
            file[*place..*place + 4].copy_from_slice(&claim.to_le_bytes());
        }
        file
    };
    let mut files: Vec<Vec<u8>> = places.iter().map(|place| with(&[*place])).collect();
    files.push(with(places));
    files
}

const CLAIMS: [u32; 6] = [1 << 20, 1 << 27, 1 << 28, 1 << 31, u32::MAX - 1, u32::MAX];

#[test]
fn keys_that_claim_billions_of_wires_allocate_nothing() {
    let _alone = alone();
    let file = &TINY.file;
    // Container 12, section 1 is 12 + 4, head of section 2 is 12, two primes: then wires, public signals, domain.
    let counts = 12 + 16 + 12 + 72;
    let section = |id: u32| {
        let head = id.to_le_bytes();
        let found = file
            .windows(12)
            .position(|bytes| bytes[..4] == head && bytes[8..] == [0; 4]);
        found.expect("the section")
    };
    let places = [
        8,
        counts,
        counts + 4,
        counts + 8,
        section(3) + 4,
        section(4) + 4,
        section(4) + 12,
    ];
    for claim in CLAIMS {
        for file in claims(file, &places, claim) {
            bounded(&format!("{claim} claimed"), || {
                assert!(Zkey::parse(&file).is_err());
                assert!(ProvingKey::from_bytes(&file).is_err());
            });
        }
    }
    let mut random = Random::new(81);
    for _ in 0..3_000 {
        let file = damaged_container(file, &mut random);
        bounded("a damaged key", || drop(ProvingKey::from_bytes(&file)));
    }
}

#[test]
fn witnesses_that_claim_billions_of_values_allocate_nothing() {
    let _alone = alone();
    let file = wtns(&TINY.witness);
    for claim in CLAIMS {
        for file in claims(&file, &[8, 16, 60, 68], claim) {
            bounded(&format!("{claim} claimed"), || {
                for wires in [TINY.witness.len(), claim as usize] {
                    assert!(witness_values(&file, wires).is_err());
                }
            });
        }
    }
    let sections = vec![(1, vec![0; 40]); 1000];
    bounded("many sections", || {
        assert!(witness_values(&container(b"wtns", 2, &sections), 1).is_err());
    });
}

#[test]
fn jobs_and_keys_of_the_verifier_are_bounded() {
    let _alone = alone();
    let good = good_jobs();
    bounded("jobs", || {
        for count in [0, 2, 1 << 20, usize::MAX] {
            let _ = parse_jobs(&good, &[count, count]);
        }
    });
    bounded("no key", || assert!(parse_key(&[0xff; 5000]).is_err()));
}

#[test]
fn graphs_that_claim_billions_of_nodes_allocate_nothing() {
    let _alone = alone();
    for graph in graphs() {
        for claim in CLAIMS {
            for file in claims(&graph, &[8, 12, 16, 20, 24, 28], claim) {
                bounded(&format!("{claim} claimed"), || {
                    assert!(Graph::parse(&file).is_err())
                });
            }
        }
    }
}
