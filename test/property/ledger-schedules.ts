import type { PlannedBlock } from '../../src/ledger/execute/shared.ts';
import { keyRanges } from '../../src/ledger/schedule/components.ts';
import { CostModel } from '../../src/ledger/schedule/cost-model.ts';
import type { Schedule } from '../../src/ledger/schedule/interface.ts';
import { Scheduler } from '../../src/ledger/schedule/scheduler.ts';
import { Waves } from '../../src/ledger/schedule/waves.ts';

/** Schedules for blocks as small as those of tests, for which the scheduler itself would not start other threads. */

export type MakeSchedule = (block: PlannedBlock, lanes: number) => Schedule;

/** A small generator of numbers in [0, 1), by seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Estimates that have nothing to do with the work. */
class NonsenseCosts extends CostModel {
  readonly #random: () => number;

  constructor(random: () => number) {
    super();
    this.#random = random;
  }

  override estimate(): number {
    const dice = this.#random();
    if (dice < 0.02) return Number.NaN;
    if (dice < 0.04) return Number.POSITIVE_INFINITY;
    if (dice < 0.06) return -1e6;
    return dice < 0.3 ? 0 : 10 ** (dice * 10);
  }
}

/** The scheduler with random costs, so that it packs components and makes waves of any kind. */
export function nonsense(capacity: number, seed: number): MakeSchedule {
  const scheduler = new Scheduler(capacity, new NonsenseCosts(randomOf(seed)));
  return (block, lanes) => scheduler.schedule(block, lanes);
}

/** The scheduler on costs that are as they should be but for the unit, so that it works in parallel. */
export function dear(capacity: number): MakeSchedule {
  class DearCosts extends CostModel {
    override estimate(): number {
      return 400_000;
    }
  }
  const scheduler = new Scheduler(capacity, new DearCosts());
  return (block, lanes) => scheduler.schedule(block, lanes);
}

/** The whole block in waves, dealt to the lanes in turn. */
export function waves(capacity: number): MakeSchedule {
  const levels = new Waves(capacity);
  return (block, lanes) => {
    const { levels: waveOf, count } = levels.levels(block, indexes(block));
    return scheduleOf(block.batch.count, lanes, count, (i) => ({ wave: waveOf[i] ?? 0, lane: i % lanes }));
  };
}

/** Any valid schedule: conflicting transactions on one lane in order, or in waves one after the other. */
export function shuffled(seed: number): MakeSchedule {
  const random = randomOf(seed);
  return (block, lanes) => {
    const places: { wave: number; lane: number }[] = [];
    let count = 1;
    for (let i = 0; i < block.batch.count; i += 1) {
      const before = places.filter((_, j) => conflict(block, j, i));
      const wave = Math.max(0, ...before.map((place) => place.wave));
      const beside = new Set(before.filter((place) => place.wave === wave).map(({ lane }) => lane));
      const [only] = beside;
      const gap = random() < 0.05 ? 1 : 0;
      const anywhere = Math.floor(random() * lanes);
      if (beside.size > 1 || (beside.size === 1 && random() < 0.3)) places.push({ wave: wave + 1, lane: anywhere });
      else places.push({ wave: wave + gap, lane: gap === 1 ? anywhere : (only ?? anywhere) });
      count = Math.max(count, (places[i]?.wave ?? 0) + 1);
    }
    const schedule = scheduleOf(block.batch.count, lanes, count, (i) => places[i] ?? { wave: 0, lane: 0 });
    shuffleParts(block, schedule, random);
    return schedule;
  };
}

/** Within one wave and lane neighbours that do not conflict change places. */
function shuffleParts(block: PlannedBlock, { order, bounds }: Schedule, random: () => number): void {
  for (let part = 0; part + 1 < bounds.length; part += 1) {
    const [from, to] = [bounds[part] ?? 0, bounds[part + 1] ?? 0];
    for (let turn = (to - from) * 3; turn > 0 && to - from > 1; turn -= 1) {
      const at = from + Math.floor(random() * (to - from - 1));
      const [a, b] = [order[at] ?? 0, order[at + 1] ?? 0];
      if (!conflict(block, a, b)) order.set([b, a], at);
    }
  }
}

function conflict(block: PlannedBlock, a: number, b: number): boolean {
  const [one, other] = [keysOf(block, a), keysOf(block, b)];
  const meets = (writes: number[], all: number[]) => writes.some((slot) => all.includes(slot));
  return meets(one.writes, [...other.writes, ...other.reads]) || meets(other.writes, one.reads);
}

function keysOf({ batch, slots, starts }: PlannedBlock, index: number): { writes: number[]; reads: number[] } {
  const { writesFrom, writesTo, readsTo, replay } = keyRanges(batch, starts, index);
  const writes = [...slots.subarray(writesFrom, writesTo), ...(replay < 0 ? [] : slots.subarray(replay, replay + 1))];
  return { writes, reads: [...slots.subarray(writesTo, readsTo)] };
}

function indexes(block: PlannedBlock): Int32Array {
  return Int32Array.from({ length: block.batch.count }, (_, i) => i);
}

function scheduleOf(
  count: number,
  lanes: number,
  waveCount: number,
  placeOf: (index: number) => { wave: number; lane: number },
): Schedule {
  const rounds = Math.max(waveCount, 1);
  const parts = Array.from({ length: rounds * lanes }, (): number[] => []);
  for (let i = 0; i < count; i += 1) {
    const { wave, lane } = placeOf(i);
    parts[wave * lanes + lane]?.push(i);
  }
  const order = new Int32Array(new SharedArrayBuffer(count * 4));
  const bounds = new Uint32Array(new SharedArrayBuffer((parts.length + 1) * 4));
  parts.forEach((part, i) => {
    order.set(part, bounds[i]);
    bounds[i + 1] = (bounds[i] ?? 0) + part.length;
  });
  return { lanes, waves: rounds, order, bounds, expected: 1e9 };
}
