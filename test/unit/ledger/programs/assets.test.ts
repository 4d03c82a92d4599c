import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, STATUS, U64_MAX } from '../../../../src/ledger/constants.ts';
import { accountKey, assetKey, balanceKey } from '../../../../src/ledger/keys.ts';
import {
  burn,
  createAsset,
  handOverAsset,
  mint,
  multiTransfer,
  transfer,
} from '../../../../src/ledger/programs/assets/build.ts';
import { ASSET_REFUSED } from '../../../../src/ledger/programs/assets/program.ts';
import { NOBODY } from '../../../../src/ledger/programs/holdings.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { assetId, person, TestLedger, tampered } from './ledger.ts';

const [ann, ben, cat] = [person(1), person(2), person(3)];
const gold = assetId(1);

function withGold(): TestLedger {
  const ledger = new TestLedger();
  ledger.ok(ann, createAsset({ asset: gold, authority: ann, decimals: 2, burnable: true }));
  ledger.ok(ann, mint(gold, ben, 1000n));
  return ledger;
}

describe('assets: transfer', () => {
  it('moves native and other assets, the recipient having it after the block', () => {
    const ledger = withGold();
    ledger.give(ann, 10n);
    ledger.ok(ann, transfer(ann, ben, 4n));
    ledger.ok(ben, transfer(ben, cat, 300n, gold));
    assert.deepEqual([ledger.holds(ann), ledger.holds(ben), ledger.holds(ben, gold)], [6n, 4n, 700n]);
    assert.equal(ledger.holds(cat, gold), 300n);
  });

  it('removes a balance that comes to nothing, keeps an account', () => {
    const ledger = withGold();
    ledger.give(ben, 5n);
    ledger.ok(ben, transfer(ben, cat, 1000n, gold), transfer(ben, cat, 5n));
    assert.equal(ledger.record(balanceKey(ben, gold)), undefined);
    assert.notEqual(ledger.record(accountKey(ben)), undefined);
  });

  it('to oneself comes to the same', () => {
    const ledger = withGold();
    ledger.give(ben, 5n);
    ledger.ok(ben, transfer(ben, ben, 5n), transfer(ben, ben, 1000n, gold));
    assert.deepEqual([ledger.holds(ben), ledger.holds(ben, gold)], [5n, 1000n]);
  });

  it('what comes in cannot be spent in the same block', () => {
    const ledger = new TestLedger();
    ledger.give(ann, 10n);
    const first = ledger.transaction(ann, rawOf(ann, transfer(ann, ben, 10n)));
    const second = ledger.transaction(ben, rawOf(ben, transfer(ben, cat, 10n)));
    assert.deepEqual(
      ledger.block([first, second]).map(({ status }) => status),
      [STATUS.ok, REFUSED.funds],
    );
  });

  it('at the edges of the amount', () => {
    const ledger = new TestLedger();
    ledger.give(ann, MAX_AMOUNT);
    ledger.refused(REFUSED.amount, ann, transfer(ann, ben, 0n));
    ledger.refused(REFUSED.amount, ann, transfer(ann, ben, MAX_AMOUNT + 1n));
    ledger.refused(REFUSED.amount, ann, transfer(ann, ben, U64_MAX));
    ledger.ok(ann, transfer(ann, ben, 1n));
    ledger.refused(REFUSED.funds, ann, transfer(ann, ben, MAX_AMOUNT));
    ledger.ok(ben, transfer(ben, ann, 1n));
    ledger.ok(ann, transfer(ann, ben, MAX_AMOUNT));
    assert.deepEqual([ledger.holds(ann), ledger.holds(ben)], [0n, MAX_AMOUNT]);
    ledger.refused(REFUSED.funds, ann, transfer(ann, ben, 1n));
    ledger.refused(REFUSED.funds, cat, transfer(cat, ben, 1n));
    ledger.refused(REFUSED.funds, cat, transfer(cat, ben, 1n, gold));
  });

  it('refuses the holding of another, of another asset, a key that is no holding, or one not declared', () => {
    const ledger = withGold();
    ledger.give(ann, 100n);
    ledger.give(ben, 100n);
    const give = transfer(ann, cat, 7n, gold);
    const steal = tampered(ann, give, (raw) => {
      raw.writes = [balanceKey(ben, gold)];
    });
    ledger.refusedRaw(REFUSED.notOwn, ann, steal);
    const stealNative = tampered(ann, give, (raw) => {
      raw.writes = [accountKey(ben)];
      raw.credits = [accountKey(cat)];
    });
    ledger.refusedRaw(REFUSED.notOwn, ann, stealNative);
    const turnToGold = tampered(ann, transfer(ann, cat, 7n), (raw) => {
      raw.credits = [balanceKey(cat, gold)];
    });
    ledger.refusedRaw(REFUSED.asset, ann, turnToGold);
    const ownGold = tampered(ben, transfer(ben, cat, 7n, gold), (raw) => {
      raw.credits = [accountKey(cat)];
    });
    ledger.refusedRaw(REFUSED.asset, ben, ownGold);
    const otherMetal = tampered(ben, transfer(ben, cat, 7n, gold), (raw) => {
      raw.credits = [balanceKey(cat, assetId(2))];
    });
    ledger.refusedRaw(REFUSED.asset, ben, otherMetal);
    const longAccount = tampered(ann, transfer(ann, cat, 7n), (raw) => {
      raw.credits[0]?.set([1], 31);
    });
    ledger.refusedRaw(REFUSED.asset, ann, longAccount);
    const intoRecord = tampered(ann, transfer(ann, cat, 7n), (raw) => {
      raw.credits = [assetKey(gold)];
    });
    ledger.refusedRaw(REFUSED.asset, ann, intoRecord);
    const undeclared = tampered(ann, transfer(ann, cat, 7n), (raw) => raw.args.set([9], 9));
    ledger.refusedRaw(STATUS.undeclaredAccess, ann, undeclared);
    const written = tampered(ann, transfer(ann, cat, 7n), (raw) => {
      raw.credits = [];
      raw.writes = [accountKey(cat)];
    });
    ledger.refusedRaw(STATUS.undeclaredAccess, ann, written);
  });

  it('refuses arguments of another length', () => {
    const ledger = new TestLedger();
    ledger.give(ann, 100n);
    for (const length of [0, 9, 11]) {
      const cut = tampered(ann, transfer(ann, ben, 1n), (raw) => {
        raw.args = new Uint8Array(length);
      });
      ledger.refusedRaw(REFUSED.malformed, ann, cut);
    }
  });
});

describe('assets: multi-transfer', () => {
  it('pays up to 32 from one debit', () => {
    const ledger = withGold();
    const payments = Array.from({ length: 32 }, (_, i) => ({ to: person(100 + i), amount: BigInt(i + 1) }));
    ledger.ok(ben, multiTransfer(ben, payments, gold));
    assert.equal(ledger.holds(ben, gold), 1000n - 528n);
    assert.equal(ledger.holds(person(131), gold), 32n);
  });

  it('all or nothing; amounts, sum and assets checked', () => {
    const ledger = withGold();
    const pay = (...amounts: bigint[]) =>
      multiTransfer(
        ben,
        amounts.map((amount, i) => ({ to: person(60 + i), amount })),
        gold,
      );
    ledger.refused(REFUSED.funds, ben, pay(999n, 2n));
    ledger.refused(REFUSED.amount, ben, pay(1n, 0n));
    ledger.refused(REFUSED.amount, ben, pay(MAX_AMOUNT, MAX_AMOUNT));
    ledger.refused(REFUSED.amount, ben, pay(U64_MAX, 2n));
    const crossed = tampered(ben, pay(1n, 2n), (raw) => {
      raw.credits[1] = balanceKey(cat, assetId(9));
    });
    ledger.refusedRaw(REFUSED.asset, ben, crossed);
    const none = tampered(ben, pay(1n, 2n), (raw) => raw.args.set([0], 0));
    ledger.refusedRaw(REFUSED.malformed, ben, none);
    const many = tampered(ben, pay(1n, 2n), (raw) => raw.args.set([33], 0));
    ledger.refusedRaw(REFUSED.malformed, ben, many);
    assert.throws(() => pay(), { code: 'LEDGER_TRANSACTION_INVALID' });
  });

  it('the same recipient twice gets both', () => {
    const ledger = withGold();
    const twice = [
      { to: cat, amount: 5n },
      { to: cat, amount: 6n },
    ];
    ledger.ok(ben, multiTransfer(ben, twice, gold));
    assert.deepEqual([ledger.holds(cat, gold), ledger.holds(ben, gold)], [11n, 989n]);
  });
});

describe('assets: creation, supply, authority', () => {
  it('an id is taken once, and shown with its supply', () => {
    const ledger = withGold();
    ledger.refused(REFUSED.exists, ben, createAsset({ asset: gold, authority: ben, decimals: 2, burnable: true }));
    assert.deepEqual(ledger.shown(assetKey(gold)), {
      kind: 'asset',
      asset: 'cc01010101010101010101',
      supply: '1000',
      authority: 'aa01010101010101010101010101010101010101',
      decimals: 2,
      burnable: true,
    });
  });

  it('refuses the native id, a longer key, another space, unknown flags', () => {
    const ledger = new TestLedger();
    const create = createAsset({ asset: gold, authority: ann, decimals: 18, burnable: false });
    const withKey = (change: (key: Uint8Array) => void) =>
      tampered(ann, create, (raw) => {
        for (const key of raw.writes) change(key);
      });
    ledger.refusedRaw(
      REFUSED.key,
      ann,
      withKey((key) => key.fill(0, 1)),
    );
    ledger.refusedRaw(
      REFUSED.key,
      ann,
      withKey((key) => key.set([1], 31)),
    );
    ledger.refusedRaw(
      REFUSED.key,
      ann,
      withKey((key) => key.set([2], 0)),
    );
    ledger.refusedRaw(
      REFUSED.malformed,
      ann,
      tampered(ann, create, (raw) => raw.args.set([2], 2)),
    );
    ledger.refusedRaw(
      REFUSED.malformed,
      ann,
      tampered(ann, create, (raw) => raw.args.set([19], 1)),
    );
  });

  it('only the authority mints, to holdings of the asset, up to 2^63 - 1', () => {
    const ledger = withGold();
    ledger.refused(REFUSED.party, ben, mint(gold, ben, 1n));
    ledger.refused(REFUSED.missing, ann, mint(assetId(5), ben, 1n));
    ledger.refused(REFUSED.amount, ann, mint(gold, ben, 0n));
    ledger.refused(REFUSED.amount, ann, mint(gold, ben, U64_MAX));
    ledger.refused(ASSET_REFUSED.supply, ann, mint(gold, ben, MAX_AMOUNT));
    for (const key of [accountKey(ann), balanceKey(ann, assetId(2))]) {
      const elsewhere = tampered(ann, mint(gold, ann, 5n), (raw) => {
        raw.credits = [key];
      });
      ledger.refusedRaw(REFUSED.asset, ann, elsewhere);
    }
    ledger.ok(ann, mint(gold, cat, MAX_AMOUNT - 1000n));
    ledger.refused(ASSET_REFUSED.supply, ann, mint(gold, cat, 1n));
  });

  it('burns the signer’s own, and the supply with it', () => {
    const ledger = withGold();
    ledger.ok(ben, burn(ben, gold, 400n));
    assert.equal(ledger.holds(ben, gold), 600n);
    assert.equal(ledger.shown(assetKey(gold))?.['supply'], '600');
    ledger.refused(REFUSED.funds, ben, burn(ben, gold, 601n));
    ledger.refused(REFUSED.funds, cat, burn(cat, gold, 1n));
    const another = tampered(cat, burn(cat, gold, 1n), (raw) => {
      raw.writes = [balanceKey(ben, gold), assetKey(gold)];
    });
    ledger.refusedRaw(REFUSED.notOwn, cat, another);
    const silver = assetId(2);
    ledger.ok(ann, createAsset({ asset: silver, authority: ann, decimals: 0, burnable: false }), mint(silver, ben, 5n));
    ledger.refused(ASSET_REFUSED.notBurnable, ben, burn(ben, silver, 1n));
    const crossed = tampered(ben, burn(ben, gold, 1n), (raw) => {
      raw.writes = [balanceKey(ben, silver), assetKey(gold)];
    });
    ledger.refusedRaw(REFUSED.asset, ben, crossed);
  });

  it('the authority is handed over, or given up for ever', () => {
    const ledger = withGold();
    ledger.refused(REFUSED.party, ben, handOverAsset(gold, ben));
    ledger.ok(ann, handOverAsset(gold, ben));
    ledger.refused(REFUSED.party, ann, mint(gold, ann, 1n));
    ledger.ok(ben, mint(gold, ben, 1n), handOverAsset(gold, NOBODY));
    ledger.refused(REFUSED.party, ben, mint(gold, ben, 1n));
    ledger.refused(REFUSED.party, ben, handOverAsset(gold, ben));
  });
});

function rawOf(signer: Uint8Array, call: ReturnType<typeof transfer>) {
  return tampered(signer, call, () => undefined);
}
