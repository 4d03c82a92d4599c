import { randomBytes } from 'node:crypto';
import { bytesToInteger, SCALAR_FIELD_ORDER } from '../base/field.ts';
import { type CoefficientSource, Outcome, type PairingEngine, type PairingJob } from './engine.ts';
import { FR_BYTES, G1_BYTES, G2_BYTES, GT_BYTES, getMclCurve, MclArena, type MclCurve } from './mcl.ts';
import { SubgroupCheck } from './mcl-subgroup.ts';
import type { VerifyingKey } from './verifying-key.ts';

/** Jobs of one pairing check. Above it a proof gets less than 1 % cheaper, and a bad one costs more to find. */
const MAX_CHECK_JOBS = 256;
const COEFFICIENT_BYTES = 16;

/** A prover who could foresee these could make two bad proofs cancel: fresh for each batch, never from a seed. */
export const randomCoefficients: CoefficientSource = (count) => {
  const bytes = randomBytes(count * COEFFICIENT_BYTES);
  return Array.from({ length: count }, (_, i) => {
    const value = bytesToInteger(bytes.subarray(i * COEFFICIENT_BYTES, (i + 1) * COEFFICIENT_BYTES));
    return value === 0n ? 1n : value;
  });
};

interface LoadedKey {
  /** -alpha, and the three points of G2 in a row: beta, gamma, delta. */
  readonly minusAlpha: number;
  readonly g2: number;
  readonly ic: number;
  readonly icCount: number;
  /** Miller loop of (-alpha, beta): spares a batch of one a pairing. Computed, never taken from `vk_alphabeta_12`. */
  readonly minusAlphaBeta: number;
}

/** A job on its way through one check. */
interface Member {
  readonly index: number;
  readonly key: number;
  readonly coefficient: bigint;
  readonly signals: readonly bigint[];
  readonly group: number;
}

interface Judged {
  readonly index: number;
  readonly outcome: Outcome;
}

/** Where a range of members is cut: between groups, as near to the middle as can be; in the middle of one group. */
function cutOf(members: readonly Member[]): number {
  const half = members.length >> 1;
  const cuts = members.keys().filter((i) => i > 0 && members[i]?.group !== members[i - 1]?.group);
  return [...cuts].sort((one, other) => Math.abs(one - half) - Math.abs(other - half))[0] ?? half;
}

/**
 * Groth16 by mcl-wasm. For proofs i with random rho_i the equation is
 *   prod e(rho_i A_i, B_i) = prod over keys e(s alpha, beta) e(V, gamma) e(sum rho_i C_i, delta),
 *   s = sum rho_i,  V = s IC_0 + sum_j (sum_i rho_i signal_ij) IC_j,
 * one Miller loop with shared squarings over all pairs and one final exponentiation. A batch with a bad proof passes
 * with a chance of 2^-128 (Bellare, Garay, Rabin, https://doi.org/10.1007/BFb0054130, small exponents test).
 */
export class MclEngine implements PairingEngine {
  readonly #curve: MclCurve;
  readonly #arena: MclArena;
  readonly #subgroup: SubgroupCheck;
  readonly #coefficients: CoefficientSource;
  readonly #keys: LoadedKey[];
  /** One slot per job: rho A, B, C, rho. */
  readonly #a: number;
  readonly #b: number;
  readonly #c: number;
  readonly #rho: number;
  /** The pairs of one Miller loop: those of the jobs and at most three per key. */
  readonly #pairs1: number;
  readonly #pairs2: number;
  readonly #scalars: number;
  readonly #gather: number;
  readonly #gatherScalars: number;

  constructor(curve: MclCurve, keys: readonly VerifyingKey[], coefficients: CoefficientSource = randomCoefficients) {
    const arena = new MclArena(curve);
    this.#curve = curve;
    this.#arena = arena;
    this.#subgroup = new SubgroupCheck(curve, arena);
    this.#coefficients = coefficients;
    this.#keys = keys.map((key) => this.#load(key));
    this.#a = arena.alloc(MAX_CHECK_JOBS * G1_BYTES);
    this.#b = arena.alloc(MAX_CHECK_JOBS * G2_BYTES);
    this.#c = arena.alloc(MAX_CHECK_JOBS * G1_BYTES);
    this.#rho = arena.alloc(MAX_CHECK_JOBS * FR_BYTES);
    // Each key of a check has a job in it, so there are never more than three pairs per job beside its own.
    const maxPairs = MAX_CHECK_JOBS + 3 * Math.min(keys.length, MAX_CHECK_JOBS);
    this.#pairs1 = arena.alloc(maxPairs * G1_BYTES);
    this.#pairs2 = arena.alloc(maxPairs * G2_BYTES);
    this.#gather = arena.alloc(MAX_CHECK_JOBS * G1_BYTES);
    this.#gatherScalars = arena.alloc(MAX_CHECK_JOBS * FR_BYTES);
    this.#scalars = arena.alloc(FR_BYTES * Math.max(1, ...this.#keys.map((key) => key.icCount)));
  }

  #load(key: VerifyingKey): LoadedKey {
    const curve = this.#curve;
    const arena = this.#arena;
    const minusAlpha = arena.alloc(G1_BYTES);
    const g2 = arena.alloc(3 * G2_BYTES);
    const ic = arena.alloc(key.ic.length * G1_BYTES);
    const minusAlphaBeta = arena.alloc(GT_BYTES);
    curve.setG1(minusAlpha, key.alpha);
    curve.mod._mclBnG1_neg(minusAlpha, minusAlpha);
    [key.beta, key.gamma, key.delta].forEach((point, i) => {
      curve.setG2(g2 + i * G2_BYTES, point);
    });
    key.ic.forEach((point, i) => {
      curve.setG1(ic + i * G1_BYTES, point);
    });
    curve.mod._mclBn_millerLoopVec(minusAlphaBeta, minusAlpha, g2, 1);
    return { minusAlpha, g2, ic, icCount: key.ic.length, minusAlphaBeta };
  }

  run(jobs: readonly PairingJob[], search = true): Outcome[] {
    const outcomes: Outcome[] = [];
    for (let start = 0; start < jobs.length; start += MAX_CHECK_JOBS) {
      outcomes.push(...this.#runSome(jobs.slice(start, start + MAX_CHECK_JOBS), search));
    }
    return outcomes;
  }

  close(): void {
    this.#arena.free();
  }

  #runSome(jobs: readonly PairingJob[], search: boolean): Outcome[] {
    const outcomes: Outcome[] = jobs.map(() => Outcome.Passed);
    const members: Member[] = [];
    const fresh = this.#coefficients(jobs.length);
    // By group, so that a group is a range of members.
    const order = [...jobs.entries()].sort(([, one], [, other]) => (one.group ?? 0) - (other.group ?? 0));
    for (const [index, { key, points, signals, group = 0 }] of order) {
      const b = this.#b + members.length * G2_BYTES;
      this.#curve.setG2(b, points.b);
      if (!this.#subgroup.isInSubgroup(b)) outcomes[index] = Outcome.OffSubgroup;
      else if (key !== undefined) {
        this.#curve.setG1(this.#a + members.length * G1_BYTES, points.a);
        this.#curve.setG1(this.#c + members.length * G1_BYTES, points.c);
        members.push({ index, key, coefficient: fresh[index] ?? 1n, signals, group });
      }
    }
    for (const { index, outcome } of this.#judge(members, search)) outcomes[index] = outcome;
    return outcomes;
  }

  /** Members whose proof is not valid, or not known to be. */
  #judge(members: Member[], search: boolean): Judged[] {
    const [first, ...rest] = members;
    if (first === undefined) return [];
    if (rest.length === 0) members = [{ ...first, coefficient: 1n }];
    else this.#weigh(members);
    const total = this.#curve.alloc(GT_BYTES);
    try {
      this.#pairing(total, members, 0, members.length);
      return this.#bisect(total, members, 0, members.length, search);
    } finally {
      this.#curve.free(total);
    }
  }

  #weigh(members: readonly Member[]): void {
    members.forEach(({ coefficient }, slot) => {
      const rho = this.#rho + slot * FR_BYTES;
      const a = this.#a + slot * G1_BYTES;
      this.#curve.setFr(rho, coefficient);
      this.#curve.mod._mclBnG1_mul(a, a, rho);
    });
  }

  /**
   * `product` is the pairing product of members[start, end). Where it is not one, that of the right half is the quotient
   * of it and of that of the left half, so each level costs half a batch; coefficients stay, since nobody has seen them.
   */
  #bisect(product: number, members: readonly Member[], start: number, end: number, search: boolean): Judged[] {
    const { mod } = this.#curve;
    if (mod._mclBnGT_isOne(product) === 1) return [];
    const some = members.slice(start, end);
    if (some.length === 1) return some.map(({ index }) => ({ index, outcome: Outcome.Failed }));
    if (!search && some[0]?.group === some.at(-1)?.group) {
      return some.map(({ index }) => ({ index, outcome: Outcome.Suspect }));
    }
    const middle = start + cutOf(some);
    const left = this.#curve.alloc(2 * GT_BYTES);
    const right = left + GT_BYTES;
    try {
      this.#pairing(left, members, start, middle);
      mod._mclBnGT_inv(right, left);
      mod._mclBnGT_mul(right, right, product);
      return [
        ...this.#bisect(left, members, start, middle, search),
        ...this.#bisect(right, members, middle, end, search),
      ];
    } finally {
      this.#curve.free(left);
    }
  }

  /** The product of all pairings of members[start, end), final exponentiation included; one if all are valid. */
  #pairing(out: number, members: readonly Member[], start: number, end: number): void {
    const curve = this.#curve;
    let count = end - start;
    curve.copy(this.#pairs1, this.#a + start * G1_BYTES, count * G1_BYTES);
    curve.copy(this.#pairs2, this.#b + start * G2_BYTES, count * G2_BYTES);
    const slots = new Map<number, number[]>();
    for (let slot = start; slot < end; slot++) {
      const key = members[slot]?.key ?? 0;
      const list = slots.get(key);
      if (list === undefined) slots.set(key, [slot]);
      else list.push(slot);
    }
    const ready: number[] = [];
    for (const [position, list] of slots) {
      const key = this.#keys[position];
      if (key === undefined) throw new RangeError(`no key ${position}`);
      count += this.#appendKeyPairs(
        key,
        list.flatMap((slot) => members[slot] ?? []),
        list,
        count,
        ready,
      );
    }
    curve.mod._mclBn_millerLoopVec(out, this.#pairs1, this.#pairs2, count);
    for (const factor of ready) curve.mod._mclBnGT_mul(out, out, factor);
    curve.mod._mclBn_finalExp(out, out);
  }

  /** Appends (-V, gamma), (-sum rho C, delta) and (-s alpha, beta) at pair `at`; the last comes ready-made if s = 1. */
  #appendKeyPairs(
    key: LoadedKey,
    members: readonly Member[],
    slots: readonly number[],
    at: number,
    ready: number[],
  ): number {
    const curve = this.#curve;
    const { mod } = curve;
    const sums = Array.from({ length: key.icCount }, () => 0n);
    for (const { coefficient, signals } of members) {
      sums[0] = (sums[0] ?? 0n) + coefficient;
      signals.forEach((signal, j) => {
        sums[j + 1] = (sums[j + 1] ?? 0n) + coefficient * signal;
      });
    }
    sums.forEach((sum, j) => {
      curve.setFr(this.#scalars + j * FR_BYTES, sum % SCALAR_FIELD_ORDER);
    });
    const g1 = (i: number) => this.#pairs1 + (at + i) * G1_BYTES;
    mod._mclBnG1_mulVec(g1(0), key.ic, this.#scalars, key.icCount);
    slots.forEach((slot, i) => {
      curve.copy(this.#gather + i * G1_BYTES, this.#c + slot * G1_BYTES, G1_BYTES);
      curve.copy(this.#gatherScalars + i * FR_BYTES, this.#rho + slot * FR_BYTES, FR_BYTES);
    });
    if (sums[0] === 1n) curve.copy(g1(1), this.#gather, G1_BYTES);
    else mod._mclBnG1_mulVec(g1(1), this.#gather, this.#gatherScalars, slots.length);
    mod._mclBnG1_neg(g1(0), g1(0));
    mod._mclBnG1_neg(g1(1), g1(1));
    curve.copy(this.#pairs2 + at * G2_BYTES, key.g2 + G2_BYTES, 2 * G2_BYTES);
    if (sums[0] === 1n) {
      ready.push(key.minusAlphaBeta);
      return 2;
    }
    mod._mclBnG1_mul(g1(2), key.minusAlpha, this.#scalars);
    curve.copy(this.#pairs2 + (at + 2) * G2_BYTES, key.g2, G2_BYTES);
    return 3;
  }
}

/** An engine for these keys, in their order. The first call on a thread compiles mcl (about 60 ms). */
export async function createMclEngine(
  keys: readonly VerifyingKey[],
  coefficients?: CoefficientSource,
): Promise<MclEngine> {
  return new MclEngine(await getMclCurve(), keys, coefficients);
}
