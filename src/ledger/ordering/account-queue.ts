import type { TransactionSummary } from './interface.ts';

/** What waits for a missing number of its account; it is worth less than anything that can be executed. */
export const STRANDED = -1;

/** A transaction that waits, or that is ordered and not executed yet. */
export interface Pending {
  readonly summary: TransactionSummary;
  readonly bytes: Uint8Array;
  /** The id as a string of bytes, quicker to make than hex. */
  readonly key: string;
  readonly price: number;
  readonly fee: bigint;
  /** Order of arrival. */
  readonly arrival: number;
  readonly account: AccountQueue;
  readonly validFrom: number;
  readonly validUntil: number;
  state: 'waiting' | 'taken' | 'gone';
  /**
   * The least price on the way to it: it cannot be executed before those with lower numbers. `STRANDED` where one of
   * them is missing.
   */
  worth: number;
  /** Which heap of the selection holds it. */
  place: 'none' | 'ready' | 'early' | 'parked' | 'later';
}

/** The waiting transactions of one account. Along the numbers `worth` never rises, so the last is the least. */
export class AccountQueue {
  readonly signer: string;
  /** The first number that is neither executed nor ordered. */
  next: bigint;
  /** By number. */
  readonly numbered: Pending[] = [];
  readonly tagged = new Map<bigint, Pending>();
  /** Ordered and not executed. */
  inFlight = 0;
  /** Of all that waits or is in flight. */
  fees = 0n;

  constructor(signer: string, next: bigint) {
    this.signer = signer;
    this.next = next;
  }

  get waiting(): number {
    return this.numbered.length + this.tagged.size;
  }

  get idle(): boolean {
    return this.waiting === 0 && this.inFlight === 0;
  }

  find({ sequence, tagged }: TransactionSummary): Pending | undefined {
    if (tagged) return this.tagged.get(sequence);
    const at = this.#at(sequence);
    return this.numbered[at]?.summary.sequence === sequence ? this.numbered[at] : undefined;
  }

  /** What a transaction of this price would be worth here. */
  worthOf({ sequence, tagged }: TransactionSummary, price: number): number {
    if (tagged || sequence === this.next) return price;
    const before = this.numbered[this.#at(sequence) - 1];
    return before?.summary.sequence === sequence - 1n ? Math.min(before.worth, price) : STRANDED;
  }

  add(pending: Pending): void {
    const { sequence, tagged } = pending.summary;
    this.fees += pending.fee;
    if (tagged) this.tagged.set(sequence, pending);
    else this.numbered.splice(this.#at(sequence), 0, pending);
  }

  remove(pending: Pending): void {
    const { sequence, tagged } = pending.summary;
    this.fees -= pending.fee;
    if (tagged) this.tagged.delete(sequence);
    else this.numbered.splice(this.#at(sequence), 1);
  }

  /** The one whose loss strands no other, of those that a given one stands with. */
  lastWith(pending: Pending): Pending {
    return pending.summary.tagged ? pending : (this.numbered.at(-1) ?? pending);
  }

  /** Whether it can stand in the next block. */
  isReady({ summary }: Pending): boolean {
    return summary.tagged || summary.sequence === this.next;
  }

  /** Sets `worth` anew from a number on; calls back where it changed. */
  revalue(from: bigint, changed: (pending: Pending) => void): void {
    const { numbered } = this;
    for (let i = this.#at(from); i < numbered.length; i++) {
      const pending = numbered[i];
      if (pending === undefined) return;
      const worth = this.worthOf(pending.summary, pending.price);
      if (worth === pending.worth) continue;
      pending.worth = worth;
      changed(pending);
    }
  }

  /** Where a number stands or would stand; the newest is usually the last. */
  #at(sequence: bigint): number {
    let at = this.numbered.length;
    while (at > 0 && (this.numbered[at - 1]?.summary.sequence ?? 0n) >= sequence) at--;
    return at;
  }
}
