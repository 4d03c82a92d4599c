import { equalBytes } from '../../base/bytes.ts';
import { deadline, pause } from '../deadline.ts';
import type { RequestOptions } from '../interface.ts';
import { type BlockPiece, decodeAnswer, encodeRequest, invalid } from './codec.ts';
import { MAX_WAIT_MS, PAGE_BYTES } from './server.ts';

/** Of one block; the ledger takes no larger ones. */
const MAX_BLOCK_BYTES = 64 * 1024 * 1024;
/** One peer's time for a whole block: else it could bring each of a thousand pages at the last moment. */
const BLOCK_TIMEOUT_MS = 300_000;
/** After an answer without blocks, so that a peer that does not wait cannot make us ask without end. */
const EMPTY_PAUSE_MS = 200;

export type LedgerRequest = (data: Uint8Array, options: RequestOptions) => Promise<Uint8Array>;

export interface ReceivedBlock {
  readonly header: Uint8Array;
  readonly transactions: readonly Uint8Array[];
  /** Height that the sender says it has come to. */
  readonly head: bigint;
}

/**
 * Blocks from a height on, as a peer makes them: asks for the next page only when the ones before are used up, so that
 * memory holds one page and one block. Says nothing about what the blocks are worth.
 * @throws OverlayError: what `request` throws, OVERLAY_FRAME_INVALID, OVERLAY_REQUEST_TIMEOUT
 */
export async function* fetchBlocks(
  request: LedgerRequest,
  from: bigint,
  signal: AbortSignal,
): AsyncGenerator<ReceivedBlock, void, undefined> {
  let next = from;
  while (!signal.aborted) {
    const asked = { from: next, have: 0, waitMs: MAX_WAIT_MS };
    const { head, pieces } = await ask(request, asked, signal);
    for (const piece of pieces) {
      const transactions = await complete(request, next, piece, signal);
      yield { header: piece.header, transactions, head };
      next += 1n;
    }
    if (pieces.length === 0) await pause(EMPTY_PAUSE_MS, signal);
  }
}

/** All transactions of a block whose beginning is there. */
async function complete(
  request: LedgerRequest,
  height: bigint,
  begun: BlockPiece,
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  if (begun.first !== 0) throw invalid('a block does not begin with its first transaction');
  const transactions = [...begun.transactions];
  let bytes = sum(transactions);
  const until = deadline(BLOCK_TIMEOUT_MS, signal);
  try {
    while (transactions.length < begun.count) {
      const { pieces } = await ask(request, { from: height, have: transactions.length, waitMs: 0 }, until.signal);
      const piece = pieces[0];
      if (piece === undefined || piece.first !== transactions.length || piece.count !== begun.count) {
        throw invalid('a block does not go on where it ended');
      }
      if (!equalBytes(piece.header, begun.header)) throw invalid('a block changes while it is sent');
      bytes += sum(piece.transactions);
      if (bytes > MAX_BLOCK_BYTES) throw invalid(`a block has more than ${MAX_BLOCK_BYTES} bytes`);
      transactions.push(...piece.transactions);
    }
    return transactions;
  } finally {
    until.clear();
  }
}

async function ask(request: LedgerRequest, asked: Parameters<typeof encodeRequest>[0], signal: AbortSignal) {
  return decodeAnswer(await request(encodeRequest(asked), { signal, maxResponseBytes: PAGE_BYTES }));
}

function sum(transactions: readonly Uint8Array[]): number {
  return transactions.reduce((total, { length }) => total + length, 0);
}
