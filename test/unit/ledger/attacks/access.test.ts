import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHex } from '../../../../src/base/bytes.ts';
import { MAX_AMOUNT, STATUS } from '../../../../src/ledger/constants.ts';
import { accountKey, balanceKey, join, replayKey } from '../../../../src/ledger/keys.ts';
import { SCRIPT_SPACE } from '../../../property/ledger-script.ts';
import { person } from '../../../property/ledger-worlds.ts';
import { playEverywhere, Scene, type Step, scriptOf } from './scene.ts';

const scenes: Scene[] = [];
const own = (n: number) => join(SCRIPT_SPACE, Uint8Array.of(n));
const foreign = join(SCRIPT_SPACE + 1, Uint8Array.of(1));
const gold = new Uint8Array(11).fill(0xcc);
const record = new Uint8Array(16).fill(3);

/** Index 0 is the account; then one written, one read, one credited key. */
const KEYS = { writes: [own(1)], reads: [own(2)], credits: [accountKey(person(3))] };
const [WRITTEN, READ, CREDITED, BEYOND] = [1, 2, 3, 4];

function sceneOf(): Scene {
  const scene = new Scene()
    .account(0, 1_000_000n)
    .record(own(1), record)
    .record(own(2), record)
    .record(foreign, record);
  scenes.push(scene);
  return scene;
}

/** The steps end with `status`; what was changed before is undone and the fee is paid. */
function refused(status: number, step: Step, keys: Parameters<Scene['body']>[1] = KEYS): void {
  const scene = sceneOf();
  const before = new Map([...scene.state].map(([key, value]) => [key, toHex(value)]));
  const dirty: Step[] = keys.writes?.[0] === KEYS.writes[0] ? [['addU64', WRITTEN]] : [];
  const receipt = scene.alone(scene.body(0, { ...keys, operations: [scriptOf(...dirty, step)] }));
  assert.equal(receipt.status, status, step.join(' '));
  assert.ok(receipt.fee > 3_000n && receipt.events.length === 0);
  const fees = toHex(accountKey(person(1)));
  const account = toHex(accountKey(person(0)));
  assert.equal(scene.balance(0), 1_000_000n - receipt.fee);
  assert.equal(scene.balance(1), receipt.fee);
  for (const [key, value] of scene.state) {
    if (key !== account && key !== fees) assert.equal(toHex(value), before.get(key), key);
  }
}

describe('undeclared access', () => {
  const readers = ['u64', 'u32', 'u8', 'bytes', 'length'];
  const writers = ['setU64', 'setU32', 'setU8', 'setBytes', 'remove', 'create'];
  for (const name of [...readers, ...writers, 'credit', 'key', 'owns', 'matches']) {
    it(`${name} of a key beyond those declared`, () => {
      for (const key of [BEYOND, BEYOND + 1, 64, 255]) refused(STATUS.undeclaredAccess, [name, key, 0, 8, 1]);
    });
  }
  for (const name of readers) {
    it(`${name} of a key that is only credited`, () => refused(STATUS.undeclaredAccess, [name, CREDITED, 0, 8]));
  }
  for (const name of writers) {
    it(`${name} of a key that is only read, or credited`, () => {
      for (const key of [READ, CREDITED]) refused(STATUS.undeclaredAccess, [name, key, 0, 8]);
    });
  }
  it('credit to a key that is only written, or read', () => {
    for (const key of [0, WRITTEN, READ]) refused(STATUS.undeclaredAccess, ['credit', key, 0, 0, 1]);
  });
});

describe('records of others', () => {
  for (const name of ['setU64', 'setU32', 'setU8', 'setBytes', 'remove', 'create']) {
    it(`${name} in a space that is not the program’s`, () => {
      refused(STATUS.foreignSpace, [name, 1, 0, 8], { writes: [foreign] });
    });
  }
  it('credits go to accounts and balances alone', () => {
    for (const key of [own(1), foreign]) refused(STATUS.foreignSpace, ['credit', 1, 0, 0, 1], { credits: [key] });
  });
  it('the nonce is the ledger’s own, and so is every account and tag', () => {
    for (const name of ['setU64', 'setU8', 'setU32', 'setBytes']) refused(STATUS.badRecord, [name, 0, 8, 8]);
    refused(STATUS.badRecord, ['setBytes', 0, 0, 16]);
    refused(STATUS.foreignSpace, ['remove', 0]);
    refused(STATUS.foreignSpace, ['create', 1, 0, 16], { writes: [accountKey(person(5))] });
    for (const name of ['create', 'remove', 'setU8', 'setU64']) {
      refused(STATUS.foreignSpace, [name, 1, 0, 1], { writes: [replayKey(person(0), 3n)] });
    }
  });
  it('a balance has 16 bytes', () => {
    for (const length of [1, 15, 17, 128]) {
      refused(STATUS.badRecord, ['create', 1, 0, length], { writes: [balanceKey(person(0), gold)] });
    }
  });
});

describe('beyond the edges of records and arguments', () => {
  it('reads and writes', () => {
    for (const [name, at, length] of [
      ['u64', 16, 0],
      ['u64', 9, 0],
      ['u64', 4, 0],
      ['u32', 14, 0],
      ['u8', 16, 0],
      ['bytes', 0, 17],
      ['bytes', 17, 0],
      ['bytes', 255, 255],
    ] as const) {
      refused(STATUS.badRecord, [name, READ, at, length]);
      if (name !== 'u8')
        refused(STATUS.badRecord, [`set${name[0]?.toUpperCase()}${name.slice(1)}`, WRITTEN, at, length]);
    }
    refused(STATUS.badRecord, ['create', WRITTEN, 0, 16]);
    for (const length of [0, 129, 255]) refused(STATUS.badRecord, ['create', 1, 0, length], { writes: [own(9)] });
    refused(STATUS.badRecord, ['remove', 1], { writes: [own(9)] });
    refused(STATUS.badArguments, ['argument', 0, 255, 0]);
    refused(STATUS.badArguments, ['key', READ, 20, 13]);
    refused(STATUS.proofMissing, ['proof', 0, 0, 0]);
  });
  it('numbers that are none, statuses and gas that a program has no right to', () => {
    for (const value of [0, 1]) refused(STATUS.programCrashed, ['odd', READ, 0, 3, value]);
    refused(STATUS.badRecord, ['odd', READ, 0, 3, 2]);
    refused(STATUS.badArguments, ['odd', READ, 0, 3, 3]);
    refused(STATUS.badRecord, ['odd', 1, 0, 3, 4], { writes: [own(9)] });
    refused(STATUS.badArguments, ['odd', READ, 0, 3, 5]);
    for (const value of [6, 7, 8, 9, 10]) refused(STATUS.overflow, ['odd', WRITTEN, 0, 3, value]);
    for (const value of [6, 7]) refused(STATUS.overflow, ['odd', 0, 0, 3, value]);
    refused(STATUS.overflow, ['odd', CREDITED, 0, 3, 11]);
    refused(STATUS.overflow, ['setU8', WRITTEN, 0, 128]);
    const scene = sceneOf();
    const required = scriptOf(['constant', 0, 0, 0, 0], ['require', 0, 0, 5]);
    assert.equal(scene.alone(scene.body(0, { operations: [required] })).status, 0x100 + 5);
    for (const status of [0, 1, 6, 15]) refused(STATUS.programCrashed, ['fail', 0, 0, status, 4]);
    refused(STATUS.programCrashed, ['fail', 0, 0, 0, 0xffff - 0x100 + 2]);
    refused(0xffff, ['fail', 0, 0, 0, 0xffff - 0x100]);
    for (const value of [0, 1]) refused(STATUS.programCrashed, ['crash', 0, 0, 0, value]);
  });
  it('a loop without end ends with the gas, all of which is paid', () => {
    const scene = sceneOf();
    const loop = scriptOf(['constant', 0, 0, 0, 1], ['jump', 0, 0]);
    const forever = scene.alone(scene.body(0, { operations: Array.from({ length: 64 }, () => loop), gasLimit: 3_500 }));
    assert.deepEqual([forever.status, forever.gasUsed, forever.fee], [STATUS.outOfGas, 3_500, 3_500n]);
  });
  it('more than 2^63 - 1 to one key', () => {
    const much = ['creditMuch', CREDITED, 0, 0, 0x7fff_ffff] as const;
    refused(STATUS.overflow, ['creditMuch', CREDITED, 0, 0, 0x8000_0000]);
    const scene = sceneOf();
    const twice = scene.alone(scene.body(0, { ...KEYS, operations: [scriptOf(much), scriptOf(much)] }));
    assert.deepEqual([twice.status, twice.operation], [STATUS.overflow, 1]);
    assert.equal(scene.balance(3), 0n);
    assert.ok(0x7fff_ffffn << 32n < MAX_AMOUNT);
  });
});

it('lanes and shards agree on all of it', { timeout: 300_000 }, () => playEverywhere(scenes));
