import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { toHex } from '../../../src/base/bytes.ts';
import { batchOf } from '../../../src/ledger/block/batch.ts';
import { type BlockHeader, decodeHeader, encodeHeader, headerHash } from '../../../src/ledger/block/header.ts';
import { batchIds, transactionsRoot } from '../../../src/ledger/block/identify.ts';
import { LedgerError } from '../../../src/ledger/errors.ts';
import { type BlockSource, type FetchedBlock, FollowedOrdering } from '../../../src/ledger/follower.ts';
import type { Ledger } from '../../../src/ledger/interface.ts';
import type { BlockLog } from '../../../src/ledger/log/interface.ts';
import { transfer } from '../../../src/ledger/programs/assets/build.ts';
import { ALICE, BOB, CAROL, makeLedger, type Party, signed } from '../api/ledger-world.ts';

/** A producer's blocks, as honest ones; tests change them on the way. */
let honest: FetchedBlock[];
let network: Uint8Array;
let head: BlockHeader;
const BLOCKS = 5;

before(async () => {
  const { ledger, close } = await makeLedger();
  network = ledger.network;
  const nonces = new Map<Party, bigint>();
  const next = (by: Party) => {
    const nonce = nonces.get(by) ?? 0n;
    nonces.set(by, nonce + 1n);
    return nonce;
  };
  for (let i = 0; i < BLOCKS; i += 1) {
    const batch = [ALICE, BOB, CAROL].map((by) =>
      signed(ledger, by, [transfer(by.address, ALICE.address, BigInt(i + 1))], { nonce: next(by) }),
    );
    const ids = await ledger.submitMany(batch);
    for (const id of ids) await ledger.executed(id as Uint8Array);
  }
  honest = [];
  for await (const { header, transactions } of ledger.blocks(1n)) {
    honest.push({ header: encodeHeader(header), transactions, head: ledger.head.height });
    if (header.height === ledger.head.height) break;
  }
  head = ledger.head;
  await close();
});

interface Followed {
  ledger: Ledger;
  ordering(): FollowedOrdering;
  close(): Promise<void>;
}

/** A ledger that follows a source, in a folder of its own unless one is given. */
async function follow(
  source: BlockSource,
  folder?: string,
  change: (log: BlockLog) => void = () => undefined,
): Promise<Followed> {
  let ordering: FollowedOrdering | undefined;
  const made = await makeLedger({
    ...(folder === undefined ? {} : { folder }),
    ordering: (parts) => {
      change(parts.log);
      ordering = new FollowedOrdering(parts, { source, retryFirstMs: 1, retryMaxMs: 5 });
      return ordering;
    },
  });
  return { ...made, ordering: () => ordering ?? assert.fail() };
}

/** Hands out what `change` makes of each honest block; then nothing more. */
function sourceOf(change: (block: FetchedBlock, height: number) => FetchedBlock | undefined): BlockSource {
  return {
    async *blocks(from, signal) {
      for (let height = Number(from); height <= honest.length; height += 1) {
        const block = honest[height - 1] ?? assert.fail();
        const given = change(block, height);
        if (given !== undefined) yield given;
      }
      await until(signal);
    },
  };
}

const until = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function eventually(what: string, look: () => boolean): Promise<void> {
  for (let i = 0; i < 2000; i += 1) {
    if (look()) return;
    await sleep(5);
  }
  assert.fail(`never happened: ${what}`);
}

function rewrite(block: FetchedBlock, change: Partial<BlockHeader>): FetchedBlock {
  return { ...block, header: encodeHeader({ ...decodeHeader(block.header), ...change }) };
}

/** The same bytes with one bit turned. */
function turned(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Follows a source that lies about block 3, and expects to stand at block 2 with this refusal. */
async function refuses(t: TestContext, change: (block: FetchedBlock) => FetchedBlock, code: string, where: RegExp) {
  const followed = await follow(sourceOf((block, height) => (height === 3 ? change(block) : block)));
  t.after(() => followed.close());
  await eventually('a refusal', () => followed.ordering().status.state === 'refused');
  const { error } = followed.ordering().status;
  assert.equal((error as LedgerError).code, code, error?.message);
  assert.match(`${error?.message} ${(error as LedgerError).where}`, where);
  await eventually('the blocks before it', () => followed.ledger.head.height === 2n);
  await sleep(20);
  assert.equal(followed.ledger.head.height, 2n);
  return followed;
}

describe('a follower', () => {
  it('comes to the same headers as the producer, and answers as it does', async (t) => {
    const followed = await follow(sourceOf((block) => block));
    t.after(() => followed.close());
    await eventually('the head', () => followed.ledger.head.height === head.height);
    assert.deepEqual(followed.ledger.head, head);
    assert.deepEqual(headerHash(followed.ledger.head), headerHash(head));
    const third = await followed.ledger.block(3n);
    assert.deepEqual(encodeHeader(third.header), honest[2]?.header);
    await assert.rejects(followed.ledger.submit(third.transactions[0] as Uint8Array), {
      code: 'LEDGER_TRANSACTION_REFUSED',
    });
  });

  it('refuses a wrong state root, and leaves nothing of the block on the disk', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'zkb-follow-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const wrong = new Uint8Array(32).fill(7);
    const lying = sourceOf((block, height) => (height === 3 ? rewrite(block, { stateRoot: wrong }) : block));
    const followed = await follow(lying, folder);
    await eventually('a refusal', () => followed.ordering().status.state === 'refused');
    const { error, executed } = followed.ordering().status;
    assert.equal((error as LedgerError).code, 'LEDGER_ROOT_MISMATCH');
    assert.match(error?.message ?? '', /block 3: stateRoot/);
    assert.equal(executed, true);
    assert.equal(followed.ledger.head.height, 2n);
    await followed.close();
    // Opened anew, it stands exactly where it was before the lie, and goes on with an honest peer.
    const again = await follow(
      sourceOf((block) => block),
      folder,
    );
    assert.equal(again.ledger.head.height, 2n);
    assert.equal(toHex(encodeHeader(again.ledger.head)), toHex(honest[1]?.header ?? new Uint8Array()));
    await eventually('the head', () => again.ledger.head.height === head.height);
    assert.deepEqual(again.ledger.head, head);
    await again.close();
  });

  it('refuses a wrong receipts root', async (t) => {
    const receiptsRoot = new Uint8Array(32).fill(9);
    await refuses(t, (block) => rewrite(block, { receiptsRoot }), 'LEDGER_ROOT_MISMATCH', /block 3: receiptsRoot/);
  });

  it('refuses a wrong transactions root', async (t) => {
    const root = new Uint8Array(32).fill(9);
    const change = (block: FetchedBlock) => rewrite(block, { transactionsRoot: root });
    await refuses(t, change, 'LEDGER_ROOT_MISMATCH', /block 3.*transactionsRoot/);
  });

  it('refuses a changed transaction, whether its body or its signature', async (t) => {
    const change = (at: (bytes: Uint8Array) => number) => (block: FetchedBlock) => ({
      ...block,
      transactions: block.transactions.map((bytes, i) => (i === 1 ? turned(bytes, at(bytes)) : bytes)),
    });
    await refuses(
      t,
      change(() => 80),
      'LEDGER_TRANSACTION_UNSIGNED',
      /block 3, transaction 1/,
    );
    await refuses(
      t,
      change((bytes) => bytes.length - 3),
      'LEDGER_TRANSACTION_UNSIGNED',
      /block 3, transaction 1/,
    );
    await refuses(
      t,
      change(() => 4),
      'LEDGER_TRANSACTION_INVALID',
      /block 3, transaction 1/,
    );
  });

  it('refuses a forged transaction even where the producer’s own roots fit it', async (t) => {
    const change = (block: FetchedBlock) => {
      const transactions = block.transactions.map((bytes, i) => (i === 0 ? turned(bytes, bytes.length - 3) : bytes));
      const batch = batchOf(transactions);
      return rewrite({ ...block, transactions }, { transactionsRoot: transactionsRoot(batch, batchIds(batch)) });
    };
    await refuses(t, change, 'LEDGER_TRANSACTION_UNSIGNED', /block 3, transaction 0/);
  });

  it('refuses transactions in another order, left out, or added', async (t) => {
    const reversed = (block: FetchedBlock) => ({ ...block, transactions: block.transactions.toReversed() });
    const fewer = (block: FetchedBlock) => ({ ...block, transactions: block.transactions.slice(1) });
    const more = (block: FetchedBlock) => ({
      ...block,
      transactions: [...block.transactions, ...block.transactions.slice(0, 1)],
    });
    await refuses(t, reversed, 'LEDGER_ROOT_MISMATCH', /block 3.*transactionsRoot/);
    await refuses(t, fewer, 'LEDGER_ROOT_MISMATCH', /block 3.*transactions/);
    await refuses(t, more, 'LEDGER_ROOT_MISMATCH', /block 3.*transactions/);
  });

  it('refuses a skipped height, one that comes again, time that goes back, another parent and another network', async (t) => {
    const other = (height: number) => () => honest[height - 1] ?? assert.fail();
    await refuses(t, other(4), 'LEDGER_ROOT_MISMATCH', /block 3.*height/);
    await refuses(t, other(2), 'LEDGER_ROOT_MISMATCH', /block 3.*height/);
    await refuses(t, (block) => rewrite(block, { time: 0n }), 'LEDGER_ROOT_MISMATCH', /block 3.*time/);
    const parent = new Uint8Array(32).fill(3);
    await refuses(t, (block) => rewrite(block, { parent }), 'LEDGER_ROOT_MISMATCH', /block 3.*parent/);
    const foreign = new Uint8Array(16).fill(3);
    await refuses(t, (block) => rewrite(block, { network: foreign }), 'LEDGER_GENESIS_INVALID', /network/);
  });

  it('refuses a header that is none, and transactions that are no multiple of 8 bytes or without any', async (t) => {
    await refuses(t, (block) => ({ ...block, header: new Uint8Array(5) }), 'LEDGER_LOG_CORRUPT', /header/);
    const odd = (block: FetchedBlock) => ({
      ...block,
      transactions: block.transactions.map((bytes) => bytes.subarray(1)),
    });
    await refuses(t, odd, 'LEDGER_TRANSACTION_INVALID', /block 3/);
    const empty = (block: FetchedBlock) => ({ ...block, transactions: block.transactions.map(() => new Uint8Array()) });
    await refuses(t, empty, 'LEDGER_TRANSACTION_INVALID', /block 3/);
  });

  it('tries again after trouble on the way, and takes nothing for granted that came before it', async (t) => {
    let tries = 0;
    const source: BlockSource = {
      async *blocks(from, signal) {
        tries += 1;
        if (tries < 3) throw new Error('the line is dead');
        // One block a connection, and then it breaks.
        const block = honest[Number(from) - 1];
        if (block === undefined) return await until(signal);
        yield block;
        throw new Error('the line is dead again');
      },
    };
    const followed = await follow(source);
    t.after(() => followed.close());
    await eventually('the head', () => followed.ledger.head.height === head.height);
    assert.deepEqual(followed.ledger.head, head);
    assert.ok(tries >= BLOCKS + 2, String(tries));
  });

  it('waits with a block for which the disk has no room, and can be closed meanwhile', async () => {
    let full = true;
    let refused = 0;
    const followed = await follow(
      sourceOf((block) => block),
      undefined,
      (log) => {
        const append = log.append.bind(log);
        log.append = async (block) => {
          if (!full || block.height < 3n) return await append(block);
          refused += 1;
          throw new LedgerError('LEDGER_LOG_UNWRITABLE', 'no space left on device');
        };
      },
    );
    await eventually('a full disk', () => refused > 1);
    assert.equal(followed.ledger.head.height, 2n);
    full = false;
    await eventually('the head', () => followed.ledger.head.height === head.height);
    assert.deepEqual(followed.ledger.head, head);
    await followed.close();
    const stuck = await follow(
      sourceOf((block) => block),
      undefined,
      (log) => {
        log.append = async () => {
          refused += 1;
          throw new LedgerError('LEDGER_LOG_UNWRITABLE', 'no space left on device');
        };
      },
    );
    const before = refused;
    await eventually('a full disk', () => refused > before);
    stuck.ordering().halt();
    await stuck.close();
    assert.equal(stuck.ledger.head.height, 0n);
  });

  it('closes while a source stalls for ever', async () => {
    const followed = await follow({
      async *blocks(_, signal) {
        yield* [] as FetchedBlock[];
        await until(signal);
      },
    });
    await followed.close();
  });
});

after(() => assert.equal(toHex(network).length, 32));
