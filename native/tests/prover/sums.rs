//! Multi-scalar multiplication. The bases' discrete logarithms are known, so each sum has one right answer that needs no
//! second multi-scalar multiplication.

use std::sync::LazyLock;

use ark_bn254::{Fr, g1, g2};
use ark_ec::scalar_mul::BatchMulPreprocessing;
use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ec::{AffineRepr, PrimeGroup};
use ark_ff::{AdditiveGroup, Field, PrimeField, Zero};
use zkbazaar_native::msm::{Bases, Cancelled, Plan, Watch, msm};

use crate::support::random::Random;
use crate::support::watch::{CancelAt, Never};
use crate::support::zkey::{g1_bytes, g2_bytes};

type Multiples<G> = BatchMulPreprocessing<Projective<G>>;

trait Group: SWCurveConfig<ScalarField = Fr> {
    fn generator() -> &'static Multiples<Self>;
    /// The points of these logarithms as they lie in a file. 0 is the point at infinity.
    fn points(logs: &[Fr]) -> Vec<u8>;
    fn sum(bases: &Bases<'_>, scalars: &[Fr], watch: &impl Watch) -> Result<Projective<Self>, Cancelled>;
}

macro_rules! group {
    ($config:ty, $bytes:ident) => {
        impl Group for $config {
            fn generator() -> &'static Multiples<Self> {
                static TABLE: LazyLock<Multiples<$config>> =
                    LazyLock::new(|| BatchMulPreprocessing::new(Projective::generator(), 1_000));
                &TABLE
            }
            fn points(logs: &[Fr]) -> Vec<u8> {
                let points = Self::generator().batch_mul(logs);
                points.iter().flat_map($bytes).collect()
            }
            fn sum(
                bases: &Bases<'_>,
                scalars: &[Fr],
                watch: &impl Watch,
            ) -> Result<Projective<Self>, Cancelled> {
                let limbs: Vec<_> = scalars.iter().map(|scalar| scalar.into_bigint()).collect();
                msm::<Self>(bases, &limbs, watch)
            }
        }
    };
}
group!(g1::Config, g1_bytes);
group!(g2::Config, g2_bytes);

/// Bases with and without tables, and what a sum over them must be.
struct Case<G: Group> {
    scalars: Vec<Fr>,
    active: Vec<u32>,
    /// Plan, rows, and whether these have the active bases alone.
    rows: Vec<(Plan, Vec<u8>, bool)>,
    expected: Projective<G>,
}

impl<G: Group> Case<G> {
    /// @param sets shapes of the tables
    fn new(logs: &[Fr], scalars: Vec<Fr>, sets: &[usize]) -> Self {
        let wires = logs.iter().enumerate().filter(|(_, log)| !log.is_zero());
        let active: Vec<u32> = wires.map(|(wire, _)| wire as u32).collect();
        let mut rows = vec![(Plan::plain(active.len()), G::points(logs), false)];
        for sets in sets {
            let plan = Plan::table(active.len(), *sets);
            let step = Fr::from(2u64).pow([(plan.bits * plan.sets) as u64]);
            let mut row: Vec<Fr> = active.iter().map(|wire| logs[*wire as usize]).collect();
            let mut table = Vec::new();
            for _ in 0..plan.rows() {
                table.extend(G::points(&row));
                row.iter_mut().for_each(|log| *log *= step);
            }
            rows.push((plan, table, true));
        }
        let exponent: Fr = logs.iter().zip(&scalars).map(|(log, scalar)| *log * scalar).sum();
        Self {
            scalars,
            active,
            rows,
            expected: Projective::<G>::generator() * exponent,
        }
    }

    fn check(&self, what: &str) {
        for (plan, bytes, compact) in &self.rows {
            let bases = Bases {
                plan: *plan,
                active: &self.active,
                bytes,
                compact: *compact,
            };
            let sum = G::sum(&bases, &self.scalars, &Never).unwrap_or_else(|_| panic!("{what}: cancelled"));
            assert_eq!(sum, self.expected, "{what}, {plan:?}");
        }
    }
}

fn with_threads(threads: usize, work: impl FnOnce() + Send) {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.build().expect("threads").install(work);
}

type Choice = fn(&mut Random) -> Fr;

const LOGS: [(&str, Choice); 5] = [
    ("random bases", Random::fr),
    ("bases with infinities", |random| {
        if random.one_in(3) { Fr::ZERO } else { random.fr() }
    }),
    // Lists of these meet doublings, opposite points and infinity in every round.
    ("multiples of one base", |random| {
        Fr::from(random.below(7) as u64) - Fr::from(3u64)
    }),
    ("one base and its negative", |random| {
        if random.one_in(2) { Fr::ONE } else { -Fr::ONE }
    }),
    ("equal bases", |_| Fr::from(5u64)),
];

const SCALARS: [(&str, Choice); 7] = [
    ("random scalars", Random::fr),
    ("zeros", |_| Fr::ZERO),
    ("ones", |_| Fr::ONE),
    ("r - 1", |_| -Fr::ONE),
    ("small scalars", |random| Fr::from(random.below(300) as u64)),
    ("powers of two and their neighbours", |random| {
        let power = Fr::from(2u64).pow([random.below(254) as u64]);
        power + Fr::from(random.below(3) as u64) - Fr::ONE
    }),
    ("everything", Random::edgy),
];

fn check_all<G: Group>(sizes: &[usize], seed: u64) {
    let mut random = Random::new(seed);
    for size in sizes {
        for (bases, log) in LOGS {
            for (kind, scalar) in SCALARS {
                let logs: Vec<Fr> = (0..*size).map(|_| log(&mut random)).collect();
                let scalars: Vec<Fr> = (0..*size).map(|_| scalar(&mut random)).collect();
                // Tables of many bases take long to make.
                let sets: &[usize] = if *size <= 10 || kind == "everything" {
                    &[1, 2]
                } else {
                    &[]
                };
                Case::<G>::new(&logs, scalars, sets).check(&format!("{size} {bases}, {kind}"));
            }
        }
    }
}

#[test]
fn sums_in_g1_are_right() {
    with_threads(2, || check_all::<g1::Config>(&[0, 1, 2, 3, 10, 65], 1));
}

#[test]
fn sums_in_g2_are_right() {
    with_threads(2, || check_all::<g2::Config>(&[0, 1, 2, 9, 33], 2));
}

#[test]
fn long_sums_are_right_with_any_number_of_threads() {
    let mut random = Random::new(3);
    for (size, choice) in [(700, 0), (2_000, 2), (3_000, 3), (1_500, 4)] {
        let logs: Vec<Fr> = (0..size).map(|_| LOGS[choice].1(&mut random)).collect();
        let scalars: Vec<Fr> = (0..size).map(|_| random.edgy()).collect();
        let sets: &[usize] = if size == 700 { &[2] } else { &[] };
        let twist = Case::<g2::Config>::new(&logs[..300], scalars[..300].to_vec(), sets);
        let case = Case::<g1::Config>::new(&logs, scalars, sets);
        for threads in [1, 2, 3, 8] {
            with_threads(threads, || {
                let what = format!("{threads} threads, {size} {}", LOGS[choice].0);
                case.check(&what);
                twist.check(&what);
            });
        }
    }
}

#[test]
fn a_bucket_may_take_every_chunk() {
    // All digits of one value: one bucket, which all threads share.
    let logs = vec![Fr::ONE; 20_000];
    let mut random = Random::new(4);
    for scalar in [Fr::ONE, Fr::from(77u64), -Fr::ONE, random.fr()] {
        let case = Case::<g1::Config>::new(&logs, vec![scalar; logs.len()], &[]);
        with_threads(2, || case.check("one bucket"));
    }
    // A bucket whose part in the first chunk is the point at infinity, and that in the last is not.
    let mut logs: Vec<Fr> = (0..8_192)
        .map(|index| if index % 2 == 0 { Fr::ONE } else { -Fr::ONE })
        .collect();
    logs.extend((0..500).map(|_| random.fr()));
    let case = Case::<g1::Config>::new(&logs, vec![Fr::ONE; logs.len()], &[]);
    with_threads(2, || case.check("a part at infinity"));
    let logs: Vec<Fr> = (0..20_000).map(|_| random.fr()).collect();
    let scalars: Vec<Fr> = (0..20_000).map(|_| random.edgy()).collect();
    let case = Case::<g1::Config>::new(&logs, scalars, &[]);
    with_threads(2, || case.check("20,000 bases"));
}

#[test]
fn damaged_points_give_a_wrong_sum_and_nothing_worse() {
    let mut random = Random::new(5);
    let logs: Vec<Fr> = (0..200).map(|_| random.fr()).collect();
    let scalars: Vec<Fr> = (0..200).map(|_| random.edgy()).collect();
    let active: Vec<u32> = (0..200).collect();
    let sound = g1::Config::points(&logs);
    for round in 0..60 {
        let mut bytes = sound.clone();
        for chunk in bytes.chunks_exact_mut(32) {
            match random.below(4) {
                0 => chunk.fill(0),
                1 => chunk.copy_from_slice(&random.bytes(32)),
                _ if round % 2 == 0 => chunk.fill(0xff),
                _ => {}
            }
        }
        let bases = Bases {
            plan: Plan::plain(active.len()),
            active: &active,
            bytes: &bytes,
            compact: false,
        };
        assert!(g1::Config::sum(&bases, &scalars, &Never).is_ok());
    }
}

#[test]
fn a_cancelled_sum_has_no_result() {
    let mut random = Random::new(6);
    let logs: Vec<Fr> = (0..3_000).map(|_| random.fr()).collect();
    let bytes = g1::Config::points(&logs);
    let active: Vec<u32> = (0..3_000).collect();
    let bases = Bases {
        plan: Plan::plain(active.len()),
        active: &active,
        bytes: &bytes,
        compact: false,
    };
    for questions in 0..5 {
        let watch = CancelAt::new(questions);
        assert!(g1::Config::sum(&bases, &logs, &watch).is_err(), "{questions}");
        assert_eq!(watch.questions_left(), 0);
    }
    let watch = CancelAt::new(usize::MAX);
    assert!(g1::Config::sum(&bases, &logs, &watch).is_ok());
}

#[test]
fn the_generators_are_the_standard_ones() {
    // Else the logarithms above would be of other points than a key's.
    let generator = ark_bn254::G1Affine::generator();
    assert_eq!((generator.x, generator.y), (1u64.into(), 2u64.into()));
}
