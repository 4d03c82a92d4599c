import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathExists } from '../../../../src/base/private-file.ts';
import { batchOf } from '../../../../src/ledger/block/batch.ts';
import type { BlockHeader } from '../../../../src/ledger/block/header.ts';
import { batchIds, transactionsRoot } from '../../../../src/ledger/block/identify.ts';
import { openGenesis } from '../../../../src/ledger/genesis.ts';
import { openBlockLog } from '../../../../src/ledger/log/block-log.ts';
import { type AuditOptions, type AuditStep, auditLedger } from '../../../../src/ledger/shards/audit.ts';
import { transactionOf } from '../../../property/ledger-judge.ts';
import { person } from '../../../property/ledger-worlds.ts';
import { type Audited, GENESIS, liveOn } from './audited.ts';
import { copyLog } from './copied-log.ts';

const { network } = openGenesis(GENESIS);

describe('an audit', { timeout: 240_000 }, () => {
  let dir: string;
  let ledger: string;
  let made: Audited;
  let count = 0;
  const audit = (folder: string, options: Partial<AuditOptions> = {}) =>
    auditLedger({ folder, genesis: GENESIS, capacity: 4096, shards: 2, ...options });
  const other = async () => {
    count += 1;
    const folder = join(dir, `other-${count}`);
    await mkdir(join(folder, 'snapshots'), { recursive: true, mode: 0o700 });
    return folder;
  };

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-audit-'));
    ledger = join(dir, 'ledger');
    made = await liveOn(ledger, { snapshotEvery: 2, snapshots: 9 });
    assert.equal(made.failed, 4, 'refused by two programs, not enough funds, out of gas');
  });
  after(() => rm(dir, { recursive: true, force: true }));

  for (const shards of [1, 2, 4, 8]) {
    it(`comes to what the ledger came to, over ${shards} threads, and changes nothing`, async () => {
      const listing = await filesOf(ledger);
      const steps: AuditStep[] = [];
      const { seconds, records, ...found } = await audit(ledger, { shards, onProgress: (step) => steps.push(step) });
      const { height, transactions, stateRoot } = made;
      assert.deepEqual(found, {
        ...{ network: Buffer.from(network).toString('hex'), shards, start: 'genesis', from: 0n, to: height },
        ...{ blocks: Number(height), transactions, stateRoot, unsealed: 0n },
      });
      assert.ok(seconds > 0 && records > 12);
      assert.deepEqual(
        steps.map((step) => (step.doing === 'blocks' ? step.height : step.doing)),
        ['log', 'state', ...Array.from({ length: Number(height) + 1 }, (_, i) => BigInt(i))],
      );
      assert.deepEqual(await filesOf(ledger), listing);
    });
  }

  it('begins with the oldest snapshot where it is asked to, or where the log does', async () => {
    const asked = await audit(ledger, { from: 'snapshot' });
    assert.deepEqual([asked.start, asked.from, asked.to], ['snapshot', 2n, made.height]);
    const pruned = await other();
    await copyLog(ledger, pruned, { first: 5n });
    await cp(join(ledger, 'snapshots'), join(pruned, 'snapshots'), { recursive: true });
    const found = await audit(pruned);
    assert.deepEqual([found.start, found.from, found.stateRoot], ['snapshot', 4n, made.stateRoot]);
    await assert.rejects(audit(pruned, { from: 'genesis' }), {
      code: 'LEDGER_NOT_FOUND',
      message: /was pruned: it begins at height 5/,
    });
    await rm(join(pruned, 'snapshots'), { recursive: true });
    await assert.rejects(audit(pruned), { code: 'LEDGER_NOT_FOUND', message: /no snapshot leads/ });
  });

  const forgeries: readonly (readonly [keyof BlockHeader, (header: BlockHeader) => Partial<BlockHeader>])[] = [
    ['stateRoot', ({ stateRoot }) => ({ stateRoot: stateRoot.map((byte) => byte ^ 1) })],
    ['receiptsRoot', () => ({ receiptsRoot: new Uint8Array(32) })],
    ['parent', ({ network: id }) => ({ parent: Buffer.concat([id, id]) })],
  ];
  for (const [part, forge] of forgeries) {
    it(`refuses a sealed ${part} that the block does not come to, naming the height`, async () => {
      const forged = await other();
      await copyLog(ledger, forged, { forge: (header) => (header.height === 4n ? forge(header) : {}) });
      await assert.rejects(audit(forged), {
        code: 'LEDGER_ROOT_MISMATCH',
        where: part,
        message: new RegExp(`^block 4: ${part} is [0-9a-f]{64} here and [0-9a-f]{64} in the log$`),
      });
    });
  }

  it('refuses a snapshot that is not of the block whose header it carries, and one of another past', async () => {
    const mixed = await other();
    await cp(join(ledger, 'snapshots'), join(mixed, 'snapshots'), { recursive: true });
    const forge = (header: BlockHeader) => (header.height === 2n ? { time: header.time + 1n } : {});
    await copyLog(ledger, mixed, { forge });
    await assert.rejects(audit(mixed, { from: 'snapshot' }), { code: 'LEDGER_ROOT_MISMATCH', where: 'time' });
    const [oldest = ''] = (await readdir(join(mixed, 'snapshots'))).sort();
    await writeFile(join(mixed, 'snapshots', oldest), 'nothing of the kind');
    await assert.rejects(audit(mixed, { from: 'snapshot' }), { code: 'LEDGER_SNAPSHOT_INVALID' });
  });

  it('leaves out blocks that have no header yet, and says so', async () => {
    const cut = await other();
    await copyLog(ledger, cut, { unsealed: 2n });
    const found = await audit(cut);
    assert.deepEqual([found.to, found.unsealed], [made.height - 2n, 2n]);
    const empty = await other();
    await copyLog(ledger, empty, { unsealed: made.height });
    const none = await audit(empty);
    assert.deepEqual([none.blocks, none.to, none.unsealed, none.records], [0, 0n, made.height, 12]);
  });

  it('names a damaged byte, and says where there is no log', async () => {
    const damaged = await other();
    await cp(join(ledger, 'log'), join(damaged, 'log'), { recursive: true });
    const [name = ''] = (await readdir(join(damaged, 'log'))).filter((file) => file.startsWith('blocks-'));
    const bytes = await readFile(join(damaged, 'log', name));
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await writeFile(join(damaged, 'log', name), bytes);
    await assert.rejects(audit(damaged), { code: 'LEDGER_LOG_CORRUPT', where: `${name}:72` });
    await assert.rejects(audit(join(dir, 'nowhere')), { code: 'LEDGER_NOT_FOUND' });
    await assert.rejects(audit(ledger, { genesis: { ...GENESIS, name: 'another' } }), { code: 'LEDGER_LOG_CORRUPT' });
    await assert.rejects(audit(ledger, { shards: 3 }), { code: 'LEDGER_GENESIS_INVALID' });
  });

  it('reads the log of a ledger that runs and goes on', async () => {
    const running = await other();
    let ended = false;
    const living = liveOn(running, {}, 30).finally(() => {
      ended = true;
    });
    while (!ended && !(await pathExists(join(running, 'log', 'log.tail')))) await setTimeout(2);
    const seen: bigint[] = [];
    while (!ended) seen.push((await audit(running, { shards: 1 })).to);
    const { height, stateRoot } = await living;
    assert.ok(seen.length > 0 && seen.every((to) => to <= height));
    const whole = await audit(running, { shards: 1 });
    assert.deepEqual([whole.to, whole.stateRoot, whole.unsealed], [height, stateRoot, 0n]);
  });

  it('ends with an error, not in waiting, where a thread dies or never begins', async () => {
    const dying = await other();
    const log = await openBlockLog({ folder: join(dying, 'log'), network });
    const transactions = [1, 0, 1].map((operation, i) => transactionOf(callOf(i, operation)).bytes);
    const batch = batchOf(transactions);
    const root = transactionsRoot(batch, batchIds(batch));
    await log.append({ height: 1n, time: 1_700_000_000_001n, transactionsRoot: root, batch });
    await log.appendSeal(1n, new Uint8Array(168));
    await log.close();
    const programs = new URL('../lanes/dying-programs.ts', import.meta.url).href;
    await assert.rejects(audit(dying, { programs, shards: 4 }), {
      code: 'LEDGER_LANE_FAILED',
      message: /^shard \d stopped: its thread ended$/,
    });
    const nowhere = new URL('./nowhere.ts', import.meta.url).href;
    await assert.rejects(audit(ledger, { programs: nowhere }), { code: 'LEDGER_LANE_FAILED' });
  });

  it('stops when it is told to', async () => {
    const control = new AbortController();
    const onProgress = (step: AuditStep) => {
      if (step.doing === 'blocks' && step.height === 2n) control.abort(new Error('enough'));
    };
    await assert.rejects(audit(ledger, { signal: control.signal, onProgress }), /enough/);
    await assert.rejects(audit(ledger, { signal: control.signal }), /enough/);
  });
});

/** A transaction of the program that takes its thread with it (operation 0) or does nothing. */
function callOf(i: number, operation: number) {
  return {
    ...{ algorithm: 1 as const, network, signer: person(i), sequence: 0n, tagged: true, gasPrice: 0n },
    ...{ validFrom: 0n, validUntil: 9n, gasLimit: 9_000, proof: undefined, writes: [], reads: [], credits: [] },
    operations: [{ program: 9, operation, arguments: new Uint8Array(0) }],
  };
}

/** Names, sizes and times of all files of a folder. */
async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const lines = names.map(async (name) => {
    const { size, mtimeMs } = await stat(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(lines)).sort();
}
