/**
 * What work costs: one gas is about ten nanoseconds on the machine of docs/benchmarks.md. Prices are consensus; how long
 * something really takes is the cost model's affair and changes no result.
 */
export const GAS = {
  transaction: 100,
  /** Per 8 bytes of the transaction: what every peer hashes, keeps and sends. */
  word: 1,
  /** Gas of a block for each of its bytes by default: a limit below that would take more bytes than its part. */
  roomByte: 12,
  key: 10,
  /** Checked in batches; its price is that of one in a batch. */
  proof: 30_000,
  signature: { 1: 3_000, 2: 12_000, 3: 15_000 } as Readonly<Record<number, number>>,
  argument: 1,
  read: 2,
  write: 5,
  /** A new record is kept by everybody for as long as it is there. */
  create: 200,
  /** It may make a record that is kept for ever. */
  credit: 100,
  event: 20,
  eventByte: 1,
} as const;

/** A transaction takes room in its block by its limit, so at least this part of it is paid: 1 / 8. */
const LEAST_SHARE = 8;

/** Gas that is paid for: what was used, and no less than an eighth of the limit. */
export function billedGas(used: number, limit: number): number {
  return Math.max(used, Math.ceil(limit / LEAST_SHARE));
}
