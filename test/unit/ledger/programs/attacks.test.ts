import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_AMOUNT } from '../../../../src/ledger/constants.ts';
import { assembleCalls, type Call } from '../../../../src/ledger/programs/call.ts';
import * as escrow from '../../../../src/ledger/programs/escrow/build.ts';
import { NOBODY } from '../../../../src/ledger/programs/holdings.ts';
import * as nft from '../../../../src/ledger/programs/nft/build.ts';
import { NFT_REFUSED } from '../../../../src/ledger/programs/nft/program.ts';
import * as provenance from '../../../../src/ledger/programs/provenance/build.ts';
import * as settlement from '../../../../src/ledger/programs/settlement/build.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { assetId, hash32, person, TestLedger } from './ledger.ts';

/** Escrow, settlement, tokens and provenance, read by somebody who means harm; each test is named after what stops it. */

const [ann, ben, cat, eve] = [person(1), person(2), person(3), person(4)];
const gold = assetId(1);
const amounts = fc.oneof(fc.bigInt(1n, 50n), fc.bigInt(1n, MAX_AMOUNT));

/** All in one block, in this order; what each ended with. */
function together(ledger: TestLedger, ...items: [signer: Uint8Array, call: Call][]): number[] {
  return ledger
    .block(items.map(([signer, call]) => ledger.transaction(signer, assembleCalls(signer, [call]))))
    .map(({ status }) => status);
}

describe('escrow, attacked', () => {
  const terms = { buyer: ann, seller: ben, arbiter: cat, tag: 1n };
  function funded(amount: bigint): { ledger: TestLedger; deadline: bigint } {
    const ledger = new TestLedger();
    ledger.give(ann, amount);
    const deadline = ledger.time + 1000n;
    ledger.ok(ann, escrow.fundEscrow({ ...terms, amount, deadline }));
    return { ledger, deadline };
  }

  it('a split pays all there is, the seller less than one unit short of the share', () => {
    const split = fc.property(amounts, fc.integer({ min: 0, max: 10_000 }), (amount, share) => {
      const { ledger } = funded(amount);
      ledger.ok(cat, escrow.splitEscrow(terms, share));
      const sellers = ledger.holds(ben);
      assert.equal(sellers + ledger.holds(ann), amount);
      const missing = amount * BigInt(share) - sellers * 10_000n;
      assert.ok(missing >= 0n && missing < 10_000n);
    });
    fc.assert(split, { numRuns: 200 });
  });

  it('missing: of release, refund, cancel and split in one block after the deadline, the first alone pays', () => {
    const { ledger, deadline } = funded(1001n);
    ledger.time = deadline;
    const statuses = together(
      ledger,
      [cat, escrow.splitEscrow(terms, 5_000)],
      [eve, escrow.refundEscrow(terms)],
      [ann, escrow.releaseEscrow(terms)],
      [ben, escrow.cancelEscrow(terms)],
    );
    assert.deepEqual(statuses, [0, REFUSED.missing, REFUSED.missing, REFUSED.missing]);
    assert.deepEqual([ledger.holds(ann), ledger.holds(ben)], [501n, 500n]);
  });

  it('malformed: money for nobody, which no release could ever pay to somebody', () => {
    const { ledger, deadline } = funded(5n);
    ledger.give(ann, 5n);
    const lost = { ...terms, tag: 2n, amount: 5n, deadline, seller: NOBODY };
    ledger.refused(REFUSED.malformed, ann, escrow.fundEscrow(lost));
  });
});

describe('settlement, attacked', () => {
  const terms = { maker: ann, tag: 1n, goodsAsset: gold, feeAccount: cat };
  function offered(change: Partial<settlement.NewOffer> = {}): { ledger: TestLedger; offer: settlement.NewOffer } {
    const ledger = new TestLedger();
    const offer = { ...terms, goods: 100n, price: 333n, fee: 250, expiry: ledger.time + 1000n, ...change };
    ledger.give(ann, offer.goods, gold);
    ledger.give(ben, MAX_AMOUNT);
    ledger.ok(ann, settlement.makeOffer(offer));
    return { ledger, offer };
  }

  it('cut into parts: the maker is never short, a taker pays less than a unit too much each, the fee is that of the sum', () => {
    const parts = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 12 });
    const cut = fc.property(
      fc.bigInt(1n, 10n ** 15n),
      fc.integer({ min: 0, max: 1_000 }),
      parts,
      (price, fee, list) => {
        const goods = BigInt(list.reduce((sum, part) => sum + part, 0));
        const { ledger } = offered({ goods, price, fee });
        for (const part of list) {
          const before = ledger.holds(ben);
          ledger.ok(ben, settlement.fillOffer(ben, terms, BigInt(part), MAX_AMOUNT));
          const over = (before - ledger.holds(ben)) * goods - BigInt(part) * price;
          assert.ok(over >= 0n && over < goods);
        }
        const paid = MAX_AMOUNT - ledger.holds(ben);
        assert.ok(paid >= price && ledger.holds(ben, gold) === goods);
        assert.equal(ledger.holds(cat), (paid * BigInt(fee)) / 10_000n);
        assert.equal(ledger.holds(ann) + ledger.holds(cat), paid);
      },
    );
    fc.assert(cut, { numRuns: 150 });
  });

  it('a maker who fills the own offer moves nothing but the fee', () => {
    const { ledger } = offered();
    ledger.give(ann, 1000n);
    ledger.ok(ann, settlement.fillOffer(ann, terms, 60n, 1000n));
    assert.deepEqual([ledger.holds(ann), ledger.holds(cat), ledger.holds(ann, gold)], [995n, 5n, 60n]);
    ledger.ok(ann, settlement.cancelOffer(terms));
    assert.equal(ledger.holds(ann, gold), 100n);
  });

  it('tooLate and tooEarly meet: in no millisecond can it be both filled and sent back, in none neither', () => {
    const { ledger, offer } = offered();
    ledger.time = offer.expiry - 1n;
    ledger.refused(REFUSED.tooEarly, eve, settlement.expireOffer(terms));
    ledger.ok(ben, settlement.fillOffer(ben, terms, 1n, 1000n));
    ledger.time = offer.expiry;
    ledger.refused(REFUSED.tooLate, ben, settlement.fillOffer(ben, terms, 1n, 1000n));
    ledger.ok(eve, settlement.expireOffer(terms));
  });

  it('recipient, asset: what was signed for one offer does not fit another of other goods, payment or fee account', () => {
    const silver = assetId(2);
    const { ledger } = offered();
    ledger.give(ann, 100n, silver);
    ledger.give(ben, 1000n, silver);
    const signed = settlement.fillOffer(ben, terms, 100n, 333n);
    const another = (change: Partial<settlement.NewOffer>) => {
      ledger.ok(ann, settlement.cancelOffer(terms));
      const offer = { ...terms, goods: 100n, price: 333n, fee: 250, expiry: ledger.time + 1n, ...change };
      ledger.ok(ann, settlement.makeOffer(offer));
    };
    another({ feeAccount: eve });
    ledger.refused(REFUSED.recipient, ben, signed);
    another({ paymentAsset: silver });
    ledger.refused(REFUSED.asset, ben, signed);
    another({ goodsAsset: silver });
    ledger.refused(REFUSED.recipient, ben, signed);
  });

  it('missing: two takers of all of it in one block', () => {
    const { ledger } = offered();
    ledger.give(eve, 1000n);
    const fill = (taker: Uint8Array) => settlement.fillOffer(taker, terms, 100n, 333n);
    assert.deepEqual(together(ledger, [eve, fill(eve)], [ben, fill(ben)]), [0, REFUSED.missing]);
    assert.equal(ledger.holds(ben), MAX_AMOUNT);
  });

  it('malformed: a fee for nobody', () => {
    const ledger = new TestLedger();
    ledger.give(ann, 100n, gold);
    const offer = { ...terms, goods: 100n, price: 5n, expiry: ledger.time + 1n, feeAccount: NOBODY };
    ledger.refused(REFUSED.malformed, ann, settlement.makeOffer({ ...offer, fee: 1 }));
    ledger.ok(ann, settlement.makeOffer({ ...offer, fee: 0 }));
  });
});

describe('nft, attacked', () => {
  const art = assetId(7);
  const sale = { collection: art, number: 0n, seller: ann, creator: cat };
  function minted(royalty = 1_000): TestLedger {
    const ledger = new TestLedger();
    const terms = { collection: art, authority: cat, creator: cat, royalty, most: 9n };
    ledger.ok(cat, nft.createCollection(terms), nft.mintToken(art, 0n, ann, hash32(1)));
    ledger.give(ben, MAX_AMOUNT);
    return ledger;
  }

  it('seller and creator have the price between them, the creator less than one unit short', () => {
    const sold = fc.property(amounts, fc.integer({ min: 0, max: 5_000 }), (price, royalty) => {
      const ledger = minted(royalty);
      ledger.ok(ann, nft.listToken(art, 0n, price));
      ledger.ok(ben, nft.buyToken(ben, sale, price));
      assert.equal(ledger.holds(ann) + ledger.holds(cat), price);
      const missing = price * BigInt(royalty) - ledger.holds(cat) * 10_000n;
      assert.ok(missing >= 0n && missing < 10_000n);
    });
    fc.assert(sold, { numRuns: 150 });
  });

  it('amount: a price of 0, which would be a listing that is none', () => {
    minted().refused(REFUSED.amount, ann, nft.listToken(art, 0n, 0n));
  });

  it('notListed, recipient: nobody is paid for a token that was sold or given away before', () => {
    const ledger = minted();
    ledger.give(eve, 1000n);
    ledger.ok(ann, nft.listToken(art, 0n, 100n));
    const signed = nft.buyToken(eve, sale, 100n);
    ledger.ok(ben, nft.buyToken(ben, sale, 100n));
    ledger.refused(NFT_REFUSED.notListed, eve, signed);
    ledger.ok(ben, nft.listToken(art, 0n, 100n));
    ledger.refused(REFUSED.recipient, eve, signed);
    ledger.refused(REFUSED.party, ann, nft.listToken(art, 0n, 1n));
  });

  it('who buys the own token pays the royalty and nothing else', () => {
    const ledger = minted();
    ledger.give(ann, 100n);
    ledger.ok(ann, nft.listToken(art, 0n, 100n));
    ledger.ok(ann, nft.buyToken(ann, sale, 100n));
    assert.deepEqual([ledger.holds(ann), ledger.holds(cat)], [90n, 10n]);
  });

  it('malformed: a token or a royalty for nobody; who wants the first burns it', () => {
    const ledger = minted();
    ledger.refused(REFUSED.malformed, ann, nft.transferToken(art, 0n, NOBODY));
    ledger.refused(REFUSED.malformed, cat, nft.mintToken(art, 1n, NOBODY, hash32(1)));
    const other = { collection: assetId(8), authority: cat, creator: NOBODY, most: 1n };
    ledger.refused(REFUSED.malformed, cat, nft.createCollection({ ...other, royalty: 1 }));
    ledger.ok(cat, nft.createCollection({ ...other, royalty: 0 }));
    ledger.ok(ann, nft.burnToken(art, 0n));
  });

  it('exists: a collection that somebody was faster to take is not minted into by mistake', () => {
    const ledger = minted();
    const terms = { collection: art, authority: eve, creator: eve, royalty: 0, most: 9n };
    ledger.refused(REFUSED.exists, eve, nft.createCollection(terms), nft.mintToken(art, 1n, eve, hash32(1)));
  });
});

describe('provenance, attacked', () => {
  const product = { manufacturer: ann, serial: 7n };

  it('malformed: handed over or offered to who has it, so that no hand changes without another', () => {
    const ledger = new TestLedger();
    ledger.ok(ann, provenance.registerProduct(product, hash32(1)));
    ledger.refused(REFUSED.malformed, ann, provenance.handOverProduct(product, ann));
    ledger.refused(REFUSED.malformed, ann, provenance.proposeHandover(product, ann));
    ledger.ok(ann, provenance.handOverProduct(product, ben));
    ledger.refused(REFUSED.malformed, ben, provenance.handOverProduct(product, ben));
    assert.equal(ledger.shown(provenance.productKey(product))?.['handovers'], 1);
  });

  it('party: nobody is faster than the manufacturer with a serial number of his', () => {
    const ledger = new TestLedger();
    ledger.refused(REFUSED.party, eve, provenance.registerProduct(product, hash32(2)));
    const own = { manufacturer: eve, serial: 7n };
    assert.deepEqual(
      together(
        ledger,
        [eve, provenance.registerProduct(own, hash32(2))],
        [ann, provenance.registerProduct(product, hash32(1))],
      ),
      [0, 0],
    );
    assert.equal(ledger.shown(provenance.productKey(product))?.['content'], '01'.repeat(32));
  });

  it('party: of a handover and an acceptance in one block, the first holds', () => {
    const ledger = new TestLedger();
    ledger.ok(ann, provenance.registerProduct(product, hash32(1)), provenance.proposeHandover(product, ben));
    const statuses = together(
      ledger,
      [ann, provenance.handOverProduct(product, cat)],
      [ben, provenance.acceptHandover(product)],
    );
    assert.deepEqual(statuses, [0, REFUSED.party]);
  });
});
