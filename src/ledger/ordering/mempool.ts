import { HASH_BYTES } from '../constants.ts';
import { IdTable } from '../id-table.ts';
import { AccountQueue, type Pending, STRANDED } from './account-queue.ts';
import { Cheapest } from './cheapest.ts';
import { Executable } from './executable.ts';
import { Flights } from './flights.ts';
import { LazyHeap } from './heap.ts';
import type { Accounts, TransactionSummary } from './interface.ts';
import { MEMPOOL_DEFAULTS, type MempoolOptions } from './mempool-options.ts';
import { checkBounds, checkOutbids, full, refused, unpayable } from './refusals.ts';
import type { BlockLimits } from './round.ts';
import { type Load, Selection } from './selection.ts';

/**
 * Transactions that wait to be ordered. Each is worth the least price on the way to it (`Pending.worth`); when the pool is
 * full, the one worth least makes room for one worth more, never for one worth the same: so nobody can churn the pool for
 * free, and what waits for a missing number goes first and displaces nothing.
 */
export class Mempool {
  readonly #options: Required<MempoolOptions>;
  readonly #accounts: Accounts;
  readonly #queues = new Map<string, AccountQueue>();
  /** Ids of what waits and what is in flight. */
  readonly #known = new IdTable();
  readonly #flights = new Flights();
  readonly #selection = new Selection();
  readonly #cheapest = new Cheapest();
  readonly #expiring = new LazyHeap<Pending>((p) => p.state !== 'waiting');
  #arrivals = 0;
  #count = 0;
  #bytes = 0;
  #gas = 0;
  readonly #executable = new Executable();

  constructor(accounts: Accounts, options: MempoolOptions) {
    this.#accounts = accounts;
    this.#options = { ...MEMPOOL_DEFAULTS, ...options };
  }

  /** Waiting; not those in flight. */
  get size(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether what can be executed fills a block by itself. */
  fills(limits: Load): boolean {
    return this.#executable.fills(limits);
  }

  /** Whether it waits or is in flight. */
  has(id: Uint8Array): boolean {
    return this.#known.find(id) >= 0;
  }

  /** Ids of what a block took, 32 bytes each; until it is settled. */
  idsOf(taken: readonly Pending[]): Uint8Array {
    const words = new Uint32Array((taken.length * HASH_BYTES) / 4);
    taken.forEach(({ slot }, i) => {
      this.#known.copyTo(slot, words, (i * HASH_BYTES) / 4);
    });
    return new Uint8Array(words.buffer);
  }

  /** Whether a block of this height would hold anything. */
  any(height: bigint): boolean {
    return this.#selection.any(Number(height));
  }

  /**
   * @param height of the next block
   * @throws LEDGER_TRANSACTION_REFUSED, LEDGER_MEMPOOL_FULL; nothing has changed then
   */
  admit(summary: TransactionSummary, bytes: Uint8Array, height: bigint): void {
    if (this.#known.find(summary.id) >= 0) throw refused('it is known already');
    const { signer, gasLimit, byteLength, tagged } = summary;
    const [validFrom, validUntil] = [Number(summary.validFrom), Number(summary.validUntil)];
    checkBounds(summary, validFrom, validUntil, Number(height), this.#options);
    const state = this.#accounts.account(signer);
    const nonce = Number(state.nonce);
    const account = this.#queues.get(signer) ?? new AccountQueue(signer, nonce);
    this.#catchUp(account, nonce);
    this.#checkSequence(account, summary);
    const replaced = account.find(summary);
    const price = Number(summary.gasPrice);
    if (replaced !== undefined) checkOutbids(price, replaced.price);
    else if (account.waiting >= this.#options.perAccount) {
      throw refused(`the account has ${account.waiting} transactions waiting`, 'wait for one of them to be ordered');
    }
    const fee = price * gasLimit;
    if (account.fees.exceeds(state.balance, fee, replaced?.fee)) throw unpayable(fee, state.balance);
    const sequence = Number(summary.sequence);
    const worth = account.worthOf(sequence, tagged, price);
    if (replaced === undefined) this.#makeRoom(worth, byteLength);
    else this.#replace(replaced, byteLength);
    const pending: Pending = {
      slot: this.#known.add(summary.id),
      account,
      sequence,
      tag: tagged ? summary.sequence : undefined,
      bytes,
      byteLength,
      gasLimit,
      keys: summary.keys,
      writeKeys: summary.writeKeys,
      price,
      fee,
      arrival: this.#arrivals++,
      validFrom,
      validUntil,
      isTimely: validFrom <= Number(height),
      state: 'waiting',
      worth,
      place: 'none',
    };
    this.#expiring.push(pending, validUntil, pending.arrival);
    this.#insert(pending);
    this.#sweep();
  }

  /** What the block of a height holds, in order. It is in flight until `settle` says that it was executed. */
  takeBlock(limits: BlockLimits): readonly Pending[] {
    this.#expire(Number(limits.height));
    const load = { transactions: this.#count, bytes: this.#bytes, gas: this.#gas };
    const taken = this.#selection.pick(this.#flights.without(limits), load, {
      take: (pending) => this.#take(pending),
      drop: (pending) => this.#drop(pending, 'the state has no room for the records that it could make'),
    });
    this.#selection.sweepParked(this.#count);
    const { transactions, bytes } = this.#options;
    if (this.#count * 2 < transactions && this.#bytes * 2 < bytes) this.#cheapest.forget();
    this.#flights.begin(limits.height, taken, this.#selection.records);
    return taken;
  }

  /** The block of a height was executed: the accounts' numbers and balances count again as the state has them. */
  settle(height: bigint): void {
    const flight = this.#flights.end(height);
    for (const { slot, fee, account } of flight) {
      this.#known.remove(slot);
      account.fees.take(fee);
      account.inFlight--;
    }
    // Once each, however they stand between one another's.
    for (const account of new Set(flight.map((pending) => pending.account))) this.#refresh(account);
  }

  #checkSequence(account: AccountQueue, { sequence, tagged }: TransactionSummary): void {
    if (tagged) {
      if (this.#accounts.tagSpent(account.signer, sequence)) throw refused(`its tag ${sequence} was used before`);
      return;
    }
    const number = Number(sequence);
    if (number < account.next) throw refused(`its number is ${sequence}, the account's next is ${account.next}`);
    if (number >= account.next + this.#options.gap) {
      throw refused(`its number is ${sequence}, too far ahead of the account's next, ${account.next}`);
    }
  }

  /** Drops what is worth less until one more of this size fits; puts all back and refuses where that is not enough. */
  #makeRoom(worth: number, bytes: number): void {
    const out: Pending[] = [];
    while (this.#count >= this.#options.transactions || this.#bytes + bytes > this.#options.bytes) {
      const least = this.#cheapest.least(this.#queues.values());
      if (least === undefined || least.worth >= worth) {
        for (const pending of out.reverse()) this.#insert(pending);
        throw full();
      }
      const last = least.account.lastWith(least);
      this.#remove(last);
      out.push(last);
    }
    for (const pending of out) this.#gone(pending, 'others paid more when the pool was full');
  }

  #replace(old: Pending, bytes: number): void {
    if (this.#bytes - old.byteLength + bytes > this.#options.bytes) throw full();
    this.#drop(old, 'another transaction of the same account and number took its place');
  }

  #insert(pending: Pending): void {
    const { account } = pending;
    pending.state = 'waiting';
    this.#queues.set(account.signer, account);
    this.#count++;
    this.#bytes += pending.byteLength;
    this.#gas += pending.gasLimit;
    if (pending.worth !== STRANDED) this.#executable.count(pending, 1);
    account.add(pending);
    this.#executable.countAccount(account);
    this.#cheapest.note(pending);
    if (account.isReady(pending)) this.#selection.offer(pending);
    if (pending.tag === undefined) this.#revalue(account, pending.sequence + 1);
  }

  /** Of what waits, its id but that. Those with higher numbers are worth what is left of their way. */
  #remove(pending: Pending): void {
    const { account } = pending;
    pending.state = 'gone';
    this.#count--;
    this.#bytes -= pending.byteLength;
    this.#gas -= pending.gasLimit;
    if (pending.worth !== STRANDED) this.#executable.count(pending, -1);
    account.remove(pending);
    this.#executable.countAccount(account);
    if (pending.tag === undefined) this.#revalue(account, pending.sequence + 1);
    if (account.idle) this.#queues.delete(account.signer);
  }

  #take(pending: Pending): void {
    const { account } = pending;
    pending.state = 'taken';
    this.#count--;
    this.#bytes -= pending.byteLength;
    this.#gas -= pending.gasLimit;
    if (pending.worth !== STRANDED) this.#executable.count(pending, -1);
    account.remove(pending);
    account.fees.add(pending.fee);
    account.inFlight++;
    this.#executable.countAccount(account);
    if (pending.tag !== undefined) return;
    account.next = pending.sequence + 1;
    const [following] = account.numbered;
    if (following !== undefined && account.isReady(following)) this.#selection.offer(following);
    this.#revalue(account, account.next);
  }

  #expire(height: number): void {
    for (let pending = this.#expiring.peek(); pending !== undefined; pending = this.#expiring.peek()) {
      if (pending.validUntil >= height) return;
      this.#drop(pending, 'it expired');
    }
  }

  #drop(pending: Pending, why: string): void {
    this.#remove(pending);
    this.#gone(pending, why);
  }

  /** Its id is known no more. */
  #gone({ slot }: Pending, why: string): void {
    const id = this.#known.idOf(slot);
    this.#known.remove(slot);
    this.#options.onDropped(id, why);
  }

  #revalue(account: AccountQueue, from: number): void {
    account.revalue(from, (pending, before) => {
      if (before === STRANDED) this.#executable.count(pending, 1);
      else if (pending.worth === STRANDED) this.#executable.count(pending, -1);
      this.#cheapest.note(pending);
    });
  }

  /** After a block, and before a transaction is judged: the state may have moved on without us. */
  #catchUp(account: AccountQueue, nonce: number): void {
    if (account.inFlight > 0 ? nonce <= account.next : nonce === account.next) return;
    account.next = nonce;
    let [first] = account.numbered;
    for (; first !== undefined && first.sequence < nonce; [first] = account.numbered) {
      this.#drop(first, 'its number was used by another transaction');
    }
    this.#revalue(account, 0);
    if (first !== undefined && account.isReady(first)) this.#selection.offer(first);
  }

  #refresh(account: AccountQueue): void {
    if (account.waiting > 0) this.#judge(account);
    if (account.inFlight === 0) {
      this.#executable.countAccount(account);
      this.#selection.release(account);
    }
    if (account.idle) this.#queues.delete(account.signer);
  }

  /** Drops what the state has made impossible. */
  #judge(account: AccountQueue): void {
    const { nonce, balance } = this.#accounts.account(account.signer);
    this.#catchUp(account, Number(nonce));
    for (const [tag, pending] of account.tagged ?? []) {
      if (this.#accounts.tagSpent(account.signer, tag)) this.#drop(pending, 'its tag was used by another transaction');
    }
    // What is in flight may have been taken from the balance already: the account is judged when its blocks are executed.
    while (account.inFlight === 0 && account.fees.exceeds(balance)) {
      const last = account.numbered.at(-1) ?? [...(account.tagged?.values() ?? [])].at(-1);
      if (last === undefined) break;
      this.#drop(last, 'the account can no longer pay for it');
    }
  }

  #sweep(): void {
    this.#cheapest.sweep(this.#count);
    this.#expiring.sweep(this.#count);
    this.#selection.sweep(this.#count);
  }
}
