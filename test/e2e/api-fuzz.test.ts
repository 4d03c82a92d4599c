import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { createApi } from '../../src/api/index.ts';
import { dataPaths, resolveConfig } from '../../src/config/index.ts';
import { createNode, type Node } from '../../src/node/index.ts';
import { createWallet } from '../../src/wallet/index.ts';
import { hostileRequest } from '../unit/api/hostile-requests.ts';
import { GENESIS } from '../unit/api/ledger-world.ts';
import { bearer, TOKENS } from '../unit/api/support.ts';

/** Behind the guards, every part of a real node sees these; the larger run is in test/property. */
const RUNS = Number(process.env['ZKBAZAAR_FUZZ_NODE_REQUESTS'] ?? 3_000);
const PASSPHRASE = 'a passphrase of tests';
const SCRYPT = { n: 1024 };

describe('API of a real node under fuzzing', () => {
  let dir: string;
  let node: Node;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zkb-api-node-'));
    const { config } = resolveConfig({
      env: {},
      flags: { dataDir: dir, 'p2p.listen': ['/ip4/127.0.0.1/tcp/0'], 'p2p.loopbackTest': true, 'log.level': 'silent' },
    });
    await mkdir(dataPaths(config).ledgerDir, { recursive: true, mode: 0o700 });
    await writeFile(dataPaths(config).genesisFile, JSON.stringify(GENESIS));
    (await createWallet({ dir: dataPaths(config).walletDir, passphrase: PASSPHRASE, scrypt: SCRYPT })).close();
    node = await createNode(config, { passphrase: PASSPHRASE, walletScrypt: SCRYPT });
    await node.start();
  });
  after(async () => {
    await node.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it(`answers ${RUNS} hostile requests without a 5xx but deliberate 503, and still works`, async () => {
    const failures: unknown[] = [];
    const app = await createApi(node, {
      settings: node.config.api,
      tokens: TOKENS,
      onUnexpected: ({ error }) => failures.push(error),
    });
    const authorization = bearer('admin');
    try {
      await fc.assert(
        fc.asyncProperty(hostileRequest, async ({ method, path, query, headers, role, body }) => {
          const given = { ...bearer(role as 'admin'), ...(body && { 'content-type': 'application/json' }), ...headers };
          const answer = await app.inject({
            method: method as 'GET',
            url: path + query,
            headers: given,
            ...(body && { payload: body }),
          });
          const deliberate = answer.statusCode === 503 && answer.headers['retry-after'] !== undefined;
          assert.ok(answer.statusCode < 500 || deliberate, `${answer.statusCode} ${answer.payload}`);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
      assert.deepEqual(failures, []);
      const alive = await app.inject({ url: '/v1/node', headers: authorization });
      assert.equal(alive.statusCode, 200);
      const check = await app.inject({
        method: 'POST',
        url: '/v1/policies/check',
        headers: { ...authorization, 'content-type': 'application/json' },
        payload: JSON.stringify({ policy: 'balance(EUR) >= 1200 and age >= 18' }),
      });
      assert.equal(check.json<{ circuit: string }>().circuit, 'qualification');
    } finally {
      await app.close();
    }
  });
});
