import type { Accounts, TransactionSummary } from '../../../../src/ledger/ordering/interface.ts';
import type { MempoolOptions } from '../../../../src/ledger/ordering/mempool-options.ts';
import type { BlockLimits } from '../../../../src/ledger/ordering/round.ts';

interface Waiting extends TransactionSummary {
  readonly arrival: number;
}

/** What `Mempool` promises, with nothing but lists that are searched through: the judge of the property test. */
export class PoolModel {
  waiting: Waiting[] = [];
  readonly flights = new Map<bigint, Waiting[]>();
  /** Only of accounts that have something waiting or in flight; others are as the state has them. */
  readonly #next = new Map<string, bigint>();
  readonly #accounts: Accounts;
  readonly #options: Required<Omit<MempoolOptions, 'onDropped'>>;
  #arrivals = 0;

  constructor(accounts: Accounts, options: Required<Omit<MempoolOptions, 'onDropped'>>) {
    this.#accounts = accounts;
    this.#options = options;
  }

  get bytes(): number {
    return this.waiting.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** 'ok' or the error's code. */
  admit(t: TransactionSummary, height: bigint): string {
    const { perAccount, gap, transactions, bytes, blockGas, blockBytes } = this.#options;
    const inFlight = [...this.flights.values()].flat();
    const no = 'LEDGER_TRANSACTION_REFUSED';
    if ([...this.waiting, ...inFlight].some(({ id }) => Buffer.compare(id, t.id) === 0)) return no;
    if (t.gasLimit > blockGas || t.byteLength > blockBytes) return no;
    if (t.validUntil < height || t.validFrom > height + BigInt(gap)) return no;
    const { balance } = this.#accounts.account(t.signer);
    const next = this.next(t.signer);
    if (t.tagged ? this.#accounts.tagSpent(t.signer, t.sequence) : t.sequence < next) return no;
    if (!t.tagged && t.sequence >= next + BigInt(gap)) return no;
    const mine = this.waiting.filter(({ signer }) => signer === t.signer);
    const old = mine.find(({ sequence, tagged }) => sequence === t.sequence && tagged === t.tagged);
    if (old !== undefined && (t.gasPrice <= old.gasPrice || t.gasPrice * 10n < old.gasPrice * 11n)) return no;
    if (old === undefined && mine.length >= perAccount) return no;
    const flying = inFlight.filter(({ signer }) => signer === t.signer);
    const fees = [...mine, ...flying, t].filter((one) => one !== old).reduce((sum, one) => sum + feeOf(one), 0n);
    if (fees > balance) return no;

    const kept = this.waiting.filter((one) => one !== old);
    const added = { ...t, arrival: this.#arrivals };
    const worth = this.worth(added, [...kept, added]);
    const all = () => kept.reduce((sum, { byteLength }) => sum + byteLength, t.byteLength);
    while (kept.length >= transactions || all() > bytes) {
      if (old !== undefined) return 'LEDGER_MEMPOOL_FULL';
      const [least] = kept.toSorted((a, b) => this.worth(a, kept) - this.worth(b, kept) || b.arrival - a.arrival);
      if (least === undefined || this.worth(least, kept) >= worth) return 'LEDGER_MEMPOOL_FULL';
      const chain = kept.filter(({ signer, tagged }) => signer === least.signer && !tagged);
      const last = least.tagged ? least : chain.toSorted((a, b) => Number(b.sequence - a.sequence))[0];
      kept.splice(kept.indexOf(last ?? least), 1);
    }
    this.#arrivals++;
    this.#next.set(t.signer, next);
    this.waiting = [...kept, added];
    return 'ok';
  }

  next(signer: string): bigint {
    const active = [...this.waiting, ...[...this.flights.values()].flat()].some((one) => one.signer === signer);
    const known = active ? this.#next.get(signer) : undefined;
    return known ?? this.#accounts.account(signer).nonce;
  }

  worth(t: TransactionSummary, all: readonly TransactionSummary[]): number {
    if (t.tagged) return Number(t.gasPrice);
    let least = Number(t.gasPrice);
    for (let number = t.sequence - 1n; number >= this.next(t.signer); number--) {
      const before = all.find((one) => one.signer === t.signer && !one.tagged && one.sequence === number);
      if (before === undefined) return -1;
      least = Math.min(least, Number(before.gasPrice));
    }
    return least;
  }

  takeBlock({
    height,
    transactions,
    bytes,
    gas,
    hotShare = 0.3,
    accountShare = 0.1,
  }: BlockLimits): TransactionSummary[] {
    this.waiting = this.waiting.filter(({ validUntil }) => validUntil >= height);
    const taken: Waiting[] = [];
    const closed = new Set<string>();
    const hot = Math.floor(gas * hotShare);
    const perAccount = Math.max(1, Math.floor(transactions * accountShare));
    const sum = (of: (t: Waiting) => number) => taken.reduce((total, t) => total + of(t), 0);
    const overKey = (t: Waiting) => {
      if (t.writeKeys.some((key) => closed.has(key))) return true;
      const over = t.writeKeys.find((key) => {
        const used = sum((one) => (one.writeKeys.includes(key) ? one.gasLimit : 0));
        return used > 0 && used + t.gasLimit > hot;
      });
      if (over !== undefined) closed.add(over);
      return over !== undefined;
    };
    const total = (of: (t: Waiting) => number) => this.waiting.reduce((all, t) => all + of(t), 0);
    const room = this.waiting.length <= transactions && this.bytes <= bytes && total((t) => t.gasLimit) <= gas;
    rounds: for (const round of room ? [4] : [1, 2, 3, 4]) {
      const passed = new Set<Waiting>();
      for (;;) {
        const t = this.waiting
          .filter((one) => !passed.has(one) && one.validFrom <= height)
          .filter((one) => one.tagged || one.sequence === this.next(one.signer))
          .toSorted((a, b) => Number(b.gasPrice - a.gasPrice) || a.arrival - b.arrival)[0];
        if (t === undefined) break;
        if (taken.length >= transactions) break rounds;
        const own = sum(({ signer, gasLimit }) => (signer === t.signer ? gasLimit : 0));
        const overGas = own > 0 && own + t.gasLimit > Math.floor(gas * accountShare);
        if (round < 4 && this.#isUnsettled(t.signer, height)) passed.add(t);
        else if (round === 1 && (overGas || sum(({ signer }) => (signer === t.signer ? 1 : 0)) >= perAccount))
          passed.add(t);
        else if (round < 3 && overKey(t)) passed.add(t);
        else if (sum((one) => one.gasLimit) + t.gasLimit > gas || sum((one) => one.byteLength) + t.byteLength > bytes) {
          break rounds;
        } else {
          taken.push(t);
          this.flights.set(height, taken);
          if (!t.tagged) this.#next.set(t.signer, t.sequence + 1n);
          this.waiting.splice(this.waiting.indexOf(t), 1);
        }
      }
    }
    return taken;
  }

  /** Whether a block before this one holds some of it and is not executed. */
  #isUnsettled(account: string, height: bigint): boolean {
    return [...this.flights].some(([at, flight]) => at !== height && flight.some(({ signer }) => signer === account));
  }

  settle(height: bigint): void {
    const flight = this.flights.get(height) ?? [];
    this.flights.delete(height);
    for (const signer of new Set(flight.map((t) => t.signer))) {
      const { nonce, balance } = this.#accounts.account(signer);
      const flying = [...this.flights.values()].flat().filter((t) => t.signer === signer);
      if (flying.length === 0 || nonce > (this.#next.get(signer) ?? 0n)) this.#next.set(signer, nonce);
      const next = this.#next.get(signer) ?? nonce;
      this.waiting = this.waiting.filter(
        (t) => t.signer !== signer || (t.tagged ? !this.#accounts.tagSpent(signer, t.sequence) : t.sequence >= next),
      );
      for (;;) {
        const mine = this.waiting.filter((t) => t.signer === signer);
        if (flying.length > 0 || mine.reduce((sum, t) => sum + feeOf(t), 0n) <= balance) break;
        const numbered = mine.filter(({ tagged }) => !tagged).toSorted((a, b) => Number(b.sequence - a.sequence));
        const last = numbered[0] ?? mine.toSorted((a, b) => b.arrival - a.arrival)[0];
        if (last === undefined) break;
        this.waiting.splice(this.waiting.indexOf(last), 1);
      }
    }
  }
}

function feeOf({ gasPrice, gasLimit }: TransactionSummary): bigint {
  return gasPrice * BigInt(gasLimit);
}
