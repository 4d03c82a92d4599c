import type { Clock } from '../../base/clock.ts';
import type { BlockBatch } from '../block/batch.ts';
import type { BlockLog, OnPoint } from '../log/interface.ts';
import type { Accounts, TransactionSummary } from './interface.ts';
import type { MempoolOptions } from './mempool-options.ts';
import type { BlockLimits } from './round.ts';

export interface EmbeddedOptions {
  /** Opened; `close` closes it. */
  readonly log: BlockLog;
  readonly accounts: Accounts;
  /** Judges form and signature of a transaction that comes in. @throws what the sender is told */
  readonly admit: (transaction: Uint8Array) => TransactionSummary | Promise<TransactionSummary>;
  /** The same for many at once, where that is quicker; refusals are given back. */
  readonly admitMany?: (transactions: readonly Uint8Array[]) => Promise<readonly (TransactionSummary | Error)[]>;
  /** The transactions root of a block, 32 bytes. */
  readonly transactionsRoot: (batch: BlockBatch) => Uint8Array | Promise<Uint8Array>;
  /** At least so long from block to block while a block is not full, milliseconds; 500 unless told. None while idle. */
  readonly blockTime?: number;
  /** 10,000 unless told. */
  readonly blockTransactions?: number;
  /** 16 MiB unless told, and no more than that: the keys of a block are bounded with it. */
  readonly blockBytes?: number;
  /** 200,000,000 unless told: two seconds of work. */
  readonly blockGas?: number;
  /** Keys that the next block may name, asked for each block: what the state has room for. */
  readonly keyRoom?: () => number;
  /** The same for records: room, and how many a transaction would make at most. */
  readonly recordRoom?: () => NonNullable<BlockLimits['records']>;
  readonly hotShare?: number;
  readonly accountShare?: number;
  /** Blocks that may be ordered ahead of the last committed header; 4 unless told. */
  readonly ahead?: number;
  /** Placed transactions that `whenOrdered` still knows; 200,000 unless told. */
  readonly remembered?: number;
  readonly mempool?: Omit<MempoolOptions, 'blockGas' | 'blockBytes' | 'onDropped'>;
  /** Where left out, the wall clock as it was at the start, and what has passed since: setting it moves no block. */
  readonly clock?: Clock;
  /** No block is earlier: time of the genesis or of the snapshot that the log goes on from. */
  readonly notBefore?: bigint;
  readonly onPoint?: OnPoint;
}

export type Defaulted =
  | 'blockTime'
  | 'blockTransactions'
  | 'blockBytes'
  | 'blockGas'
  | 'ahead'
  | 'remembered'
  | 'onPoint';

export const DEFAULTS: Required<Pick<EmbeddedOptions, Defaulted>> = {
  blockTime: 500,
  blockTransactions: 10_000,
  blockBytes: 16 * 1024 * 1024,
  blockGas: 200_000_000,
  ahead: 4,
  remembered: 200_000,
  onPoint: () => undefined,
};
