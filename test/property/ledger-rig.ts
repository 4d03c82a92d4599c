import assert from 'node:assert/strict';
import { toHex } from '../../src/base/bytes.ts';
import { receiptsRoot } from '../../src/ledger/block/receipts.ts';
import { openDelta } from '../../src/ledger/execute/delta.ts';
import { readEvents } from '../../src/ledger/execute/events.ts';
import { BlockExecutor, type ExecutedBlock } from '../../src/ledger/execute/executor.ts';
import { type PlannedBlock, RECEIPT_WORDS } from '../../src/ledger/execute/shared.ts';
import { DIRTY_WORD, SLOT_WORDS } from '../../src/ledger/state/slot.ts';
import { StateTable } from '../../src/ledger/state/table.ts';
import { StateTree } from '../../src/ledger/state/tree.ts';
import { deltaOf } from '../unit/ledger/state/records.ts';
import type { JudgedBlock, JudgedWorld } from './ledger-judge.ts';
import type { MakeSchedule } from './ledger-schedules.ts';
import { PROGRAMS } from './ledger-script.ts';
import { FEE_ACCOUNT, NETWORK } from './ledger-worlds.ts';

export const CAPACITY = 4096;

/** How the planner runs ahead: not at all, before the earlier block is executed, or while it is. */
export type Ahead = 'no' | 'before' | 'during';

/** A ledger that is kept from world to world, since starting threads takes longer than a world. */
export class Rig {
  readonly lanes: number;
  /** Waves of the block that had most, of those that went to several lanes. */
  mostWaves = 0;
  readonly #table: StateTable;
  readonly #executor: BlockExecutor;
  readonly #make: { schedule: MakeSchedule };

  private constructor(lanes: number, table: StateTable, executor: BlockExecutor, make: { schedule: MakeSchedule }) {
    this.lanes = lanes;
    this.#table = table;
    this.#executor = executor;
    this.#make = make;
  }

  /** @param lanes 0 = the test's own thread */
  static async start(lanes: number, slow = false): Promise<Rig> {
    const table = new StateTable(CAPACITY);
    const make: { schedule: MakeSchedule } = { schedule: () => assert.fail('no schedule was chosen') };
    const programsModule = new URL(slow ? './ledger-script-slow.ts' : './ledger-script.ts', import.meta.url).href;
    const executor = await BlockExecutor.start({
      table,
      programs: PROGRAMS,
      programsModule,
      network: NETWORK,
      feeAccount: FEE_ACCOUNT,
      lanes,
      schedule: (block, count) => make.schedule(block, count),
    });
    return new Rig(lanes, table, executor, make);
  }

  /** Runs the world and fails at the first difference to what the baseline said. */
  async check(world: JudgedWorld, schedule: MakeSchedule, ahead: Ahead): Promise<void> {
    this.#make.schedule = schedule;
    const tree = this.#reset(world);
    let next: PlannedBlock | undefined;
    for (let i = 0; i < world.blocks.length; i += 1) {
      const block = world.blocks[i] as JudgedBlock;
      const planned = next ?? this.#plan(block);
      const following = world.blocks[i + 1];
      next = following !== undefined && ahead === 'before' ? this.#plan(following) : undefined;
      const running = this.#executor.execute(planned);
      if (following !== undefined && ahead === 'during') next = this.#plan(following);
      const executed = await running;
      compare(block, executed, tree, this.#table);
      if (executed.lanes > 1) this.mostWaves = Math.max(this.mostWaves, executed.waves);
      this.#executor.recycle(executed.delta);
    }
    assert.equal(this.#table.size, world.blocks.at(-1)?.state.size, 'slots without a record were not given back');
  }

  close(): Promise<void> {
    return this.#executor.close();
  }

  #plan({ batch, height, time }: JudgedBlock): PlannedBlock {
    return this.#executor.plan(batch, height, time);
  }

  /** The genesis and nothing else, in slots that were in use before. */
  #reset({ genesis }: JudgedWorld): StateTree {
    const table = this.#table;
    for (const { slot, key } of [...table.entries()].map(({ slot, key }) => ({ slot, key: key.slice() }))) {
      table.put(key, new Uint8Array(0));
      table.release(slot);
    }
    for (let slot = 0; slot < table.top; slot += 1) table.views.ints[slot * SLOT_WORDS + DIRTY_WORD] = 0;
    const changes = [...genesis].map(([name, value]) => {
      const key = new Uint8Array(Buffer.from(name, 'hex'));
      return { slot: table.put(key, value), key, value };
    });
    const tree = new StateTree(CAPACITY);
    tree.build(deltaOf(changes));
    return tree;
  }
}

function compare(block: JudgedBlock, executed: ExecutedBlock, tree: StateTree, table: StateTable): void {
  const { planned, events, delta } = executed;
  const { words, longs } = planned.receipts;
  const receipts = block.receipts.map((_, i) => {
    const at = i * RECEIPT_WORDS;
    const [from, length, lane] = [words[at + 4] ?? 0, words[at + 5] ?? 0, words[at + 6] ?? 0];
    return {
      status: (words[at] ?? 0) & 0xffff,
      operation: (words[at] ?? 0) >>> 16,
      gasUsed: words[at + 1],
      fee: longs[(at + 2) >> 1],
      events: readEvents(events[lane]?.subarray(from, from + length) ?? new Uint8Array(0)),
    };
  });
  assert.deepEqual(receipts, block.receipts);
  const records = [...table.entries()].map(({ key, value }): [string, string] => [toHex(key), toHex(value)]);
  assert.deepEqual(new Map(records.sort(byKey)), new Map([...block.state].sort(byKey)));
  assert.equal(toHex(tree.apply(openDelta(delta))), block.stateRoot);
  assert.equal(toHex(receiptsRoot(words, block.receipts.length, events)), block.receiptsRoot);
}

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}
