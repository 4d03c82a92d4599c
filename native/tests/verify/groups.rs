//! A bad proof makes its own group suspect, and no other.

use crate::support::{Seed, World, spoil};
use std::sync::atomic::AtomicBool;
use zkbazaar_native::verify::{Job, Mode, Outcome, PreparedKey, run};

fn in_groups(keys: &[PreparedKey], jobs: &[Job]) -> Vec<Outcome> {
    run(keys, jobs, Mode::Groups, &AtomicBool::new(false)).expect("a run")
}

fn jobs(worlds: &[World], groups: &[u32], seed: &mut Seed) -> Vec<Job> {
    let job = |(index, group): (usize, &u32)| {
        let key = index % worlds.len();
        Job {
            group: *group,
            ..worlds[key].job(key, seed)
        }
    };
    groups.iter().enumerate().map(job).collect()
}

#[test]
fn only_the_group_of_a_bad_proof_is_suspect() {
    let mut seed = Seed::new("groups");
    let worlds = [World::new(&mut seed, 1), World::new(&mut seed, 3)];
    let keys = [worlds[0].prepared(), worlds[1].prepared()];
    // Not in order, one of them larger than a chunk, one of a single proof.
    let groups: Vec<u32> = (0..50)
        .map(|index| [7, 2, 900, 2, 2][index % 5])
        .chain([4])
        .collect();
    let good = jobs(&worlds, &groups, &mut seed);
    assert_eq!(in_groups(&keys, &good), vec![Outcome::Passed; good.len()]);
    for bad in 0..good.len() {
        let mut some = good.clone();
        spoil(&mut some[bad]);
        let expected: Vec<Outcome> = groups
            .iter()
            .map(|group| match *group == groups[bad] {
                true if *group == 4 => Outcome::Failed,
                true => Outcome::Suspect,
                false => Outcome::Passed,
            })
            .collect();
        assert_eq!(in_groups(&keys, &some), expected);
    }
}

#[test]
fn a_single_group_is_suspect_as_a_whole() {
    let mut seed = Seed::new("one group");
    let worlds = [World::new(&mut seed, 1)];
    let keys = [worlds[0].prepared()];
    let mut some = jobs(&worlds, &[5; 20], &mut seed);
    spoil(&mut some[19]);
    assert_eq!(in_groups(&keys, &some), vec![Outcome::Suspect; 20]);
    assert_eq!(in_groups(&keys, &some[19..]), [Outcome::Failed]);
    assert_eq!(in_groups(&keys, &some[..19]), vec![Outcome::Passed; 19]);
}

#[test]
fn a_search_finds_the_bad_proofs_of_every_group() {
    let mut seed = Seed::new("search");
    let worlds = [World::new(&mut seed, 2)];
    let keys = [worlds[0].prepared()];
    let groups: Vec<u32> = (0..60).map(|index| index / 7).collect();
    let mut some = jobs(&worlds, &groups, &mut seed);
    let bad = [0, 6, 7, 30, 59];
    bad.iter().for_each(|index| spoil(&mut some[*index]));
    let expected: Vec<Outcome> = (0..60)
        .map(|index| {
            if bad.contains(&index) {
                Outcome::Failed
            } else {
                Outcome::Passed
            }
        })
        .collect();
    assert_eq!(
        run(&keys, &some, Mode::Search, &AtomicBool::new(false)),
        Ok(expected)
    );
}
