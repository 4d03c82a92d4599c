import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OverlayError } from '../../../src/overlay/index.ts';
import {
  decodeAnswers,
  decodePage,
  decodeRequest,
  encodeAnswers,
  encodeCompare,
  encodeFetch,
  encodePage,
  type Range,
  type RangeAnswer,
} from '../../../src/overlay/sync/codec.ts';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'));
const id = hex(32);
const key = hex(36);
const topic = fc.stringMatching(/^[!-~]{1,128}$/);
const LOWER = '00'.repeat(36);
const MIDDLE = '80'.repeat(36);
const UPPER = 'ff'.repeat(36);
const WHOLE: Range = { lower: LOWER, upper: UPPER, fingerprint: '11'.repeat(32) };

function refuses(decode: () => unknown): void {
  assert.throws(decode, (error) => error instanceof OverlayError && error.code === 'OVERLAY_FRAME_INVALID');
}

test('requests come back as they were', () => {
  const ranges = fc.array(key, { minLength: 2, maxLength: 17 }).map((keys) => {
    const cuts = [...new Set(keys)].sort();
    return cuts.slice(1).map((upper, i): Range => ({ lower: cuts[i] ?? '', upper, fingerprint: '22'.repeat(32) }));
  });
  fc.assert(
    fc.property(ranges, (list) => {
      assert.deepEqual(decodeRequest(encodeCompare(list)), { op: 'compare', ranges: list });
    }),
  );
  fc.assert(
    fc.property(fc.array(id, { maxLength: 100 }), (ids) => {
      assert.deepEqual(decodeRequest(encodeFetch(ids)), { op: 'fetch', ids });
    }),
  );
});

test('answers and pages come back as they were', () => {
  const items = fc.array(fc.record({ key, topic }, { noNullPrototype: true }), { maxLength: 100 });
  const fixed: RangeAnswer[] = [
    { kind: 'equal' },
    { kind: 'later' },
    {
      kind: 'split',
      parts: [
        { upper: MIDDLE, fingerprint: '33'.repeat(32) },
        { upper: UPPER, fingerprint: '44'.repeat(32) },
      ],
    },
  ];
  fc.assert(
    fc.property(items, (list) => {
      const inRange = list.filter((item) => item.key < UPPER);
      const answers: RangeAnswer[] = [...fixed, { kind: 'items', items: inRange }];
      assert.deepEqual(decodeAnswers(encodeAnswers(answers), [WHOLE, WHOLE, WHOLE, WHOLE]), answers);
    }),
  );
  const page = fc.array(
    fc.record({ id, topic, data: fc.uint8Array({ maxLength: 4_096 }) }, { noNullPrototype: true }),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(page, (list) => {
      assert.deepEqual(decodePage(encodePage(list)), list);
    }),
    { numRuns: 30 },
  );
});

test('whatever bytes a peer sends: a value or OVERLAY_FRAME_INVALID, nothing else', () => {
  const decoders = [decodeRequest, decodePage, (bytes: Uint8Array) => decodeAnswers(bytes, [WHOLE])];
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    // Cut, lengthened and flipped real messages get further than noise.
    fc
      .tuple(
        fc.constantFrom(
          encodeCompare([WHOLE]),
          encodeFetch(['aa'.repeat(32)]),
          encodePage([{ id: 'aa'.repeat(32), topic: '/t', data: Uint8Array.of(1, 2, 3) }]),
          encodeAnswers([{ kind: 'items', items: [{ key: MIDDLE, topic: '/t' }] }]),
        ),
        fc.nat(),
        fc.nat(255),
        fc.nat(120),
      )
      .map(([message, at, value, length]) => {
        const copy = Uint8Array.from(message);
        copy[at % copy.length] = value;
        return copy.subarray(0, length);
      }),
  );
  fc.assert(
    fc.property(anything, fc.constantFrom(...decoders), (bytes, decode) => {
      try {
        decode(bytes);
      } catch (error) {
        if (!(error instanceof OverlayError && error.code === 'OVERLAY_FRAME_INVALID')) throw error;
      }
    }),
    { numRuns: 20_000 },
  );
});

test('ranges that overlap, run backwards or are too many are refused', () => {
  const fingerprint = '00'.repeat(32);
  refuses(() => decodeRequest(encodeCompare([{ lower: UPPER, upper: LOWER, fingerprint }])));
  refuses(() => decodeRequest(encodeCompare([{ lower: LOWER, upper: LOWER, fingerprint }])));
  refuses(() =>
    decodeRequest(
      encodeCompare([
        { lower: LOWER, upper: UPPER, fingerprint },
        { lower: MIDDLE, upper: UPPER, fingerprint },
      ]),
    ),
  );
  refuses(() => decodeRequest(encodeCompare(Array.from({ length: 17 }, () => WHOLE))));
  refuses(() => decodeRequest(encodeFetch(Array.from({ length: 101 }, () => 'aa'.repeat(32)))));
});

test('parts that do not make up their range and items outside of it are refused', () => {
  const half: Range = { ...WHOLE, upper: MIDDLE };
  const part = (upper: string) => ({ upper, fingerprint: '00'.repeat(32) });
  const split = (...uppers: string[]): RangeAnswer => ({ kind: 'split', parts: uppers.map(part) });
  refuses(() => decodeAnswers(encodeAnswers([split(UPPER)]), [WHOLE]));
  refuses(() => decodeAnswers(encodeAnswers([split(MIDDLE, MIDDLE)]), [half]));
  refuses(() => decodeAnswers(encodeAnswers([split('70'.repeat(36), UPPER)]), [half]));
  refuses(() => decodeAnswers(encodeAnswers([split('60'.repeat(36), '70'.repeat(36))]), [half]));
  const items = (at: string): RangeAnswer => ({ kind: 'items', items: [{ key: at, topic: '/t' }] });
  refuses(() => decodeAnswers(encodeAnswers([items(MIDDLE)]), [half]));
  refuses(() => decodeAnswers(encodeAnswers([items(LOWER)]), [{ ...half, lower: '01'.repeat(36) }]));
  assert.equal(decodeAnswers(encodeAnswers([items(LOWER)]), [half]).length, 1);
});
