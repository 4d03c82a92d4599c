import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { z } from 'zod';
import * as schemas from '../../../src/api/schemas.ts';
import { CodedError } from '../../../src/base/errors.ts';
import { HEX, JOB, PROOF } from './fake-node.ts';
import { createTestApi, type TestApi } from './support.ts';

const PRICE = { asset: 'EUR', amount: '120000' };

describe('API routes', () => {
  let api: TestApi;
  before(async () => {
    api = await createTestApi();
  });
  beforeEach(() => {
    api.node.fail = undefined;
    api.node.verifierFull = false;
    api.node.ready = true;
  });
  after(() => api.close());

  const shapes: [method: string, url: string, body: unknown, status: number, schema: z.ZodType][] = [
    ['GET', '/v1/proofs', undefined, 200, schemas.items(schemas.job)],
    ['POST', '/v1/proofs', { policy: 'age >= 18' }, 202, schemas.job],
    ['GET', `/v1/proofs/${JOB}`, undefined, 200, schemas.job],
    ['DELETE', `/v1/proofs/${JOB}`, undefined, 200, schemas.job],
    ['GET', `/v1/proofs/${JOB}/result`, undefined, 200, schemas.provenClaim],
    ['POST', '/v1/verify', { circuit: 'balance', proof: PROOF, publicSignals: ['1'] }, 200, schemas.verdict],
    ['POST', '/v1/envelopes', { data: 'AQID' }, 201, schemas.publishReport],
    ['POST', '/v1/envelopes/inspect', { data: 'AQID' }, 200, schemas.envelopeInspected],
    ['GET', '/v1/envelopes?limit=5&kind=listing', undefined, 200, schemas.envelopePage],
    ['GET', `/v1/envelopes/${HEX}`, undefined, 200, schemas.envelopeFull],
    ['GET', '/v1/verdicts?after=0&limit=10', undefined, 200, schemas.items(schemas.verdictEntry)],
    ['GET', '/v1/credentials', undefined, 200, schemas.items(schemas.credentialSummary)],
    ['GET', '/v1/registry', undefined, 200, schemas.registryInfo],
    ['POST', '/v1/registry', { network: 'local' }, 201, schemas.registryInfo],
    ['GET', '/v1/peers', undefined, 200, schemas.items(schemas.peer)],
    ['POST', '/v1/offers', { title: 'a bicycle', price: PRICE, policy: 'unique and age >= 18' }, 201, schemas.offer],
    ['GET', '/v1/offers?status=open&mine=true', undefined, 200, schemas.offerPage],
    ['GET', `/v1/offers/${HEX}`, undefined, 200, schemas.offer],
    ['POST', `/v1/offers/${HEX}/cancel`, undefined, 200, schemas.offer],
    ['POST', '/v1/orders', { offerId: HEX }, 201, schemas.order],
    ['GET', '/v1/orders?role=taker', undefined, 200, schemas.items(schemas.order)],
    ['POST', `/v1/orders/${HEX}/accept`, undefined, 200, schemas.order],
    ['POST', `/v1/orders/${HEX}/decline`, { note: 'sold' }, 200, schemas.order],
  ];
  for (const [method, url, body, status, schema] of shapes) {
    it(`${method} ${url} answers ${status} in the documented shape`, async () => {
      const answer = await api.call(method, url, { body });
      assert.equal(answer.status, status, answer.text);
      const parsed = schema.safeParse(answer.body);
      assert.ok(parsed.success, `${answer.text} ${parsed.error}`);
    });
  }

  it('answers the remaining routes', async () => {
    for (const [method, url, body, status] of [
      ['GET', '/v1/node', undefined, 200],
      ['GET', '/v1/circuits', undefined, 200],
      ['GET', '/v1/circuits/balance', undefined, 200],
      ['GET', '/v1/circuits/balance/verifying-key', undefined, 200],
      ['GET', '/v1/circuits/none/verifying-key', undefined, 404],
      ['GET', '/v1/metrics', undefined, 200],
      ['GET', '/v1/issuers', undefined, 200],
      ['GET', '/v1/registry/snapshot', undefined, 200],
      ['POST', '/v1/registry/announce', undefined, 200],
      ['GET', '/v1/wallet', undefined, 200],
      ['POST', '/v1/wallet/unlock', { passphrase: 'x' }, 200],
      ['POST', '/v1/credentials', { credentials: [] }, 201],
      ['DELETE', '/v1/credentials/7', undefined, 204],
      ['DELETE', `/v1/peers/${'Q'.repeat(46)}`, undefined, 204],
      ['GET', '/v1/bans', undefined, 200],
      ['POST', '/v1/bans', { peerId: 'Q'.repeat(46), reason: 'spam', seconds: 5 }, 201],
      ['DELETE', `/v1/bans/${'Q'.repeat(46)}`, undefined, 204],
      ['POST', '/v1/verify-batch', { items: [{ circuit: 'balance', proof: {}, publicSignals: [] }] }, 200],
      ['GET', `/v1/orders/${HEX}`, undefined, 200],
      ['POST', `/v1/orders/${HEX}/cancel`, { note: 'no' }, 200],
    ] as const) {
      const answer = await api.call(method, url, { body });
      assert.equal(answer.status, status, `${method} ${url}: ${answer.text}`);
    }
    assert.equal((await api.call('GET', '/v1/metrics')).text, 'up 1\n');
  });

  it('points at what it made', async () => {
    const job = await api.call('POST', '/v1/proofs', { body: { policy: 'age >= 18' } });
    assert.equal(job.headers['location'], `/v1/proofs/${JOB}`);
    assert.equal(job.body.result, undefined);
  });

  it('makes nothing twice under one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'order-17' };
    const body = { policy: 'age >= 18' };
    const madeBefore = api.node.made;
    const first = await api.call('POST', '/v1/proofs', { body, headers });
    const second = await api.call('POST', '/v1/proofs', { body, headers });
    assert.deepEqual(second.body, first.body);
    assert.equal(second.headers['location'], first.headers['location']);
    assert.equal(second.headers['idempotent-replayed'], 'true');
    assert.equal(api.node.made, madeBefore + 1);
    const other = await api.call('POST', '/v1/proofs', { body: { policy: 'age >= 21' }, headers });
    assert.equal(other.status, 422);
    assert.equal(other.body.code, 'NODE_IDEMPOTENCY_MISMATCH');
    const bad = await api.call('POST', '/v1/proofs', { body, headers: { 'idempotency-key': 'a b' } });
    assert.equal(bad.body.code, 'API_IDEMPOTENCY_KEY_INVALID');
    // Keys of different callers do not meet.
    assert.equal((await api.call('POST', '/v1/proofs', { as: 'prove', body, headers })).status, 202);
    assert.equal(api.node.made, madeBefore + 2);
  });

  it('says when to come back where a queue is full', async () => {
    api.node.fail = Object.assign(new CodedError('PROVER_QUEUE_FULL', 'the queue is full'), { retryAfterMs: 4200 });
    const full = await api.call('POST', '/v1/proofs', { body: { policy: 'age >= 18' } });
    assert.equal(full.status, 429);
    assert.equal(full.headers['retry-after'], '5');
    api.node.fail = undefined;
    api.node.verifierFull = true;
    const busy = await api.call('POST', '/v1/verify', {
      body: { circuit: 'balance', proof: PROOF, publicSignals: [] },
    });
    assert.equal(busy.status, 503);
    assert.equal(busy.headers['retry-after'], '1');
  });

  it('refuses to publish what its own validation refuses, with that code', async () => {
    const answer = await api.call('POST', '/v1/envelopes', { body: { data: 'AAEC' } });
    assert.equal(answer.status, 422);
    assert.equal(answer.body.code, 'ENVELOPE_MALFORMED');
  });

  it('is not ready with 503 when a required part is missing, and says which', async () => {
    api.node.ready = false;
    const answer = await api.call('GET', '/v1/health/ready', { as: 'nobody' });
    assert.equal(answer.status, 503);
    assert.equal(answer.body.checks[0]?.ok, false);
  });

  it('hides what went wrong inside, and reports it', async () => {
    api.node.fail = new TypeError('secret 1234 at /home/alice/wallet');
    const answer = await api.call('POST', '/v1/proofs', { body: { policy: 'age >= 18' } });
    assert.equal(answer.status, 500);
    assert.equal(answer.body.code, 'API_INTERNAL');
    assert.doesNotMatch(answer.text, /secret|alice|TypeError|\.ts/);
    assert.equal(api.unexpected.length, 1);
  });
});

describe('API bad input', () => {
  let api: TestApi;
  before(async () => {
    api = await createTestApi();
  });
  after(() => api.close());

  const post = (raw: string | Buffer, headers: Record<string, string> = {}) =>
    api.call('POST', '/v1/proofs', { raw, headers });

  it('names a coded problem for each kind of broken body', async () => {
    const cases: [string | Buffer, number, string][] = [
      ['{', 400, 'API_BAD_JSON'],
      ['', 400, 'API_BAD_JSON'],
      ['{"policy":"x","__proto__":{"admin":true}}', 400, 'API_BAD_JSON'],
      ['{"policy":"x","constructor":{"prototype":{"a":1}}}', 400, 'API_BAD_JSON'],
      [Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400, 'API_BODY_NOT_UTF8'],
      [`{"policy":${'['.repeat(40)}${']'.repeat(40)}}`, 400, 'API_BAD_JSON'],
      ['['.repeat(8000), 400, 'API_BAD_JSON'],
      ['null', 400, 'API_VALIDATION'],
      ['[]', 400, 'API_VALIDATION'],
      ['{"policy":1}', 400, 'API_VALIDATION'],
      ['{"policy":"x","more":1}', 400, 'API_VALIDATION'],
      [`{"policy":"${'x'.repeat(3000)}"}`, 400, 'API_VALIDATION'],
      [`{"policy":"${'x'.repeat(20_000)}"}`, 413, 'API_BODY_TOO_LARGE'],
    ];
    for (const [raw, status, code] of cases) {
      const answer = await post(raw);
      assert.equal(answer.status, status, `${String(raw).slice(0, 60)}: ${answer.text}`);
      assert.equal(answer.body.code, code, String(raw).slice(0, 60));
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
      assert.equal(answer.body.status, status);
      assert.ok(answer.body.hint.length > 0);
    }
  });

  it('says what a policy that is missing or of another type should be', async () => {
    for (const raw of ['{}', '{"policy":1}']) assert.match((await post(raw)).text, /must be a policy: its text/);
  });

  it('takes JSON alone', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'nonsense',
    ]) {
      const answer = await post('{"policy":"age >= 18"}', { 'content-type': type });
      assert.equal(answer.status, 415, type);
      assert.equal(answer.body.code, 'API_UNSUPPORTED_MEDIA_TYPE');
    }
  });

  it('says where a fault is', async () => {
    const answer = await api.call('POST', '/v1/offers', {
      body: { title: '', price: { asset: 'EUR', amount: '-1' }, policy: 'x' },
    });
    assert.equal(answer.status, 400);
    const places = answer.body.faults.map(({ where }: { where: string }) => where);
    assert.ok(places.includes('body/title') && places.includes('body/price/amount'), answer.text);
  });

  it('answers unknown paths, methods and odd URLs with a problem', async () => {
    for (const [method, url] of [
      ['GET', '/'],
      ['GET', '/v1/nothing'],
      ['PUT', '/v1/proofs'],
      ['GET', '/v1/proofs/%'],
      ['GET', '/v1/proofs/..%2f..%2fetc'],
      ['GET', `/v1/proofs/${'a'.repeat(5000)}`],
      ['GET', '/v1/envelopes?limit=1e9'],
      ['GET', '/v1/envelopes?limit=5&limit=6'],
      ['GET', '/v1/envelopes?unknown=1'],
      ['GET', '/v1/events?types=nothing'],
    ] as const) {
      const answer = await api.call(method, url);
      assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${url}: ${answer.status}`);
      assert.match(answer.body.code, /^API_/);
    }
  });
});
