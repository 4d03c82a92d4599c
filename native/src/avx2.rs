//! The few AVX2 instructions that `msm::lanes` and `ed25519::lanes` are made of, on four 64-bit lanes.
//! This module is compiled only where the whole crate is compiled for AVX2, which is what makes each call sound.

use std::arch::asm;
use std::arch::x86_64::*;

pub type Vector = __m256i;

macro_rules! lane_by_lane {
    ($(#[$doc:meta] $name:ident = $instruction:ident;)*) => {$(
        #[$doc]
        #[inline(always)]
        pub fn $name(a: Vector, b: Vector) -> Vector {
            // SAFETY: AVX2 is enabled for the whole crate; no memory is touched.
            unsafe { $instruction(a, b) }
        }
    )*};
}

lane_by_lane! {
    /// a + b
    add = _mm256_add_epi64;
    /// a - b
    sub = _mm256_sub_epi64;
    /// Product of the low halves.
    mul = _mm256_mul_epu32;
    /// a & b
    and = _mm256_and_si256;
    /// a | b
    or = _mm256_or_si256;
    /// a ^ b
    xor = _mm256_xor_si256;
    /// All ones where a = b, else zero.
    equal = _mm256_cmpeq_epi64;
    /// All ones where a > b as signed numbers, else zero.
    above = _mm256_cmpgt_epi64;
    /// a shifted right by b bits, 0 to 63.
    right_each = _mm256_srlv_epi64;
}

#[inline(always)]
pub fn splat(value: u64) -> Vector {
    // SAFETY: AVX2 is enabled for the whole crate; no memory is touched.
    unsafe { _mm256_set1_epi64x(value as i64) }
}

/// The value in both halves of each lane, of which products take the lower: a load and no shuffle where it lies in memory.
#[inline(always)]
pub fn splat_halves(value: u32) -> Vector {
    // SAFETY: AVX2 is enabled for the whole crate; no memory is touched.
    unsafe { _mm256_set1_epi32(value as i32) }
}

/// `b` in the lanes where `mask` is all ones, `a` where it is zero.
#[inline(always)]
pub fn choose(a: Vector, b: Vector, mask: Vector) -> Vector {
    // SAFETY: AVX2 is enabled for the whole crate; no memory is touched.
    unsafe { _mm256_blendv_epi8(a, b, mask) }
}

/// The same value, of which the compiler knows nothing. Else it moves factors from one product to another, where they no longer
/// fit into the half of a lane, and multiplies with all 64 bits.
#[inline(always)]
pub fn opaque(mut a: Vector) -> Vector {
    // SAFETY: no instruction at all.
    unsafe { asm!("/* {0} */", inout(ymm_reg) a, options(pure, nomem, nostack, preserves_flags)) };
    a
}

/// @param bits 0 to 63
#[inline(always)]
pub fn left(a: Vector, bits: usize) -> Vector {
    // SAFETY: AVX2 is enabled for the whole crate; no memory is touched.
    unsafe { _mm256_sll_epi64(a, _mm_cvtsi32_si128(bits as i32)) }
}

/// @param bits 0 to 63
#[inline(always)]
pub fn right(a: Vector, bits: usize) -> Vector {
    // SAFETY: AVX2 is enabled for the whole crate; no memory is touched.
    unsafe { _mm256_srl_epi64(a, _mm_cvtsi32_si128(bits as i32)) }
}

/// Rows to columns of a 4 x 4 matrix.
#[inline(always)]
pub fn transpose([a, b, c, d]: [Vector; 4]) -> [Vector; 4] {
    // SAFETY: AVX2 is enabled for the whole crate; no memory is touched.
    unsafe {
        let (ab_low, ab_high) = (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
        let (cd_low, cd_high) = (_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
        [
            _mm256_permute2x128_si256::<0x20>(ab_low, cd_low),
            _mm256_permute2x128_si256::<0x20>(ab_high, cd_high),
            _mm256_permute2x128_si256::<0x31>(ab_low, cd_low),
            _mm256_permute2x128_si256::<0x31>(ab_high, cd_high),
        ]
    }
}

#[inline(always)]
pub fn load(words: &[u64; 4]) -> Vector {
    // SAFETY: the reference is good for 32 bytes, and the load needs no alignment.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

#[inline(always)]
pub fn store(a: Vector, words: &mut [u64; 4]) {
    // SAFETY: the reference is good for 32 bytes, and the store needs no alignment.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), a) }
}
