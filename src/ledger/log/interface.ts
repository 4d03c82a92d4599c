import type { BlockBatch } from '../block/batch.ts';

/** A block whose place and time are fixed, and which may not have been executed yet. */
export interface OrderedBlock {
  readonly height: bigint;
  /** Milliseconds since 1970; never falls from block to block. */
  readonly time: bigint;
  /** 32 bytes. */
  readonly transactionsRoot: Uint8Array;
  readonly batch: BlockBatch;
}

/** The finished header of an executed block; opaque here, at most 256 bytes. */
export interface Seal {
  readonly height: bigint;
  readonly header: Uint8Array;
}

/** What recovery cut off the end: bytes of a frame whose writing was interrupted. Nothing in them was acknowledged. */
export interface CutTail {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  readonly why: string;
}

/**
 * Called at named points, so that a test can kill the process there: `log.before-append`, `log.after-append`,
 * `log.after-sync`, `log.after-marker`, `log.before-rotate`, `log.after-rotate`, `log.before-prune`, `log.mid-prune`,
 * `seal.buffered`, `order.taken`, `order.acknowledged`, `execute.before`, `execute.sealed`, `snapshot.mid`,
 * `snapshot.written`.
 */
export type OnPoint = (name: string) => void;

export interface BlockLogOptions {
  /** Made with mode 0700 when it is not there. */
  readonly folder: string;
  /** 16 bytes; a log of another network is refused. */
  readonly network: Uint8Array;
  /** Height of the first block of a new log; 1 unless told. */
  readonly firstHeight?: bigint;
  /** A segment is closed before it outgrows this; 64 MiB unless told. */
  readonly segmentBytes?: number;
  /**
   * The operator's word that what damage there is at the very end may be cut, and that the marker may be made anew.
   * Damage in front of other frames is refused all the same.
   */
  readonly repair?: boolean;
  /** How long to wait for another process to let go of the log, milliseconds; 2,000 unless told. */
  readonly lockWaitMs?: number;
  readonly onPoint?: OnPoint;
}

export interface BlockLog {
  /** Of the last durable block; height is the first height less one, and time 0, where there is none. */
  readonly head: { readonly height: bigint; readonly time: bigint };
  /** Lowest height that is still there (or will be the first). */
  readonly oldest: bigint;
  /** Height of the last seal, buffered ones included; undefined where there is none. */
  readonly sealed: bigint | undefined;
  /** What opening cut off. */
  readonly cut: CutTail | undefined;
  /** Bytes of all segments. */
  readonly bytes: number;
  /** Whether a failed write could not be undone: everything is refused until the log is opened again. */
  readonly broken: boolean;

  /**
   * Writes the block and the buffered seals as one frame, then one fdatasync; resolved, it survives a power failure.
   * Calls queue. @throws LEDGER_LOG_UNWRITABLE nothing of it is in the log; LEDGER_CLOSED
   */
  append(block: OrderedBlock): Promise<void>;
  /**
   * Keeps a header for the next frame. Seals come in order, one per block, none twice; losing the last ones in a crash
   * costs a second execution, no more. @throws LEDGER_LOG_UNWRITABLE out of order
   */
  appendSeal(height: bigint, header: Uint8Array): Promise<void>;
  /** Writes the buffered seals. */
  flush(): Promise<void>;
  /**
   * Blocks `from` to `to` (both included; the head of now unless told), each read when it is asked for.
   * @throws LEDGER_NOT_FOUND pruned or not there yet; LEDGER_LOG_CORRUPT
   */
  read(from: bigint, to?: bigint): AsyncGenerator<OrderedBlock, void, undefined>;
  /** Seals of blocks from height `from` on, in order. */
  seals(from: bigint): AsyncGenerator<Seal, void, undefined>;
  /**
   * Deletes segments that hold only heights below `below`, and none that the newest snapshot (of height `snapshot`)
   * needs for replay. Returns the lowest height left.
   */
  prune(below: bigint, snapshot: bigint): Promise<bigint>;
  close(): Promise<void>;
}
