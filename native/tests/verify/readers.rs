//! Packed keys and jobs: whatever the bytes are, an answer and no panic.

use crate::support::{
    Seed, World, big_endian, g1, g2, outcomes, pack_g1, pack_job, pack_proof, twist_points,
};
use ark_bn254::{Fq, Fr};
use ark_ff::{BigInteger, Field, PrimeField};
use zkbazaar_native::verify::{NO_KEY, Outcome, PointFault, Proof, parse_jobs, parse_key, read_g1, read_g2};

fn plus(bytes: &[u8], number: &[u8]) -> Vec<u8> {
    let mut carry = 0u16;
    let digits = bytes.iter().zip(number).rev().map(|(one, other)| {
        carry = (carry >> 8) + u16::from(*one) + u16::from(*other);
        carry as u8
    });
    let mut sum: Vec<u8> = digits.collect();
    sum.reverse();
    sum
}

#[test]
fn reads_what_was_packed() {
    let mut seed = Seed::new("packed");
    let worlds = [World::new(&mut seed, 3), World::new(&mut seed, 0)];
    let keys: Vec<_> = worlds
        .iter()
        .map(|world| parse_key(&world.packed()).expect("a key"))
        .collect();
    let jobs = [worlds[0].job(0, &mut seed), worlds[1].job(1, &mut seed)];
    let mut bytes = Vec::new();
    for (job, key) in jobs.iter().zip([0, 1]) {
        bytes.extend(pack_job(key, 9, &job.proof.expect("a proof"), &job.signals));
    }
    bytes.extend(pack_job(NO_KEY, 0, &jobs[0].proof.expect("a proof"), &[]));
    let read = parse_jobs(&bytes, &[3, 0]).expect("jobs");
    assert_eq!(
        read.iter().map(|job| (job.key, job.group)).collect::<Vec<_>>(),
        [(Some(0), 9), (Some(1), 9), (None, 0)]
    );
    assert_eq!(
        (read[0].proof, &read[0].signals),
        (jobs[0].proof, &jobs[0].signals)
    );
    assert_eq!(outcomes(&keys, &read), [Outcome::Passed; 3]);
    assert!(parse_jobs(&[], &[]).expect("none").is_empty());
}

#[test]
fn refuses_coordinates_and_signals_that_are_not_reduced() {
    let mut seed = Seed::new("reduced");
    let world = World::new(&mut seed, 1);
    let job = world.job(0, &mut seed);
    let proof = job.proof.expect("a proof");
    let good = pack_job(0, 0, &proof, &job.signals);
    let q = Fq::MODULUS.to_bytes_be();
    for index in 0..8 {
        let at = 8 + 32 * index..8 + 32 * (index + 1);
        let mut bytes = good.clone();
        let sum = plus(&bytes[at.clone()], &q);
        bytes[at].copy_from_slice(&sum);
        assert_eq!(
            parse_jobs(&bytes, &[1]).expect("a job")[0].proof,
            Err(Outcome::Malformed),
            "coordinate {index}"
        );
    }
    let mut bytes = good;
    let big: Vec<u8> = bytes[264..].iter().rev().copied().collect();
    let sum: Vec<u8> = plus(&big, &Fr::MODULUS.to_bytes_be()).into_iter().rev().collect();
    bytes[264..].copy_from_slice(&sum);
    assert_eq!(
        parse_jobs(&bytes, &[1]).expect("a job")[0].proof,
        Err(Outcome::Malformed)
    );
}

#[test]
fn says_which_point_is_off_its_curve() {
    let mut seed = Seed::new("curves");
    let proof = World::new(&mut seed, 0).job(0, &mut seed).proof.expect("a proof");
    let mut off = proof;
    off.a.y += Fq::ONE;
    off.c.x += Fq::ONE;
    let outcome = |proof: &Proof| parse_jobs(&pack_job(0, 0, proof, &[]), &[0]).expect("a job")[0].proof;
    assert_eq!(outcome(&off), Err(Outcome::OffCurveA));
    assert_eq!(outcome(&Proof { a: proof.a, ..off }), Err(Outcome::OffCurveC));
    let mut off = proof;
    off.b.y.c1 += Fq::ONE;
    assert_eq!(outcome(&off), Err(Outcome::OffCurveB));
    // Out of range comes before off the curve, wherever it stands.
    let mut bytes = pack_job(0, 0, &off, &[]);
    bytes[8 + 224..8 + 256].copy_from_slice(&Fq::MODULUS.to_bytes_be());
    assert_eq!(
        parse_jobs(&bytes, &[0]).expect("a job")[0].proof,
        Err(Outcome::Malformed)
    );
}

#[test]
fn a_point_at_infinity_is_a_fault() {
    assert_eq!(read_g1(&[0; 64]), Err(PointFault::Infinity));
    assert_eq!(read_g2(&[0; 128]), Err(PointFault::Infinity));
    assert_eq!(read_g1(&[0; 63]), Err(PointFault::NotCanonical));
    assert_eq!(read_g1(&[0xff; 64]), Err(PointFault::NotCanonical));
    let mut bytes = vec![0; 8];
    bytes.extend(vec![0; 256]);
    assert_eq!(
        parse_jobs(&bytes, &[0]).expect("a job")[0].proof,
        Err(Outcome::Malformed)
    );
}

#[test]
fn jobs_that_are_cut_off_or_name_no_key_are_refused() {
    let mut seed = Seed::new("cut");
    let job = World::new(&mut seed, 2).job(0, &mut seed);
    let bytes = pack_job(0, 0, &job.proof.expect("a proof"), &job.signals);
    for length in 1..bytes.len() {
        assert!(
            parse_jobs(&bytes[..length], &[2]).is_err_and(|error| error.code == "NATIVE_BAD_JOBS"),
            "{length} bytes"
        );
    }
    assert!(parse_jobs(&bytes, &[]).is_err_and(|error| error.code == "NATIVE_BAD_JOBS"));
    assert!(parse_jobs(&bytes, &[usize::MAX]).is_err_and(|error| error.code == "NATIVE_BAD_JOBS"));
    let named = pack_job(NO_KEY - 1, 0, &job.proof.expect("a proof"), &job.signals);
    assert!(parse_jobs(&named, &[2]).is_err_and(|error| error.code == "NATIVE_BAD_JOBS"));
}

#[test]
fn arbitrary_bytes_never_panic() {
    let mut seed = Seed::new("noise");
    let world = World::new(&mut seed, 1);
    let keys = [world.prepared()];
    let job = world.job(0, &mut seed);
    let good = pack_job(0, 0, &job.proof.expect("a proof"), &job.signals);
    for round in 0..3000 {
        let mut bytes = if round % 3 == 0 {
            seed.bytes().repeat(seed.below(20))
        } else {
            good.repeat(2)
        };
        for _ in 0..seed.below(4) {
            if !bytes.is_empty() {
                let at = seed.below(bytes.len());
                bytes[at] ^= 1 << seed.below(8);
            }
        }
        bytes.truncate(bytes.len() - seed.below(2).min(bytes.len()) * seed.below(40).min(bytes.len()));
        let jobs = parse_jobs(&bytes, &[1]).unwrap_or_default();
        if round % 50 == 0 {
            assert_eq!(outcomes(&keys, &jobs).len(), jobs.len());
        }
        let _ = parse_key(&bytes);
    }
}

#[test]
fn keys_with_bad_points_or_lengths_are_refused() {
    let mut seed = Seed::new("keys");
    let good = World::new(&mut seed, 2).packed();
    let refused = |bytes: &[u8]| parse_key(bytes).is_err_and(|error| error.code == "NATIVE_BAD_KEY");
    assert_eq!(parse_key(&good).expect("a key").signal_count(), 2);
    assert!(
        (0..good.len())
            .step_by(7)
            .filter(|length| *length != 448 + 64 && *length != 448 + 128)
            .all(|length| refused(&good[..length]))
    );
    assert!(refused(&[&good[..], &[0]].concat()));
    let with = |at: usize, part: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + part.len()].copy_from_slice(part);
        bytes
    };
    assert!(refused(&with(0, &[0; 64])), "alpha at infinity");
    assert!(refused(&with(
        0,
        &[pack_g1(&g1(Fr::ONE))[..32].to_vec(), big_endian(Fq::from(7u64))].concat()
    )));
    for at in [64, 192, 320] {
        let outside = pack_proof(&Proof {
            a: g1(Fr::ONE),
            b: twist_points(&mut seed, 1)[0],
            c: g1(Fr::ONE),
        });
        assert!(refused(&with(at, &outside[64..192])), "outside the subgroup");
        assert!(refused(&with(at, &[0; 128])), "at infinity");
        assert!(refused(&with(at, &Fq::MODULUS.to_bytes_be())), "not reduced");
        let inside = pack_proof(&Proof {
            a: g1(Fr::ONE),
            b: g2(seed.fr()),
            c: g1(Fr::ONE),
        });
        assert!(!refused(&with(at, &inside[64..192])));
    }
    assert!(!refused(&with(448, &[0; 64])), "a point of IC at infinity");
    assert!(refused(&with(448, &[1; 64])));
}
