import type { PlannedBlock } from '../execute/shared.ts';
import { Components } from './components.ts';
import { type CostModel, costKey } from './cost-model.ts';
import type { Schedule } from './interface.ts';
import { Waves } from './waves.ts';

/** Nanoseconds: a barrier between two waves, and handing a block to other threads and back. */
const BARRIER = 8_000;
const HAND_OVER = 150_000;
/** Nanoseconds a transaction: to find and pack components, and what a second core pays for records that it did not have. */
const SCHEDULING = 2_000;
/** Parallel work is chosen only where it is expected to save as much of the time. */
const LEAST_GAIN = 0.1;
/** A component above this share of a lane's fair part is placed before the small ones. */
const HEAVY_SHARE = 0.05;

/** One transaction of so many is looked at before it is known whether a closer look pays. */
const SAMPLED = 16;

const NOTHING = { order: new Int32Array(0), bounds: new Uint32Array(0) };

interface Load {
  readonly lanes: Float64Array;
}

/**
 * Makes schedules: components to lanes, the heaviest first onto the least loaded (Graham 1969); a component that is
 * too large for one lane in waves, where that is expected to be faster; one lane where more cannot pay.
 */
export class Scheduler {
  readonly #components: Components;
  readonly #waves: Waves;
  readonly #costs: CostModel;
  #cost = new Float64Array(0);
  #componentCost = new Float64Array(0);
  #laneOf = new Int32Array(0);

  constructor(capacity: number, costs: CostModel) {
    this.#components = new Components(capacity);
    this.#waves = new Waves(capacity);
    this.#costs = costs;
  }

  /** @param lanes at most; with 1 nothing is looked at */
  schedule(block: PlannedBlock, lanes: number): Schedule {
    const { count } = block.batch;
    const rough = this.#sample(block);
    if (lanes <= 1 || rough * (1 - 1 / lanes) < HAND_OVER + count * SCHEDULING)
      return { lanes: 1, waves: 1, expected: rough, ...NOTHING };
    const expected = this.#estimate(block);
    const serial: Schedule = { lanes: 1, waves: 1, expected, ...NOTHING };
    this.#components.build(block);
    const fair = expected / lanes;
    const componentCost = this.#componentCost.fill(0, 0, count);
    for (let i = 0; i < count; i += 1) {
      const root = this.#components.root(i);
      componentCost[root] = (componentCost[root] as number) + (this.#cost[i] as number);
    }
    const heavy: number[] = [];
    for (let i = 0; i < count; i += 1) if ((componentCost[i] as number) > fair * HEAVY_SHARE) heavy.push(i);
    heavy.sort((a, b) => (componentCost[b] as number) - (componentCost[a] as number) || a - b);
    const [largest] = heavy;
    const inWaves =
      largest !== undefined && (componentCost[largest] as number) > fair
        ? this.#inWaves(block, largest, lanes, componentCost[largest] as number, expected)
        : undefined;
    const load: Load = { lanes: new Float64Array(lanes) };
    this.#pack(
      count,
      inWaves === undefined ? heavy : heavy.slice(1),
      inWaves === undefined ? -1 : (largest ?? -1),
      load,
    );
    const busiest = Math.max(...load.lanes) + (inWaves?.expected ?? 0);
    if (busiest + HAND_OVER > expected * (1 - LEAST_GAIN)) return serial;
    return this.#write(count, lanes, inWaves?.waves ?? [], largest ?? -1, expected);
  }

  /** Of the whole block, by every sixteenth transaction. */
  #sample({ batch, slots, starts }: PlannedBlock): number {
    let total = 0;
    for (let i = 0; i < batch.count; i += SAMPLED) {
      const key = slots[costKey(batch, starts, i)] as number;
      total += this.#costs.estimate(batch, batch.offsets[i] as number, key);
    }
    return (total * batch.count) / Math.max(1, Math.ceil(batch.count / SAMPLED));
  }

  #estimate(block: PlannedBlock): number {
    const { batch, slots, starts } = block;
    const { count } = batch;
    if (this.#cost.length < count) {
      this.#cost = new Float64Array(count * 2);
      this.#componentCost = new Float64Array(count * 2);
      this.#laneOf = new Int32Array(count * 2);
    }
    let total = 0;
    for (let i = 0; i < count; i += 1) {
      const key = slots[costKey(batch, starts, i)] as number;
      const cost = this.#costs.estimate(batch, batch.offsets[i] as number, key);
      this.#cost[i] = cost;
      total += cost;
    }
    return total;
  }

  /** The waves of a component, each dealt to the lanes, if that beats leaving it to one lane. */
  #inWaves(block: PlannedBlock, component: number, lanes: number, cost: number, total: number) {
    const members: number[] = [];
    for (let i = 0; i < block.batch.count; i += 1) if (this.#components.root(i) === component) members.push(i);
    const { levels, count } = this.#waves.levels(block, Int32Array.from(members));
    const waves: number[][][] = Array.from({ length: count }, () => Array.from({ length: lanes }, () => []));
    const loads = Array.from({ length: count }, () => new Float64Array(lanes));
    members.forEach((index, i) => {
      const wave = levels[i] as number;
      const load = loads[wave] as Float64Array;
      const lane = leastLoaded(load);
      load[lane] = (load[lane] as number) + (this.#cost[index] as number);
      waves[wave]?.[lane]?.push(index);
    });
    const expected = loads.reduce((sum, load) => sum + Math.max(...load) + BARRIER, 0);
    // Left whole, the component bounds the block from below, and the rest fills the other lanes.
    const whole = Math.max(cost, total / lanes);
    return expected + (total - cost) / lanes < whole ? { waves, expected } : undefined;
  }

  #pack(count: number, heavy: readonly number[], apart: number, load: Load): void {
    const laneOf = this.#laneOf.fill(-1, 0, count);
    const place = (root: number) => {
      const lane = leastLoaded(load.lanes);
      laneOf[root] = lane;
      load.lanes[lane] = (load.lanes[lane] as number) + (this.#componentCost[root] as number);
    };
    for (const root of heavy) place(root);
    for (let i = 0; i < count; i += 1) {
      const root = this.#components.root(i);
      if (root !== apart && laneOf[root] === -1) place(root);
    }
  }

  #write(count: number, lanes: number, first: number[][][], apart: number, expected: number): Schedule {
    const waves = first.length + 1;
    const order = new Int32Array(new SharedArrayBuffer(count * 4));
    const bounds = new Uint32Array(new SharedArrayBuffer((waves * lanes + 1) * 4));
    let next = 0;
    first.forEach((wave, w) => {
      wave.forEach((members, lane) => {
        bounds[w * lanes + lane] = next;
        order.set(members, next);
        next += members.length;
      });
    });
    const skipped = first.length > 0 ? apart : -1;
    const sizes = new Uint32Array(lanes);
    const laneAt = (i: number) => {
      const root = this.#components.root(i);
      return root === skipped ? -1 : (this.#laneOf[root] as number);
    };
    for (let i = 0; i < count; i += 1) {
      const lane = laneAt(i);
      if (lane >= 0) sizes[lane] = (sizes[lane] as number) + 1;
    }
    const places = new Uint32Array(lanes);
    for (let lane = 0; lane < lanes; lane += 1) {
      bounds[(waves - 1) * lanes + lane] = next;
      places[lane] = next;
      next += sizes[lane] as number;
    }
    bounds[waves * lanes] = next;
    for (let i = 0; i < count; i += 1) {
      const lane = laneAt(i);
      if (lane < 0) continue;
      order[places[lane] as number] = i;
      places[lane] = (places[lane] as number) + 1;
    }
    return { lanes, waves, order, bounds, expected };
  }
}

function leastLoaded(load: Float64Array): number {
  let least = 0;
  for (let lane = 1; lane < load.length; lane += 1) if ((load[lane] as number) < (load[least] as number)) least = lane;
  return least;
}
