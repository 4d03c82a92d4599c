//! Witness graphs: evaluated as they are defined, and refused, never followed, when they are damaged.

mod sketch;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use sketch::{Random, Sketch, bytes_of};
use zkbazaar_native::witness::{Evaluator, Graph};

fn evaluator(sketch: &Sketch) -> Evaluator {
    Evaluator::new(&Graph::parse(&sketch.encode()).expect("a sound graph"))
}

fn run(evaluator: &mut Evaluator, inputs: &[Fr]) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = inputs.iter().flat_map(bytes_of).collect();
    evaluator
        .evaluate(&bytes)
        .expect("sound inputs")
        .map(|witness| witness.to_vec())
}

#[test]
fn layers_and_shared_places_change_no_value() {
    let mut random = Random(0x1234_5678_9abc_def1);
    for size in (0..100).chain([400, 3_000]) {
        let sketch = Sketch::random(&mut random, size);
        let mut evaluator = evaluator(&sketch);
        // Again with the same evaluator: nothing may be left over.
        for _ in 0..4 {
            let inputs: Vec<Fr> = (0..sketch.inputs).map(|_| random.element()).collect();
            let expected: Vec<u8> = sketch.evaluate(&inputs).iter().flat_map(bytes_of).collect();
            assert_eq!(run(&mut evaluator, &inputs), Some(expected), "{size} nodes");
        }
    }
}

#[test]
fn inversions_of_inversions_are_not_made_together() {
    // x, 1/x, 1/(1/x), and 1/(x - x) beside them
    let nodes = vec![
        (5, [0, 0, 0]),
        (3, [0, 0, 0]),
        (5, [1, 0, 0]),
        (5, [2, 0, 0]),
        (5, [3, 0, 0]),
    ];
    let sketch = Sketch {
        constants: vec![],
        inputs: 1,
        nodes,
        guards: vec![],
        wires: (0..6).collect(),
    };
    let x = Fr::from(7u64);
    let inverse = x.inverse().expect("7 is not 0");
    let expected = [x, inverse, Fr::ZERO, x, Fr::ZERO, inverse];
    let expected: Vec<u8> = expected.iter().flat_map(bytes_of).collect();
    assert_eq!(run(&mut evaluator(&sketch), &[x]), Some(expected));
}

#[test]
fn there_is_no_witness_where_an_assertion_fails() {
    let nodes = vec![(6, [1, 2, 0])];
    let sketch = Sketch {
        constants: vec![Fr::ONE],
        inputs: 2,
        nodes,
        guards: vec![3],
        wires: vec![0, 1],
    };
    let mut evaluator = evaluator(&sketch);
    let (three, four) = (Fr::from(3u64), Fr::from(4u64));
    assert!(run(&mut evaluator, &[three, three]).is_some());
    assert!(run(&mut evaluator, &[three, four]).is_none());
    assert!(run(&mut evaluator, &[four, four]).is_some());
}

#[test]
fn inputs_that_are_not_the_circuits_are_refused() {
    let sketch = Sketch {
        constants: vec![],
        inputs: 2,
        nodes: vec![],
        guards: vec![],
        wires: vec![0],
    };
    let mut evaluator = evaluator(&sketch);
    let modulus = Fr::MODULUS.to_bytes_le();
    for inputs in [
        vec![],
        vec![0; 32],
        vec![0; 63],
        vec![0; 65],
        vec![0; 96],
        [vec![0; 32], modulus].concat(),
    ] {
        let error = evaluator.evaluate(&inputs).expect_err("a refusal");
        assert_eq!(error.code, "NATIVE_INPUTS_INVALID");
    }
    assert!(evaluator.evaluate(&[0; 64]).is_ok());
}

#[test]
fn a_graph_that_ends_early_or_late_is_refused() {
    let bytes = Sketch::random(&mut Random(77), 60).encode();
    for length in 0..bytes.len() {
        let error = Graph::parse(&bytes[..length]).expect_err("a part is no graph");
        assert_eq!(error.code, "NATIVE_FORMAT_INVALID");
    }
    assert!(Graph::parse(&[bytes.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn counts_of_a_header_reserve_nothing() {
    for count in 0..6 {
        let mut bytes = Sketch::random(&mut Random(78), 10).encode();
        bytes[8 + 4 * count..12 + 4 * count].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(
            Graph::parse(&bytes).expect_err("a refusal").code,
            "NATIVE_FORMAT_INVALID"
        );
    }
}

#[test]
fn damaged_graphs_never_panic() {
    let mut random = Random(0xfeed_beef_cafe_0001);
    let (mut sound, mut refused) = (0, 0);
    for round in 0..10_000 {
        let size = 1 + random.below(50);
        let mut bytes = Sketch::random(&mut random, size).encode();
        for _ in 0..1 + random.below(4) {
            // The first rounds leave the header alone, so that most of them get as far as an evaluation.
            let from = if round % 2 == 0 { 44 } else { 0 };
            let at = from + random.below(bytes.len() - from);
            bytes[at] = match random.below(3) {
                0 => bytes[at] ^ (1 << random.below(8)),
                1 => [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
                _ => random.below(256) as u8,
            };
        }
        match Graph::parse(&bytes) {
            Err(error) => {
                assert_eq!(error.code, "NATIVE_FORMAT_INVALID");
                refused += 1;
            }
            Ok(graph) => {
                let mut evaluator = Evaluator::new(&graph);
                evaluator
                    .evaluate(&vec![1; 32 * graph.inputs])
                    .expect("inputs of the right number");
                sound += 1;
            }
        }
    }
    assert!(
        sound > 1_000 && refused > 1_000,
        "{sound} sound, {refused} refused"
    );
}
