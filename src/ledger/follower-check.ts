import { equalBytes, toHex } from '../base/bytes.ts';
import { type BlockBatch, batchOf } from './block/batch.ts';
import { type BlockHeader, decodeHeader, headerHash } from './block/header.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCK_KEYS, MAX_BLOCK_TRANSACTIONS } from './constants.ts';
import { LedgerError } from './errors.ts';
import type { OrderedBlock } from './log/interface.ts';
import type { OrderingParts } from './options.ts';
import { AT } from './transaction/layout.ts';

/** A block as another peer hands it out; nothing of it is trusted. */
export interface FetchedBlock {
  /** As `encodeHeader` writes it. */
  readonly header: Uint8Array;
  readonly transactions: readonly Uint8Array[];
  /** Height that the peer says it has come to; only shown. */
  readonly head: bigint;
}

/** A block whose order is good, and what executing it must come to. */
export interface CheckedBlock {
  readonly block: OrderedBlock;
  readonly expected: BlockHeader;
}

/** What the next block must continue; without `parent`, its hash is compared when the block was executed. */
export interface Expected {
  readonly height: bigint;
  readonly time: bigint;
  readonly parent: Uint8Array | undefined;
}

/**
 * Everything that can be said of a block before it is executed: it continues the chain, its transactions are in form,
 * signed, proven, of this network, and those of the header.
 * @throws LEDGER_ROOT_MISMATCH with the height and the part that differs; LEDGER_GENESIS_INVALID for another network;
 *   LEDGER_TRANSACTION_INVALID, LEDGER_TRANSACTION_UNSIGNED, LEDGER_TRANSACTION_REFUSED with height and place;
 *   LEDGER_LOG_CORRUPT for a header that is none
 */
export async function checkFetched(
  fetched: FetchedBlock,
  next: Expected,
  parts: Pick<OrderingParts, 'network' | 'checkBatch' | 'transactionsRoot'>,
): Promise<CheckedBlock> {
  const header = decodeHeader(fetched.header);
  checkChain(header, next, parts.network);
  const batch = batchFor(header, fetched.transactions);
  const { refusals } = await parts.checkBatch(batch);
  refusals.forEach((refusal, i) => {
    if (refusal instanceof LedgerError) throw badTransaction(header.height, i, refusal);
    // A full verifier is our trouble and says nothing about the block.
    if (refusal !== undefined) throw refusal;
  });
  const transactionsRoot = parts.transactionsRoot(batch);
  if (!equalBytes(transactionsRoot, header.transactionsRoot)) {
    throw mismatch(header.height, 'transactionsRoot', header.transactionsRoot, transactionsRoot);
  }
  return { block: { height: header.height, time: header.time, transactionsRoot, batch }, expected: header };
}

/** How far the other peer's clock may be ahead. */
const MOST_AHEAD_MS = 600_000n;

/** What must follow a header. */
export function after(header: BlockHeader): Expected {
  return { height: header.height + 1n, time: header.time, parent: headerHash(header) };
}

function checkChain(header: BlockHeader, next: Expected, network: Uint8Array): void {
  if (!equalBytes(header.network, network)) {
    throw new LedgerError(
      'LEDGER_GENESIS_INVALID',
      `the peer’s ledger is of network ${toHex(header.network)}, this one of ${toHex(network)}`,
      { where: 'network', hint: 'both peers need the same genesis file' },
    );
  }
  if (header.height !== next.height) {
    throw differs(next.height, 'height', String(header.height), String(next.height));
  }
  if (next.parent !== undefined && !equalBytes(header.parent, next.parent)) {
    throw mismatch(header.height, 'parent', header.parent, next.parent);
  }
  if (header.time > BigInt(Date.now()) + MOST_AHEAD_MS) {
    // Perhaps it is our clock: not a lie of the peer's, and tried again.
    throw new Error(
      `block ${header.height} is of ${header.time} ms, more than ${MOST_AHEAD_MS} ms ahead of this clock`,
    );
  }
  if (header.time < next.time) throw differs(header.height, 'time', String(header.time), `${next.time} or later`);
}

function batchFor(header: BlockHeader, transactions: readonly Uint8Array[]): BlockBatch {
  const { height, transactions: count } = header;
  if (count > MAX_BLOCK_TRANSACTIONS || count !== transactions.length) {
    throw differs(height, 'transactions', String(count), String(transactions.length));
  }
  const total = transactions.reduce((sum, bytes) => sum + bytes.length, 0);
  if (total > MAX_BLOCK_BYTES) throw differs(height, 'bytes', String(total), `at most ${MAX_BLOCK_BYTES}`);
  const keys = transactions.reduce((sum, bytes) => sum + keysNamed(bytes), 0);
  if (keys > MAX_BLOCK_KEYS) throw differs(height, 'keys', String(keys), `at most ${MAX_BLOCK_KEYS}`);
  try {
    return batchOf(transactions);
  } catch (error) {
    if (error instanceof LedgerError) throw badTransaction(height, undefined, error);
    throw error;
  }
}

/** As many slots as the planner may take for it, whatever its form turns out to be. */
function keysNamed(bytes: Uint8Array): number {
  return 2 + (bytes[AT.writes] ?? 0) + (bytes[AT.reads] ?? 0) + (bytes[AT.credits] ?? 0);
}

function badTransaction(height: bigint, index: number | undefined, why: LedgerError): LedgerError {
  const place = index === undefined ? `block ${height}` : `block ${height}, transaction ${index}`;
  return new LedgerError(why.code, `${place}: ${why.message}`, { where: place, hint: HINT });
}

const HINT =
  'the peer that is followed lies, is broken or runs other programs; compare versions before following it again';

function mismatch(height: bigint, part: string, told: Uint8Array, found: Uint8Array): LedgerError {
  return differs(height, part, toHex(told), toHex(found));
}

function differs(height: bigint, part: string, told: string, found: string): LedgerError {
  return new LedgerError('LEDGER_ROOT_MISMATCH', `block ${height}: ${part} is ${told}; here it comes to ${found}`, {
    where: `block ${height}, ${part}`,
    hint: HINT,
  });
}
