import type { Overlay, RequestHandler } from '../interface.ts';
import { type BlockPiece, decodeRequest, encodeAnswer, pieceBytes, REQUEST_BYTES } from './codec.ts';

export const LEDGER_PROTOCOL = 'ledger/1';
/** One answer: 1 MiB goes over a line of 1 Mbit/s within the 15 s of a request. */
export const PAGE_BYTES = 1024 * 1024;
/** A request is answered within 15 s, so a wait for the next block ends well before. */
export const MAX_WAIT_MS = 5_000;
/** A block of many pages is asked for page by page: read once for all who do. */
const KEPT_BLOCKS = 4;

export interface ServedBlock {
  readonly header: Uint8Array;
  readonly transactions: readonly Uint8Array[];
}

/** What is handed out; the ledger knows nothing of the network. */
export interface ServedBlocks {
  readonly head: bigint;
  /** @throws a CodedError that the asker is told, such as LEDGER_NOT_FOUND */
  block(height: bigint): Promise<ServedBlock>;
  /** Resolves when the block is there, or the signal aborts. */
  whenAt(height: bigint, signal: AbortSignal): Promise<void>;
}

/** Serves blocks to whoever follows: public as the ledger is. One block is read at a time, whoever asks. */
export function serveLedger(overlay: Overlay, blocks: ServedBlocks): void {
  overlay.handle(LEDGER_PROTOCOL, ledgerHandler(blocks), {
    maxRequestBytes: REQUEST_BYTES,
    maxResponseBytes: PAGE_BYTES,
  });
}

function ledgerHandler(blocks: ServedBlocks): RequestHandler {
  const kept = new Map<bigint, ServedBlock>();
  let reading: Promise<unknown> = Promise.resolve();
  const read = (height: bigint): Promise<ServedBlock> => {
    const turn = reading.then(async () => {
      const found = kept.get(height) ?? (await blocks.block(height));
      kept.delete(height);
      kept.set(height, found);
      const oldest = kept.keys().next().value;
      if (kept.size > KEPT_BLOCKS && oldest !== undefined) kept.delete(oldest);
      return found;
    });
    reading = turn.catch(() => undefined);
    return turn;
  };
  return async ({ data, signal }) => {
    const { from, have, waitMs } = decodeRequest(data);
    if (from > blocks.head && waitMs > 0) await waitFor(blocks, from, Math.min(waitMs, MAX_WAIT_MS), signal);
    const { head } = blocks;
    const pieces: BlockPiece[] = [];
    let room = PAGE_BYTES - 64;
    let skip = have;
    for (let height = from; height <= head && !signal.aborted; height += 1n) {
      const piece = cut(await read(height), skip, room);
      if (piece === undefined) break;
      skip = 0;
      pieces.push(piece);
      room -= sizeOf(piece);
      if (piece.first + piece.transactions.length < piece.count) break;
    }
    return encodeAnswer({ head, pieces });
  };
}

/** As much of a block as fits; undefined if not even its first transaction does. */
function cut({ header, transactions }: ServedBlock, skip: number, room: number): BlockPiece | undefined {
  const first = Math.min(skip, transactions.length);
  let left = room - pieceBytes(header);
  let end = first;
  while (end < transactions.length && left >= 4 + (transactions[end]?.length ?? 0)) {
    left -= 4 + (transactions[end]?.length ?? 0);
    end += 1;
  }
  if (left < 0 || (end === first && transactions.length > 0)) return undefined;
  return { header, count: transactions.length, first, transactions: transactions.slice(first, end) };
}

function sizeOf({ header, transactions }: BlockPiece): number {
  return transactions.reduce((sum, bytes) => sum + 4 + bytes.length, pieceBytes(header));
}

async function waitFor(blocks: ServedBlocks, height: bigint, ms: number, signal: AbortSignal): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ms);
  const stop = () => limit.abort();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await blocks.whenAt(height, limit.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    limit.abort();
  }
}
