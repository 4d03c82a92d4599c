import type { BlockHeader } from './block/header.ts';
import type { Event } from './execute/events.ts';

/** What the ledger promises to those who use it: node, API, CLI, followers. */

export interface Receipt {
  /** Of the transaction, 32 bytes. */
  readonly id: Uint8Array;
  readonly height: bigint;
  /** Place in the block. */
  readonly index: number;
  /** 0 = done; `constants.ts` and docs/ledger-programs.md have the others. */
  readonly status: number;
  /** Which operation failed, where one did. */
  readonly operation: number;
  /** Program of that operation, 0 where none failed. */
  readonly program: number;
  readonly gasUsed: number;
  /** Native units. */
  readonly fee: bigint;
  readonly events: readonly Event[];
}

/** A block that was executed: its header has the roots of state and receipts after it. */
export interface SealedBlock {
  readonly header: BlockHeader;
  readonly hash: Uint8Array;
  readonly transactions: readonly Uint8Array[];
}

export interface StateProof {
  readonly header: BlockHeader;
  readonly record: Uint8Array | undefined;
  /** What `verifyStateProof` takes, with the header's state root. */
  readonly proof: Uint8Array;
}

/** A Groth16 proof that a transaction carries, with what it must hold against. */
export interface ProofJob {
  readonly circuit: number;
  readonly signals: readonly Uint8Array[];
  readonly proof: Uint8Array;
}

/** Verifies proofs of transactions, in batches with everybody else's; `node` joins the verifier to it. */
export interface ProofChecker {
  check(jobs: readonly ProofJob[]): Promise<readonly boolean[]>;
}

export interface LedgerStatus {
  readonly network: string;
  readonly head: BlockHeader;
  readonly hash: Uint8Array;
  /** Lowest height whose block is kept. */
  readonly oldest: bigint;
  readonly records: number;
  readonly pending: number;
  readonly lanes: number;
  /** Bytes of log and snapshots. */
  readonly bytes: number;
}

export interface Ledger {
  /** 16 bytes. */
  readonly network: Uint8Array;
  readonly head: BlockHeader;
  status(): LedgerStatus;
  /**
   * Checks form, network, signer, signature, proof, nonce and fee, and takes the transaction into the pool.
   * @returns its id. @throws LEDGER_TRANSACTION_INVALID, LEDGER_TRANSACTION_UNSIGNED, LEDGER_TRANSACTION_REFUSED,
   *   LEDGER_MEMPOOL_FULL, LEDGER_CLOSED
   */
  submit(bytes: Uint8Array): Promise<Uint8Array>;
  /** The same for many; signatures and proofs are checked together. One answer each: an id, or why not. */
  submitMany(transactions: readonly Uint8Array[]): Promise<(Uint8Array | Error)[]>;
  /** Of the last `receiptLimit` transactions; undefined for others. */
  receipt(id: Uint8Array): Receipt | undefined;
  /** Waits until the transaction was executed. @throws the signal's reason; LEDGER_CLOSED */
  executed(id: Uint8Array, signal?: AbortSignal): Promise<Receipt>;
  /** The record of a key after the head's block, a copy. */
  record(key: Uint8Array): Uint8Array | undefined;
  /** With a proof of inclusion, or of absence, against a header. */
  prove(key: Uint8Array): Promise<StateProof>;
  /** @throws LEDGER_NOT_FOUND pruned or not there yet */
  block(height: bigint): Promise<SealedBlock>;
  /** Executed blocks from a height on, as they come; ends when the signal or the ledger does. */
  blocks(from: bigint, signal?: AbortSignal): AsyncIterable<SealedBlock>;
  /** The headers alone, in order, as they come; cheap where `blocks` reads every transaction. */
  headers(from: bigint, signal?: AbortSignal): AsyncIterable<BlockHeader>;
  /** Writes a snapshot now. @returns its height */
  snapshot(): Promise<bigint>;
  close(): Promise<void>;
}
