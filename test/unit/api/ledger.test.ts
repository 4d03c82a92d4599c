import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { OPERATIONS } from '../../../src/api/ledger-operations.ts';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { verifyInList } from '../../../src/ledger/block/merkle.ts';
import type { Ledger } from '../../../src/ledger/interface.ts';
import { accountKey } from '../../../src/ledger/keys.ts';
import { transfer } from '../../../src/ledger/programs/assets/build.ts';
import { PROGRAMS } from '../../../src/ledger/programs/index.ts';
import { verifyStateProof } from '../../../src/ledger/state/proof.ts';
import { LedgerDesk } from '../../../src/node/ledger-desk.ts';
import type { LedgerStatusView } from '../../../src/node/ledger-interface.ts';
import { headerView } from '../../../src/node/ledger-views.ts';
import { ALICE, BOB, CAROL, makeLedger, party, RICH, signed } from './ledger-world.ts';
import { createTestApi, type TestApi } from './support.ts';

type Json = Record<string, unknown>;
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const bytesOf = (hex: unknown) => fromHex(hex) ?? assert.fail('no hex');

describe('REST of the ledger', () => {
  let api: TestApi;
  let ledger: Ledger;
  let close: () => Promise<void>;
  const refused: string[] = [];
  before(async () => {
    ({ ledger, close } = await makeLedger());
    api = await createTestApi();
    const status = (): LedgerStatusView => {
      const { head, oldest, ...rest } = ledger.status();
      const shown = { ...rest, head: headerView(head), oldest: String(oldest), capacity: 4096, state: 'open' as const };
      return { ...shown, following: null, error: null };
    };
    api.node.ledger = new LedgerDesk({ ledger: () => ledger, status, onRefused: (code) => refused.push(code) });
  });
  after(async () => {
    await api.close();
    await close();
  });
  const get = async (path: string, status = 200): Promise<Json> => {
    const answer = await api.call('GET', `/v1/ledger${path}`, { as: 'read' });
    assert.equal(answer.status, status, answer.text);
    return answer.body as unknown as Json;
  };
  const post = async (path: string, body: unknown, status: number): Promise<Json> => {
    const answer = await api.call('POST', `/v1/ledger${path}`, { as: 'prove', body });
    assert.equal(answer.status, status, answer.text);
    return answer.body as unknown as Json;
  };

  it('builds, takes and executes a transaction for somebody who has no encoder', async () => {
    const before = await get(`/accounts/${ALICE.hex}`);
    assert.deepEqual([before['balance'], before['nonce'], before['exists']], [String(RICH), '0', true]);
    const operations = [{ operation: 'assets.transfer', to: BOB.hex, amount: '250' }];
    const made = await post('/transactions/build', { signer: ALICE.hex, operations }, 200);
    const id = bytesOf(made['id']);
    assert.equal(made['toSign'], toHex(Buffer.concat([Buffer.from('zkbazaar ledger'), id])));
    const { publicKey } = ALICE.signer;
    const parts = { body: made['body'], publicKey: base64(publicKey), signature: base64(ALICE.signer.sign(id)) };
    assert.deepEqual(await post('/transactions', parts, 202), { id: made['id'] });
    const receipt = await get(`/receipts/${made['id']}?wait=10000`);
    assert.deepEqual([receipt['ok'], receipt['meaning'], receipt['operation']], [true, 'ok', null]);
    assert.equal(receipt['fee'], String(receipt['gasUsed']));
    const afterwards = await get(`/accounts/${ALICE.hex}`);
    assert.equal(BigInt(String(afterwards['balance'])), RICH - 250n - BigInt(String(receipt['fee'])));
    assert.equal(afterwards['nonce'], '1');
    assert.equal((await get(`/accounts/${BOB.hex}`))['balance'], String(RICH + 250n));
  });

  it('answers each item of a batch, and says what is wrong with the others', async () => {
    const good = signed(ledger, BOB, [transfer(BOB.address, ALICE.address, 1n)]);
    const quantum = signed(ledger, CAROL, [transfer(CAROL.address, ALICE.address, 2n)]);
    const forged = good.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    const items = [good, forged, quantum, new Uint8Array(96)].map((bytes) => ({ transaction: toHex(bytes) }));
    const { items: answers } = await post('/transactions/batch', { items }, 200);
    const codes = (answers as Json[]).map((answer) => (answer['error'] as Json | undefined)?.['code'] ?? 'taken');
    assert.deepEqual(codes, ['taken', 'LEDGER_TRANSACTION_UNSIGNED', 'taken', 'LEDGER_TRANSACTION_INVALID']);
    assert.deepEqual(refused.slice(-2), ['LEDGER_TRANSACTION_UNSIGNED', 'LEDGER_TRANSACTION_INVALID']);
    for (const answer of answers as Json[]) {
      if (answer['id'] !== undefined) assert.equal((await get(`/receipts/${answer['id']}?wait=10000`))['ok'], true);
    }
  });

  it('proves a record, and that there is none', async () => {
    for (const who of [ALICE, party(77)]) {
      const key = accountKey(who.address);
      const shown = await get(`/records/${toHex(key)}`);
      const value = shown['record'] === null ? undefined : bytesOf(shown['record']);
      const { stateRoot } = shown['header'] as Json;
      assert.equal(value === undefined, who !== ALICE);
      assert.ok(verifyStateProof(bytesOf(stateRoot), key, value, bytesOf(shown['proof'])));
      assert.ok(!verifyStateProof(bytesOf(stateRoot), key, new Uint8Array(16), bytesOf(shown['proof'])));
      assert.equal((shown['fields'] as Json | null)?.['kind'], who === ALICE ? 'account' : undefined);
    }
  });

  it('shows blocks, headers, and a transaction with the proof that it stands there', async () => {
    const { head } = (await get('')) as { head: Json };
    const block = await get('/blocks/head');
    assert.deepEqual(block['header'], head);
    const [id] = block['ids'] as string[];
    const shown = await get(`/blocks/${head['height']}/transactions/0`);
    assert.equal(shown['id'], id);
    const { leaf, siblings } = shown['proof'] as { leaf: string; siblings: string[] };
    const header = shown['header'] as { transactionsRoot: string; transactions: number };
    const size = header.transactions;
    const proof = { index: 0, size, siblings: siblings.map(bytesOf) };
    assert.ok(verifyInList(bytesOf(header.transactionsRoot), size, bytesOf(leaf), proof));
    const { items } = (await get('/headers?from=1&limit=100')) as { items: Json[] };
    assert.equal(items.length, Number(head['height']));
    items.slice(1).forEach((item, i) => {
      assert.equal(item['parent'], items[i]?.['hash']);
    });
  });

  it('refuses what cannot be, each with a code of its own and never as its own fault', async () => {
    const code = async (path: string, status: number) => (await get(path, status))['code'];
    assert.equal(await code('/blocks/999999', 404), 'LEDGER_NOT_FOUND');
    assert.equal(await code('/blocks/1/transactions/500', 404), 'LEDGER_NOT_FOUND');
    assert.equal(await code(`/receipts/${'00'.repeat(32)}`, 404), 'LEDGER_NOT_FOUND');
    assert.equal(await code('/blocks/-1', 400), 'API_VALIDATION');
    assert.equal(await code('/accounts/zz', 400), 'API_VALIDATION');
    assert.equal(await code('/records/00', 400), 'API_VALIDATION');
    assert.equal(await code('/headers', 400), 'API_VALIDATION');
    const spent = signed(ledger, ALICE, [transfer(ALICE.address, BOB.address, 1n)], { nonce: 0n });
    assert.equal(
      (await post('/transactions', { transaction: base64(spent) }, 409))['code'],
      'LEDGER_TRANSACTION_REFUSED',
    );
    const other = signed(ledger, ALICE, [transfer(ALICE.address, BOB.address, 1n)], { network: new Uint8Array(16) });
    assert.equal(
      (await post('/transactions', { transaction: base64(other) }, 409))['code'],
      'LEDGER_TRANSACTION_REFUSED',
    );
    const bad = { transaction: base64(new Uint8Array(200).fill(255)) };
    assert.equal((await post('/transactions', bad, 422))['code'], 'LEDGER_TRANSACTION_INVALID');
    const odd = { body: 'AAAAAAAA', publicKey: 'AAAAAAAA', signature: 'AAAAAAAA' };
    assert.equal((await post('/transactions', odd, 422))['code'], 'LEDGER_TRANSACTION_INVALID');
    const many = Array.from({ length: 33 }, (_, i) => party(i + 1).hex);
    const wide = many.map((to) => ({ operation: 'assets.transfer', to, amount: '1', asset: 'aa'.repeat(11) }));
    const wider = [...wide, ...wide.map((item) => ({ ...item, asset: 'bb'.repeat(11) }))].slice(0, 65);
    assert.equal(
      (await post('/transactions/build', { signer: ALICE.hex, operations: wider }, 400))['code'],
      'API_VALIDATION',
    );
    assert.deepEqual(api.unexpected, []);
  });

  it('streams blocks as they come, and resumes behind the last one that was seen', async () => {
    const desk = api.node.ledger ?? assert.fail();
    const control = new AbortController();
    const heights: string[] = [];
    const { nonce } = desk.account(BOB.address, []);
    await desk.submit(signed(ledger, BOB, [transfer(BOB.address, ALICE.address, 3n)], { nonce: BigInt(nonce) }));
    for await (const header of desk.watch(1n, control.signal)) {
      heights.push(header.height);
      if (heights.length === 3) control.abort();
    }
    assert.deepEqual(heights, ['1', '2', '3']);
  });

  it('writes a snapshot for whoever may change the node alone', async () => {
    const denied = await api.call('POST', '/v1/ledger/snapshots', { as: 'prove' });
    assert.equal(denied.status, 403);
    const made = await api.call('POST', '/v1/ledger/snapshots', { as: 'admin' });
    assert.equal(made.status, 201, made.text);
  });

  it('has a name and a schema for every operation of every program', () => {
    const expected = [...PROGRAMS.values()].flatMap(({ name, operations }) =>
      [...operations.values()].map((operation) => `${name}.${operation.name}`),
    );
    const known = OPERATIONS.map(({ name }) => name);
    assert.deepEqual(known.toSorted(), [...expected, 'raw'].toSorted());
  });

  it('says 409 where the node keeps no ledger', async () => {
    const bare = await createTestApi();
    const answer = await bare.call('GET', '/v1/ledger');
    assert.deepEqual([answer.status, answer.body.code], [409, 'API_NO_LEDGER']);
    await bare.close();
  });
});
