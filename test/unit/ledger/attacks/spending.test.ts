import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, MAX_GAS, MAX_GAS_PRICE, STATUS, U64_MAX } from '../../../../src/ledger/constants.ts';
import { accountKey, join } from '../../../../src/ledger/keys.ts';
import { transfer } from '../../../../src/ledger/programs/assets/build.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { decodeTransaction } from '../../../../src/ledger/transaction/codec.ts';
import { transactionOf } from '../../../property/ledger-judge.ts';
import { SCRIPT_SPACE } from '../../../property/ledger-script.ts';
import { person } from '../../../property/ledger-worlds.ts';
import { playEverywhere, Scene, scriptOf } from './scene.ts';

const scenes: Scene[] = [];
function sceneOf(): Scene {
  const scene = new Scene();
  scenes.push(scene);
  return scene;
}
const MANY = 24;
const each = <T>(make: (i: number) => T): T[] => Array.from({ length: MANY }, (_, i) => make(i));
const pay = (from: number, to: number, amount: bigint) => [transfer(person(from), person(to), amount)];
const others = (first: number, count: number) => [first, ...new Array(MANY - 1).fill(count)];

describe('double spend: of many in one block exactly one wins, the first', () => {
  it('with one nonce', () => {
    const scene = sceneOf().account(0, 10_000_000n);
    const receipts = scene.block(...each((i) => scene.calls(0, pay(0, 2 + (i % 6), 10n))));
    const statuses = receipts.map(({ status }) => status);
    assert.deepEqual(statuses, others(STATUS.ok, STATUS.wrongNonce));
    assert.ok(receipts.slice(1).every(({ fee }) => fee === 0n));
    assert.equal(scene.balance(0), 10_000_000n - 10n - (receipts[0]?.fee ?? 0n));
  });

  it('with one tag, and again in later blocks', () => {
    const scene = sceneOf().account(0, 10_000_000n);
    const tagged = { tagged: true, sequence: U64_MAX };
    const first = scene.block(...each((i) => scene.calls(0, pay(0, 2 + (i % 6), 10n), tagged)));
    assert.deepEqual(
      first.map(({ status }) => status),
      others(STATUS.ok, STATUS.replayed),
    );
    for (let block = 0; block < 3; block += 1) {
      assert.equal(scene.alone(scene.calls(0, pay(0, 2, 10n), tagged)).status, STATUS.replayed);
    }
    assert.equal(scene.nonce(0), 0n);
    assert.equal(scene.balance(2), 10n);
  });

  it('of one balance under different tags', () => {
    const scene = sceneOf().account(0, 10_000_000n);
    const body = (i: number) => scene.calls(0, pay(0, 2 + (i % 6), 6_000_000n), { tagged: true, sequence: BigInt(i) });
    const receipts = scene.block(...each(body));
    const statuses = receipts.map(({ status }) => status);
    assert.deepEqual(statuses, others(STATUS.ok, REFUSED.funds));
    assert.ok(receipts.every(({ fee }) => fee > 0n));
    assert.equal(scene.balance(2), 6_000_000n);
  });

  it('of one nullifier by different signers', () => {
    const scene = sceneOf();
    each((i) => scene.account(i, 1_000_000n));
    const nullifier = join(SCRIPT_SPACE, Uint8Array.of(77));
    const operations = [scriptOf(['create', 1, 0, 8], ['setU64', 1, 0])];
    const spend = (i: number) => scene.body(i, { writes: [nullifier], operations });
    assert.deepEqual(
      scene.block(...each(spend)).map(({ status }) => status),
      others(STATUS.ok, STATUS.badRecord),
    );
    assert.equal(scene.alone(spend(5)).status, STATUS.badRecord);
  });

  it('of what arrives in the same block', () => {
    const scene = sceneOf().account(0, 1_000_000n).account(2, 50_000n);
    const receipts = scene.block(scene.calls(0, pay(0, 2, 500_000n)), scene.calls(2, pay(2, 3, 400_000n)));
    assert.deepEqual(
      receipts.map(({ status }) => status),
      [STATUS.ok, REFUSED.funds],
    );
    assert.equal(scene.alone(scene.calls(2, pay(2, 3, 400_000n))).status, STATUS.ok);
  });
});

describe('replay', () => {
  it('on another network is barred, and costs nothing', () => {
    const scene = sceneOf().account(0, 1_000_000n);
    const body = scene.calls(0, pay(0, 2, 10n));
    for (let i = 0; i < 16; i += 1) {
      const network = body.network.map((byte, at) => byte ^ (at === i ? 0x80 : 0));
      const { status, fee } = scene.alone({ ...body, network });
      assert.deepEqual([status, fee], [STATUS.wrongNetwork, 0n]);
    }
    assert.deepEqual([scene.balance(0), scene.nonce(0)], [1_000_000n, 0n]);
  });

  it('cannot move a signature to another network: the id is another', () => {
    const scene = new Scene();
    const body = scene.calls(0, pay(0, 2, 10n));
    const moved = { ...body, network: new Uint8Array(16).fill(8) };
    assert.notDeepEqual(transactionOf(body).id, transactionOf(moved).id);
    assert.deepEqual(decodeTransaction(transactionOf(body).bytes).id, transactionOf(body).id);
  });

  it('of the same transaction in later blocks is barred', () => {
    const scene = sceneOf().account(0, 1_000_000n);
    const body = scene.calls(0, pay(0, 2, 10n));
    const statuses = [0, 1, 2].map(() => scene.alone(body).status);
    assert.deepEqual(statuses, [STATUS.ok, STATUS.wrongNonce, STATUS.wrongNonce]);
  });

  it('outside of the heights it is valid in, first and last included', () => {
    const scene = sceneOf().account(0, 1_000_000n);
    const window = { validFrom: 2n, validUntil: 3n };
    const statuses = [1, 2, 3, 4].map(() => scene.alone(scene.calls(0, pay(0, 2, 10n), window)).status);
    assert.deepEqual(statuses, [STATUS.notYetValid, STATUS.ok, STATUS.ok, STATUS.expired]);
  });
});

describe('the edges of integers', () => {
  it('a nonce of 2^64 - 1 is never used; tags go on', () => {
    const scene = sceneOf().account(0, 1_000_000n, U64_MAX - 1n);
    assert.equal(scene.alone(scene.calls(0, pay(0, 2, 10n))).status, STATUS.ok);
    assert.equal(scene.nonce(0), U64_MAX);
    assert.equal(scene.alone(scene.calls(0, pay(0, 2, 10n))).status, STATUS.wrongNonce);
    assert.equal(scene.alone(scene.calls(0, pay(0, 2, 10n), { sequence: 0n })).status, STATUS.wrongNonce);
    const tagged = scene.calls(0, pay(0, 2, 10n), { tagged: true, sequence: 0n });
    assert.equal(scene.alone(tagged).status, STATUS.ok);
    assert.equal(scene.nonce(0), U64_MAX);
  });

  it('the highest fee there can be is reserved in full, and given back', () => {
    const highest = BigInt(MAX_GAS) * MAX_GAS_PRICE;
    const dear = { gasLimit: MAX_GAS, gasPrice: MAX_GAS_PRICE };
    const scene = sceneOf()
      .account(0, highest)
      .account(2, highest - 1n);
    const receipts = scene.block(...[0, 2].map((who) => scene.calls(who, pay(who, 3, 1n), dear)));
    // All of it is reserved while the operations run, so there is nothing left to transfer.
    assert.deepEqual(
      receipts.map(({ status }) => status),
      [REFUSED.funds, STATUS.feeUnpayable],
    );
    const least = BigInt(receipts[0]?.gasUsed ?? 0) * MAX_GAS_PRICE;
    assert.ok(least > 0n && (receipts[0]?.fee ?? 0n) >= least && (receipts[0]?.fee ?? 0n) < highest);
    assert.equal(scene.balance(0), highest - (receipts[0]?.fee ?? 0n));
    assert.equal(scene.balance(2), highest - 1n);
  });

  it('credits to one account that come to the whole supply, fees among them', () => {
    const scene = sceneOf();
    const part = MAX_AMOUNT / BigInt(MANY) - 100_000n;
    each((i) => scene.account(10 + i, part + 100_000n));
    const receipts = scene.block(...each((i) => scene.calls(10 + i, pay(10 + i, 1, part - 50_000n))));
    assert.ok(receipts.every(({ status }) => status === STATUS.ok));
    const fees = receipts.reduce((sum, { fee }) => sum + fee, 0n);
    assert.equal(scene.balance(1), (part - 50_000n) * BigInt(MANY) + fees);
    assert.ok(scene.balance(1) <= MAX_AMOUNT);
  });

  it('a fee account that has all but the fees', () => {
    const scene = sceneOf()
      .account(1, MAX_AMOUNT - 100_000n)
      .account(0, 100_000n);
    const receipt = scene.alone(scene.calls(0, pay(0, 1, 40_000n)));
    assert.equal(receipt.status, STATUS.ok);
    assert.equal(scene.balance(1), MAX_AMOUNT - 100_000n + 40_000n + receipt.fee);
    assert.equal(scene.balance(0) + scene.balance(1), MAX_AMOUNT);
  });

  it('a fee account that pays fees to itself', () => {
    const scene = sceneOf().account(1, 1_000_000n);
    scene.block(scene.calls(1, pay(1, 1, 5n)), scene.calls(1, pay(1, 2, 5n), { sequence: 1n }));
    assert.deepEqual([scene.balance(1), scene.balance(2)], [999_995n, 5n]);
  });

  it('amounts beyond what there can be', () => {
    const scene = sceneOf().account(0, MAX_AMOUNT);
    for (const amount of [0n, MAX_AMOUNT + 1n, U64_MAX]) {
      assert.equal(scene.alone(scene.calls(0, pay(0, 2, amount))).status, REFUSED.amount);
    }
    assert.equal(scene.alone(scene.calls(0, pay(0, 2, MAX_AMOUNT))).status, REFUSED.funds);
    assert.equal(scene.balance(0) + scene.balance(1), MAX_AMOUNT);
  });
});

describe('fee griefing', () => {
  it('whoever fails pays for what was done', () => {
    const scene = sceneOf().account(0, 10_000_000n);
    const written = { writes: [join(SCRIPT_SPACE, Uint8Array.of(1))] };
    const failures = [
      scriptOf(['fail', 0, 0, 0, 1]),
      scriptOf(['crash', 0, 0, 0, 1]),
      scriptOf(['create', 1, 0, 128], ['fail', 0, 0, 0, 1]),
      scriptOf(['u64', 99]),
      scriptOf(...each(() => ['charge', 0, 0, 0, 2_999] as const)),
      { program: 99, operation: 0, arguments: new Uint8Array(0) },
      { program: 1, operation: 99, arguments: new Uint8Array(0) },
      { program: 1, operation: 0, arguments: new Uint8Array(3) },
    ];
    for (const gasPrice of [1n, 7n]) {
      for (const call of failures) {
        const before = scene.balance(0);
        const receipt = scene.alone(scene.body(0, { ...written, operations: [call], gasPrice }));
        assert.notEqual(receipt.status, STATUS.ok);
        assert.ok(receipt.gasUsed >= 3_100, 'the signature and the form are paid for, at least');
        assert.ok(receipt.fee >= BigInt(receipt.gasUsed) * gasPrice && receipt.fee <= 50_000n * gasPrice);
        assert.equal(scene.balance(0), before - receipt.fee);
      }
    }
    assert.equal(scene.nonce(0), 16n);
  });

  it('an account that empties itself has paid for all that it has in the block', () => {
    const scene = sceneOf().account(0, 2_000_000n);
    const numbered = (i: number, amount: bigint) => scene.calls(0, pay(0, 2, amount), { sequence: BigInt(i) });
    const all = each((i) => numbered(i, i === 0 ? 1_900_000n : 1n));
    const receipts = scene.block(...all);
    assert.ok(receipts.every(({ fee }) => fee > 0n));
    assert.equal(receipts[0]?.status, REFUSED.funds, 'it reached for the fees of the others');
  });

  it('what is barred leaves nothing behind, not even an account', () => {
    const scene = sceneOf().account(0, 1_000_000n).account(2, 100n);
    const before = [...scene.state.keys()];
    const strangers = each((i) => scene.calls(50 + i, pay(50 + i, 60, 1n)));
    const body = scene.calls(0, pay(0, 70, 1n));
    const receipts = scene.block(
      ...strangers,
      scene.calls(2, pay(2, 71, 1n)),
      { ...body, sequence: 5n },
      { ...body, validFrom: 5n },
      { ...body, validFrom: 0n, validUntil: 0n },
      { ...body, network: new Uint8Array(16) },
    );
    assert.ok(receipts.every(({ status, fee, gasUsed }) => status < 16 && status > 0 && fee === 0n && gasUsed === 0));
    assert.deepEqual([...scene.state.keys()], before);
    assert.equal(scene.state.size, 2);
  });

  it('a signer without an account who offers nothing gets an account and no more', () => {
    const scene = sceneOf().account(0, 1_000_000n);
    const { status, fee } = scene.alone(scene.calls(40, pay(40, 41, 1n), { gasPrice: 0n }));
    assert.deepEqual([status, fee], [REFUSED.funds, 0n]);
    assert.equal(scene.nonce(40), 1n);
    assert.ok(!scene.state.has(Buffer.from(accountKey(person(41))).toString('hex')));
  });
});

it('lanes and shards agree on all of it', { timeout: 300_000 }, () => playEverywhere(scenes));
