/** The ledger as faces see it: plain JSON, integers of 64 bits as decimal text, bytes as lower-case hex. */

export interface HeaderView {
  height: string;
  /** Milliseconds since 1970. */
  timeMs: number;
  network: string;
  transactions: number;
  parent: string;
  transactionsRoot: string;
  stateRoot: string;
  receiptsRoot: string;
  /** Of the header; the next block's parent. */
  hash: string;
}

/** What a node that follows another one has come to. */
export interface FollowView {
  peer: string;
  /** `waiting`: no peer or nothing new; `refused`: a block was not as the peer said, and nothing more is taken from it. */
  state: 'following' | 'waiting' | 'refused';
  /** Height that the peer says it has. */
  told: string;
  error: { code: string; message: string } | null;
}

export interface LedgerStatusView {
  network: string;
  /** `open`: takes transactions; `follower`: executes another peer's; `failed`: answers nothing that needs the state. */
  state: 'open' | 'follower' | 'failed';
  head: HeaderView;
  /** Lowest height whose block is kept. */
  oldest: string;
  records: number;
  capacity: number;
  pending: number;
  lanes: number;
  bytes: number;
  following: FollowView | null;
  error: { code: string; message: string } | null;
}

export interface EventView {
  program: number;
  topic: number;
  data: string;
}

export interface ReceiptView {
  id: string;
  height: string;
  index: number;
  ok: boolean;
  status: number;
  /** What the status means. */
  meaning: string;
  /** Of the operation that failed; null where none did. */
  operation: number | null;
  program: number | null;
  gasUsed: number;
  fee: string;
  events: EventView[];
}

export interface AccountView {
  address: string;
  /** False where there is no record yet: anybody can pay into it all the same. */
  exists: boolean;
  balance: string;
  /** The number that the account's next transaction must have. */
  nonce: string;
  /** Of the assets that were asked for. */
  assets: { asset: string; amount: string }[];
  /** Last block that it holds for. */
  height: string;
}

export interface RecordView {
  key: string;
  /** Null: there is none, and the proof shows that. */
  record: string | null;
  /** The record's parts, where a program knows the key. */
  fields: Record<string, string | number | boolean> | null;
  header: HeaderView;
  /** As `zkbazaar ledger verify-proof` takes it. */
  proof: string;
}

export interface BlockView {
  header: HeaderView;
  /** Ids of the transactions from `first` on; a page of at most `limit`. */
  first: number;
  ids: string[];
}

export interface TransactionView {
  id: string;
  height: string;
  index: number;
  /** The canonical form, base64. */
  transaction: string;
  header: HeaderView;
  /** Way from the transaction's leaf to `transactionsRoot`, hashes from the leaf up. */
  proof: { leaf: string; siblings: string[] };
}

/** What came of one item of a batch. */
export type SubmitResult = { id: string } | { error: { code: string; message: string; hint?: string | undefined } };

export interface LedgerApi {
  status(): LedgerStatusView;
  /** @throws LEDGER_TRANSACTION_*, LEDGER_MEMPOOL_FULL, LEDGER_CLOSED */
  submit(transaction: Uint8Array): Promise<string>;
  submitMany(transactions: readonly Uint8Array[]): Promise<SubmitResult[]>;
  /** Of the last transactions; waits up to `waitMs` for one that is not executed yet. */
  receipt(id: string, waitMs: number, signal?: AbortSignal): Promise<ReceiptView | undefined>;
  account(address: Uint8Array, assets: readonly Uint8Array[]): AccountView;
  record(key: Uint8Array): Promise<RecordView>;
  /** @throws LEDGER_NOT_FOUND */
  block(height: bigint, first: number, limit: number): Promise<BlockView>;
  /** At most `limit` from a height on. */
  headers(from: bigint, limit: number): Promise<HeaderView[]>;
  /** @throws LEDGER_NOT_FOUND */
  transaction(height: bigint, index: number): Promise<TransactionView>;
  /** Headers of executed blocks from a height on, as they come. */
  watch(from: bigint, signal: AbortSignal): AsyncIterable<HeaderView>;
  /** Writes a snapshot now. @returns its height */
  snapshot(): Promise<string>;
}
