import { fromHex, toHex } from '../base/bytes.ts';
import { batchOf } from '../ledger/block/batch.ts';
import { batchIds, batchLeaves } from '../ledger/block/identify.ts';
import { proveInList } from '../ledger/block/merkle.ts';
import { HASH_BYTES } from '../ledger/constants.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { Ledger } from '../ledger/interface.ts';
import { accountKey, balanceKey } from '../ledger/keys.ts';
import { describeRecord } from '../ledger/programs/index.ts';
import type {
  AccountView,
  HeaderView,
  LedgerApi,
  LedgerStatusView,
  ReceiptView,
  RecordView,
} from './ledger-interface.ts';
import { errorView, headerView, receiptView } from './ledger-views.ts';

export interface LedgerDeskComponents {
  /** The ledger of now: it changes where one has to be opened anew. @throws LEDGER_CLOSED */
  ledger(): Ledger;
  status(): LedgerStatusView;
  /** Counts what was not taken. */
  onRefused(code: string): void;
}

/** Answers about the ledger for API and CLI. */
export class LedgerDesk implements LedgerApi {
  readonly #parts: LedgerDeskComponents;

  constructor(components: LedgerDeskComponents) {
    this.#parts = components;
  }

  status(): LedgerStatusView {
    return this.#parts.status();
  }

  async submit(transaction: Uint8Array): Promise<string> {
    try {
      return toHex(await this.#parts.ledger().submit(transaction));
    } catch (error) {
      this.#parts.onRefused(errorView(error).code);
      throw error;
    }
  }

  async submitMany(transactions: readonly Uint8Array[]) {
    const results = await this.#parts.ledger().submitMany(transactions);
    return results.map((result) => {
      if (!(result instanceof Error)) return { id: toHex(result) };
      const error = errorView(result);
      this.#parts.onRefused(error.code);
      return { error };
    });
  }

  async receipt(id: string, waitMs: number, signal?: AbortSignal): Promise<ReceiptView | undefined> {
    const bytes = fromHex(id, HASH_BYTES) ?? new Uint8Array(HASH_BYTES);
    const ledger = this.#parts.ledger();
    const there = ledger.receipt(bytes);
    if (there !== undefined || waitMs === 0) return there === undefined ? undefined : receiptView(there);
    const limit = AbortSignal.timeout(waitMs);
    const until = signal === undefined ? limit : AbortSignal.any([limit, signal]);
    try {
      return receiptView(await ledger.executed(bytes, until));
    } catch (error) {
      if (until.aborted) return undefined;
      throw error;
    }
  }

  account(address: Uint8Array, assets: readonly Uint8Array[]): AccountView {
    const ledger = this.#parts.ledger();
    const { height } = ledger.head;
    const record = ledger.record(accountKey(address));
    const amounts = assets.map((asset) => {
      const held = ledger.record(balanceKey(address, asset));
      return { asset: toHex(asset), amount: u64(held, 0) };
    });
    return {
      address: toHex(address),
      exists: record !== undefined,
      balance: u64(record, 0),
      nonce: u64(record, 8),
      assets: amounts,
      height: String(height),
    };
  }

  async record(key: Uint8Array): Promise<RecordView> {
    const { header, record, proof } = await this.#parts.ledger().prove(key);
    return {
      key: toHex(key),
      record: record === undefined ? null : toHex(record),
      fields: record === undefined ? null : { ...describeRecord(key, record) },
      header: headerView(header),
      proof: toHex(proof),
    };
  }

  async block(height: bigint, first: number, limit: number) {
    const { header, transactions } = await this.#parts.ledger().block(height);
    const ids = batchIds(batchOf(transactions));
    const count = Math.max(0, Math.min(transactions.length - first, limit));
    return { header: headerView(header), first, ids: Array.from({ length: count }, (_, i) => hashAt(ids, first + i)) };
  }

  async headers(from: bigint, limit: number): Promise<HeaderView[]> {
    const ledger = this.#parts.ledger();
    const { height } = ledger.head;
    const views: HeaderView[] = [];
    if (from === 0n || from > height) return views;
    const control = new AbortController();
    for await (const header of ledger.headers(from, control.signal)) {
      views.push(headerView(header));
      if (views.length === limit || header.height >= height) break;
    }
    return views;
  }

  async transaction(height: bigint, index: number) {
    const { header, transactions } = await this.#parts.ledger().block(height);
    const bytes = transactions[index];
    if (bytes === undefined) {
      throw new LedgerError('LEDGER_NOT_FOUND', `block ${height} has ${transactions.length} transactions`);
    }
    const batch = batchOf(transactions);
    const ids = batchIds(batch);
    const leaves = batchLeaves(batch, ids);
    const { siblings } = proveInList(leaves, index);
    return {
      id: hashAt(ids, index),
      height: String(height),
      index,
      transaction: Buffer.from(bytes).toString('base64'),
      header: headerView(header),
      proof: { leaf: hashAt(leaves, index), siblings: siblings.map(toHex) },
    };
  }

  async *watch(from: bigint, signal: AbortSignal): AsyncIterable<HeaderView> {
    for await (const header of this.#parts.ledger().headers(from, signal)) yield headerView(header);
  }

  async snapshot(): Promise<string> {
    return String(await this.#parts.ledger().snapshot());
  }
}

function hashAt(hashes: Uint8Array, index: number): string {
  return toHex(hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES));
}

function u64(record: Uint8Array | undefined, offset: number): string {
  if (record === undefined || record.length < offset + 8) return '0';
  return String(new DataView(record.buffer, record.byteOffset).getBigUint64(offset, true));
}
