//! How scalars are cut into signed digits, and which shifted copies of the bases exist.

/// Bits of a scalar below r.
const SCALAR_BITS: usize = 254;
/// Above this the buckets of one window no longer fit beside anything else.
const MAX_WINDOW_BITS: usize = 16;

/// Windows of `bits` bits. Window `w` is served by row `w / sets` of the table, which holds 2^(bits * sets * row) times
/// each base, and counts into bucket set `w % sets`. Without a table there is one row, and as many sets as windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub bits: usize,
    pub windows: usize,
    pub sets: usize,
}

impl Plan {
    fn new(bits: usize, sets: Option<usize>) -> Self {
        // One bit more than the scalar has: signed digits carry out of the top.
        let windows = (SCALAR_BITS + 1).div_ceil(bits);
        Self {
            bits,
            windows,
            sets: sets.unwrap_or(windows).min(windows),
        }
    }

    /// For `bases` points without a table: each window has buckets of its own.
    pub fn plain(bases: usize) -> Self {
        Self::cheapest(bases, None)
    }

    /// For a table whose rows are `sets` windows apart: more sets make it smaller and the sum a little dearer.
    pub fn table(bases: usize, sets: usize) -> Self {
        Self::cheapest(bases, Some(sets))
    }

    /// Fewest additions: one per digit, and two per bucket when the buckets are summed.
    fn cheapest(bases: usize, sets: Option<usize>) -> Self {
        let plans = (2..=MAX_WINDOW_BITS).map(|bits| Self::new(bits, sets));
        plans
            .min_by_key(|plan| plan.windows * bases + 2 * plan.sets * plan.buckets())
            .unwrap_or(Self::new(8, sets))
    }

    pub fn rows(&self) -> usize {
        self.windows.div_ceil(self.sets)
    }

    /// Buckets of one set: the absolute values of the digits that are not zero.
    pub fn buckets(&self) -> usize {
        1 << (self.bits - 1)
    }

    /// Calls `visit(window, negative, magnitude)` for each digit that is not zero; magnitude is 1 to `buckets()`.
    #[inline(always)]
    pub fn digits(&self, scalar: &[u64; 4], mut visit: impl FnMut(usize, bool, usize)) {
        let Some(highest) = scalar.iter().rposition(|limb| *limb != 0) else {
            return;
        };
        let half = 1u64 << (self.bits - 1);
        let mask = (1u64 << self.bits) - 1;
        let top = 64 * (highest + 1) - scalar[highest].leading_zeros() as usize;
        let mut carry = 0;
        for window in 0..self.windows {
            let low = window * self.bits;
            if low >= top && carry == 0 {
                break;
            }
            let (limb, shift) = (low / 64, low % 64);
            let mut value = scalar.get(limb).copied().unwrap_or(0) >> shift;
            if shift + self.bits > 64 {
                value |= scalar.get(limb + 1).copied().unwrap_or(0) << (64 - shift);
            }
            let digit = (value & mask) + carry;
            carry = u64::from(digit > half);
            if digit == 0 || digit == mask + 1 {
                continue;
            }
            let negative = carry == 1;
            visit(
                window,
                negative,
                if negative { mask + 1 - digit } else { digit } as usize,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_make_up_the_scalar() {
        let scalars = [
            [1, 0, 0, 0],
            [u64::MAX, u64::MAX, u64::MAX, 0x30644e72e131a028],
            [0, 0, 1 << 63, 7],
            [0x8000, 0, 0, 0],
        ];
        for bits in 2..=MAX_WINDOW_BITS {
            let plan = Plan::new(bits, None);
            for scalar in scalars {
                // Modulo 2^64 and modulo the prime 2^61 - 1: two sums that a wrong digit would change.
                let (mut low, mut rest) = (0u64, 0i128);
                let prime = (1i128 << 61) - 1;
                let power = |bits: usize| (0..bits).fold(1i128, |value, _| value * 2 % prime);
                plan.digits(&scalar, |window, negative, magnitude| {
                    assert!(magnitude >= 1 && magnitude <= plan.buckets());
                    let shift = window * bits;
                    let part = if shift < 64 {
                        (magnitude as u64) << shift
                    } else {
                        0
                    };
                    low = if negative {
                        low.wrapping_sub(part)
                    } else {
                        low.wrapping_add(part)
                    };
                    let part = magnitude as i128 * power(shift) % prime;
                    rest += if negative { -part } else { part };
                });
                let expected = scalar.iter().enumerate().fold(0i128, |sum, (i, limb)| {
                    (sum + (*limb as i128 % prime) * power(64 * i)) % prime
                });
                assert_eq!(low, scalar[0]);
                assert_eq!(rest.rem_euclid(prime), expected, "{bits} bits of {scalar:x?}");
            }
        }
    }
}
