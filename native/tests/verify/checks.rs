//! Single proofs and batches, good and bad.

use crate::support::{Seed, World, g1, outcomes, spoil, twist_points};
use ark_bn254::{Fr, G1Affine};
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, Field};
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use zkbazaar_native::verify::{Job, Mode, Outcome, Proof, random_coefficients, run, run_on_threads};

#[test]
fn passes_what_the_plain_equation_passes() {
    let mut seed = Seed::new("plain");
    for signals in [0, 1, 2, 9, 40] {
        let world = World::new(&mut seed, signals);
        let keys = [world.prepared()];
        let good = world.job(0, &mut seed);
        assert!(world.plain(&good));
        assert_eq!(outcomes(&keys, std::slice::from_ref(&good)), [Outcome::Passed]);
        for bad in world.spoiled(&good, &mut seed) {
            assert!(!world.plain(&bad));
            assert_eq!(outcomes(&keys, std::slice::from_ref(&bad)), [Outcome::Failed]);
            let mixed = outcomes(&keys, &[good.clone(), bad, good.clone()]);
            assert_eq!(mixed, [Outcome::Passed, Outcome::Failed, Outcome::Passed]);
        }
    }
}

#[test]
fn takes_signals_at_the_edges() {
    let mut seed = Seed::new("edges");
    let world = World::new(&mut seed, 5);
    let keys = [world.prepared()];
    let edges = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(u64::MAX), -Fr::from(2u64)];
    for shift in 0..edges.len() {
        let mut signals = edges.to_vec();
        signals.rotate_left(shift);
        let good = world.job_for(0, signals, &mut seed);
        assert_eq!(outcomes(&keys, std::slice::from_ref(&good)), [Outcome::Passed]);
        assert_eq!(outcomes(&keys, &[good.clone(), good]), [Outcome::Passed; 2]);
    }
    let zeros = world.job_for(0, vec![Fr::ZERO; 5], &mut seed);
    assert_eq!(outcomes(&keys, &[zeros.clone(), zeros]), [Outcome::Passed; 2]);
}

#[test]
fn takes_points_of_ic_at_infinity() {
    let mut seed = Seed::new("infinity");
    let (one, other) = (seed.fr(), seed.fr());
    for ic in [
        vec![Fr::ZERO; 3],
        vec![Fr::ZERO, one, Fr::ZERO],
        vec![one, Fr::ZERO, other],
        vec![Fr::ZERO],
    ] {
        let world = World::with_ic(&mut seed, ic);
        let keys = [world.prepared()];
        let good = world.job(0, &mut seed);
        assert!(world.plain(&good));
        let bad = world.spoiled(&good, &mut seed).remove(2);
        assert_eq!(outcomes(&keys, std::slice::from_ref(&good)), [Outcome::Passed]);
        assert_eq!(outcomes(&keys, std::slice::from_ref(&bad)), [Outcome::Failed]);
        assert_eq!(outcomes(&keys, &[bad, good]), [Outcome::Failed, Outcome::Passed]);
    }
    // V is at infinity although no point of IC is.
    let world = World::with_ic(&mut seed, vec![one, -one]);
    let good = world.job_for(0, vec![Fr::ONE], &mut seed);
    assert!(world.plain(&good));
    assert_eq!(
        outcomes(&[world.prepared()], std::slice::from_ref(&good)),
        [Outcome::Passed]
    );
    assert_eq!(
        outcomes(&[world.prepared()], &[good.clone(), good]),
        [Outcome::Passed; 2]
    );
}

#[test]
fn finds_a_bad_proof_at_every_position() {
    let mut seed = Seed::new("positions");
    let world = World::new(&mut seed, 2);
    let keys = [world.prepared()];
    let good: Vec<Job> = (0..40).map(|_| world.job(0, &mut seed)).collect();
    for length in [1, 2, 3, 5, 6, 7, 16, 17, 40] {
        for position in 0..length {
            let mut jobs = good[..length].to_vec();
            spoil(&mut jobs[position]);
            let mut expected = vec![Outcome::Passed; length];
            expected[position] = Outcome::Failed;
            assert_eq!(outcomes(&keys, &jobs), expected, "{position} of {length}");
        }
    }
}

#[test]
fn finds_any_set_of_bad_proofs_under_many_keys() {
    let mut seed = Seed::new("sets");
    let worlds: Vec<World> = (0..5).map(|signals| World::new(&mut seed, signals)).collect();
    let keys: Vec<_> = worlds.iter().map(World::prepared).collect();
    let good: Vec<Job> = (0..150)
        .map(|index| worlds[index % 5].job(index % 5, &mut seed))
        .collect();
    assert_eq!(outcomes(&keys, &good), vec![Outcome::Passed; 150]);
    for round in 0..6 {
        let mut jobs = good.clone();
        let mut expected = vec![Outcome::Passed; jobs.len()];
        for (job, expected) in jobs.iter_mut().zip(&mut expected) {
            if seed.below(6) < round {
                spoil(job);
                *expected = Outcome::Failed;
            }
        }
        assert_eq!(outcomes(&keys, &jobs), expected);
        for threads in [2, 200] {
            let on_threads = run_on_threads(&keys, &jobs, Mode::Search, threads, &AtomicBool::new(false));
            assert_eq!(on_threads, Ok(expected.clone()));
        }
    }
}

#[test]
fn a_proof_under_another_key_fails() {
    let mut seed = Seed::new("other key");
    let worlds = [World::new(&mut seed, 1), World::new(&mut seed, 1)];
    let keys = [worlds[0].prepared(), worlds[1].prepared()];
    let mut jobs = vec![
        worlds[0].job(0, &mut seed),
        worlds[1].job(1, &mut seed),
        worlds[0].job(0, &mut seed),
    ];
    jobs[2].key = Some(1);
    assert_eq!(
        outcomes(&keys, &jobs),
        [Outcome::Passed, Outcome::Passed, Outcome::Failed]
    );
}

#[test]
fn points_outside_the_subgroup_stay_out_of_the_batch() {
    let mut seed = Seed::new("outside");
    let world = World::new(&mut seed, 1);
    let keys = [world.prepared()];
    let outside = twist_points(&mut seed, 12);
    for count in [1, 4, 12] {
        let mut jobs = Vec::new();
        let mut expected = Vec::new();
        for b in &outside[..count] {
            let good = world.job(0, &mut seed);
            let proof = good.proof.map(|proof| Proof { b: *b, ..proof });
            jobs.push(Job {
                proof,
                ..good.clone()
            });
            jobs.push(Job {
                proof,
                key: None,
                signals: Vec::new(),
                ..good.clone()
            });
            jobs.push(Job {
                key: None,
                signals: Vec::new(),
                ..good.clone()
            });
            jobs.push(good);
            expected.extend([
                Outcome::OffSubgroup,
                Outcome::OffSubgroup,
                Outcome::Passed,
                Outcome::Passed,
            ]);
        }
        assert_eq!(outcomes(&keys, &jobs), expected);
    }
}

#[test]
fn errors_that_would_cancel_do_not() {
    let mut seed = Seed::new("cancel");
    let world = World::new(&mut seed, 1);
    let keys = [world.prepared()];
    let shifted = |shift: G1Affine, seed: &mut Seed| {
        let good = world.job(0, seed);
        let proof = good.proof.map(|proof| Proof {
            c: (proof.c + shift).into_affine(),
            ..proof
        });
        Job { proof, ..good }
    };
    for _ in 0..10 {
        let error = g1(seed.fr());
        let jobs = [shifted(error, &mut seed), shifted(-error, &mut seed)];
        assert_eq!(outcomes(&keys, &jobs), [Outcome::Failed; 2]);
    }
}

#[test]
fn takes_one_proof_many_times_and_its_twin() {
    let mut seed = Seed::new("twins");
    let world = World::new(&mut seed, 3);
    let good = world.job(0, &mut seed);
    let twin = Job {
        proof: good.proof.map(|proof| Proof {
            a: -proof.a,
            b: -proof.b,
            ..proof
        }),
        ..good.clone()
    };
    let jobs: Vec<Job> = (0..33)
        .map(|index| {
            if index % 3 == 0 {
                twin.clone()
            } else {
                good.clone()
            }
        })
        .collect();
    assert_eq!(outcomes(&[world.prepared()], &jobs), vec![Outcome::Passed; 33]);
}

#[test]
fn coefficients_are_fresh_and_of_128_bits() {
    let all: Vec<_> = (0..50)
        .flat_map(|_| random_coefficients(40).expect("random bytes"))
        .collect();
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    assert_eq!(
        all.iter().map(|rho| rho.to_fr()).collect::<HashSet<_>>().len(),
        all.len()
    );
    let ones: u32 = all
        .iter()
        .map(|rho| rho.low.count_ones() + rho.high.count_ones())
        .sum();
    // 256,000 fair bits: 128,000 ones, standard deviation 253.
    assert!(ones.abs_diff(128_000) < 2_600, "{ones} ones among 256,000 bits");
}

#[test]
fn ends_when_it_is_told_to() {
    let mut seed = Seed::new("end");
    let world = World::new(&mut seed, 1);
    let jobs = [world.job(0, &mut seed)];
    let ended = run(&[world.prepared()], &jobs, Mode::Search, &AtomicBool::new(true));
    assert_eq!(ended.map_err(|error| error.code), Err("NATIVE_CANCELLED"));
    assert_eq!(
        run(&[], &[], Mode::Search, &AtomicBool::new(false)),
        Ok(Vec::new())
    );
    let nowhere = [Job {
        key: Some(7),
        ..jobs[0].clone()
    }];
    let refused = run(
        &[world.prepared()],
        &nowhere,
        Mode::Search,
        &AtomicBool::new(false),
    );
    assert_eq!(refused.map_err(|error| error.code), Err("NATIVE_BAD_JOBS"));
}
