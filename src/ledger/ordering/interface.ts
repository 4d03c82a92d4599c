import type { OrderedBlock } from '../log/interface.ts';

/** What ordering needs to know of a transaction; whoever gives it has checked form and signature. */
export interface TransactionSummary {
  /** 32 bytes. */
  readonly id: Uint8Array;
  /** Any text that stands for the address: here its 20 bytes, a character each. */
  readonly signer: string;
  /** The account's number, or with `tagged` one that the account has never used. */
  readonly sequence: bigint;
  readonly tagged: boolean;
  readonly gasPrice: bigint;
  readonly gasLimit: number;
  /** First and last height in whose block it may stand. */
  readonly validFrom: bigint;
  readonly validUntil: bigint;
  readonly byteLength: number;
  /** Keys that executing it may take slots for, those of its signer included. */
  readonly keys: number;
  /** Declared write keys but the signer's own account, each as any text that stands for it. */
  readonly writeKeys: readonly string[];
}

/** The state as of the last executed block. */
export interface Accounts {
  account(signer: string): { readonly balance: bigint; readonly nonce: bigint };
  /** Whether the account has used this tag. */
  tagSpent(signer: string, tag: bigint): boolean;
}

export interface Admitted {
  /** Hex. */
  readonly id: string;
}

export interface Placed {
  /** Hex. */
  readonly id: string;
  readonly height: bigint;
  /** Within the block. */
  readonly index: number;
}

export interface OrderingHead {
  /** Of the last block that is ordered for good. */
  readonly height: bigint;
  readonly time: bigint;
  /** Of the last header that was committed; undefined where there is none. */
  readonly sealed: bigint | undefined;
}

/**
 * Fixes the order of transactions. The ledger executes what `subscribe` yields, whoever ordered it, and gives back each
 * block's header. What every driver promises is written as tests in `test/unit/ledger/ordering/compliance.ts`:
 *
 * - the order is total: all subscribers, now and later, see equal blocks; heights have no gaps, times never fall;
 * - a transaction is in it once at most, and what `whenOrdered` has acknowledged is in it for good, whatever is killed;
 * - ordering runs ahead of execution by a bounded number of blocks.
 *
 * The embedded driver (`embedded.ts`) is one machine. How others fit:
 *
 * - CometBFT (ABCI 2.0, docs.cometbft.com/v1.0/spec/abci): `submit` is BroadcastTxSync, its CheckTx is `admit`; each
 *   FinalizeBlock becomes an item of `subscribe` and waits for `commitRoot`, whose header's hash is its app_hash (so
 *   blocks run ahead by one at most); Commit answers after that; ProcessProposal refuses what `admit` does; a restart
 *   replays from Info.last_block_height, which is `head().sealed`. Vote extensions are not used.
 * - Follower (`../follower.ts`): the order is another peer's; `submit` refuses, `subscribe` yields what was fetched and checked,
 *   `commitRoot` compares with that peer's header before the block comes into this log. The suite's `submits` is false.
 * - EVM anchor: a driver around another one that posts (height, header hash) to a contract in `commitRoot`, in order
 *   and each height once; `commitRoot` resolves with the other's, and the anchoring follows; a different hash already
 *   on the chain is LEDGER_ROOT_MISMATCH.
 */
export interface OrderingLog {
  /**
   * Checks and takes a transaction into what waits to be ordered: a restart may lose it until it is ordered. After a
   * restart it waits until the headers of all blocks that were found ordered are committed. One that was ordered lately is
   * refused, whatever came of it.
   * @throws LEDGER_TRANSACTION_REFUSED, LEDGER_MEMPOOL_FULL, LEDGER_LOG_UNWRITABLE, LEDGER_CLOSED, what `admit` throws
   */
  submit(transaction: Uint8Array): Promise<Admitted>;
  /**
   * The same for many, where a driver can do that for less than one by one; a driver may leave it out. One answer each: the
   * id, or why not.
   * @throws LEDGER_CLOSED, LEDGER_LOG_UNWRITABLE: none was taken
   */
  submitMany?(transactions: readonly Uint8Array[]): Promise<(Uint8Array | Error)[]>;
  /**
   * Resolves when the transaction is ordered for good.
   * @param id hex
   * @throws LEDGER_NOT_FOUND unknown, or ordered long ago; LEDGER_TRANSACTION_REFUSED it was dropped: expired, replaced,
   * outbid; LEDGER_CLOSED
   */
  whenOrdered(id: string): Promise<Placed>;
  /**
   * Blocks from a height on, without end; leaving the loop, or `close`, ends it.
   * @throws LEDGER_NOT_FOUND the height was pruned, or is beyond the next; LEDGER_LOG_CORRUPT
   */
  subscribe(fromHeight: bigint): AsyncIterable<OrderedBlock>;
  /**
   * The header that executing a block came to. In order of heights; the same again is no error.
   * @throws LEDGER_ROOT_MISMATCH another header was committed for the height; LEDGER_NOT_FOUND not ordered yet, or out of order
   */
  commitRoot(height: bigint, header: Uint8Array): Promise<void>;
  head(): OrderingHead;
  close(): Promise<void>;
}
