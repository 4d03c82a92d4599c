import type { MessagePort } from 'node:worker_threads';
import type { LedgerErrorCode } from '../errors.ts';
import type { Subtree } from './partition.ts';

/** What a shard's thread is started with. */
export interface ShardStart {
  readonly index: number;
  readonly shards: number;
  /** Slots of its table. */
  readonly capacity: number;
  readonly network: Uint8Array;
  readonly feeAccount: Uint8Array;
  /** URL of a module that exports PROGRAMS; the ledger's own unless told. */
  readonly programs?: string | undefined;
  /** To each other shard; none at the own place. */
  readonly ports: readonly (MessagePort | undefined)[];
}

/** The state to begin with: records, or the path of a snapshot, which each shard reads for itself. */
export type StartState =
  | { readonly records: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[] }
  | { readonly snapshot: string };

/** A block to execute; everything large in it is shared memory. */
export interface ShardJob {
  readonly batch: SharedArrayBuffer;
  readonly offsets: Uint32Array;
  /** Of the whole block: each shard writes the receipts that it answers for. */
  readonly receipts: SharedArrayBuffer;
  readonly height: bigint;
  readonly time: bigint;
}

export type ShardRequest =
  | { readonly kind: 'load'; readonly state: StartState }
  | { readonly kind: 'block'; readonly job: ShardJob };

export interface ShardLoaded {
  readonly kind: 'loaded';
  readonly subtree: Subtree;
  /** Of the snapshot: its header, and all of its records, of which this shard keeps its own. */
  readonly snapshot: { readonly height: bigint; readonly header: Uint8Array; readonly entries: number } | undefined;
}

export interface ShardDone {
  readonly kind: 'block';
  readonly height: bigint;
  /** Receipts that this shard has written. */
  readonly answered: number;
  /** Events of the transactions that this shard ran; receipts say where. */
  readonly events: Uint8Array;
  readonly subtree: Subtree;
}

export interface ShardFailed {
  readonly kind: 'failed';
  readonly code: LedgerErrorCode;
  readonly message: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;
}

export type ShardAnswer = { readonly kind: 'ready' } | ShardLoaded | ShardDone | ShardFailed;
