import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROGRAM_STATUS, SPACES, STATUS, U64_MAX } from '../../../../src/ledger/constants.ts';
import { accountKey, balanceKey } from '../../../../src/ledger/keys.ts';
import { ArgumentWriter } from '../../../../src/ledger/programs/arguments.ts';
import { transfer } from '../../../../src/ledger/programs/assets/build.ts';
import { assembleCalls, callOf } from '../../../../src/ledger/programs/call.ts';
import { describeRecord, describeStatus, PROGRAMS } from '../../../../src/ledger/programs/index.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { assetId, hash32, person } from './ledger.ts';

const [ann, ben] = [person(1), person(2)];
const invalid = { code: 'LEDGER_TRANSACTION_INVALID' };
const key = (byte: number) => hash32(byte);

describe('calls under one signature', () => {
  it('share ascending lists without doubles; the signer’s account is index 0 and in none', () => {
    const gold = assetId(1);
    const calls = [transfer(ann, ben, 7n), transfer(ann, ben, 8n, gold), transfer(ann, ben, 9n)];
    const { writes, reads, credits, operations } = assembleCalls(ann, calls);
    assert.deepEqual(writes, [balanceKey(ann, gold)]);
    assert.deepEqual(reads, []);
    assert.deepEqual(credits, [accountKey(ben), balanceKey(ben, gold)]);
    assert.deepEqual(
      operations.map(({ arguments: args }) => [...args.subarray(8)]),
      [
        [0, 2],
        [1, 3],
        [0, 2],
      ],
    );
  });

  it('do not read what they write', () => {
    const write = callOf(1, 0, { writes: [key(9)] }, (at, out) => out.u8(at.write(key(9))));
    const keys = { reads: [key(9), key(8), accountKey(ann)] };
    const read = callOf(1, 0, keys, (at, out) =>
      out
        .u8(at.read(key(9)))
        .u8(at.read(key(8)))
        .u8(at.read(accountKey(ann))),
    );
    const { reads, operations } = assembleCalls(ann, [write, read]);
    assert.deepEqual(reads, [key(8)]);
    assert.deepEqual([...(operations[1]?.arguments ?? [])], [1, 2, 0]);
  });

  it('are refused with more than 64 keys in a list, or a key that is not declared', () => {
    const many = Array.from({ length: 65 }, (_, i) => key(i + 1));
    const encode = (_: unknown, out: ArgumentWriter) => out;
    assert.throws(() => assembleCalls(ann, [callOf(1, 0, { writes: many }, encode)]), invalid);
    assert.equal(assembleCalls(ann, [callOf(1, 0, { writes: many.slice(1) }, encode)]).writes.length, 64);
    const stray = callOf(1, 0, {}, (at, out) => out.u8(at.credit(key(1))));
    assert.throws(() => assembleCalls(ann, [stray]), invalid);
  });

  it('write no number that does not fit its field', () => {
    const bad: ((out: ArgumentWriter) => unknown)[] = [
      (out) => out.u8(256),
      (out) => out.u8(-1),
      (out) => out.u8(1.5),
      (out) => out.u8(Number.NaN),
      (out) => out.u16(65_536),
      (out) => out.u32(2 ** 32),
      (out) => out.u64(-1n),
      (out) => out.u64(U64_MAX + 1n),
      (out) => out.bytes(new Uint8Array(3), 4),
      (out) => out.bytes(new Uint8Array(1025), 1025),
    ];
    for (const write of bad) assert.throws(() => write(new ArgumentWriter()), invalid);
    const out = new ArgumentWriter()
      .u8(255)
      .u16(65_535)
      .u32(2 ** 32 - 1)
      .u64(U64_MAX);
    assert.deepEqual([...out.done()], new Array(15).fill(255));
  });
});

describe('the registry of programs', () => {
  it('has ids and spaces that are one program’s own', () => {
    const owned = new Map<number, string>();
    for (const [id, program] of PROGRAMS) {
      assert.equal(program.id, id);
      assert.ok(id >= 1 && id <= 255);
      for (const space of program.spaces) {
        if (space === SPACES.account || space === SPACES.balance) continue;
        assert.equal(owned.get(space), undefined, `${program.name} and ${owned.get(space)} share space ${space}`);
        assert.notEqual(space, SPACES.replay);
        owned.set(space, program.name);
      }
    }
    assert.deepEqual([...PROGRAMS.keys()], [1, 2, 3, 4, 5, 6, 7]);
  });

  it('names operations once and statuses in words', () => {
    for (const { operations, statuses } of PROGRAMS.values()) {
      const names = [...operations.values()].map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      for (const { gas } of operations.values()) assert.ok(Number.isInteger(gas) && gas > 0);
      assert.ok(Object.keys(statuses).every((status) => Number(status) >= PROGRAM_STATUS));
    }
    assert.equal(describeStatus(1, STATUS.outOfGas), 'outOfGas');
    assert.equal(describeStatus(2, REFUSED.tooEarly), 'too early');
    assert.match(describeStatus(2, 0x1ff), /511/);
    assert.match(describeStatus(99, 0x100), /256/);
    assert.equal(describeRecord(key(250), new Uint8Array(8)), undefined);
  });
});
