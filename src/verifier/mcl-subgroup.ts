import { CURVE_PARAMETER, PSI_X, PSI_Y } from '../crypto/bn254.ts';
import { G2_BYTES, type MclArena, type MclCurve } from './mcl.ts';

const FP2_BYTES = G2_BYTES / 3;

/** Signed binary digits without neighbours, least significant first: a third of additions instead of half. */
function nonAdjacentForm(value: bigint): number[] {
  const digits: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 1n) {
    let digit = 0;
    if (rest & 1n) {
      digit = 2 - Number(rest & 3n);
      rest -= BigInt(digit);
    }
    digits.push(digit);
  }
  return digits;
}

const DIGITS = nonAdjacentForm(CURVE_PARAMETER);

/**
 * The test of `isInG2Subgroup` in src/crypto/bn254.ts on mcl's memory: about 0.3 ms where mcl's own order check takes
 * 0.8 ms. mcl's multiplication is no help: it assumes what is to be shown.
 */
export class SubgroupCheck {
  readonly #curve: MclCurve;
  readonly #psiX: number;
  readonly #psiY: number;
  readonly #scratch: number;

  constructor(curve: MclCurve, arena: MclArena) {
    this.#curve = curve;
    this.#psiX = arena.alloc(2 * FP2_BYTES);
    this.#psiY = this.#psiX + FP2_BYTES;
    curve.setFp2(this.#psiX, PSI_X);
    curve.setFp2(this.#psiY, PSI_Y);
    this.#scratch = arena.alloc(4 * G2_BYTES);
  }

  /** psi in place; in Jacobian coordinates the factors belong to X and Y alone. */
  #psi(point: number): void {
    const { mod } = this.#curve;
    for (let i = 0; i < 3; i++) this.#curve.conjugate(point + i * FP2_BYTES, point + i * FP2_BYTES);
    mod._mclBnFp2_mul(point, point, this.#psiX);
    mod._mclBnFp2_mul(point + FP2_BYTES, point + FP2_BYTES, this.#psiY);
  }

  #negate(out: number, point: number): void {
    this.#curve.copy(out, point, G2_BYTES);
    const y = out + FP2_BYTES;
    const { mod } = this.#curve;
    mod._mclBnFp_neg(y, y);
    mod._mclBnFp_neg(y + FP2_BYTES / 2, y + FP2_BYTES / 2);
  }

  /** Whether the point of the twist at `point` has order r. */
  isInSubgroup(point: number): boolean {
    const { mod } = this.#curve;
    const multiple = this.#scratch;
    const minus = multiple + G2_BYTES;
    const sum = minus + G2_BYTES;
    const right = sum + G2_BYTES;
    this.#negate(minus, point);
    mod._mclBnG2_clear(multiple);
    for (let i = DIGITS.length - 1; i >= 0; i--) {
      mod._mclBnG2_dbl(multiple, multiple);
      const digit = DIGITS[i];
      if (digit === 1) mod._mclBnG2_add(multiple, multiple, point);
      else if (digit === -1) mod._mclBnG2_add(multiple, multiple, minus);
    }
    mod._mclBnG2_dbl(right, multiple);
    mod._mclBnG2_add(sum, multiple, point);
    this.#psi(multiple);
    mod._mclBnG2_add(sum, sum, multiple);
    this.#psi(multiple);
    mod._mclBnG2_add(sum, sum, multiple);
    for (let i = 0; i < 3; i++) this.#psi(right);
    return mod._mclBnG2_isEqual(sum, right) === 1;
  }
}
