import { toHex } from '../../base/bytes.ts';
import { BALANCE_RECORD_BYTES, STATUS, U64_MAX } from '../constants.ts';
import { accountKey, replayKey } from '../keys.ts';
import { statusOf } from '../program/fault.ts';
import { billedGas, GAS } from '../program/gas.ts';
import type { Program } from '../program/interface.ts';
import type { Transaction } from '../transaction/interface.ts';
import { PlainContext, type PlainState } from './baseline-context.ts';

export type { PlainState } from './baseline-context.ts';

import type { Event } from './events.ts';

export interface BaselineReceipt {
  readonly status: number;
  readonly operation: number;
  readonly gasUsed: number;
  readonly fee: bigint;
  readonly events: readonly Event[];
}

export interface BaselineBlock {
  readonly height: bigint;
  readonly time: bigint;
  readonly transactions: readonly Transaction[];
}

/**
 * What the ledger means: one transaction after the other over a Map, with nothing shared, planned or kept between
 * transactions. Every faster way is held against this one.
 */
export class BaselineExecutor {
  readonly state: PlainState;
  readonly #programs: ReadonlyMap<number, Program>;
  readonly #network: Uint8Array;
  readonly #feeAccount: Uint8Array;

  constructor(
    state: PlainState,
    programs: ReadonlyMap<number, Program>,
    network: Uint8Array,
    /** Address that fees are credited to. */
    feeAccount: Uint8Array,
  ) {
    this.state = state;
    this.#programs = programs;
    this.#network = network;
    this.#feeAccount = feeAccount;
  }

  execute(block: BaselineBlock): BaselineReceipt[] {
    const credits: { key: Uint8Array; amount: bigint }[] = [];
    const holds = holdsOf(block);
    const receipts = block.transactions.map((transaction, i) => {
      return this.#run(transaction, block, holds[i] as bigint, credits);
    });
    const fees = receipts.reduce((sum, { fee }) => sum + fee, 0n);
    if (fees > 0n) credits.push({ key: accountKey(this.#feeAccount), amount: fees });
    for (const { key, amount } of credits) {
      const name = toHex(key);
      const record = this.state.get(name)?.slice() ?? new Uint8Array(BALANCE_RECORD_BYTES);
      setU64(record, 0, u64(record, 0) + amount);
      this.state.set(name, record);
    }
    return receipts;
  }

  #run(
    transaction: Transaction,
    { height, time }: BaselineBlock,
    later: bigint,
    credits: { key: Uint8Array; amount: bigint }[],
  ): BaselineReceipt {
    const account = toHex(accountKey(transaction.signer));
    const replay = toHex(replayKey(transaction.signer, transaction.sequence));
    const record = this.state.get(account)?.slice() ?? new Uint8Array(BALANCE_RECORD_BYTES);
    const highest = BigInt(transaction.gasLimit) * transaction.gasPrice;
    const barred = this.#barred(transaction, height, record, replay, highest);
    if (barred !== STATUS.ok) return { status: barred, operation: 0, gasUsed: 0, fee: 0n, events: [] };
    // Neither its own highest fee nor those of its signer's later transactions can be spent.
    const rest = u64(record, 0) - highest;
    const held = highest + (rest < later ? rest : later);
    setU64(record, 0, u64(record, 0) - held);
    if (transaction.tagged) this.state.set(replay, Uint8Array.of(1));
    else setU64(record, 8, u64(record, 8) + 1n);
    this.state.set(account, record);
    const context = new PlainContext(this.state, transaction, height, time);
    let status: number = STATUS.ok;
    let operation = 0;
    try {
      context.charge(gasOfForm(transaction));
      for (const call of transaction.operations) {
        const program = this.#programs.get(call.program) ?? context.fail(STATUS.unknownProgram);
        const found = program.operations.get(call.operation) ?? context.fail(STATUS.unknownOperation);
        context.begin(program, call.arguments);
        context.charge(found.gas);
        found.run(context);
        operation += 1;
      }
      operation = 0;
      context.commit();
      credits.push(...context.credits);
    } catch (error) {
      status = statusOf(error);
    }
    const gasUsed = status === STATUS.outOfGas ? transaction.gasLimit : context.gasUsed;
    const fee = BigInt(billedGas(gasUsed, transaction.gasLimit)) * transaction.gasPrice;
    const after = this.state.get(account)?.slice() ?? new Uint8Array(BALANCE_RECORD_BYTES);
    setU64(after, 0, u64(after, 0) + held - fee);
    this.state.set(account, after);
    return { status, operation, gasUsed, fee, events: status === STATUS.ok ? context.events : [] };
  }

  #barred(transaction: Transaction, height: bigint, record: Uint8Array, replay: string, highest: bigint): number {
    if (toHex(transaction.network) !== toHex(this.#network)) return STATUS.wrongNetwork;
    if (height < transaction.validFrom) return STATUS.notYetValid;
    if (height > transaction.validUntil) return STATUS.expired;
    if (transaction.tagged) {
      if (this.state.has(replay)) return STATUS.replayed;
    } else if (transaction.sequence !== u64(record, 8) || transaction.sequence === U64_MAX) return STATUS.wrongNonce;
    return u64(record, 0) < highest ? STATUS.feeUnpayable : STATUS.ok;
  }
}

/**
 * Of each transaction, the sum of the highest fees of those that its signer has behind it in the block and that can still
 * run, as far as the block alone tells.
 */
function holdsOf({ transactions, height }: BaselineBlock): bigint[] {
  const next = new Map<string, bigint>();
  const tags = new Set<string>();
  const live = transactions.map(({ signer, sequence, tagged, validFrom, validUntil }) => {
    const name = toHex(signer);
    if (height < validFrom || height > validUntil) return false;
    if (tagged) {
      const isNew = !tags.has(`${name}/${sequence}`);
      tags.add(`${name}/${sequence}`);
      return isNew;
    }
    const isAbove = sequence >= (next.get(name) ?? 0n);
    if (isAbove) next.set(name, sequence + 1n);
    return isAbove;
  });
  const sums = new Map<string, bigint>();
  const holds = transactions.map(() => 0n);
  for (const [i, { signer, gasLimit, gasPrice }] of [...transactions.entries()].reverse()) {
    const name = toHex(signer);
    const later = sums.get(name) ?? 0n;
    holds[i] = later;
    if (live[i] === true) sums.set(name, later + BigInt(gasLimit) * gasPrice);
  }
  return holds;
}

function gasOfForm(transaction: Transaction): number {
  const keys = transaction.writes.length + transaction.reads.length + transaction.credits.length;
  const form = GAS.transaction + GAS.word * (transaction.bytes.length / 8) + GAS.key * keys;
  const tag = transaction.tagged ? GAS.create : 0;
  return form + tag + (GAS.signature[transaction.algorithm] ?? 0) + (transaction.proof === undefined ? 0 : GAS.proof);
}

function u64(record: Uint8Array, offset: number): bigint {
  return new DataView(record.buffer, record.byteOffset).getBigUint64(offset, true);
}

function setU64(record: Uint8Array, offset: number, value: bigint): void {
  new DataView(record.buffer, record.byteOffset).setBigUint64(offset, value, true);
}
