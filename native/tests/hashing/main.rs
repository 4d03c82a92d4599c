//! The batched kernels of BLAKE3 against its public API, one input at a time.

use zkbazaar_native::hashing::{hash_pairs, hash_ranges, merkle_root};

const KEY: &[u8; 32] = b"whats the Elvish word for friend";

fn counting(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i % 251) as u8).collect()
}

fn keyed(bytes: &[u8]) -> [u8; 32] {
    *blake3::keyed_hash(KEY, bytes).as_bytes()
}

#[test]
fn pairs_are_what_each_of_them_is() {
    for count in (0..70).chain([127, 128, 129, 1000]) {
        let input = counting(count * 64);
        let mut output = vec![0xa5; count * 32];
        hash_pairs(KEY, &input, &mut output).expect("whole pairs");
        let expected: Vec<u8> = input.chunks(64).flat_map(keyed).collect();
        assert_eq!(output, expected, "{count} pairs");
    }
}

#[test]
fn ranges_are_what_each_of_them_is() {
    // Every length around a block, a chunk and two, at odd places, in an order that mixes them.
    let lengths: Vec<u32> = (0..200).chain(1000..1100).chain(2040..2060).collect();
    let bytes = counting(8192);
    let starts: Vec<u32> = (0..lengths.len() as u32).map(|i| i * 7 % 5000).collect();
    let ends: Vec<u32> = starts
        .iter()
        .enumerate()
        .map(|(i, start)| start + lengths[i * 131 % lengths.len()])
        .collect();
    let mut output = vec![0xa5; lengths.len() * 32];
    hash_ranges(KEY, &bytes, &starts, &ends, &mut output).expect("ranges within the bytes");
    for (i, hash) in output.chunks(32).enumerate() {
        let range = starts[i] as usize..ends[i] as usize;
        assert_eq!(hash, keyed(&bytes[range.clone()]), "{range:?}");
    }
}

#[test]
fn a_root_is_split_at_the_largest_power_of_two() {
    fn by_definition(leaves: &[u8]) -> [u8; 32] {
        match leaves.len() / 32 {
            0 => [0; 32],
            1 => leaves.try_into().expect("32 bytes"),
            count => {
                let split = count.next_power_of_two() / 2 * 32;
                let (left, right) = leaves.split_at(split);
                keyed(&[by_definition(left), by_definition(right)].concat())
            }
        }
    }
    for count in (0..40).chain([255, 256, 257]) {
        let leaves = counting(count * 32);
        assert_eq!(
            merkle_root(KEY, &leaves).expect("whole leaves"),
            by_definition(&leaves)
        );
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (bytes, mut output) = (counting(100), [0; 64]);
    assert!(hash_pairs(KEY, &bytes[..65], &mut output[..32]).is_err());
    assert!(hash_pairs(KEY, &bytes[..64], &mut output).is_err());
    assert!(merkle_root(KEY, &bytes[..33]).is_err());
    let mut ranges = |starts: &[u32], ends: &[u32], out: usize| {
        hash_ranges(KEY, &bytes, starts, ends, &mut output[..out]).is_err()
    };
    assert!(ranges(&[0], &[101], 32));
    assert!(ranges(&[5], &[4], 32));
    assert!(ranges(&[u32::MAX], &[u32::MAX], 32));
    assert!(ranges(&[0], &[1], 64));
    assert!(ranges(&[0, 1], &[1], 64));
    assert!(ranges(&[0], &[1], 31));
    assert!(!ranges(&[100], &[100], 32));
}
