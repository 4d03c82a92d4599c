import { FeeSum } from './fee-sum.ts';
import type { TransactionSummary } from './interface.ts';

/** What waits for a missing number of its account; it is worth less than anything that can be executed. */
export const STRANDED = -1;

/** A transaction that waits, or that is ordered and not executed yet: what the pool keeps of its summary, and more. */
export interface Pending {
  /** Number of its id in the pool's table. */
  readonly slot: number;
  readonly account: AccountQueue;
  /** In exact numbers: one that is none is too far ahead of any account. */
  readonly sequence: number;
  /** Where it has one instead of a number. */
  readonly tag: bigint | undefined;
  readonly bytes: Uint8Array;
  readonly byteLength: number;
  readonly gasLimit: number;
  readonly keys: number;
  readonly writeKeys: readonly string[];
  readonly price: number;
  /** Below 2^52. */
  readonly fee: number;
  /** Order of arrival. */
  readonly arrival: number;
  readonly validFrom: number;
  readonly validUntil: number;
  state: 'waiting' | 'taken' | 'gone';
  /**
   * The least price on the way to it: it cannot be executed before those with lower numbers. `STRANDED` where one of
   * them is missing.
   */
  worth: number;
  /** Whether it was valid in the next block when it came. */
  readonly isTimely: boolean;
  /** Which heap of the selection holds it. */
  place: 'none' | 'ready' | 'early' | 'parked' | 'held' | 'later';
}

const NOTHING: readonly Pending[] = [];

/** The waiting transactions of one account. Along the numbers `worth` never rises, so the last is the least. */
export class AccountQueue {
  readonly signer: string;
  /** The first number that is neither executed nor ordered. */
  next: number;
  /** By number. */
  numbered: readonly Pending[] = NOTHING;
  /** By tag; made when there is one. */
  tagged: Map<bigint, Pending> | undefined;
  /** Ordered and not executed. */
  inFlight = 0;
  /** Height of the last block that took one of them, how many it took, and their gas. */
  takenAt = -1;
  taken = 0;
  takenGas = 0;
  /** How many of its numbers wait that are not valid yet: those behind them cannot stand in the next block either. */
  early = 0;
  /** Kept by `Executable`: what of it could stand in the next block, and whether that counts. */
  readonly executable = { transactions: 0, bytes: 0, gas: 0 };
  isCounted = true;
  /** Of all that waits or is in flight. */
  readonly fees = new FeeSum();

  constructor(signer: string, next: number) {
    this.signer = signer;
    this.next = next;
  }

  get waiting(): number {
    return this.numbered.length + (this.tagged?.size ?? 0);
  }

  get idle(): boolean {
    return this.waiting === 0 && this.inFlight === 0;
  }

  find({ sequence, tagged }: TransactionSummary): Pending | undefined {
    if (tagged) return this.tagged?.get(sequence);
    const number = Number(sequence);
    const there = this.numbered[this.#at(number)];
    return there?.sequence === number ? there : undefined;
  }

  /** What a transaction of this price would be worth here. */
  worthOf(sequence: number, tagged: boolean, price: number): number {
    if (tagged || sequence === this.next) return price;
    const before = this.numbered[this.#at(sequence) - 1];
    return before?.sequence === sequence - 1 ? Math.min(before.worth, price) : STRANDED;
  }

  add(pending: Pending): void {
    this.fees.add(pending.fee);
    if (pending.tag === undefined && !pending.isTimely) this.early++;
    if (pending.tag !== undefined) {
      this.tagged ??= new Map();
      this.tagged.set(pending.tag, pending);
      return;
    }
    const at = this.#at(pending.sequence);
    // Most accounts have one: an array that is grown would keep room for seventeen.
    this.numbered = this.numbered.length === 0 ? [pending] : this.numbered.toSpliced(at, 0, pending);
  }

  remove(pending: Pending): void {
    this.fees.take(pending.fee);
    if (pending.tag === undefined && !pending.isTimely) this.early--;
    if (pending.tag !== undefined) {
      this.tagged?.delete(pending.tag);
      return;
    }
    const at = this.#at(pending.sequence);
    this.numbered = this.numbered.length === 1 ? NOTHING : this.numbered.toSpliced(at, 1);
  }

  /** The one whose loss strands no other, of those that a given one stands with. */
  lastWith(pending: Pending): Pending {
    return pending.tag !== undefined ? pending : (this.numbered.at(-1) ?? pending);
  }

  /** Whether it can stand in the next block. */
  isReady({ tag, sequence }: Pending): boolean {
    return tag !== undefined || sequence === this.next;
  }

  /** Sets `worth` anew from a number on; calls back where it changed, with what it was. */
  revalue(from: number, changed: (pending: Pending, before: number) => void): void {
    const { numbered } = this;
    for (let i = this.#at(from); i < numbered.length; i++) {
      const pending = numbered[i];
      if (pending === undefined) return;
      const worth = this.worthOf(pending.sequence, false, pending.price);
      if (worth === pending.worth) continue;
      const before = pending.worth;
      pending.worth = worth;
      changed(pending, before);
    }
  }

  /** Where a number stands or would stand; the newest is usually the last. */
  #at(sequence: number): number {
    let at = this.numbered.length;
    while (at > 0 && (this.numbered[at - 1]?.sequence ?? 0) >= sequence) at--;
    return at;
  }
}
