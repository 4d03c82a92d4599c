/** Executes blocks in memory, the next one planned while one is executed, as the pipeline does it. */
import type { BlockBatch } from '../../src/ledger/block/batch.ts';
import { BlockExecutor } from '../../src/ledger/execute/executor.ts';
import { type PlannedBlock, RECEIPT_WORDS } from '../../src/ledger/execute/shared.ts';
import type { Program } from '../../src/ledger/program/interface.ts';
import { PROGRAMS } from '../../src/ledger/programs/index.ts';
import { AT } from '../../src/ledger/transaction/layout.ts';
import type { Sample } from './ledger-rows.ts';
import { FEE_ACCOUNT, type LedgerWorld, NETWORK } from './ledger-world.ts';

export interface ProgramSet {
  readonly map: ReadonlyMap<number, Program>;
  readonly module: string;
}

const OWN: ProgramSet = {
  map: PROGRAMS,
  module: new URL('../../src/ledger/programs/index.ts', import.meta.url).href,
};

/** Of all blocks; programs look at deadlines and ages. */
export const BLOCK_TIME = 1_000_000n;

export interface Execution {
  readonly lanes: number;
  /** Lanes that took part in the last block, and its waves. */
  readonly shape: { lanes: number; waves: number };
  /** One sample a block. @throws Error where a transaction failed, since that costs less than one that does not */
  series(blocks: readonly BlockBatch[]): Promise<Sample[]>;
  close(): Promise<void>;
}

/** Heights go on from one execution to the other: records remember which height changed them last. */
const heights = new WeakMap<LedgerWorld, bigint>();

/** @param lanes 0 = the calling thread, which is the sequential baseline */
export async function openExecution(world: LedgerWorld, lanes: number, programs = OWN): Promise<Execution> {
  const executor = await BlockExecutor.start({
    table: world.table,
    programs: programs.map,
    programsModule: programs.module,
    network: NETWORK,
    feeAccount: FEE_ACCOUNT,
    lanes,
  });
  const shape = { lanes: 0, waves: 0 };
  const plan = (block: BlockBatch): PlannedBlock => {
    const height = (heights.get(world) ?? 0n) + 1n;
    heights.set(world, height);
    return executor.plan(block, height, BLOCK_TIME);
  };
  return {
    lanes,
    shape,
    async series(blocks) {
      const ends = [performance.now()];
      const done: PlannedBlock[] = [];
      let [planned] = blocks.slice(0, 1).map(plan);
      for (let i = 0; planned !== undefined; i += 1) {
        const running = executor.execute(planned);
        const next = blocks[i + 1];
        const ahead = lanes > 0 && next !== undefined ? plan(next) : undefined;
        const executed = await running;
        executor.recycle(executed.delta);
        ends.push(performance.now());
        done.push(planned);
        Object.assign(shape, { lanes: executed.lanes, waves: executed.waves });
        planned = ahead ?? (next === undefined ? undefined : plan(next));
      }
      done.forEach(requireSuccess);
      return done.map(({ batch }, i) => ({
        transactions: batch.count,
        operations: operationsOf(batch),
        ms: (ends[i + 1] ?? 0) - (ends[i] ?? 0),
      }));
    },
    close: () => executor.close(),
  };
}

export function operationsOf({ bytes, offsets, count }: BlockBatch): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += bytes[(offsets[i] ?? 0) + AT.operations] ?? 0;
  return sum;
}

export function requireSuccess({ batch, receipts }: PlannedBlock): void {
  for (let i = 0; i < batch.count; i += 1) {
    const word = receipts.words[i * RECEIPT_WORDS] ?? 0;
    if ((word & 0xffff) !== 0) {
      throw new Error(`transaction ${i} of a block ended with status ${word & 0xffff} in operation ${word >>> 16}`);
    }
  }
}
