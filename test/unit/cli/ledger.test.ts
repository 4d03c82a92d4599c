import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serveApi } from '../../../src/api/index.ts';
import { resolveConfig } from '../../../src/config/index.ts';
import { createNode, type Node } from '../../../src/node/index.ts';
import { jsonOf, runCli } from './run-cli.ts';

const PASSPHRASE = 'a passphrase of tests';

interface Receipt {
  ok: boolean;
  meaning: string;
  id: string;
  fee: string;
}

/** The launcher alone, against a node in this process: from nothing to a settled transfer, proven offline. */
describe('zkbazaar ledger', () => {
  let dir: string;
  let node: Node;
  let stopApi: () => Promise<void>;
  let env: Record<string, string>;
  const path = (name: string) => join(dir, name);
  const cli = (...args: string[]) => runCli(['--data-dir', path('data'), '--json', 'ledger', ...args], { env });
  const done = async <T>(...args: string[]): Promise<T> => {
    const run = await cli(...args);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    return jsonOf<T>(run);
  };
  const refused = async (code: number, ...args: string[]): Promise<string> => {
    const run = await cli(...args);
    assert.equal(run.code, code, run.stdout + run.stderr);
    return jsonOf<{ error: { code: string } }>(run).error.code;
  };

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-cli-ledger-'));
    env = { ZKBAZAAR_PASSPHRASE: PASSPHRASE };
    const made = await Promise.all([
      done<Key>('key', 'new', 'alice'),
      done<Key>('key', 'new', 'bob', '--algorithm', 'hybrid'),
    ]);
    assert.deepEqual([made[0].algorithm, made[1].algorithm], ['ed25519', 'hybrid']);
    await done('genesis', '--fee-account', 'bob', '--account', 'alice=1000000', '--account', 'bob=500000');
    const flags = { dataDir: path('data'), 'api.port': 0, 'p2p.listen': [], 'log.level': 'silent' };
    const { config } = resolveConfig({
      env: {},
      flags: { ...flags, 'ledger.capacity': 4096, 'ledger.blockTimeMs': 10 },
    });
    node = await createNode(config);
    await node.start();
    const api = serveApi(node);
    await api.start();
    stopApi = () => api.stop();
    env['ZKBAZAAR_NODE'] = api.url ?? assert.fail();
  });
  after(async () => {
    await stopApi?.();
    await node?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  interface Key {
    address: string;
    algorithm: string;
  }

  it('keeps keys sealed, names them, and makes none over another', async () => {
    const { items } = await done<{ items: Key[] }>('key', 'list');
    assert.equal(items.length, 2);
    const file = path('data/ledger-keys/alice.json');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match(await readFile(file, 'utf8'), /aes-256-gcm/);
    assert.equal(await refused(2, 'key', 'new', 'alice'), 'CLI_FILE_EXISTS');
    assert.equal(await refused(2, 'key', 'address', 'nobody'), 'CLI_NOTHING_THERE');
    assert.equal(await refused(2, 'key', 'new', 'eve', '--algorithm', 'rsa'), 'CLI_BAD_ARGUMENT');
  });

  it('transfers, waits for the receipt, and exits 1 where it was not done', async () => {
    const made = await done<Receipt>('transfer', 'bob', '2500', '--from', 'alice');
    assert.deepEqual([made.ok, made.meaning], [true, 'ok']);
    const account = await done<{ balance: string; nonce: string }>('account', 'bob');
    assert.equal(account.balance, String(502_500 + Number(made.fee)));
    const again = await done<Receipt>('receipt', made.id);
    assert.deepEqual(again, made);
    const poor = await cli('transfer', 'alice', '900000000', '--from', 'bob');
    assert.equal(poor.code, 1, poor.stderr);
    assert.deepEqual([jsonOf<Receipt>(poor).ok, jsonOf<Receipt>(poor).meaning], [false, 'not enough funds']);
    assert.equal(
      await refused(1, 'transfer', 'bob', '1', '--from', 'alice', '--nonce', '0'),
      'LEDGER_TRANSACTION_REFUSED',
    );
    assert.equal(await refused(2, 'transfer', 'bob', '-1', '--from', 'alice'), 'CLI_BAD_ARGUMENT');
    const wrong = await runCli(
      ['--data-dir', path('data'), '--json', 'ledger', 'transfer', 'bob', '1', '--from', 'alice'],
      {
        env: { ...env, ZKBAZAAR_PASSPHRASE: 'another passphrase' },
      },
    );
    assert.equal(jsonOf<{ error: { code: string } }>(wrong).error.code, 'FILE_UNLOCK_FAILED');
  });

  it('signs operations of a file here, keeps the transaction, and hands it over later', async () => {
    const asset = 'ab'.repeat(11);
    const { address } = await done<Key>('key', 'address', 'alice');
    const operations = [
      { operation: 'assets.create', asset, authority: address, decimals: 2, burnable: true },
      { operation: 'assets.mint', asset, to: address, amount: '700' },
    ];
    await writeFile(path('operations.json'), JSON.stringify({ operations }));
    await done('submit', path('operations.json'), '--from', 'alice', '--out', path('signed.bin'));
    assert.equal(await refused(2, 'submit', path('operations.json')), 'CLI_BAD_ARGUMENT');
    assert.equal((await done<Receipt>('submit', path('signed.bin'))).ok, true);
    const { assets } = await done<{ assets: object[] }>('account', 'alice', '--asset', asset);
    assert.deepEqual(assets, [{ asset, amount: '700' }]);
    assert.equal(await refused(1, 'submit', path('signed.bin')), 'LEDGER_TRANSACTION_REFUSED');
    await writeFile(path('bad.json'), JSON.stringify([{ operation: 'assets.mint', asset }]));
    assert.equal(await refused(2, 'submit', path('bad.json'), '--from', 'alice'), 'CLI_BAD_ARGUMENT');
  });

  it('proves a record and its absence, and verifies both without any node', async () => {
    const { hash } = (await done<{ header: { hash: string } }>('block')).header;
    await done('prove', '--account', 'alice', '--out', path('there.json'));
    await done('prove', '--account', 'ff'.repeat(20), '--out', path('absent.json'));
    const offline = { env: { ZKBAZAAR_NODE: 'http://127.0.0.1:1' } };
    const verify = (...args: string[]) => runCli(['--json', 'ledger', 'verify-proof', ...args], offline);
    for (const [file, record] of [['there.json', true] as const, ['absent.json', false] as const]) {
      const run = await verify(path(file), '--block', hash);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      assert.equal(jsonOf(run)['record'] !== null, record);
    }
    assert.equal((await verify(path('there.json'), '--block', '00'.repeat(32))).code, 1);
    const text = await readFile(path('there.json'), 'utf8');
    await writeFile(
      path('forged.json'),
      text.replace(/"record": ".."/, '"record": "ff"').replace(/"record": "../, '"record": "ee'),
    );
    assert.equal((await verify(path('forged.json'))).code, 1);
    await writeFile(path('other.json'), text.replace(/"stateRoot": "../, '"stateRoot": "00'));
    assert.equal((await verify(path('other.json'))).code, 1);
    await writeFile(path('none.json'), '{"proof": 1}');
    assert.equal((await verify(path('none.json'))).code, 2);
  });

  it('exports a snapshot with which another ledger begins, and refuses a damaged one', async () => {
    await done('export', path('state.zks'));
    assert.equal(await refused(2, 'export', path('state.zks')), 'CLI_FILE_EXISTS');
    const genesis = path('data/ledger/genesis.json');
    const other = (file: string) =>
      runCli(['--data-dir', path('other'), '--set', `ledger.genesis=${genesis}`, '--json', 'ledger', 'import', file]);
    const bytes = await readFile(path('state.zks'));
    bytes[bytes.length - 60] = (bytes[bytes.length - 60] ?? 0) ^ 1;
    await writeFile(path('damaged.zks'), bytes);
    const damaged = await other(path('damaged.zks'));
    assert.equal(jsonOf<{ error: { code: string } }>(damaged).error.code, 'LEDGER_SNAPSHOT_INVALID', damaged.stdout);
    const taken = await other(path('state.zks'));
    assert.equal(taken.code, 0, taken.stdout);
    const { head } = await done<{ head: { height: string } }>('status');
    assert.equal(jsonOf(taken)['height'], head.height);
    const twice = await other(path('state.zks'));
    assert.equal(jsonOf<{ error: { code: string } }>(twice).error.code, 'CLI_FILE_EXISTS');
  });

  it('audits the log of the node that runs, and changes nothing for it', async () => {
    const { head } = await done<{ head: { height: string; stateRoot: string } }>('status');
    const found = await done<{ to: string; unsealed: string; transactions: number }>('audit', '--shards', '2');
    assert.equal(BigInt(found.to) + BigInt(found.unsealed), BigInt(head.height));
    assert.equal((await done<Receipt>('transfer', 'bob', '1', '--from', 'alice')).ok, true);
  });

  it('says what is missing where the node follows nobody', async () => {
    assert.equal(await refused(2, 'follow'), 'CLI_NOTHING_THERE');
  });
});
