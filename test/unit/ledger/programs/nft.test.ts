import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_AMOUNT, U64_MAX } from '../../../../src/ledger/constants.ts';
import { accountKey, balanceKey } from '../../../../src/ledger/keys.ts';
import { NOBODY } from '../../../../src/ledger/programs/holdings.ts';
import {
  burnToken,
  buyToken,
  collectionKey,
  createCollection,
  handOverCollection,
  listToken,
  mintToken,
  tokenKey,
  transferToken,
  unlistToken,
} from '../../../../src/ledger/programs/nft/build.ts';
import { NFT_REFUSED } from '../../../../src/ledger/programs/nft/program.ts';
import { REFUSED } from '../../../../src/ledger/programs/statuses.ts';
import { assetId, hash32, person, TestLedger, tampered } from './ledger.ts';

const [artist, ann, ben, eve] = [person(1), person(2), person(3), person(4)];
const art = assetId(1);
const gold = assetId(2);

function minted(most = 3n): TestLedger {
  const ledger = new TestLedger();
  const terms = { collection: art, authority: artist, creator: artist, royalty: 1000, most };
  ledger.ok(artist, createCollection(terms), mintToken(art, 0n, ann, hash32(5)));
  ledger.give(ben, 1000n);
  ledger.give(ben, 1000n, gold);
  return ledger;
}
const sale = { collection: art, number: 0n, seller: ann, creator: artist };

describe('nft', () => {
  it('mints in order, by the authority, up to the bound; a burnt number never comes back', () => {
    const ledger = minted();
    assert.equal(ledger.shown(tokenKey(art, 0n))?.['content'], '05'.repeat(32));
    ledger.refused(REFUSED.party, ann, mintToken(art, 1n, ann, hash32(1)));
    ledger.refused(NFT_REFUSED.number, artist, mintToken(art, 2n, ann, hash32(1)));
    ledger.refused(REFUSED.exists, artist, mintToken(art, 0n, ann, hash32(1)));
    ledger.refused(REFUSED.party, artist, burnToken(art, 0n));
    ledger.ok(ann, burnToken(art, 0n));
    ledger.refused(REFUSED.missing, ann, burnToken(art, 0n));
    ledger.refused(NFT_REFUSED.number, artist, mintToken(art, 0n, ann, hash32(1)));
    ledger.ok(artist, mintToken(art, 1n, ann, hash32(1)), mintToken(art, 2n, ann, hash32(1)));
    ledger.refused(NFT_REFUSED.full, artist, mintToken(art, 3n, ann, hash32(1)));
  });

  it('sells for the listed price, royalty to the creator', () => {
    const ledger = minted();
    ledger.refused(NFT_REFUSED.notListed, ben, buyToken(ben, sale, 1000n));
    ledger.refused(REFUSED.party, eve, listToken(art, 0n, 1n));
    ledger.ok(ann, listToken(art, 0n, 105n));
    ledger.refused(REFUSED.price, ben, buyToken(ben, sale, 104n));
    ledger.refused(REFUSED.funds, eve, buyToken(eve, sale, 105n));
    assert.equal(ledger.ok(ben, buyToken(ben, sale, 105n)).events.length, 1);
    assert.deepEqual([ledger.holds(ben), ledger.holds(ann), ledger.holds(artist)], [895n, 95n, 10n]);
    assert.equal(ledger.shown(tokenKey(art, 0n))?.['owner'], Buffer.from(ben).toString('hex'));
    ledger.refused(NFT_REFUSED.notListed, ben, buyToken(ben, { ...sale, seller: ben }, 105n));
  });

  it('in any asset, and no other than the listed', () => {
    const ledger = minted();
    ledger.ok(ann, listToken(art, 0n, 100n, gold));
    ledger.refused(REFUSED.asset, ben, buyToken(ben, sale, 100n));
    ledger.ok(ben, buyToken(ben, { ...sale, asset: gold }, 100n));
    assert.deepEqual([ledger.holds(ann, gold), ledger.holds(artist, gold)], [90n, 10n]);
  });

  it('a transfer or unlisting ends the sale', () => {
    const ledger = minted();
    ledger.refused(NFT_REFUSED.notListed, ann, unlistToken(art, 0n));
    ledger.ok(ann, listToken(art, 0n, 5n), unlistToken(art, 0n));
    ledger.refused(NFT_REFUSED.notListed, ben, buyToken(ben, sale, 1000n));
    ledger.ok(ann, listToken(art, 0n, 5n));
    ledger.refused(REFUSED.party, eve, transferToken(art, 0n, eve));
    ledger.refused(REFUSED.party, eve, unlistToken(art, 0n));
    ledger.ok(ann, transferToken(art, 0n, eve));
    ledger.refused(NFT_REFUSED.notListed, ben, buyToken(ben, { ...sale, seller: eve }, 1000n));
  });

  it('pays neither a stranger nor in another asset', () => {
    const ledger = minted();
    ledger.ok(ann, listToken(art, 0n, 100n));
    for (const place of [10, 11]) {
      for (const key of [accountKey(ben), accountKey(eve), balanceKey(ann, gold), balanceKey(artist, gold)]) {
        const raw = tampered(ben, buyToken(ben, sale, 100n), (change) => {
          change.credits[(change.args[place] ?? 0) - 1 - change.writes.length] = key;
        });
        ledger.refusedRaw(REFUSED.recipient, ben, raw);
      }
    }
    const another = tampered(eve, buyToken(eve, sale, 100n), (raw) => {
      raw.writes = [accountKey(ben), tokenKey(art, 0n)];
      raw.args.set([2, 1], 8);
    });
    ledger.refusedRaw(REFUSED.notOwn, eve, another);
    const collection = tampered(ben, buyToken(ben, sale, 100n), (raw) => {
      raw.writes = [collectionKey(art)];
    });
    ledger.refusedRaw(REFUSED.key, ben, collection);
  });

  it('refuses edges of price, bound, royalty, and keys that are not of the collection', () => {
    const ledger = minted();
    for (const edge of [0n, MAX_AMOUNT + 1n, U64_MAX]) {
      ledger.refused(REFUSED.amount, ann, listToken(art, 0n, edge));
      const terms = { collection: gold, authority: artist, creator: artist, royalty: 0, most: edge };
      ledger.refused(REFUSED.malformed, artist, createCollection(terms));
    }
    const terms = { collection: gold, authority: artist, creator: artist, royalty: 5001, most: 1n };
    ledger.refused(REFUSED.malformed, artist, createCollection(terms));
    ledger.refused(REFUSED.exists, eve, createCollection({ ...terms, collection: art, royalty: 0 }));
    ledger.refused(REFUSED.key, eve, createCollection({ ...terms, collection: new Uint8Array(11), royalty: 0 }));
    const elsewhere = tampered(artist, mintToken(art, 1n, ann, hash32(1)), (raw) => {
      raw.writes = [collectionKey(art), tokenKey(gold, 1n)];
    });
    ledger.refusedRaw(REFUSED.key, artist, elsewhere);
    const longer = tampered(artist, mintToken(art, 1n, ann, hash32(1)), (raw) => raw.writes[1]?.set([1], 31));
    ledger.refusedRaw(REFUSED.key, artist, longer);
    ledger.ok(ann, listToken(art, 0n, MAX_AMOUNT));
    ledger.give(ben, MAX_AMOUNT);
    ledger.ok(ben, buyToken(ben, sale, U64_MAX));
    assert.equal(ledger.holds(ann) + ledger.holds(artist), MAX_AMOUNT);
  });

  it('minting is handed over, or ends', () => {
    const ledger = minted();
    ledger.refused(REFUSED.party, eve, handOverCollection(art, eve));
    ledger.ok(artist, handOverCollection(art, ben));
    ledger.refused(REFUSED.party, artist, mintToken(art, 1n, ann, hash32(1)));
    ledger.ok(ben, mintToken(art, 1n, ann, hash32(1)), handOverCollection(art, NOBODY));
    ledger.refused(REFUSED.party, ben, mintToken(art, 2n, ann, hash32(1)));
  });
});
