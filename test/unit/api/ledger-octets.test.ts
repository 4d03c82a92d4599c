import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '../../../src/base/bytes.ts';
import { MAX_TRANSACTION_BYTES } from '../../../src/ledger/constants.ts';
import type { Ledger } from '../../../src/ledger/interface.ts';
import { transfer } from '../../../src/ledger/programs/assets/build.ts';
import { splitTransactions } from '../../../src/ledger/transaction/split.ts';
import { LedgerDesk } from '../../../src/node/ledger-desk.ts';
import { ALICE, BOB, CAROL, makeLedger, signed } from './ledger-world.ts';
import { type Answer, createTestApi, type TestApi } from './support.ts';

const INVALID = 'LEDGER_TRANSACTION_INVALID';
const ONE = '/v1/ledger/transactions';
const MANY = '/v1/ledger/transactions/batch';

describe('transactions as bytes', () => {
  let api: TestApi;
  let ledger: Ledger;
  let close: () => Promise<void>;
  before(async () => {
    ({ ledger, close } = await makeLedger());
    api = await createTestApi();
    const status = () => assert.fail('nobody asks');
    api.node.ledger = new LedgerDesk({ ledger: () => ledger, status, onRefused: () => undefined });
  });
  after(async () => {
    await api.close();
    await close();
  });
  const post = (path: string, bytes: Uint8Array, type = 'application/octet-stream'): Promise<Answer> =>
    api.call('POST', path, { as: 'prove', raw: Buffer.from(bytes), headers: { 'content-type': type } });
  const refused = async (path: string, bytes: Uint8Array, status: number, code: string, where?: string) => {
    const answer = await post(path, bytes);
    assert.deepEqual([answer.status, answer.body.code], [status, code], answer.text);
    if (where !== undefined) assert.equal((answer.body as unknown as { where: string }).where, where);
  };
  const paying = (by: typeof ALICE, nonce: bigint) =>
    signed(ledger, by, [transfer(by.address, BOB.address, 1n)], { nonce });

  it('takes one, and executes it', async () => {
    const answer = await post(ONE, paying(ALICE, 0n));
    assert.equal(answer.status, 202, answer.text);
    const { id } = answer.body as unknown as { id: string };
    assert.equal(answer.headers['location'], `/v1/ledger/receipts/${id}`);
    const receipt = await api.call('GET', `/v1/ledger/receipts/${id}?wait=10000`, { as: 'read' });
    assert.equal((receipt.body as unknown as { ok: boolean }).ok, true);
  });

  it('takes many, one behind the other, and answers each in its place', async () => {
    const forged = paying(BOB, 1n);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    const answer = await post(MANY, concatBytes(paying(BOB, 0n), forged, paying(CAROL, 0n)));
    assert.equal(answer.status, 200, answer.text);
    const { items } = answer.body as unknown as { items: { id?: string; error?: { code: string } }[] };
    assert.deepEqual(
      items.map(({ id, error }) => (id === undefined ? error?.code : 'taken')),
      ['taken', 'LEDGER_TRANSACTION_UNSIGNED', 'taken'],
    );
    for (const { id } of items) {
      if (id === undefined) continue;
      const receipt = await api.call('GET', `/v1/ledger/receipts/${id}?wait=10000`, { as: 'read' });
      assert.equal((receipt.body as unknown as { ok: boolean }).ok, true);
    }
  });

  it('refuses one that is cut short, has rubbish behind it, is nothing or is too long', async () => {
    const good = paying(ALICE, 1n);
    for (const length of [0, 1, 3, 4, 87, 88, good.length - 8, good.length - 1]) {
      await refused(ONE, good.slice(0, length), 422, INVALID);
    }
    for (const rubbish of [1, 8, good.length]) {
      await refused(ONE, concatBytes(good, good.slice(0, rubbish)), 422, INVALID);
    }
    const long = new Uint8Array(MAX_TRANSACTION_BYTES + 8);
    long.set(good);
    new DataView(long.buffer).setUint32(0, long.length, true);
    await refused(ONE, long, 422, INVALID);
    await refused(ONE, new Uint8Array(3 * MAX_TRANSACTION_BYTES), 413, 'API_BODY_TOO_LARGE');
  });

  it('refuses all of a batch that does not end with a transaction, and says where', async () => {
    const good = paying(ALICE, 1n);
    const two = concatBytes(good, good);
    await refused(MANY, two.slice(0, -1), 422, INVALID, 'transactions[1]');
    await refused(MANY, concatBytes(two, new Uint8Array(1)), 422, INVALID, 'transactions[2]');
    await refused(MANY, concatBytes(two, new Uint8Array(96)), 422, INVALID, 'transactions[2]');
    const huge = concatBytes(good, new Uint8Array(2 * MAX_TRANSACTION_BYTES));
    new DataView(huge.buffer).setUint32(good.length, MAX_TRANSACTION_BYTES + 8, true);
    await refused(MANY, huge, 422, INVALID, 'transactions[1]');
    await refused(MANY, new Uint8Array(), 400, 'API_VALIDATION', 'body');
    const small = new Uint8Array(88);
    new DataView(small.buffer).setUint32(0, 88, true);
    await refused(MANY, concatBytes(...Array.from({ length: 1025 }, () => small)), 400, 'API_VALIDATION', 'body');
    await refused(MANY, new Uint8Array(api.node.config.api.bodyLimitBytes + 1), 413, 'API_BODY_TOO_LARGE');
    assert.equal(ledger.status().pending, 0);
  });

  it('takes bytes under their own type alone, and nowhere else; JSON is read as before', async () => {
    const good = paying(ALICE, 1n);
    const unsupported = 'API_UNSUPPORTED_MEDIA_TYPE';
    for (const type of ['text/plain', 'application/cbor', 'application/octet', 'multipart/form-data; boundary=x']) {
      for (const path of [ONE, MANY]) assert.equal((await post(path, good, type)).body.code, unsupported, type);
    }
    for (const path of ['/v1/ledger/transactions/build', '/v1/verify', '/v1/envelopes']) {
      assert.equal((await post(path, good)).body.code, unsupported, path);
    }
    assert.equal((await post(ONE, good, 'application/json')).body.code, 'API_BODY_NOT_UTF8');
    const none = await api.call('POST', ONE, { as: 'prove' });
    assert.equal(none.status, 400, none.text);
    const listed = { as: 'prove' as const, body: [...good] };
    assert.equal((await api.call('POST', ONE, listed)).body.code, 'API_VALIDATION');
    const forbidden = {
      as: 'read' as const,
      raw: Buffer.from(good),
      headers: { 'content-type': 'application/octet-stream' },
    };
    assert.equal((await api.call('POST', ONE, forbidden)).status, 403);
    assert.equal((await post(ONE, good, 'Application/Octet-Stream; x=y')).status, 202);
    assert.deepEqual(api.unexpected, []);
  });

  it('says so in the OpenAPI document, for these two routes', async () => {
    const answer = await api.call('GET', '/openapi.json', { as: 'nobody' });
    type Operation = { requestBody?: { content: Record<string, { schema: Record<string, unknown> }> } };
    const { paths } = JSON.parse(answer.text) as { paths: Record<string, Record<string, Operation>> };
    const taking = Object.entries(paths).filter(([, methods]) =>
      Object.values(methods).some(({ requestBody }) => requestBody?.content['application/octet-stream'] !== undefined),
    );
    assert.deepEqual(taking.map(([path]) => path).sort(), [ONE, MANY]);
    for (const [path, { post: operation }] of taking) {
      const content = operation?.requestBody?.content ?? {};
      assert.equal(content['application/octet-stream']?.schema['format'], 'binary', path);
      assert.ok(Object.keys(content['application/json']?.schema ?? {}).length > 0, path);
    }
  });

  it('splits what was joined, and nothing else', () => {
    const transaction = fc.uint8Array({ minLength: 22, maxLength: 60 }).map((words) => {
      const bytes = new Uint8Array(words.length * 4);
      bytes.set(words, 4);
      new DataView(bytes.buffer).setUint32(0, bytes.length, true);
      return bytes;
    });
    fc.assert(
      fc.property(fc.array(transaction, { maxLength: 20 }), fc.nat(), (transactions, cut) => {
        const joined = concatBytes(...transactions);
        assert.deepEqual(splitTransactions(joined, 20), transactions);
        const ends = new Set(transactions.map((_, i) => concatBytes(...transactions.slice(0, i + 1)).length));
        const part = joined.subarray(0, cut % (joined.length + 1));
        if (part.length === 0 || ends.has(part.length)) {
          assert.deepEqual(concatBytes(...(splitTransactions(part, 20) ?? assert.fail())), Uint8Array.from(part));
        } else assert.throws(() => splitTransactions(part, 20), { code: INVALID });
      }),
    );
  });
});
