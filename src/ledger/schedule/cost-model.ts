import type { BlockBatch } from '../block/batch.ts';
import { AT, OPERATION_HEAD_BYTES, operationsAt, padded } from '../transaction/layout.ts';

/** Weight of a new sample: about the last twenty count. */
const WEIGHT = 0.05;
/** What a transaction costs without its operations, and an operation that was never seen, in nanoseconds. */
const FIRST_BASE = 400;
const FIRST_OPERATION = 600;
/** Keys are told apart by this many buckets; two in one bucket cost speed, nothing else. */
const KEY_BUCKETS = 4096;

/**
 * What transactions will cost, in nanoseconds, learned from samples that lanes take: an exponentially weighted average
 * per operation of a program, and a factor per first written key. It decides where work is done and never what comes
 * out; being wrong costs time.
 */
export class CostModel {
  readonly #operations = new Float64Array(256 * 256).fill(FIRST_OPERATION);
  readonly #keys = new Float32Array(KEY_BUCKETS).fill(1);
  #base = FIRST_BASE;

  /** Expected nanoseconds of the transaction at byte `at`; `slot` is that of its first declared write, or of its signer. */
  estimate(batch: BlockBatch, at: number, slot: number): number {
    const { bytes } = batch;
    const count = bytes[at + AT.operations] as number;
    let next = at + this.#operationsAt(bytes, at);
    let cost = this.#base;
    for (let i = 0; i < count; i += 1) {
      cost += this.#operations[((bytes[next] as number) << 8) | (bytes[next + 1] as number)] as number;
      next += OPERATION_HEAD_BYTES + padded((bytes[next + 2] as number) | ((bytes[next + 3] as number) << 8));
    }
    return cost * (this.#keys[slot & (KEY_BUCKETS - 1)] as number);
  }

  /** Takes a measured time of one transaction in, nanoseconds. */
  learn(batch: BlockBatch, at: number, slot: number, nanoseconds: number): void {
    const expected = this.estimate(batch, at, slot);
    // One pause of the machine must not stand for a program: what is far off counts as ten times at most.
    const ratio = Math.min(Math.max(nanoseconds / expected, 0.1), 10);
    const { bytes } = batch;
    const count = bytes[at + AT.operations] as number;
    let next = at + this.#operationsAt(bytes, at);
    for (let i = 0; i < count; i += 1) {
      const operation = ((bytes[next] as number) << 8) | (bytes[next + 1] as number);
      this.#operations[operation] = (this.#operations[operation] as number) * (1 + WEIGHT * (ratio - 1));
      next += OPERATION_HEAD_BYTES + padded((bytes[next + 2] as number) | ((bytes[next + 3] as number) << 8));
    }
    const key = slot & (KEY_BUCKETS - 1);
    const factor = (this.#keys[key] as number) * (1 + WEIGHT * (ratio - 1));
    this.#keys[key] = Math.min(Math.max(factor, 0.25), 16);
    this.#base = Math.max(50, this.#base * (1 + WEIGHT * 0.1 * (ratio - 1)));
  }

  #operationsAt(bytes: Uint8Array, at: number): number {
    return operationsAt(
      bytes[at + AT.writes] as number,
      bytes[at + AT.reads] as number,
      bytes[at + AT.credits] as number,
    );
  }
}

/** Where in `slots` the key stands that a transaction's time is booked on: the first declared write, or its signer. */
export function costKey(batch: BlockBatch, starts: Uint32Array, index: number): number {
  const writes = batch.bytes[(batch.offsets[index] as number) + AT.writes] as number;
  return (starts[index] as number) + (writes > 0 ? 1 : 0);
}
