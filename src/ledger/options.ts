import type { Clock } from '../base/clock.ts';
import type { SignatureChecker } from '../crypto/signatures/index.ts';
import type { CheckedBatch } from './admission/check-batch.ts';
import type { BlockBatch } from './block/batch.ts';
import type { ProofChecker } from './interface.ts';
import type { BlockLog, OnPoint } from './log/interface.ts';
import type { Accounts, OrderingLog, TransactionSummary } from './ordering/interface.ts';
import type { BlockLimits } from './ordering/round.ts';
import type { Program } from './program/interface.ts';

/** What a driver of ordering is made from. */
export interface OrderingParts {
  readonly log: BlockLog;
  readonly network: Uint8Array;
  readonly accounts: Accounts;
  /** Judges one transaction, together with others that come at the time. */
  admit(transaction: Uint8Array): Promise<TransactionSummary>;
  /** The same for many, each of which is a summary or why not. */
  admitMany(transactions: readonly Uint8Array[]): Promise<readonly (TransactionSummary | Error)[]>;
  /** Judges all transactions of a block that came from elsewhere. */
  checkBatch(batch: BlockBatch): Promise<CheckedBatch>;
  transactionsRoot(batch: BlockBatch): Uint8Array;
  /** Time of the block that this ledger goes on from; milliseconds since 1970. */
  readonly notBefore: bigint;
  /** Keys that the next block may name so that the state has room whatever it does. */
  keyRoom(): number;
  /** Records that there is room for, and how many a transaction would make at most. */
  recordRoom(): NonNullable<BlockLimits['records']>;
}

export interface LedgerOptions {
  /** Log and snapshots; made with mode 0700. */
  readonly folder: string;
  /** As `genesis.ts` has it; checked here. */
  readonly genesis: unknown;
  /** Threads that execute; 0 = the calling one. Default: the cores less one, at least 1. */
  readonly lanes?: number;
  /** Records at most; default 1,048,576. Memory is taken as they come, about 340 bytes each. */
  readonly capacity?: number;
  readonly blockTime?: number;
  /** Native units per gas that a transaction must offer at least to be let in; default 1. */
  readonly minGasPrice?: bigint;
  readonly blockTransactions?: number;
  /** Blocks between snapshots; 0 = only on demand. Default 10,000. */
  readonly snapshotEvery?: number;
  /** Snapshots that are kept; default 2. */
  readonly snapshots?: number;
  /** Blocks that are kept behind the newest snapshot; default: all. */
  readonly keepBlocks?: number;
  /** Receipts that are kept in memory; default 50,000. */
  readonly receiptLimit?: number;
  readonly signatures?: SignatureChecker;
  /** Left out: transactions that carry a proof are refused. */
  readonly proofs?: ProofChecker;
  /** Another driver of ordering: CometBFT, or a follower's. Default: the embedded one. */
  readonly ordering?: (parts: OrderingParts) => OrderingLog;
  readonly programs?: { readonly map: ReadonlyMap<number, Program>; readonly module: string };
  /** Whether the state is hashed on a thread of its own; default: as soon as there are lanes. */
  readonly hasherThread?: boolean;
  readonly clock?: Clock;
  readonly onPoint?: OnPoint;
  /** Progress of what takes long: recovery and snapshots. */
  readonly onProgress?: (text: string) => void;
  /** What stopped the ledger after it was opened; it takes nothing any more. */
  readonly onFailure?: (error: Error) => void;
  readonly onSealed?: (stats: SealedStats) => void;
}

/** One executed block, for metrics. */
export interface SealedStats {
  readonly height: bigint;
  readonly transactions: number;
  readonly lanes: number;
  readonly waves: number;
  /** Receipts by status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Operations by program and status of their transaction: program * 65,536 + status; unknown programs are 0. */
  readonly operations: ReadonlyMap<number, number>;
  /** Milliseconds; parts of different blocks overlap. */
  readonly executeMs: number;
  readonly hashMs: number;
}
