//! Points from their encodings by the rules of ZIP 215: y is any number below 2^255, and either sign stands for x = 0.
//! Source: RFC 8032, section 5.1.3, without its two refusals; x^2 = (y^2 - 1) / (d y^2 + 1).

use super::field::{Four, LIMBS, to_limbs};
use super::point::{D, Niels};
use crate::avx2::{above, and, load, or, splat, store, transpose, xor};

/// A root of -1.
const ROOT_OF_MINUS_ONE: [u32; LIMBS] = to_limbs([
    0xc4ee_1b27_4a0e_a0b0,
    0x2f43_1806_ad2f_e478,
    0x2b4d_0099_3dfb_d7a7,
    0x2b83_2480_4fc1_df0b,
]);

/// Each point, or nothing where no x belongs to y.
pub fn decode(encoded: &[[u8; 32]]) -> Vec<Option<Niels>> {
    let mut points = Vec::with_capacity(encoded.len().next_multiple_of(4));
    for four in encoded.chunks(4) {
        // Lanes that are left over decode the neutral point.
        let mut words = [[1, 0, 0, 0]; 4];
        for (words, bytes) in words.iter_mut().zip(four) {
            let (parts, _) = bytes.as_chunks::<8>();
            *words = std::array::from_fn(|index| u64::from_le_bytes(parts[index]));
        }
        points.extend(decode_four(&words));
    }
    points.truncate(encoded.len());
    points
}

fn decode_four(encoded: &[[u64; 4]; 4]) -> [Option<Niels>; 4] {
    let words = transpose(encoded.each_ref().map(load));
    // The topmost bit of a signed word.
    let sign = above(splat(0), words[3]);
    let y = Four::from_words(words);
    let one = Four::small(1);
    let square = y.squared();
    let u = square.minus(&one).carried();
    let v = square.times(&Four::constant(&D)).plus(&one).carried();
    // x = u v^3 (u v^7)^((p - 5) / 8) is a root of u / v, or of -u / v, or there is none.
    let cube = v.squared().times(&v);
    let seventh = cube.squared().times(&v);
    let x = u.times(&cube).times(&u.times(&seventh).root_power());
    let check = x.squared().times(&v);
    let is_root = check.minus(&u).is_zero();
    let is_turned = check.plus(&u).is_zero();
    let turned = x.times(&Four::constant(&ROOT_OF_MINUS_ONE));
    let x = x.or_else(&turned, xor(is_root, splat(u64::MAX)));
    // For x = 0 both are the same.
    let negative = Four::small(0).minus(&x).carried();
    let x = x.or_else(&negative, xor(x.is_odd(), sign));
    let mut valid = [0; 4];
    store(and(or(is_root, is_turned), splat(1)), &mut valid);
    let points = Niels::of(&x, &y);
    std::array::from_fn(|lane| (valid[lane] == 1).then(|| points[lane]))
}
