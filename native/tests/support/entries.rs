//! Readers and what follows them, fed with arbitrary bytes: by `cargo test` with seeded mutations, by `native/fuzz` for
//! as long as one likes. A panic is a finding, and so is a refusal without one of the known codes. Each says whether the
//! bytes were accepted; with `Depth::Reader`, what follows is left out.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use ark_bn254::{Fq, Fr};
use ark_ff::{BigInteger, PrimeField};
use zkbazaar_native::error::Error;
use zkbazaar_native::key::witness_values;
use zkbazaar_native::prove::{Proof, ProvingKey};
use zkbazaar_native::verify::{Mode, NO_KEY, PreparedKey, parse_jobs, parse_key, run};
use zkbazaar_native::witness::{Evaluator, Graph};

use super::circuit::{Circuit, Shape};
use super::folder::Folder;
use super::random::Random;
use super::setup::{Key, Trapdoor};
use super::sketch;
use super::watch::Never;
use super::zkey::{values, zkey};

const HEADER: usize = 4096;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    Reader,
    Everything,
}

/// A circuit with a bit of everything: `.zkey`, witness, and the key's verifying part as the verifier takes it.
pub struct Tiny {
    pub file: Vec<u8>,
    pub witness: Vec<Fr>,
    pub packed: Vec<u8>,
}

pub static TINY: LazyLock<Tiny> = LazyLock::new(|| {
    let shape = Shape {
        constraints: 4,
        public: 2,
        free: 3,
        unused: 1,
        zeros: false,
    };
    let mut random = Random::new(0x7135);
    let (circuit, witness) = Circuit::random(shape, &mut random);
    let key = Key::new(&circuit, &Trapdoor::random(&mut random));
    Tiny {
        file: zkey(&key),
        witness,
        packed: key.packed(),
    }
});

fn known<T>(result: Result<T, Error>, codes: &[&str]) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert!(codes.contains(&error.code), "{error}");
            None
        }
    }
}

/// A `.zkey`; where it is accepted, a proof is tried.
pub fn proving_key(bytes: &[u8], depth: Depth) -> bool {
    let codes = [
        "NATIVE_FORMAT_INVALID",
        "NATIVE_PROTOCOL_UNSUPPORTED",
        "NATIVE_CURVE_UNSUPPORTED",
    ];
    let Some(key) = known(ProvingKey::from_bytes(bytes), &codes) else {
        return false;
    };
    if depth == Depth::Reader {
        return true;
    }
    let mut witness = TINY.witness.clone();
    witness.resize_with(key.zkey.wires, || Fr::from(3u64));
    known(key.prove(&values(&witness), &Never), &["NATIVE_UNSATISFIED"]);
    true
}

/// A `.wtns` or bare values.
pub fn witness(bytes: &[u8], _: Depth) -> bool {
    let codes = [
        "NATIVE_FORMAT_INVALID",
        "NATIVE_CURVE_UNSUPPORTED",
        "NATIVE_WITNESS_LENGTH",
        "NATIVE_WITNESS_RANGE",
    ];
    let guesses = [0, 1, 2, TINY.witness.len(), bytes.len() / 32, usize::MAX];
    let mut accepted = false;
    for wires in guesses {
        if let Some(body) = known(witness_values(bytes, wires), &codes) {
            assert_eq!(body.len(), wires * 32);
            accepted = true;
        }
    }
    accepted
}

/// A verifying key as packed for the verifier.
pub fn verifying_key(bytes: &[u8], _: Depth) -> bool {
    parse_key(bytes).is_ok()
}

/// Packed jobs for keys with 0 and 2 signals; the good ones are run.
pub fn jobs(bytes: &[u8], depth: Depth) -> bool {
    static KEYS: LazyLock<Vec<PreparedKey>> = LazyLock::new(|| {
        let whole = &TINY.packed;
        let without_signals = &whole[..whole.len() - 128];
        [without_signals, whole]
            .map(|bytes| parse_key(bytes).expect("a sound key"))
            .into()
    });
    let Ok(jobs) = parse_jobs(bytes, &[0, 2]) else {
        return false;
    };
    let readable = jobs.iter().any(|job| job.proof.is_ok());
    if depth == Depth::Everything {
        let outcomes = run(&KEYS, &jobs, Mode::Search, &AtomicBool::new(false));
        assert_eq!(outcomes.expect("outcomes").len(), jobs.len());
    }
    readable
}

/// A table file. With an odd first byte its hash is made right, as a forger would; the first byte is not part of it.
pub fn table(bytes: &[u8], depth: Depth) -> bool {
    struct Place {
        folder: Folder,
        path: PathBuf,
    }
    static PLACE: LazyLock<Place> = LazyLock::new(|| {
        let folder = Folder::new();
        let key = ProvingKey::from_bytes(&TINY.file).expect("a sound key");
        key.make_table(folder.path(), u64::MAX, &Never).expect("a table");
        let path = folder.only(".table");
        Place { folder, path }
    });
    let Some((first, rest)) = bytes.split_first() else {
        return false;
    };
    let mut file = rest.to_vec();
    if first & 1 == 1 && file.len() > HEADER {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&file[..40]).update(&file[72..]);
        file[40..72].copy_from_slice(hasher.finalize().as_bytes());
    }
    std::fs::write(&PLACE.path, &file).expect("the table's file");
    let key = ProvingKey::from_bytes(&TINY.file).expect("a sound key");
    let accepted = known(key.open_table(PLACE.folder.path()), &["NATIVE_TABLE_INVALID"]).is_some();
    assert!(
        accepted || !PLACE.path.exists(),
        "a table that was refused stayed"
    );
    if accepted && depth == Depth::Everything {
        // Whatever the table says.
        key.prove(&values(&TINY.witness), &Never).expect("a proof");
    }
    accepted
}

/// The table that `table` accepts, after its first byte.
pub fn sound_table() -> Vec<u8> {
    let folder = Folder::new();
    let key = ProvingKey::from_bytes(&TINY.file).expect("a sound key");
    key.make_table(folder.path(), u64::MAX, &Never).expect("a table");
    std::fs::read(folder.only(".table")).expect("the table")
}

/// A proof for each of the two keys, and one for none; that of the second key holds.
pub fn good_jobs() -> Vec<u8> {
    let key = ProvingKey::from_bytes(&TINY.file).expect("a sound key");
    let proof = key.prove(&values(&TINY.witness), &Never).expect("a proof");
    let fq = |value: &Fq| value.into_bigint().to_bytes_be();
    let Proof { a, b, c } = proof;
    let coordinates = [a.x, a.y, b.x.c0, b.x.c1, b.y.c0, b.y.c1, c.x, c.y];
    let packed: Vec<u8> = coordinates.iter().flat_map(fq).collect();
    let mut jobs = Vec::new();
    for (number, signals) in [(1, 2), (0, 0), (NO_KEY, 0)] {
        jobs.extend(number.to_le_bytes());
        jobs.extend(7u32.to_le_bytes());
        jobs.extend(&packed);
        jobs.extend(values(&TINY.witness[1..1 + signals]));
    }
    jobs
}

/// Sound graphs of several sizes.
pub fn graphs() -> Vec<Vec<u8>> {
    let mut random = sketch::Random(0x6a09_e667_f3bc_c908);
    let sizes = [1, 10, 40, 120].into_iter();
    sizes
        .map(|size| sketch::Sketch::random(&mut random, size).encode())
        .collect()
}

/// A witness graph; where it is accepted, it is evaluated.
pub fn witness_graph(bytes: &[u8], depth: Depth) -> bool {
    let Some(graph) = known(Graph::parse(bytes), &["NATIVE_FORMAT_INVALID"]) else {
        return false;
    };
    if depth == Depth::Reader {
        return true;
    }
    let mut evaluator = Evaluator::new(&graph);
    let inputs: usize = evaluator
        .signals()
        .iter()
        .map(|signal| signal.size as usize)
        .sum();
    for value in [0u8, 1, 200] {
        let mut bytes = vec![0; 32 * inputs];
        bytes.iter_mut().step_by(32).for_each(|byte| *byte = value);
        let witness = evaluator.evaluate(&bytes).expect("sound inputs");
        if let Some(witness) = witness {
            assert_eq!(witness.len(), 32 * evaluator.wires());
        }
    }
    true
}
