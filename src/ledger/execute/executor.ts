import type { BlockBatch } from '../block/batch.ts';
import { accountKey } from '../keys.ts';
import { LanePool } from '../lanes/pool.ts';
import { runSampled, Sampler } from '../lanes/sampler.ts';
import type { Program } from '../program/interface.ts';
import { CostModel, costKey } from '../schedule/cost-model.ts';
import type { Schedule } from '../schedule/interface.ts';
import { Scheduler } from '../schedule/scheduler.ts';
import type { StateTable } from '../state/table.ts';
import { type DeltaBuffer, makeDeltaBuffer, openDelta } from './delta.ts';
import { Lane } from './lane.ts';
import { BlockPlanner } from './planner.ts';
import type { PlannedBlock } from './shared.ts';

export interface ExecutorOptions {
  readonly table: StateTable;
  readonly programs: ReadonlyMap<number, Program>;
  /** URL of the module that exports these programs as PROGRAMS, for lanes. */
  readonly programsModule: string;
  /** 16 bytes. */
  readonly network: Uint8Array;
  /** Address that fees are credited to. */
  readonly feeAccount: Uint8Array;
  /** Threads; 0 = the caller's own. */
  readonly lanes: number;
  /** For tests: another way to make schedules. The result must not change. */
  readonly schedule?: ((block: PlannedBlock, lanes: number) => Schedule) | undefined;
}

export interface ExecutedBlock {
  readonly planned: PlannedBlock;
  /** Events by lane; receipts say where. */
  readonly events: readonly Uint8Array[];
  /** Give it back with `recycle` when nobody reads it any more. */
  readonly delta: DeltaBuffer;
  /** Lanes that took part, and in how many waves. */
  readonly lanes: number;
  readonly waves: number;
}

/** Nanoseconds of work that the calling thread may be kept from everything else. */
const OWN_THREAD = 2_000_000;

/** Executes blocks on the calling thread or on lanes, whichever is expected to be faster. */
export class BlockExecutor {
  readonly #options: ExecutorOptions;
  readonly #planner: BlockPlanner;
  readonly #scheduler: Scheduler;
  readonly #costs = new CostModel();
  /** For blocks that are too small for other threads. */
  readonly #own: Lane;
  readonly #sampler = new Sampler();
  readonly #pool: LanePool | undefined;
  readonly #buffers: DeltaBuffer[] = [];
  readonly #feeSlots = new WeakMap<PlannedBlock, number>();

  private constructor(options: ExecutorOptions, pool: LanePool | undefined) {
    const { table, programs, network } = options;
    this.#options = options;
    this.#pool = pool;
    this.#planner = new BlockPlanner(table);
    this.#scheduler = new Scheduler(table.shared.capacity, this.#costs);
    this.#own = new Lane(table.shared, programs, { lane: 0, lanes: 1, network });
  }

  static async start(options: ExecutorOptions): Promise<BlockExecutor> {
    const { table, network, lanes, programsModule } = options;
    const pool = lanes > 0 ? await LanePool.start(table.shared, network, lanes, programsModule) : undefined;
    return new BlockExecutor(options, pool);
  }

  /** Looks keys up and takes slots; may run while an earlier block is executed. @throws LEDGER_STATE_FULL */
  plan(batch: BlockBatch, height: bigint, time: bigint): PlannedBlock {
    const planned = this.#planner.plan(batch, height, time);
    this.#feeSlots.set(planned, this.#planner.name(accountKey(this.#options.feeAccount)));
    return planned;
  }

  /** Executes planned blocks one at a time, in the order in which they were planned. @throws LEDGER_LANE_FAILED */
  async execute(planned: PlannedBlock): Promise<ExecutedBlock> {
    const lanes = this.#pool?.lanes ?? 1;
    const make = this.#options.schedule ?? ((block, count) => this.#scheduler.schedule(block, count));
    const made = make(planned, lanes);
    const here = this.#pool === undefined || (made.lanes === 1 && made.expected < OWN_THREAD);
    const schedule = !here && made.lanes === 1 ? alone(planned.batch.count, lanes, made.expected) : made;
    const delta = this.#takeBuffer(planned.slots.length + 1);
    const feeSlot = this.#feeSlots.get(planned) ?? 0;
    const executed =
      this.#pool === undefined || here
        ? this.#executeHere(planned, delta, feeSlot)
        : await this.#executeOnLanes(this.#pool, planned, schedule, delta, feeSlot);
    this.#planner.finish(openDelta(delta));
    return executed;
  }

  /** Records that there are, without the slots that blocks under way hold. */
  get records(): number {
    return Math.max(0, this.#options.table.size - this.#planner.suspects);
  }

  /** The delta is not read any more. */
  recycle(delta: DeltaBuffer): void {
    this.#buffers.push(delta);
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  #executeHere(planned: PlannedBlock, delta: DeltaBuffer, feeSlot: number): ExecutedBlock {
    const lane = this.#own;
    lane.begin(planned);
    this.#sampler.begin();
    runSampled(lane.runner, this.#sampler, undefined, 0, planned.batch.count);
    lane.applyCredits(feeSlot, lane.runner.fees);
    lane.writeDelta(delta);
    this.#learn(planned, this.#sampler.take());
    const { events } = lane.runner;
    return { planned, events: [events.bytes.slice(0, events.length)], delta, lanes: 1, waves: 1 };
  }

  async #executeOnLanes(
    pool: LanePool,
    planned: PlannedBlock,
    schedule: Schedule,
    delta: DeltaBuffer,
    feeSlot: number,
  ): Promise<ExecutedBlock> {
    const { batch, slots, starts, credits, holds, receipts, height, time } = planned;
    const shared = { batch: batch.buffer, offsets: batch.offsets, receipts: receipts.buffer };
    const done = await pool.run({ ...shared, slots, starts, credits, holds, height, time, schedule, feeSlot, delta });
    for (const { samples } of done) this.#learn(planned, samples);
    return { planned, events: done.map(({ events }) => events), delta, lanes: schedule.lanes, waves: schedule.waves };
  }

  #learn({ batch, slots, starts }: PlannedBlock, samples: Float64Array): void {
    for (let i = 0; i < samples.length; i += 2) {
      const index = samples[i] as number;
      const at = batch.offsets[index] as number;
      this.#costs.learn(batch, at, slots[costKey(batch, starts, index)] as number, samples[i + 1] as number);
    }
  }

  #takeBuffer(capacity: number): DeltaBuffer {
    const index = this.#buffers.findIndex((buffer) => buffer.capacity >= capacity);
    const [buffer = makeDeltaBuffer(Math.ceil(capacity * 1.25))] = index < 0 ? [] : this.#buffers.splice(index, 1);
    Atomics.store(new Int32Array(buffer.count), 0, 0);
    // Smaller ones than blocks need now are not kept.
    if (index < 0) this.#buffers.length = 0;
    return buffer;
  }
}

/** All of a block on the first lane, so that the calling thread stays free. */
function alone(count: number, lanes: number, expected: number): Schedule {
  const order = new Int32Array(new SharedArrayBuffer(count * 4));
  for (let i = 0; i < count; i += 1) order[i] = i;
  const bounds = new Uint32Array(new SharedArrayBuffer((lanes + 1) * 4)).fill(count, 1);
  return { lanes, waves: 1, order, bounds, expected };
}
