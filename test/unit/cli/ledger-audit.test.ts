import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Audited, GENESIS, liveOn } from '../ledger/shards/audited.ts';
import { copyLog } from '../ledger/shards/copied-log.ts';
import { jsonOf, runCli } from './run-cli.ts';

/** The launcher alone, over the data folder that a ledger with several programs has left. */
describe('zkbazaar ledger audit', () => {
  let dir: string;
  let made: Audited;
  const data = (name: string) => join(dir, name);
  const audit = (name: string, ...args: string[]) => runCli(['--data-dir', data(name), 'ledger', 'audit', ...args]);
  const refused = async (name: string, ...args: string[]) => {
    const run = await audit(name, '--json', ...args);
    return [run.code, jsonOf<{ error: { code: string } }>(run).error.code, run.stdout] as const;
  };
  const begin = async (name: string) => {
    await mkdir(join(data(name), 'ledger'), { recursive: true, mode: 0o700 });
    await writeFile(join(data(name), 'ledger', 'genesis.json'), JSON.stringify(GENESIS), { mode: 0o600 });
    return join(data(name), 'ledger');
  };

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-cli-audit-'));
    made = await liveOn(await begin('whole'), { snapshotEvery: 3 });
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('says what was replayed, and how fast', async () => {
    const run = await audit('whole', '--json', '--shards', '4');
    assert.equal(run.code, 0, run.stdout + run.stderr);
    const { seconds, blocksPerSecond, transactionsPerSecond, records, network, ...found } = jsonOf(run);
    assert.ok(Number(seconds) > 0 && Number(blocksPerSecond) > 0 && Number(transactionsPerSecond) > 0);
    assert.match(`${network} ${records}`, /^[0-9a-f]{32} [1-9]\d+$/);
    const { height, transactions, stateRoot } = made;
    assert.deepEqual(found, {
      ...{ ok: true, shards: 4, start: 'genesis', from: '0', to: String(height), unsealed: '0' },
      ...{ blocks: Number(height), transactions, stateRoot },
    });
    const text = await audit('whole', '--from', 'snapshot', '--shards', '1');
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, new RegExp(`blocks 4 to ${height}, from the snapshot of height 3\n`));
    assert.match(text.stdout, /^result: +every header is what these blocks come to$/m);
  });

  it('exits 1 at a state root that the blocks do not come to, naming the height', async () => {
    const forge = () => ({ stateRoot: new Uint8Array(32).fill(9) });
    await copyLog(join(data('whole'), 'ledger'), await begin('forged'), { forge });
    const [code, error, text] = await refused('forged', '--shards', '2');
    assert.deepEqual([code, error], [1, 'LEDGER_ROOT_MISMATCH']);
    assert.match(text, /block 1: stateRoot is [0-9a-f]{64} here and (?:09){32} in the log/);
  });

  it('says what cannot be audited', async () => {
    assert.deepEqual((await refused('nothing')).slice(0, 2), [2, 'CLI_NOTHING_THERE']);
    await begin('new');
    assert.deepEqual((await refused('new')).slice(0, 2), [2, 'LEDGER_NOT_FOUND']);
    assert.deepEqual((await refused('whole', '--shards', '3')).slice(0, 2), [2, 'CLI_USAGE']);
    assert.deepEqual((await refused('whole', '--from', 'here')).slice(0, 2), [2, 'CLI_USAGE']);
    await cp(join(data('whole'), 'ledger', 'log'), join(await begin('marked'), 'log'), { recursive: true });
    await writeFile(join(data('marked'), 'ledger', 'log', 'log.tail'), 'torn', { mode: 0o600 });
    assert.deepEqual((await refused('marked')).slice(0, 2), [2, 'LEDGER_LOG_CORRUPT']);
  });
});
