import { setTimeout as sleep } from 'node:timers/promises';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import { encodeHeader, headerHash } from '../../../../src/ledger/block/header.ts';
import { type BlockSource, type FetchedBlock, FollowedOrdering } from '../../../../src/ledger/follower.ts';
import { openBlockLog } from '../../../../src/ledger/log/block-log.ts';
import type { OrderingParts } from '../../../../src/ledger/options.ts';
import { NETWORK, rich, rootOf, summarize, transaction } from './transactions.ts';

const BLOCK = 10;

/** Another peer's order of the tests' transactions, ten a block; the same numbers make the same blocks in every process. */
export class Elsewhere implements BlockSource {
  readonly #blocks: FetchedBlock[] = [];
  #parent = new Uint8Array(32);

  /** @returns height of the block that the last of them is in */
  order(numbers: readonly number[]): bigint {
    for (let i = 0; i < numbers.length; i += BLOCK) {
      const transactions = numbers.slice(i, i + BLOCK).map((number) => transaction(number));
      const height = BigInt(this.#blocks.length + 1);
      const root = new Uint8Array(32).fill(Number(height % 255n) + 1);
      const header = {
        network: NETWORK,
        height,
        time: height * 7n,
        transactions: transactions.length,
        parent: this.#parent,
        transactionsRoot: rootOf(batchOf(transactions)),
        stateRoot: root,
        receiptsRoot: root,
      };
      this.#parent = Uint8Array.from(headerHash(header));
      this.#blocks.push({ header: encodeHeader(header), transactions, head: height });
    }
    return BigInt(this.#blocks.length);
  }

  headerOf(height: bigint): Uint8Array {
    return this.#blocks[Number(height) - 1]?.header ?? new Uint8Array(32);
  }

  async *blocks(from: bigint, signal: AbortSignal): AsyncGenerator<FetchedBlock, void, undefined> {
    for (let next = Number(from) - 1; !signal.aborted; ) {
      const block = this.#blocks[next];
      if (block === undefined) await sleep(2);
      else {
        yield block;
        next += 1;
        // Now and then the line drops.
        if (next % 7 === 0) throw new Error('the line is dead');
      }
    }
  }
}

/** A driver that follows it, with its own log in a folder. */
export async function followed(folder: string, source: BlockSource): Promise<FollowedOrdering> {
  const log = await openBlockLog({ folder, network: NETWORK, segmentBytes: 4_000 });
  const parts: OrderingParts = {
    log,
    network: NETWORK,
    accounts: rich,
    admit: async (bytes) => summarize(bytes),
    admitMany: async (transactions) => transactions.map(summarize),
    checkBatch: async ({ count }) => ({
      ids: new Uint8Array(count * 32),
      refusals: Array.from({ length: count }, () => undefined),
    }),
    transactionsRoot: rootOf,
    notBefore: 0n,
    keyRoom: () => Number.POSITIVE_INFINITY,
    recordRoom: () => ({ room: Number.POSITIVE_INFINITY, of: () => 0 }),
  };
  return new FollowedOrdering(parts, { source, retryFirstMs: 1, retryMaxMs: 5 });
}
