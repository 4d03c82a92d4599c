import { SCALAR_FIELD_ORDER } from '../base/field.ts';

/**
 * The parameter generator of Poseidon: an 80-bit Grain LFSR in self-shrinking mode.
 * Source: Grassi et al., Poseidon, eprint 2019/458, appendix F; the reference script generate_parameters_grain.sage.
 */
export class Grain {
  /** A ring of 80 bits; `#at` is the oldest. */
  readonly #bits: Uint8Array;
  #at = 0;

  /** The seed names field (prime), S-box (x^5), field size, state width and both numbers of rounds. */
  constructor(width: number, fullRounds: number, partialRounds: number) {
    const seed: [value: number, bits: number][] = [
      [1, 2],
      [0, 4],
      [FIELD_BITS, 12],
      [width, 12],
      [fullRounds, 10],
      [partialRounds, 10],
      [2 ** 30 - 1, 30],
    ];
    const text = seed.map(([value, bits]) => value.toString(2).padStart(bits, '0')).join('');
    this.#bits = Uint8Array.from(text, Number);
    for (let i = 0; i < 160; i++) this.#step();
  }

  /** The next element of the field; values at or above r are skipped. */
  element(): bigint {
    for (;;) {
      const value = this.integer();
      if (value < SCALAR_FIELD_ORDER) return value;
    }
  }

  /** The next 254 bits, most significant first. */
  integer(): bigint {
    let hex = '';
    // 254 is two short of a multiple of four: the first digit has two bits.
    for (let digit = 0; digit < 64; digit++) {
      let value = 0;
      for (let bit = digit === 0 ? 2 : 4; bit > 0; bit--) value = (value << 1) | this.#bit();
      hex += value.toString(16);
    }
    return BigInt(`0x${hex}`);
  }

  /** Bits come in pairs: a leading 1 lets the second out, a leading 0 drops it. */
  #bit(): number {
    for (;;) {
      const keep = this.#step();
      const bit = this.#step();
      if (keep === 1) return bit;
    }
  }

  #step(): number {
    const [bits, at] = [this.#bits, this.#at];
    let next = 0;
    for (const tap of TAPS) {
      const position = at + tap;
      next ^= bits[position < 80 ? position : position - 80] ?? 0;
    }
    bits[at] = next;
    this.#at = at === 79 ? 0 : at + 1;
    return next;
  }
}

const FIELD_BITS = 254;
const TAPS = [62, 51, 38, 23, 13, 0] as const;
