import { MAX_GAS_PRICE } from '../constants.ts';
import { AccountQueue, type Pending } from './account-queue.ts';
import { LazyHeap } from './heap.ts';
import type { Accounts, TransactionSummary } from './interface.ts';
import { checkOutbids, full, refused } from './refusals.ts';
import { type BlockLimits, Selection } from './selection.ts';

export interface MempoolOptions {
  /** Waiting transactions of one account; 64 unless told. */
  readonly perAccount?: number;
  /** How far a number may run ahead of the account's, and a first height ahead of the next; 64 unless told. */
  readonly gap?: number;
  /** Waiting transactions in all; 200,000 unless told. */
  readonly transactions?: number;
  /** Bytes of them; 128 MiB unless told. */
  readonly bytes?: number;
  /** Gas and bytes of a block: what is larger alone is refused. */
  readonly blockGas: number;
  readonly blockBytes: number;
  /** Told of each that leaves without being ordered. */
  readonly onDropped?: (id: Uint8Array, why: string) => void;
}

const DEFAULTS = {
  perAccount: 64,
  gap: 64,
  transactions: 200_000,
  bytes: 128 * 1024 * 1024,
  onDropped: () => undefined,
};

/**
 * Transactions that wait to be ordered. Each is worth the least price on the way to it (`Pending.worth`); when the pool is
 * full, the one worth least makes room for one worth more, never for one worth the same: so nobody can churn the pool for
 * free, and what waits for a missing number goes first and displaces nothing.
 */
export class Mempool {
  readonly #options: Required<MempoolOptions>;
  readonly #accounts: Accounts;
  readonly #queues = new Map<string, AccountQueue>();
  /** Waiting and in flight, by id. */
  readonly #known = new Map<string, Pending>();
  readonly #flights = new Map<bigint, Pending[]>();
  readonly #selection = new Selection();
  /** Least worth first, the newest of equals first. */
  readonly #cheapest = new LazyHeap<Pending>((p, worth) => p.state !== 'waiting' || p.worth !== worth);
  readonly #expiring = new LazyHeap<Pending>((p) => p.state !== 'waiting');
  #arrivals = 0;
  #count = 0;
  #bytes = 0;
  #gas = 0;

  constructor(accounts: Accounts, options: MempoolOptions) {
    this.#accounts = accounts;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Waiting; not those in flight. */
  get size(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether it waits or is in flight. */
  has(id: Uint8Array): boolean {
    return this.#known.has(keyOf(id));
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
    const key = keyOf(summary.id);
    if (this.#known.has(key)) throw refused('it is known already');
    this.#checkBounds(summary, height);
    const { signer } = summary;
    const state = this.#accounts.account(signer);
    const account = this.#queues.get(signer) ?? new AccountQueue(signer, state.nonce);
    this.#catchUp(account, state.nonce);
    this.#checkSequence(account, summary);
    const replaced = account.find(summary);
    const price = Number(summary.gasPrice);
    if (replaced !== undefined) checkOutbids(price, replaced.price);
    else if (account.waiting >= this.#options.perAccount) {
      throw refused(`the account has ${account.waiting} transactions waiting`, 'wait for one of them to be ordered');
    }
    const fee = summary.gasPrice * BigInt(summary.gasLimit);
    if (account.fees - (replaced?.fee ?? 0n) + fee > state.balance) {
      throw refused('the account cannot pay for all that it has waiting', 'lower the gas limit or the price');
    }
    const worth = account.worthOf(summary, price);
    if (replaced === undefined) this.#makeRoom(worth, summary.byteLength);
    else this.#replace(replaced, summary.byteLength);
    const pending: Pending = {
      summary,
      bytes,
      key,
      price,
      fee,
      arrival: this.#arrivals++,
      account,
      validFrom: Number(summary.validFrom),
      validUntil: Number(summary.validUntil),
      state: 'waiting',
      worth,
      place: 'none',
    };
    this.#expiring.push(pending, pending.validUntil, pending.arrival);
    this.#insert(pending);
    this.#sweep();
  }

  /** What the block of a height holds, in order. It is in flight until `settle` says that it was executed. */
  takeBlock(limits: BlockLimits): readonly Pending[] {
    this.#expire(Number(limits.height));
    const load = { transactions: this.#count, bytes: this.#bytes, gas: this.#gas };
    const taken = this.#selection.pick(limits, load, (pending) => this.#take(pending));
    this.#selection.sweepParked(this.#count);
    if (taken.length > 0) this.#flights.set(limits.height, taken);
    return taken;
  }

  /** The block of a height was executed: the accounts' numbers and balances count again as the state has them. */
  settle(height: bigint): void {
    const flight = this.#flights.get(height) ?? [];
    this.#flights.delete(height);
    for (const { key, fee, account } of flight) {
      this.#known.delete(key);
      account.fees -= fee;
      account.inFlight--;
    }
    for (const account of new Set(flight.map((pending) => pending.account))) this.#refresh(account);
  }

  #checkBounds({ gasPrice, gasLimit, byteLength, validFrom, validUntil }: TransactionSummary, height: bigint): void {
    const { blockGas, blockBytes, gap } = this.#options;
    if (gasPrice > MAX_GAS_PRICE) throw refused(`the price of ${gasPrice} is more than ${MAX_GAS_PRICE}`);
    if (gasLimit > blockGas) throw refused(`its gas limit of ${gasLimit} is more than a block has (${blockGas})`);
    if (byteLength > blockBytes) throw refused(`its ${byteLength} bytes are more than a block has (${blockBytes})`);
    if (validUntil < height) throw refused(`it was valid until height ${validUntil}, the next is ${height}`);
    if (validFrom > height + BigInt(gap)) throw refused(`it is not valid before height ${validFrom}`, 'send it later');
  }

  #checkSequence(account: AccountQueue, { sequence, tagged }: TransactionSummary): void {
    if (tagged) {
      if (this.#accounts.tagSpent(account.signer, sequence)) throw refused(`its tag ${sequence} was used before`);
      return;
    }
    if (sequence < account.next) throw refused(`its number is ${sequence}, the account's next is ${account.next}`);
    if (sequence >= account.next + BigInt(this.#options.gap)) {
      throw refused(`its number is ${sequence}, too far ahead of the account's next, ${account.next}`);
    }
  }

  /** Drops what is worth less until one more of this size fits; puts all back and refuses where that is not enough. */
  #makeRoom(worth: number, bytes: number): void {
    const out: Pending[] = [];
    while (this.#count >= this.#options.transactions || this.#bytes + bytes > this.#options.bytes) {
      const least = this.#cheapest.peek();
      if (least === undefined || least.worth >= worth) {
        for (const pending of out.reverse()) this.#insert(pending);
        throw full();
      }
      const last = least.account.lastWith(least);
      this.#remove(last);
      out.push(last);
    }
    for (const { summary } of out) this.#options.onDropped(summary.id, 'others paid more when the pool was full');
  }

  #replace(old: Pending, bytes: number): void {
    if (this.#bytes - old.summary.byteLength + bytes > this.#options.bytes) throw full();
    this.#remove(old);
    this.#options.onDropped(old.summary.id, 'another transaction of the same account and number took its place');
  }

  #insert(pending: Pending): void {
    const { account } = pending;
    pending.state = 'waiting';
    this.#queues.set(account.signer, account);
    this.#known.set(pending.key, pending);
    this.#count++;
    this.#bytes += pending.summary.byteLength;
    this.#gas += pending.summary.gasLimit;
    account.add(pending);
    this.#cheapest.push(pending, pending.worth, -pending.arrival);
    if (account.isReady(pending)) this.#selection.offer(pending);
    if (!pending.summary.tagged) this.#revalue(account, pending.summary.sequence + 1n);
  }

  /** Of what waits. Those with higher numbers are worth what is left of their way. */
  #remove(pending: Pending): void {
    const { account, summary } = pending;
    pending.state = 'gone';
    this.#known.delete(pending.key);
    this.#count--;
    this.#bytes -= summary.byteLength;
    this.#gas -= summary.gasLimit;
    account.remove(pending);
    if (!summary.tagged) this.#revalue(account, summary.sequence + 1n);
    if (account.idle) this.#queues.delete(account.signer);
  }

  #take(pending: Pending): void {
    const { account, summary } = pending;
    pending.state = 'taken';
    this.#count--;
    this.#bytes -= summary.byteLength;
    this.#gas -= summary.gasLimit;
    account.remove(pending);
    account.fees += pending.fee;
    account.inFlight++;
    if (summary.tagged) return;
    account.next = summary.sequence + 1n;
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
    this.#options.onDropped(pending.summary.id, why);
  }

  #revalue(account: AccountQueue, from: bigint): void {
    account.revalue(from, (pending) => this.#cheapest.push(pending, pending.worth, -pending.arrival));
  }

  /** After a block, and before a transaction is judged: the state may have moved on without us. */
  #catchUp(account: AccountQueue, nonce: bigint): void {
    if (account.inFlight > 0 ? nonce <= account.next : nonce === account.next) return;
    account.next = nonce;
    for (
      let [first] = account.numbered;
      first !== undefined && first.summary.sequence < nonce;
      [first] = account.numbered
    ) {
      this.#drop(first, 'its number was used by another transaction');
    }
    this.#revalue(account, 0n);
    const [first] = account.numbered;
    if (first !== undefined && account.isReady(first)) this.#selection.offer(first);
  }

  #refresh(account: AccountQueue): void {
    const { nonce, balance } = this.#accounts.account(account.signer);
    this.#catchUp(account, nonce);
    for (const [tag, pending] of account.tagged) {
      if (this.#accounts.tagSpent(account.signer, tag)) this.#drop(pending, 'its tag was used by another transaction');
    }
    // What is in flight may have been taken from the balance already: the account is judged when its blocks are executed.
    while (account.inFlight === 0 && account.fees > balance) {
      const last = account.numbered.at(-1) ?? [...account.tagged.values()].at(-1);
      if (last === undefined) break;
      this.#drop(last, 'the account can no longer pay for it');
    }
    if (account.idle) this.#queues.delete(account.signer);
  }

  #sweep(): void {
    this.#cheapest.sweep(this.#count);
    this.#expiring.sweep(this.#count);
    this.#selection.sweep(this.#count);
  }
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1');
}
