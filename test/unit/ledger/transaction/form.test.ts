import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_GAS, MAX_GAS_PRICE, MAX_VALIDITY, U64_MAX } from '../../../../src/ledger/constants.ts';
import { LedgerError } from '../../../../src/ledger/errors.ts';
import { join } from '../../../../src/ledger/keys.ts';
import { checkLayout } from '../../../../src/ledger/transaction/check.ts';
import { decodeTransaction, encodeBody, joinSignature } from '../../../../src/ledger/transaction/codec.ts';
import type { Transaction, TransactionBody } from '../../../../src/ledger/transaction/interface.ts';
import { AT, KEY_SIZES } from '../../../../src/ledger/transaction/layout.ts';

const RUNS = Number(process.env['ZKBAZAAR_TEST_LEDGER_FORMS'] ?? 60);
const R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

const anyKey = fc.uint8Array({ minLength: 3, maxLength: 3 }).map((parts) => join(200, parts));
const u64 = fc.bigInt(0n, U64_MAX);
const anyKeys = fc
  .uniqueArray(anyKey, { maxLength: 5, selector: (key) => key.join() })
  .map((keys) => keys.sort((a, b) => Buffer.compare(a, b)));
const anySignal = fc.bigInt(0n, R - 1n).map(littleEndian);
const anyProof = fc.record(
  {
    circuit: fc.nat(255),
    signals: fc.array(anySignal, { minLength: 1, maxLength: 3 }),
    proof: fc.uint8Array({ minLength: 256, maxLength: 256 }),
  },
  { noNullPrototype: true },
);
const anyCall = fc.record(
  {
    program: fc.nat(255),
    operation: fc.nat(255),
    arguments: fc.uint8Array({ maxLength: 30 }),
  },
  { noNullPrototype: true },
);
const anyBody: fc.Arbitrary<TransactionBody> = fc
  .record({
    algorithm: fc.constantFrom(1, 1, 1, 2, 3),
    network: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    signer: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    sequence: u64,
    tagged: fc.boolean(),
    validFrom: fc.oneof(fc.constantFrom(0n, U64_MAX - MAX_VALIDITY), fc.bigInt(0n, 2n ** 63n)),
    validity: fc.bigInt(0n, MAX_VALIDITY),
    gasLimit: fc.integer({ min: 1, max: MAX_GAS }),
    gasPrice: fc.bigInt(0n, MAX_GAS_PRICE),
    writes: anyKeys,
    reads: anyKeys,
    credits: anyKeys,
    operations: fc.array(anyCall, { minLength: 1, maxLength: 4 }),
    proof: fc.option(anyProof, { nil: undefined }),
  })
  .map(({ validity, reads, ...body }) => ({
    ...body,
    algorithm: body.algorithm as 1 | 2 | 3,
    validUntil: body.validFrom + validity,
    reads: reads.filter((key) => !body.writes.some((other) => other.join() === key.join())),
  }));

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

/** With a key and a signature of the right lengths that nobody checks here. */
function signed(body: TransactionBody): Uint8Array {
  const { publicKey, signature } = KEY_SIZES[body.algorithm];
  return joinSignature(encodeBody(body), new Uint8Array(publicKey).fill(5), new Uint8Array(signature).fill(6));
}

const again = (transaction: Transaction) =>
  joinSignature(encodeBody(transaction), transaction.publicKey, transaction.signature);

/** What it decodes to, or undefined where it is refused as it has to be. */
function read(bytes: Uint8Array): Transaction | undefined {
  try {
    return decodeTransaction(bytes);
  } catch (error) {
    assert.ok(error instanceof LedgerError, String(error));
    assert.equal(error.code, 'LEDGER_TRANSACTION_INVALID');
    return undefined;
  }
}

describe('the canonical form', () => {
  it('comes back as it went in', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        const bytes = signed(body);
        const { publicKey, signature, id, bytes: kept, ...rest } = decodeTransaction(bytes);
        assert.deepEqual(rest, body);
        assert.deepEqual(kept, bytes);
        assert.equal(id.length, 32);
        assert.equal(publicKey.length + signature.length > 90, true);
      }),
      { numRuns: RUNS * 3 },
    );
  });

  it('every byte changed: refused, or another transaction, and never two encodings of one', () => {
    fc.assert(
      fc.property(anyBody, fc.integer({ min: 1, max: 255 }), (body, mask) => {
        const bytes = signed(body);
        const { id } = decodeTransaction(bytes);
        const bodyLength = new DataView(bytes.buffer).getUint32(AT.bodyLength, true);
        const { publicKey, signature } = KEY_SIZES[body.algorithm];
        // What lies within keys and signatures is alike; of the long ones every 41st byte.
        const step = (at: number) => (at < bodyLength || at > bytes.length - 12 ? 1 : 41);
        for (let at = 0; at < bytes.length; at += step(at)) {
          const changed = bytes.slice();
          changed[at] = (changed[at] ?? 0) ^ mask;
          const transaction = read(changed);
          if (transaction === undefined) continue;
          assert.deepEqual(again(transaction), changed, `byte ${at}`);
          const sameId = transaction.id.every((byte, i) => byte === id[i]);
          const inWitness = at >= bodyLength && at < bodyLength + publicKey + signature;
          assert.equal(sameId, inWitness, `byte ${at}`);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('cut off or made longer anywhere: refused', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        const bytes = signed(body);
        const longer = new Uint8Array(bytes.length + 16);
        longer.set(bytes);
        for (let length = 0; length < bytes.length; length += length < 700 ? 1 : 37) {
          assert.equal(read(bytes.subarray(0, length)), undefined);
        }
        for (let more = 1; more <= 16; more += 1)
          assert.equal(read(longer.subarray(0, bytes.length + more)), undefined);
      }),
      { numRuns: RUNS },
    );
  });

  it('never anything but LEDGER_TRANSACTION_INVALID for bytes of any kind, in place or alone', () => {
    fc.assert(
      fc.property(
        anyBody,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }),
        fc.nat(5),
        (body, edits, before) => {
          const bytes = signed(body);
          for (const [at, value] of edits) bytes[at % Math.min(bytes.length, 500)] = value;
          const transaction = read(bytes);
          const place = new Uint8Array(before * 8 + bytes.length + 24).fill(0xff);
          place.set(bytes, before * 8);
          const check = () => checkLayout(place, before * 8, before * 8 + bytes.length);
          if (transaction === undefined) assert.throws(check, { code: 'LEDGER_TRANSACTION_INVALID' });
          else
            assert.deepEqual(again(transaction), place.slice(before * 8, before * 8 + bytes.length), String(check()));
        },
      ),
      { numRuns: RUNS * 5 },
    );
  });
});

const [a, b] = [join(200, Uint8Array.of(1)), join(200, Uint8Array.of(2))];
const plain: TransactionBody = {
  ...{ algorithm: 1, network: new Uint8Array(16), signer: new Uint8Array(20), sequence: 0n, tagged: false },
  ...{ validFrom: 5n, validUntil: 9n, gasLimit: 1000, gasPrice: 1n, writes: [a, b], reads: [], credits: [] },
  operations: [{ program: 1, operation: 0, arguments: Uint8Array.of(1, 2, 3) }],
  proof: undefined,
};
const proof = { circuit: 1, signals: [littleEndian(R - 1n)], proof: new Uint8Array(256) };
const refused = (name: string, change: Partial<TransactionBody>) =>
  it(name, () => {
    assert.notEqual(read(signed(plain)), undefined);
    assert.equal(read(signed({ ...plain, ...change })), undefined);
  });

describe('refused', () => {
  refused('keys out of order', { writes: [b, a] });
  refused('one key twice', { writes: [a, a] });
  refused('reads out of order', { writes: [], reads: [b, a] });
  refused('credits out of order', { credits: [b, a] });
  refused('a key both written and read', { writes: [a], reads: [a] });
  refused('a key both written and read, the last of many', { writes: [a, b], reads: [join(199), b] });
  refused('no operation', { operations: [] });
  refused('more than 64 operations', { operations: Array.from({ length: 65 }, () => ({ ...callOf(0) })) });
  refused('more than 1,024 bytes of arguments', { operations: [callOf(1025)] });
  refused('more than 64 keys', { writes: Array.from({ length: 65 }, (_, i) => join(200, Uint8Array.of(i))) });
  refused('no gas', { gasLimit: 0 });
  refused('too much gas', { gasLimit: MAX_GAS + 1 });
  refused('too high a price', { gasPrice: MAX_GAS_PRICE + 1n });
  refused('an end before the beginning', { validFrom: 6n, validUntil: 5n });
  refused('a window too long', { validFrom: 0n, validUntil: MAX_VALIDITY + 1n });
  refused('a window of all heights', { validFrom: 0n, validUntil: U64_MAX });
  refused('a signal of r', { proof: { ...proof, signals: [littleEndian(R)] } });
  refused('a signal above r', { proof: { ...proof, signals: [littleEndian(0n), littleEndian(R + 1n)] } });
  refused('a signal of 2^256 - 1', { proof: { ...proof, signals: [littleEndian(2n ** 256n - 1n)] } });
  refused('a proof without signals', { proof: { ...proof, signals: [] } });
  refused('more than 32 signals', { proof: { ...proof, signals: new Array(33).fill(littleEndian(1n)) } });

  refused('more than 64 KiB', { operations: Array.from({ length: 64 }, () => callOf(1024)) });

  it('keys, signals or operations that would lie behind the end', () => {
    const keys = signed({ ...plain, writes: [], operations: [callOf(0)] });
    // Ascending to the last byte, so that nothing but the length is wrong.
    keys.forEach((_, at) => {
      if (at > 96) keys[at] = at;
    });
    for (let count = 1; count <= 64; count += 1) {
      keys[AT.credits] = count;
      assert.equal(read(keys), undefined);
    }
    const signals = signed({ ...plain, proof });
    const at = new DataView(signals.buffer).getUint32(AT.bodyLength, true) - 256 - 32 - 8;
    assert.deepEqual([...signals.subarray(at, at + 2)], [1, 1]);
    for (let count = 2; count <= 32; count += 1) {
      signals[at + 1] = count;
      assert.equal(read(signals), undefined);
    }
    const operations = signed(plain);
    for (let count = 2; count <= 64; count += 1) {
      operations[AT.operations] = count;
      assert.equal(read(operations), undefined);
    }
  });

  it('every version, algorithm, flag and reserved byte but those that are known', () => {
    for (const [at, known] of [
      [AT.version, [1]],
      [AT.algorithm, [1]],
      [AT.flags, [0, 1]],
      [AT.reserved, [0]],
    ] as const) {
      for (let value = 0; value < 256; value += 1) {
        const bytes = signed(plain);
        bytes[at] = value;
        assert.equal(
          read(bytes) !== undefined,
          known.some((other) => other === value),
          `${at}: ${value}`,
        );
      }
    }
  });

  it('but not at the edges', () => {
    for (const change of [
      { gasLimit: MAX_GAS, gasPrice: MAX_GAS_PRICE },
      { validFrom: U64_MAX - MAX_VALIDITY, validUntil: U64_MAX },
      { validFrom: 5n, validUntil: 5n },
      { proof },
      { operations: [callOf(1024)] },
      { operations: Array.from({ length: 64 }, () => callOf(0)) },
      { writes: Array.from({ length: 64 }, (_, i) => join(200, Uint8Array.of(i))) },
      { proof: { ...proof, signals: new Array(32).fill(littleEndian(0n)) } },
      { credits: [a, b] },
    ]) {
      assert.notEqual(read(signed({ ...plain, ...change })), undefined, Object.keys(change).join());
    }
  });
});

function callOf(length: number) {
  return { program: 1, operation: 0, arguments: new Uint8Array(length) };
}
