import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  ArtifactError,
  parseManifest,
  parseTranscript,
  parseVerifyingKey,
  readProvingKey,
  readR1cs,
  unpackR1cs,
} from '../../src/artifacts/index.ts';
import { TINY_VECTORS } from '../unit/artifacts/tiny.ts';

const file = async (...path: string[]) => new Uint8Array(await readFile(join(TINY_VECTORS, 'proofs', ...path)));
const samples: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ['r1cs', unpackR1cs(await file('power', 'circuit.r1cs.br'), 'r1cs'), readR1cs],
  ['proving key', await file('power', 'proving-key.zkey'), readProvingKey],
  ['verifying key', await file('power', 'verifying-key.json'), (bytes) => parseVerifyingKey(bytes, 'key')],
  ['manifest', await file('power', 'manifest.json'), (bytes) => parseManifest(bytes)],
  ['transcript', await file('setup', 'power.json'), (bytes) => parseTranscript(bytes, 'transcript')],
];

/** A few bytes overwritten, a piece cut out, or the end cut off; most often near the front, where the structure is. */
const damage = fc.record({
  writes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
    maxLength: 4,
  }),
  cut: fc.option(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 40 }))),
  end: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
});

describe('readers of files', () => {
  for (const [name, bytes, read] of samples) {
    it(`of a ${name} accept it or refuse it with a code, whatever is damaged`, () => {
      fc.assert(
        fc.property(damage, ({ writes, cut, end }) => {
          let damaged = Uint8Array.from(bytes);
          for (const [at, value] of writes) damaged[Math.floor(at ** 3 * (damaged.length - 1))] = value;
          if (cut !== null) {
            const from = Math.floor(cut[0] ** 3 * damaged.length);
            damaged = Uint8Array.from([...damaged.subarray(0, from), ...damaged.subarray(from + cut[1])]);
          }
          if (end !== null) damaged = damaged.slice(0, Math.floor(end * damaged.length));
          try {
            read(damaged);
          } catch (error) {
            assert.ok(error instanceof ArtifactError, `not an ArtifactError: ${String(error)}`);
          }
        }),
        { numRuns: 300 },
      );
    });
    it(`of a ${name} refuse any bytes that are something else`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (other) => {
          assert.throws(() => read(other), ArtifactError);
        }),
        { numRuns: 200 },
      );
    });
  }
});
