import { KEY_BYTES } from '../constants.ts';
import type { Pending } from './account-queue.ts';

export interface BlockLimits {
  readonly height: bigint;
  readonly transactions: number;
  readonly bytes: number;
  readonly gas: number;
  /** Keys that all together may name; any number unless told. */
  readonly keys?: number;
  /** Records that the state has room for, and how many a transaction would make at most. No bound unless told. */
  readonly records?: { readonly room: number; readonly of: (transaction: Uint8Array) => number };
  /** Share of the gas that writers of one key get while others wait; 0.3 unless told. */
  readonly hotShare?: number;
  /** Share of the transactions and of the gas that one account gets while others wait; 0.1 unless told. */
  readonly accountShare?: number;
}

const HOT_SHARE = 0.3;
const ACCOUNT_SHARE = 0.1;

/** Rounds in which a block is filled; `Selection` says what each is for. */
export const STEPS = ['shares', 'keys', 'none', 'held'] as const;
type Step = (typeof STEPS)[number];

/** One block in the making. */
export class Round {
  readonly taken: Pending[] = [];
  step: Step = 'shares';
  full = false;
  readonly #limits: BlockLimits;
  readonly #hotGas: number;
  readonly #perAccount: number;
  readonly #gasOf = new Map<string, number>();
  readonly #closed = new Set<string>();
  readonly #accountGas: number;
  readonly #height: number;
  #bytes = 0;
  #gas = 0;
  #keys = 0;
  /** Whether the block could come to more records than there is room for. */
  readonly #isTight: boolean;
  #records = 0;

  constructor(limits: BlockLimits) {
    const mostKeys = limits.bytes / KEY_BYTES + 2 * limits.transactions;
    this.#isTight = limits.records !== undefined && limits.records.room < mostKeys;
    this.#limits = limits;
    this.#height = Number(limits.height);
    this.#hotGas = Math.floor(limits.gas * (limits.hotShare ?? HOT_SHARE));
    const accountShare = limits.accountShare ?? ACCOUNT_SHARE;
    this.#perAccount = Math.max(1, Math.floor(limits.transactions * accountShare));
    this.#accountGas = Math.floor(limits.gas * accountShare);
  }

  get #bindsKeys(): boolean {
    return this.step === 'shares' || this.step === 'keys';
  }

  closed(key: string): boolean {
    return this.#bindsKeys && this.#closed.has(key);
  }

  overAccount({ account, gasLimit }: Pending): boolean {
    if (this.step !== 'shares' || account.takenAt !== this.#height) return false;
    return account.takenGas + gasLimit > this.#accountGas || account.taken >= this.#perAccount;
  }

  /** It names more keys than the state has room for: others are not kept waiting for that. */
  overKeys({ keys }: Pending): boolean {
    return this.#keys + keys > (this.#limits.keys ?? Number.POSITIVE_INFINITY);
  }

  /** It could make more records than the state has room for beside those of the block so far. */
  overRecords({ bytes }: Pending): boolean {
    const { records } = this.#limits;
    if (!this.#isTight || records === undefined) return false;
    const made = records.of(bytes);
    return made > 0 && this.#records + made > records.room;
  }

  /** Records that the block makes at most. */
  get records(): number {
    return this.#isTight ? this.#records : this.#keys;
  }

  /** One of its keys that is closed, or whose share it does not fit into; that one is closed from then on. */
  overKey({ writeKeys, gasLimit }: Pending): string | undefined {
    if (!this.#bindsKeys) return undefined;
    const closed = writeKeys.find((key) => this.#closed.has(key));
    if (closed !== undefined) return closed;
    const over = writeKeys.find((key) => {
      const used = this.#gasOf.get(key) ?? 0;
      return used > 0 && used + gasLimit > this.#hotGas;
    });
    if (over !== undefined) this.#closed.add(over);
    return over;
  }

  fits({ byteLength, gasLimit }: Pending): boolean {
    const { transactions, bytes, gas } = this.#limits;
    const fits = this.taken.length < transactions && this.#bytes + byteLength <= bytes && this.#gas + gasLimit <= gas;
    this.full = !fits;
    return fits;
  }

  add(pending: Pending): void {
    const { account, gasLimit, writeKeys } = pending;
    this.taken.push(pending);
    this.#bytes += pending.byteLength;
    this.#gas += gasLimit;
    this.#keys += pending.keys;
    if (this.#isTight) this.#records += this.#limits.records?.of(pending.bytes) ?? 0;
    this.full = this.taken.length >= this.#limits.transactions;
    if (account.takenAt !== this.#height) {
      account.takenAt = this.#height;
      account.taken = 0;
      account.takenGas = 0;
    }
    account.taken += 1;
    account.takenGas += gasLimit;
    if (!this.#bindsKeys) return;
    for (const key of writeKeys) this.#gasOf.set(key, (this.#gasOf.get(key) ?? 0) + gasLimit);
  }
}
