import { RECEIPT_WORDS } from './execute/shared.ts';
import type { SealedStats } from './options.ts';
import type { Sealed } from './pipeline/pipeline.ts';
import type { Program } from './program/interface.ts';
import { AT, OPERATION_HEAD_BYTES, operationsAt, padded } from './transaction/layout.ts';

/** Counts what a block did, for metrics. */
export function statsOf(
  { header, block, executed, times }: Sealed,
  programs: ReadonlyMap<number, Program>,
): SealedStats {
  const { words } = executed.planned.receipts;
  const { bytes, offsets, count } = block.batch;
  const statuses = new Map<number, number>();
  const operations = new Map<number, number>();
  for (let i = 0; i < count; i += 1) {
    const status = (words[i * RECEIPT_WORDS] as number) & 0xffff;
    add(statuses, status);
    const start = offsets[i] as number;
    const at = (part: number) => bytes[start + part] as number;
    let next = start + operationsAt(at(AT.writes), at(AT.reads), at(AT.credits));
    for (let operation = at(AT.operations); operation > 0; operation -= 1) {
      const program = bytes[next] as number;
      add(operations, (programs.has(program) ? program : 0) * 65_536 + status);
      next += OPERATION_HEAD_BYTES + padded((bytes[next + 2] as number) | ((bytes[next + 3] as number) << 8));
    }
  }
  const { lanes, waves } = executed;
  const took = { executeMs: times.execute, hashMs: times.hash };
  return { height: header.height, transactions: count, lanes, waves, statuses, operations, ...took };
}

function add(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
