import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SCALAR_FIELD_ORDER as R } from '../../../src/base/field.ts';
import { ProverError } from '../../../src/prover/index.ts';
import { readSnarkjsInputs } from '../../../src/prover/snarkjs-inputs.ts';

const values = (value: unknown) => readSnarkjsInputs({ a: value }).get('a');

describe('inputs as snarkjs takes them', () => {
  it('reads every spelling that snarkjs reads, reduced modulo r', () => {
    const cases: [unknown, bigint[]][] = [
      [0, [0n]],
      [-1, [R - 1n]],
      [true, [1n]],
      [false, [0n]],
      ['', [0n]],
      [' 12 ', [12n]],
      ['007', [7n]],
      ['-5', [R - 5n]],
      ['0x1F', [31n]],
      ['0o17', [15n]],
      ['0b101', [5n]],
      [String(R), [0n]],
      [String(R * 3n + 4n), [4n]],
      [
        [[1, '2'], [[true]], []],
        [1n, 2n, 1n],
      ],
      [[], []],
      [Number.MAX_SAFE_INTEGER, [BigInt(Number.MAX_SAFE_INTEGER)]],
    ];
    for (const [given, expected] of cases) assert.deepEqual(values(given), expected, JSON.stringify(given));
  });

  it('keeps signals apart and in order, with any name circom can give', () => {
    const flat = readSnarkjsInputs({ 'bus.field': 1, $x: [2, 3], constructor: 4 });
    assert.deepEqual(
      [...flat],
      [
        ['bus.field', [1n]],
        ['$x', [2n, 3n]],
        ['constructor', [4n]],
      ],
    );
  });

  it('refuses the rest, and never repeats a value', () => {
    const secret = '48213077';
    const odd: unknown[] = [
      1.5,
      2 ** 53,
      1e30,
      Number.NaN,
      null,
      {},
      { x: 1 },
      `${secret}x`,
      '1e3',
      '0x',
      '--1',
      `${secret}n`,
    ];
    for (const value of [...odd, '9'.repeat(5_000)]) {
      assert.throws(
        () => values(value),
        (error) =>
          error instanceof ProverError &&
          error.code === 'PROVER_INPUT_INVALID' &&
          error.where === 'a' &&
          !error.message.includes(secret),
        JSON.stringify(value)?.slice(0, 40),
      );
    }
    for (const inputs of [null, [], 'a', 3, undefined]) assert.throws(() => readSnarkjsInputs(inputs), ProverError);
    let deep: unknown = 1;
    for (let i = 0; i < 100; i++) deep = [deep];
    assert.throws(() => values(deep), ProverError);
  });

  it('takes any JSON or refuses it with its code', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          for (const list of readSnarkjsInputs(value).values()) assert.ok(list.every((item) => item >= 0n && item < R));
        } catch (error) {
          assert.ok(error instanceof ProverError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});
