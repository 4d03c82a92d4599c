import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ApiServer, openTokenFile, serveApi } from '../../../src/api/index.ts';
import { CodedError } from '../../../src/base/errors.ts';
import { createFakeNode, type FakeNode, HEX } from '../api/fake-node.ts';
import { cleanEnv, jsonOf, LAUNCHER, runCli } from './run-cli.ts';

/** Verbs that speak REST, against a real listener over a fake node. */
describe('cli with a node', () => {
  let dir: string;
  let node: FakeNode;
  let server: ApiServer;
  let env: Record<string, string>;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-cli-node-'));
    node = createFakeNode({ dataDir: dir, 'api.port': 0 });
    server = serveApi(node);
    await server.start();
    const tokens = await openTokenFile(join(dir, 'api-tokens.json'));
    env = { ZKBAZAAR_NODE: server.url ?? '', ZKBAZAAR_TOKEN: tokens.at(-1)?.token ?? '' };
  });
  after(async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });
  const cli = (...args: string[]) => runCli([...args, '--json'], { env });

  it('shows what the node says', async () => {
    for (const [args, look] of [
      [['peers'], (json: Record<string, unknown>) => json['self']],
      [['offer', 'list'], (json: Record<string, unknown>) => (json['items'] as unknown[]).length],
      [['offer', 'show', HEX], (json: Record<string, unknown>) => json['title']],
      [['order', 'list', '--role', 'taker'], (json: Record<string, unknown>) => (json['items'] as unknown[]).length],
      [['order', 'accept', HEX], (json: Record<string, unknown>) => json['state']],
      [['order', 'decline', HEX, '--note', 'sold'], (json: Record<string, unknown>) => json['state']],
    ] as const) {
      const run = await cli(...args);
      assert.equal(run.code, 0, `${args.join(' ')}: ${run.stderr}`);
      assert.ok(look(jsonOf(run)), args.join(' '));
      const text = await runCli(args, { env });
      assert.equal(text.code, 0);
      assert.ok(text.stdout.split('\n').length > 2);
    }
  });

  it('takes ids as its lists show them', async () => {
    for (const args of [
      ['offer', 'show'],
      ['order', 'show'],
    ]) {
      const given = `${HEX.slice(0, 12)}…`;
      const run = await cli(...args, given);
      assert.equal(run.code, 0, run.stderr);
      const none = await cli(...args, '0123456789ab');
      assert.equal(none.code, 2);
      assert.equal(jsonOf<{ error: { code: string } }>(none).error.code, 'CLI_NOTHING_THERE');
    }
  });

  it('makes offers in minor units, and names a bad price or policy before it asks the node', async () => {
    const made = await cli('offer', 'create', 'a bicycle', '--price', '1200.50 EUR', '--policy', 'age >= 18');
    assert.equal(made.code, 0, made.stderr);
    const price = await cli('offer', 'create', 'x', '--price', '12.345 EUR', '--policy', 'age >= 18');
    assert.equal(price.code, 2);
    assert.equal(jsonOf<{ error: { code: string } }>(price).error.code, 'CLI_BAD_ARGUMENT');
    const policy = await cli('offer', 'create', 'x', '--price', '1 EUR', '--policy', 'rich');
    assert.equal(jsonOf<{ error: { code: string } }>(policy).error.code, 'POLICY_UNKNOWN_WORD');
  });

  it('exits 1 where the node says no, 2 where it cannot use the input, 3 where it is busy', async () => {
    await writeFile(join(dir, 'bad.bin'), Buffer.from([0, 1, 2]));
    const refused = await cli('publish', join(dir, 'bad.bin'));
    assert.equal(jsonOf<{ error: { code: string } }>(refused).error.code, 'ENVELOPE_MALFORMED');
    assert.equal(refused.code, 1);
    const lacking = await cli('policy', 'check', 'balance(EUR) >= 1200', '--mine');
    assert.equal(lacking.code, 1);
    node.fail = new CodedError('MARKET_OFFER_CLOSED', 'the offer is closed');
    assert.equal((await cli('order', 'take', HEX)).code, 1);
    node.fail = new CodedError('NODE_NOT_PUBLISHED', 'spent');
    assert.equal((await cli('order', 'take', HEX)).code, 1);
    node.fail = new CodedError('MARKET_BAD_OFFER', 'no such thing');
    assert.equal((await cli('order', 'take', HEX)).code, 2);
    node.fail = new CodedError('PROVER_QUEUE_FULL', 'full');
    assert.equal((await cli('order', 'take', HEX)).code, 3);
    node.fail = undefined;
    const scope = await runCli(['order', 'take', HEX, '--json'], { env: { ...env, ZKBAZAAR_TOKEN: 'zkb_unknown' } });
    assert.equal(scope.code, 2);
    assert.equal(jsonOf<{ error: { code: string } }>(scope).error.code, 'API_UNAUTHENTICATED');
  });

  it('proves with the node and writes snarkjs’s files', async () => {
    const run = await cli('prove', 'balance', 'balance(EUR) >= 1200', '--with-node', '--out', join(dir, 'proof'));
    assert.equal(run.code, 0, run.stderr);
    assert.equal((jsonOf(run)['files'] as string[]).length, 4);
    assert.match(run.stderr, /DEVELOPMENT KEYS/);
    const wrong = await cli('prove', 'identity', 'balance(EUR) >= 1200', '--with-node');
    assert.equal(wrong.code, 2);
  });

  it('ends with 130 on Ctrl-C', async () => {
    const child = spawn(process.execPath, [LAUNCHER, 'order', 'take', HEX, '--wait', '--json'], { env: cleanEnv(env) });
    let stdout = '';
    child.stdout.on('data', (part) => {
      stdout += part;
    });
    const taken = new Promise<void>((resolve) => {
      const real = node.orders.show;
      // The first look at the order shows that it waits.
      node.orders.show = async (id) => {
        resolve();
        return real(id);
      };
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await taken;
    child.kill('SIGINT');
    assert.equal(await ended, 130);
    assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'CLI_INTERRUPTED');
  });
});
