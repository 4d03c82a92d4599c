import fc from 'fast-check';
import { HEX, JOB, PROOF } from './fake-node.ts';

/** Arbitrary requests, most of them bad: random methods, paths, queries, headers, bodies, and good ones with one fault. */

const PATHS = [
  '/v1/health/live',
  '/v1/node',
  '/v1/circuits',
  '/v1/circuits/balance',
  '/v1/policies/check',
  '/v1/proofs',
  `/v1/proofs/${JOB}`,
  `/v1/proofs/${JOB}/result`,
  '/v1/verify',
  '/v1/verify-batch',
  '/v1/envelopes',
  '/v1/envelopes/inspect',
  `/v1/envelopes/${HEX}`,
  '/v1/verdicts',
  '/v1/wallet/unlock',
  '/v1/credentials',
  '/v1/credentials/7',
  '/v1/registry',
  '/v1/registry/announce',
  '/v1/peers',
  '/v1/bans',
  '/v1/offers',
  `/v1/offers/${HEX}/cancel`,
  '/v1/orders',
  `/v1/orders/${HEX}/decline`,
  '/v1/ledger',
  '/v1/ledger/transactions',
  '/v1/ledger/transactions/build',
  '/v1/ledger/transactions/batch',
  `/v1/ledger/receipts/${HEX}`,
  `/v1/ledger/accounts/${HEX.slice(0, 40)}`,
  `/v1/ledger/records/01${HEX.slice(2)}`,
  '/v1/ledger/headers',
  '/v1/ledger/blocks/head',
  '/v1/ledger/blocks/1/transactions/0',
  '/openapi.json',
  '/docs/',
  '/v1/metrics',
];

const GOOD_BODIES: unknown[] = [
  { policy: 'balance(EUR) >= 1200 and unique' },
  { circuit: 'balance', proof: PROOF, publicSignals: ['1'] },
  { items: [{ circuit: 'balance', proof: PROOF, publicSignals: ['1'] }] },
  { data: 'AQID' },
  { address: '/ip4/127.0.0.1/tcp/1' },
  { offerId: HEX },
  { title: 'x', price: { asset: 'EUR', amount: '1' }, policy: 'age >= 18' },
  { passphrase: 'x' },
  { transaction: 'AAAAAAAAAAAAAAAA' },
  { body: 'AAAAAAAA', publicKey: 'AAAAAAAA', signature: 'AAAAAAAA' },
  { items: [{ transaction: '00'.repeat(200) }] },
  { signer: HEX.slice(0, 40), operations: [{ operation: 'assets.transfer', to: HEX.slice(0, 40), amount: '1' }] },
  {
    signer: HEX.slice(0, 40),
    operations: [{ operation: 'raw', program: 1, code: 0, writes: [HEX], reads: [HEX], arguments: '00' }],
  },
];

const hostileString = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    '%00',
    '\u0000',
    '\ud800',
    "' OR 1=1 --",
    '%7B7*7%7D',
    'NaN',
    '-0',
    '1e400',
    `${2n ** 300n}`,
    HEX,
    HEX.toUpperCase(),
    'x'.repeat(5000),
    '<script>',
    '٣',
    'ａ',
  ),
);
const hostileNumber = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(-1, -0, 1e308, 5e-324, 2 ** 53, 2 ** 53 + 2, 2 ** 63, Number.MAX_VALUE),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    hostileString,
    hostileNumber,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 5 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom('policy', 'proof', 'publicSignals', 'circuit', 'items', 'data', 'v', 'balance', 'credential'),
        fc.constantFrom('__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'then', 'toJSON', 'length'),
        fc.string({ maxLength: 8 }),
      ),
      tie('json'),
      { maxKeys: 6, noNullPrototype: true },
    ),
  ),
}));

/** A good body with one field replaced, dropped or added. */
const mutated = fc
  .tuple(fc.constantFrom(...GOOD_BODIES), fc.nat(), fc.oneof(json, fc.constant(undefined)), fc.string({ maxLength: 6 }))
  .map(([good, at, value, extra]) => {
    const copy = structuredClone(good) as Record<string, unknown>;
    const keys = [...Object.keys(copy), extra];
    Object.defineProperty(copy, keys[at % keys.length] ?? '', { value, enumerable: true, configurable: true });
    return copy;
  });

const body = fc.oneof(
  { weight: 4, arbitrary: mutated.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 3, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
  { weight: 1, arbitrary: fc.constantFrom(...GOOD_BODIES).map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  // Larger than most routes take: often, so that no run ends without one that gets as far as that bound.
  { weight: 1, arbitrary: fc.constant(Buffer.from(`"${'a'.repeat(70_000)}"`)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        '',
        '{',
        '[[[',
        '{"a":',
        '"\\ud800"',
        '{"__proto__":{"x":1}}',
        '{"constructor":{"prototype":{"x":1}}}',
        '['.repeat(30_000),
        `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
        `[${'9'.repeat(10_000)}]`,
        '{"a":1,"a":2}',
        '\ufeff{}',
        'nul',
        '1e999',
        `{"policy":"${'('.repeat(1900)}"}`,
      )
      .map((text) => Buffer.from(text)),
  },
);

const query = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.tuple(
          fc.constantFrom(
            'limit',
            'cursor',
            'after',
            'kind',
            'types',
            'status',
            'mine',
            'from',
            'first',
            'assets',
            '__proto__',
          ),
          hostileString,
        ),
        { maxLength: 3 },
      )
      .map(
        (pairs) => `?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(value.toWellFormed())}`).join('&')}`,
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('?', '?%', '?a[b][c]=1', '?limit=1&limit=2', `?x=${'y'.repeat(8000)}`, '?limit=%ff'),
  },
);

const path = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PATHS) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          '/v1/proofs/',
          '/v1/envelopes/',
          '/v1/circuits/',
          '/v1/offers/',
          '/v1/bans/',
          '/v1/ledger/blocks/',
          '/v1/ledger/records/',
        ),
        hostileString,
      )
      .map(([start, end]) => start + encodeURIComponent(end.toWellFormed())),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('/', '//', '/%', '/v1/%2e%2e/x', '/v1/proofs/%zz', '/v1//node', '/V1/NODE', '*'),
  },
  { weight: 1, arbitrary: fc.webPath().map((text) => `/${text.replace(/^\/+/, '')}`) },
);

const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json',
      'application/json',
      'application/octet-stream',
      'text/plain',
      'x',
      '',
    ),
    'idempotency-key': fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 140 }),
    'last-event-id': fc.oneof(fc.nat().map(String), fc.string({ unit: 'grapheme-ascii' })),
    host: fc.constantFrom('127.0.0.1', 'localhost:4380', 'localhost', 'evil.example', '[::1]', '@'),
    origin: fc.constantFrom('http://127.0.0.1', 'https://evil.example', 'null', ''),
    'content-encoding': fc.constantFrom('gzip', 'identity'),
    expect: fc.constant('100-continue'),
    'transfer-encoding': fc.constant('chunked'),
    accept: fc.constantFrom('text/html', '*/*', 'application/xml'),
  },
  { requiredKeys: [] },
);

export const hostileRequest = fc.record({
  method: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'),
  path,
  query,
  headers,
  role: fc.constantFrom('admin', 'admin', 'admin', 'prove', 'read', 'nobody'),
  body: fc.option(body, { nil: undefined }),
});
