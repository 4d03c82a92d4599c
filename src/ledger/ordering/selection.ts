import type { AccountQueue, Pending } from './account-queue.ts';
import { LazyHeap } from './heap.ts';
import { type BlockLimits, Round, STEPS } from './round.ts';

/** What becomes of those that are looked at. */
export interface Picking {
  /** Told of each that the block takes; tells the account, which offers the one that follows. */
  take(pending: Pending): void;
  /** Told of each that makes records for which the state has no room: it would be looked at again for each block. */
  drop(pending: Pending): void;
}

/** All that waits, ready or not. */
export interface Load {
  readonly transactions: number;
  readonly bytes: number;
  readonly gas: number;
}

/** Everything at once. */
const NO_SHARES = ['held'] as const;

/**
 * Picks what a block holds: by price, then arrival. In the first round no key's writers and no account get more than their
 * share; the second lifts the bound on accounts, the third the one on keys, and the last takes what is held, so that room
 * is never left while something waits. Where there is room for all that waits, nobody keeps anybody out, and everything
 * is in the last round. A transaction that alone takes more than a key's share passes if it is the key's first. The first
 * that does not fit closes the block, so that large ones are not passed by for ever.
 *
 * An account that has transactions in a block which is not executed yet may have nothing left to pay with: what it sends
 * is held until that block is, or until there is room that nobody else wants. So what stands in a block pays for its room.
 *
 * What writes a key whose share is used up is parked with that key and stays there: it is looked at once per block, not
 * once per transaction, however much of it an attacker sends.
 */
export class Selection {
  readonly #ready = new LazyHeap<Pending>((pending) => !current(pending, 'ready'));
  /** By the first height in which they are valid. */
  readonly #early = new LazyHeap<Pending>((pending) => !current(pending, 'early'));
  readonly #parked = new Map<string, LazyHeap<Pending>>();
  /** Of accounts that are not settled. */
  readonly #held = new LazyHeap<Pending>((pending) => !current(pending, 'held'));

  /** Records that the last block makes at most. */
  records = 0;

  /** Takes note of a transaction that can be executed next; it is not there already. */
  offer(pending: Pending): void {
    if (pending.place !== 'none') return;
    pending.place = 'ready';
    this.#ready.push(pending, -pending.price, pending.arrival);
  }

  /** Whether anything could stand in a block of this height. */
  any(height: number): boolean {
    this.#wake(height);
    if (this.#ready.peek() !== undefined || this.#held.peek() !== undefined) return true;
    for (const heap of this.#parked.values()) if (heap.peek() !== undefined) return true;
    return false;
  }

  /** The account's blocks are executed: what was held can be picked as everything else. */
  release(account: AccountQueue): void {
    const [first] = account.numbered;
    if (first?.place === 'held') this.#again(first);
    for (const pending of account.tagged?.values() ?? []) if (pending.place === 'held') this.#again(pending);
  }

  pick(limits: BlockLimits, load: Load, { take, drop }: Picking): Pending[] {
    const height = Number(limits.height);
    this.#wake(height);
    const round = new Round(limits);
    const later: Pending[] = [];
    for (const step of fitsAll(limits, load) ? NO_SHARES : STEPS) {
      round.step = step;
      for (const pending of later.splice(0)) this.#again(pending);
      while (!round.full) {
        const pending = this.#best(round);
        if (pending === undefined) break;
        if (pending.validFrom > height) this.#defer(pending);
        else if (step !== 'held' && isUnsettled(pending.account, height)) this.#hold(pending);
        else if (round.overAccount(pending) || round.overKeys(pending)) {
          pending.place = 'later';
          later.push(pending);
        } else {
          const key = round.overKey(pending);
          if (key !== undefined) this.#park(pending, key);
          else if (round.overRecords(pending)) drop(pending);
          else if (round.fits(pending)) {
            round.add(pending);
            take(pending);
          } else this.#again(pending);
        }
      }
    }
    for (const pending of later) this.#again(pending);
    this.records = round.records;
    return round.taken;
  }

  sweep(live: number): void {
    this.#ready.sweep(live);
    this.#early.sweep(live);
    this.#held.sweep(live);
  }

  /** As `sweep`, of what is parked: once per block. */
  sweepParked(live: number): void {
    for (const heap of this.#parked.values()) heap.sweep(live);
  }

  /** The best of those that are ready and of those parked with keys that are open in this round. */
  #best(round: Round): Pending | undefined {
    let best = this.#ready.peek() === undefined ? undefined : this.#ready;
    for (const [key, heap] of this.#parked) {
      if (round.closed(key)) continue;
      if (heap.peek() === undefined) this.#parked.delete(key);
      else if (best === undefined || before(heap.top, best.top)) best = heap;
    }
    if (round.step === 'held' && this.#held.peek() !== undefined) {
      if (best === undefined || before(this.#held.top, best.top)) best = this.#held;
    }
    const pending = best?.pop();
    if (pending !== undefined) pending.place = 'none';
    return pending;
  }

  #again(pending: Pending): void {
    pending.place = 'none';
    this.offer(pending);
  }

  #defer(pending: Pending): void {
    pending.place = 'early';
    this.#early.push(pending, pending.validFrom, pending.arrival);
  }

  #hold(pending: Pending): void {
    pending.place = 'held';
    this.#held.push(pending, -pending.price, pending.arrival);
  }

  #wake(height: number): void {
    for (let pending = this.#early.peek(); pending !== undefined; pending = this.#early.peek()) {
      if (pending.validFrom > height) return;
      this.#early.pop();
      this.#again(pending);
    }
  }

  #park(pending: Pending, key: string): void {
    let heap = this.#parked.get(key);
    if (heap === undefined) {
      heap = new LazyHeap<Pending>((entry) => !current(entry, 'parked'));
      this.#parked.set(key, heap);
    }
    pending.place = 'parked';
    heap.push(pending, -pending.price, pending.arrival);
  }
}

/** An entry that has lost its turn gives up its place, so that it can be offered again when its turn comes. */
function current(pending: Pending, place: Pending['place']): boolean {
  if (pending.state === 'waiting' && pending.place === place && pending.account.isReady(pending)) return true;
  if (pending.place === place) pending.place = 'none';
  return false;
}

/** Whether some of it stand in an earlier block that is not executed. */
function isUnsettled({ inFlight, takenAt }: AccountQueue, height: number): boolean {
  return inFlight > 0 && takenAt !== height;
}

function fitsAll({ transactions, bytes, gas }: BlockLimits, load: Load): boolean {
  return load.transactions <= transactions && load.bytes <= bytes && load.gas <= gas;
}

function before(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}
