import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OverlayError } from '../../../src/overlay/errors.ts';
import type { Overlay, RequestHandler } from '../../../src/overlay/interface.ts';
import { fetchBlocks } from '../../../src/overlay/ledger/client.ts';
import {
  type BlocksAnswer,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
} from '../../../src/overlay/ledger/codec.ts';
import { type ServedBlocks, serveLedger } from '../../../src/overlay/ledger/server.ts';

const header = (height: number) => new Uint8Array(168).fill(height);

/** The handler that an overlay would be given. */
function handlerOf(blocks: ServedBlocks): RequestHandler {
  let found: RequestHandler | undefined;
  const handle = (_name: string, handler: RequestHandler): void => {
    found = handler;
  };
  const overlay = { handle } as unknown as Overlay;
  serveLedger(overlay, blocks);
  return found ?? assert.fail();
}

/** Blocks of these sizes: transactions of so many bytes each. */
function chain(sizes: readonly (readonly number[])[]): ServedBlocks & { reads: number } {
  return {
    reads: 0,
    head: BigInt(sizes.length),
    async block(height) {
      this.reads += 1;
      const transactions = sizes[Number(height) - 1] ?? assert.fail('no such block');
      return {
        header: header(Number(height)),
        transactions: transactions.map((size, i) => new Uint8Array(size).fill(i)),
      };
    },
    whenAt: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  };
}

async function collect(blocks: ServedBlocks, from: bigint, count: number) {
  const handle = handlerOf(blocks);
  const control = new AbortController();
  let asked = 0;
  const request = async (data: Uint8Array) => {
    asked += 1;
    return await handle({ peer: 'p', data, signal: new AbortController().signal });
  };
  const found = [];
  for await (const block of fetchBlocks(request, from, control.signal)) {
    found.push(block);
    if (found.length === count) break;
  }
  return { found, asked };
}

describe('ledger/1', () => {
  it('brings blocks whole, however their transactions fall on pages', async () => {
    const sizes = fc.array(fc.array(fc.constantFrom(8, 200, 65_536), { minLength: 0, maxLength: 40 }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (given) => {
        const { found } = await collect(chain(given), 1n, given.length);
        assert.deepEqual(
          found.map(({ transactions }) => transactions.map(({ length }) => length)),
          given.map((block) => [...block]),
        );
        found.forEach((block, i) => {
          assert.deepEqual(block.header, header(i + 1));
          assert.equal(block.head, BigInt(given.length));
        });
      }),
      { numRuns: 30 },
    );
  });

  it('puts many small blocks into one answer, and reads a large one once for all of its pages', async () => {
    const small = chain(Array.from({ length: 500 }, () => [200]));
    const { asked } = await collect(small, 1n, 500);
    assert.equal(asked, 1);
    const large = chain([Array.from({ length: 100 }, () => 65_536)]);
    const pages = await collect(large, 1n, 1);
    assert.ok(pages.asked >= 7, String(pages.asked));
    assert.equal(large.reads, 1);
  });

  it('reads what it writes, and refuses everything else with a code', () => {
    const request = fc.record(
      { from: fc.bigInt(0n, 2n ** 64n - 1n), have: fc.nat(), waitMs: fc.nat(65_535) },
      { noNullPrototype: true },
    );
    fc.assert(fc.property(request, (given) => assert.deepEqual(decodeRequest(encodeRequest(given)), given)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        for (const decode of [decodeRequest, decodeAnswer]) {
          try {
            decode(bytes);
          } catch (error) {
            assert.ok(error instanceof OverlayError, String(error));
          }
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('refuses an answer with one byte changed, or takes it as another answer, but never fails otherwise', () => {
    const answer = encodeAnswer({
      head: 9n,
      pieces: [
        { header: header(1), count: 1, first: 0, transactions: [new Uint8Array(16)] },
        { header: header(2), count: 3, first: 0, transactions: [new Uint8Array(8), new Uint8Array(8)] },
      ],
    });
    fc.assert(
      fc.property(fc.nat(answer.length - 1), fc.nat(255), (at, value) => {
        const bytes = answer.slice();
        bytes[at] = value;
        try {
          decodeAnswer(bytes);
        } catch (error) {
          assert.ok(error instanceof OverlayError, String(error));
        }
      }),
      { numRuns: 3000 },
    );
  });

  const answered = async (...answers: BlocksAnswer[]) => {
    let next = 0;
    const request = async () => encodeAnswer(answers[Math.min(next++, answers.length - 1)] ?? assert.fail());
    for await (const _ of fetchBlocks(request, 1n, AbortSignal.timeout(2000))) return 'a block';
    return 'nothing';
  };
  const piece = (count: number, first: number, given: number, fill = 1) => ({
    header: header(fill),
    count,
    first,
    transactions: Array.from({ length: given }, () => new Uint8Array(8)),
  });

  it('is not led astray by a peer that changes a block while it sends it, repeats pages, or begins in the middle', async () => {
    const head = 1n;
    const invalid = { code: 'OVERLAY_FRAME_INVALID' };
    await assert.rejects(answered({ head, pieces: [piece(4, 2, 2)] }), invalid);
    await assert.rejects(answered({ head, pieces: [piece(4, 0, 2)] }, { head, pieces: [piece(4, 2, 2, 9)] }), invalid);
    await assert.rejects(answered({ head, pieces: [piece(4, 0, 2)] }, { head, pieces: [piece(4, 0, 2)] }), invalid);
    await assert.rejects(answered({ head, pieces: [piece(4, 0, 2)] }, { head, pieces: [piece(9, 2, 2)] }), invalid);
    await assert.rejects(answered({ head, pieces: [piece(4, 0, 2)] }, { head, pieces: [] }), invalid);
    await assert.rejects(answered({ head, pieces: [piece(70_000, 0, 1)] }), invalid);
    await assert.rejects(answered({ head, pieces: [piece(4, 0, 0)] }), invalid);
  });

  it('asks a peer that answers with nothing again, but not without pause', async () => {
    let asked = 0;
    const request = async () => {
      asked += 1;
      return encodeAnswer({ head: 0n, pieces: [] });
    };
    for await (const _ of fetchBlocks(request, 1n, AbortSignal.timeout(900))) assert.fail('there is no block');
    assert.ok(asked >= 1 && asked < 10, String(asked));
  });

  it('ends a block that has more bytes than any may have', async () => {
    const transactions = Array.from({ length: 15 }, () => new Uint8Array(65_536));
    const request = async (data: Uint8Array) => {
      const { have } = decodeRequest(data);
      return encodeAnswer({ head: 1n, pieces: [{ header: header(1), count: 65_536, first: have, transactions }] });
    };
    const all = async () => {
      for await (const _ of fetchBlocks(request, 1n, new AbortController().signal)) assert.fail('it never ends');
    };
    await assert.rejects(all(), { code: 'OVERLAY_FRAME_INVALID', message: /more than/ });
  });
});
