/**
 * The only place that knows mcl-wasm: BN_SNARK1 on raw WebAssembly memory, with no object and no copy per operation.
 * A position is a byte offset into that memory; results come first in the argument list, as in mcl's C interface.
 */
import mcl from 'mcl-wasm';
import type { Fp2, G1Point, G2Point } from '../crypto/bn254.ts';

/** Sizes in memory of this build of mcl (six 64-bit words for each coordinate, four for a scalar), in bytes. */
export const FR_BYTES = 32;
const FP_BYTES = 48;
export const G1_BYTES = 3 * FP_BYTES;
export const G2_BYTES = 6 * FP_BYTES;
export const GT_BYTES = 12 * FP_BYTES;

/** The functions of mcl's C interface in use; mcl-wasm exports them as `mod`, without types. */
interface MclModule {
  readonly wasmMemory: { readonly buffer: ArrayBuffer };
  _malloc(bytes: number): number;
  _free(position: number): void;
  _mclBnFr_setLittleEndian(out: number, bytes: number, length: number): number;
  _mclBnFp_setLittleEndian(out: number, bytes: number, length: number): number;
  _mclBnFp_setInt32(out: number, value: number): void;
  _mclBnFp_neg(out: number, x: number): void;
  _mclBnFp2_mul(out: number, x: number, y: number): void;
  _mclBnG1_neg(out: number, x: number): void;
  _mclBnG1_mul(out: number, x: number, scalar: number): void;
  _mclBnG1_mulVec(out: number, points: number, scalars: number, count: number): void;
  _mclBnG2_clear(out: number): void;
  _mclBnG2_dbl(out: number, x: number): void;
  _mclBnG2_add(out: number, x: number, y: number): void;
  _mclBnG2_isEqual(x: number, y: number): number;
  _mclBnG2_isValidOrder(x: number): number;
  _mclBnGT_mul(out: number, x: number, y: number): void;
  _mclBnGT_inv(out: number, x: number): void;
  _mclBnGT_isOne(x: number): number;
  _mclBn_millerLoopVec(out: number, g1: number, g2: number, count: number): void;
  _mclBn_finalExp(out: number, x: number): void;
}

export class MclCurve {
  readonly mod: MclModule;
  readonly #buffer: number;

  constructor(mod: MclModule) {
    this.mod = mod;
    this.#buffer = this.alloc(FR_BYTES);
  }

  /** @throws RangeError when WebAssembly memory is exhausted */
  alloc(bytes: number): number {
    const position = this.mod._malloc(bytes);
    if (position === 0) throw new RangeError(`no ${bytes} bytes of WebAssembly memory left`);
    return position;
  }

  free(position: number): void {
    this.mod._free(position);
  }

  copy(to: number, from: number, bytes: number): void {
    new Uint8Array(this.mod.wasmMemory.buffer).copyWithin(to, from, from + bytes);
  }

  #stage(value: bigint): number {
    const view = new DataView(this.mod.wasmMemory.buffer, this.#buffer, FR_BYTES);
    for (let i = 0; i < 4; i++) view.setBigUint64(8 * i, BigInt.asUintN(64, value >> BigInt(64 * i)), true);
    return this.#buffer;
  }

  /** `value` must be reduced: mcl would cut a larger one off in silence. */
  setFr(out: number, value: bigint): void {
    this.mod._mclBnFr_setLittleEndian(out, this.#stage(value), FR_BYTES);
  }

  #setFp(out: number, value: bigint): void {
    this.mod._mclBnFp_setLittleEndian(out, this.#stage(value), FR_BYTES);
  }

  setFp2(out: number, [a, b]: Fp2): void {
    this.#setFp(out, a);
    this.#setFp(out + FP_BYTES, b);
  }

  /** Coordinates must be reduced and on the curve; nothing is checked here. */
  setG1(out: number, { x, y }: G1Point): void {
    this.#setFp(out, x);
    this.#setFp(out + FP_BYTES, y);
    this.mod._mclBnFp_setInt32(out + 2 * FP_BYTES, 1);
  }

  /** Coordinates must be reduced and on the twist; nothing is checked here. */
  setG2(out: number, { x, y }: G2Point): void {
    this.setFp2(out, x);
    this.setFp2(out + 2 * FP_BYTES, y);
    this.setFp2(out + 4 * FP_BYTES, [1n, 0n]);
  }

  /** (a, b) to (a, -b). */
  conjugate(out: number, x: number): void {
    if (out !== x) this.copy(out, x, FP_BYTES);
    this.mod._mclBnFp_neg(out + FP_BYTES, x + FP_BYTES);
  }
}

/** Memory that is given back all at once. */
export class MclArena {
  readonly #curve: MclCurve;
  #positions: number[] = [];

  constructor(curve: MclCurve) {
    this.#curve = curve;
  }

  alloc(bytes: number): number {
    const position = this.#curve.alloc(bytes);
    this.#positions.push(position);
    return position;
  }

  free(): void {
    for (const position of this.#positions) this.#curve.free(position);
    this.#positions = [];
  }
}

let curve: Promise<MclCurve> | undefined;

/** mcl's state is one per thread, so there is one curve per thread; the first call compiles it (about 60 ms). */
export function getMclCurve(): Promise<MclCurve> {
  curve ??= mcl.init(mcl.BN_SNARK1).then(() => new MclCurve((mcl as unknown as { mod: MclModule }).mod));
  return curve;
}
