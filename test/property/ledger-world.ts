import { fromHex, toHex } from '../../src/base/bytes.ts';
import { MAX_AMOUNT, U64_MAX } from '../../src/ledger/constants.ts';
import { assetKey } from '../../src/ledger/keys.ts';
import * as assets from '../../src/ledger/programs/assets/build.ts';
import type { Call } from '../../src/ledger/programs/call.ts';
import * as escrow from '../../src/ledger/programs/escrow/build.ts';
import { NATIVE, NOBODY } from '../../src/ledger/programs/holdings.ts';
import * as lending from '../../src/ledger/programs/lending/build.ts';
import { SCALE } from '../../src/ledger/programs/lending/records.ts';
import * as nft from '../../src/ledger/programs/nft/build.ts';
import * as provenance from '../../src/ledger/programs/provenance/build.ts';
import * as settlement from '../../src/ledger/programs/settlement/build.ts';
import * as vote from '../../src/ledger/programs/vote/build.ts';
import { MODES } from '../../src/ledger/programs/vote/records.ts';
import { assetId, hash32, person, type TestLedger } from '../unit/ledger/programs/ledger.ts';
import type { Random } from './random.ts';

/** A small world in which random operations over all programs meet often: few people, few names, few assets. */

export const PEOPLE = Array.from({ length: 8 }, (_, i) => person(i + 1));
export const COINS = [assetId(1), assetId(2), assetId(3)];
export const ASSETS = [NATIVE, ...COINS];
const short = (byte: number) => new Uint8Array(10).fill(byte);
export const ELECTORATES = [short(1), short(2)];
export const TREASURIES = [short(1), short(2), short(3)];
const COLLECTIONS = [assetId(50), assetId(51)];
const feedOf = (i: number) => ({ name: short(i), oracle: PEOPLE[i] as Uint8Array });
export const POOLS: readonly lending.Pool[] = [
  { id: short(1), lent: COINS[0] as Uint8Array, collateral: NATIVE, feed: feedOf(1) },
  { id: short(2), lent: NATIVE, collateral: COINS[1] as Uint8Array, feed: feedOf(2) },
];

export interface Action {
  readonly signer: Uint8Array;
  readonly calls: readonly Call[];
}

/** An address in a record as faces show it. */
export function addressIn(field: unknown): Uint8Array {
  return fromHex(field, 20) ?? NOBODY;
}

export function assetIn(field: unknown): Uint8Array {
  return field === 'native' ? NATIVE : (fromHex(field, 11) ?? NATIVE);
}

/** Sets up pools, collections, electorates and treasuries, and gives everybody money. */
export function openWorld(ledger: TestLedger): void {
  const [first] = PEOPLE as [Uint8Array];
  for (const owner of PEOPLE) ledger.give(owner, 1_000_000_000_000n);
  for (const asset of COINS) {
    ledger.ok(first, assets.createAsset({ asset, authority: first, decimals: 2, burnable: true }));
    for (const owner of PEOPLE) ledger.ok(first, assets.mint(asset, owner, 1_000_000n));
  }
  POOLS.forEach((pool, i) => {
    const terms = { rate: 5000 * i + 3000, borrowLimit: 7000, threshold: 8000, bonus: 800, maxAge: 100_000_000 };
    ledger.ok(first, lending.createPool(pool, terms));
    ledger.ok(pool.feed.oracle, lending.postPrice(pool.feed, SCALE, ledger.time));
  });
  for (const collection of COLLECTIONS) {
    ledger.ok(first, nft.createCollection({ collection, authority: first, creator: first, royalty: 777, most: 60n }));
  }
  const none = { circuit: 0, root: hash32(0), policy: hash32(0), authority: first };
  ELECTORATES.forEach((id, i) => {
    ledger.ok(first, vote.createElectorate({ ...none, id, mode: i === 0 ? MODES.members : MODES.anyone }));
  });
  ledger.ok(first, vote.admit(ELECTORATES[0] as Uint8Array, PEOPLE));
  TREASURIES.forEach((id, i) => {
    const asset = ASSETS[i] as Uint8Array;
    const electorate = ELECTORATES[0] as Uint8Array;
    ledger.ok(first, vote.openTreasury({ id, electorate, asset, quorum: 2n, period: 1000n }));
  });
}

/** One random action: mostly something that could be meant, sometimes with an absurd amount or by the wrong person. */
export class Actor {
  readonly #random: Random;
  readonly #ledger: TestLedger;
  #proposals = 0;

  constructor(random: Random, ledger: TestLedger) {
    this.#random = random;
    this.#ledger = ledger;
  }

  next(): Action {
    const random = this.#random;
    const signer = random.pick(PEOPLE);
    const makers = [this.#assets, this.#assets, this.#escrow, this.#settlement, this.#nft, this.#vote, this.#lending];
    const make = random.below(40) === 0 ? this.#provenance : random.pick([...makers, this.#lending]);
    const action = make.call(this, signer);
    // Now and then somebody else signs it.
    return random.below(20) === 0 ? { ...action, signer: random.pick(PEOPLE) } : action;
  }

  #amount(): bigint {
    const random = this.#random;
    if (random.below(25) === 0) return random.pick([0n, 1n, MAX_AMOUNT, MAX_AMOUNT + 1n, U64_MAX]);
    return 1n + random.bits(random.pick([3, 8, 14, 18]));
  }

  #assets(signer: Uint8Array): Action {
    const random = this.#random;
    const asset = random.pick(ASSETS);
    const coin = random.pick(COINS);
    const authority = addressIn(this.#ledger.shown(assetKey(coin))?.['authority']);
    switch (random.below(12)) {
      case 0:
        return { signer: authority, calls: [assets.mint(coin, random.pick(PEOPLE), this.#amount())] };
      case 1:
        return { signer, calls: [assets.burn(signer, coin, this.#amount())] };
      case 2:
        return { signer: authority, calls: [assets.handOverAsset(coin, random.pick(PEOPLE))] };
      case 3: {
        const payments = PEOPLE.slice(random.below(7)).map((to) => ({ to, amount: this.#amount() }));
        return { signer, calls: [assets.multiTransfer(signer, payments, asset)] };
      }
      default:
        return { signer, calls: [assets.transfer(signer, random.pick(PEOPLE), this.#amount(), asset)] };
    }
  }

  #escrow(signer: Uint8Array): Action {
    const random = this.#random;
    const [buyer, tag] = [random.pick(PEOPLE), BigInt(random.below(3))];
    const shown = this.#ledger.shown(escrow.escrowKey(buyer, tag));
    if (shown === undefined) {
      const deadline = this.#ledger.time + random.bits(random.pick([4, 12, 20]));
      const parties = { seller: random.pick(PEOPLE), arbiter: random.pick([...PEOPLE, NOBODY]) };
      const terms = { buyer, tag, asset: random.pick(ASSETS), amount: this.#amount(), deadline, ...parties };
      return { signer: buyer, calls: [escrow.fundEscrow(terms)] };
    }
    const [seller, arbiter] = [addressIn(shown['seller']), addressIn(shown['arbiter'])];
    const terms = { buyer, tag, seller, asset: assetIn(shown['asset']) };
    return random.pick<() => Action>([
      () => ({ signer: buyer, calls: [escrow.releaseEscrow(terms)] }),
      () => ({ signer, calls: [escrow.refundEscrow(terms)] }),
      () => ({ signer: seller, calls: [escrow.cancelEscrow(terms)] }),
      () => ({ signer: arbiter, calls: [escrow.splitEscrow(terms, random.below(10_002))] }),
    ])();
  }

  #settlement(signer: Uint8Array): Action {
    const random = this.#random;
    const [maker, tag] = [random.pick(PEOPLE), BigInt(random.below(3))];
    const shown = this.#ledger.shown(settlement.offerKey(maker, tag));
    if (shown === undefined) {
      const [goodsAsset, paymentAsset] = [random.pick(ASSETS), random.pick(ASSETS)];
      const expiry = this.#ledger.time + random.bits(random.pick([4, 12, 20]));
      const parties = { maker, tag, feeAccount: random.pick(PEOPLE), taker: random.pick([NOBODY, NOBODY, signer]) };
      const terms = { goods: this.#amount(), price: this.#amount(), expiry, fee: random.below(1002) };
      const offer = { ...parties, ...terms, goodsAsset, paymentAsset, whole: random.below(4) === 0 };
      return { signer: maker, calls: [settlement.makeOffer(offer)] };
    }
    const assetsOf = { goodsAsset: assetIn(shown['goodsAsset']), paymentAsset: assetIn(shown['paymentAsset']) };
    const terms = { maker, tag, feeAccount: addressIn(shown['feeAccount']), ...assetsOf };
    if (random.below(5) === 0) return { signer: maker, calls: [settlement.cancelOffer(terms)] };
    if (random.below(5) === 0) return { signer, calls: [settlement.expireOffer(terms)] };
    const goods = random.below(2) === 0 ? BigInt(shown['goods'] as string) : this.#amount();
    return { signer, calls: [settlement.fillOffer(signer, terms, goods, random.pick([MAX_AMOUNT, 5000n]))] };
  }

  #nft(signer: Uint8Array): Action {
    const random = this.#random;
    const collection = random.pick(COLLECTIONS);
    const about = this.#ledger.shown(nft.collectionKey(collection));
    const minted = Number(about?.['minted'] ?? 0);
    if (random.below(3) === 0) {
      const mint = nft.mintToken(collection, BigInt(minted), signer, hash32(1));
      return { signer: addressIn(about?.['authority']), calls: [mint] };
    }
    const number = BigInt(random.below(Math.max(1, minted)));
    const shown = this.#ledger.shown(nft.tokenKey(collection, number));
    const owner = addressIn(shown?.['owner']);
    const sale = { collection, number, seller: owner, creator: addressIn(shown?.['creator']) };
    const asset = assetIn(shown?.['paymentAsset']);
    return random.pick<() => Action>([
      () => ({ signer: owner, calls: [nft.listToken(collection, number, this.#amount(), random.pick(ASSETS))] }),
      () => ({ signer: owner, calls: [nft.transferToken(collection, number, signer)] }),
      () => ({ signer: owner, calls: [nft.unlistToken(collection, number)] }),
      () => ({
        signer: owner,
        calls: [random.below(30) === 0 ? nft.burnToken(collection, number) : nft.unlistToken(collection, number)],
      }),
      () => ({ signer, calls: [nft.buyToken(signer, { ...sale, asset }, random.pick([MAX_AMOUNT, 5000n]))] }),
    ])();
  }

  #vote(signer: Uint8Array): Action {
    const random = this.#random;
    const treasury = random.pick(TREASURIES);
    const asset = assetIn(this.#ledger.shown(vote.treasuryKey(treasury))?.['asset']);
    if (random.below(4) === 0) return { signer, calls: [vote.deposit(signer, treasury, asset, this.#amount())] };
    if (random.below(6) === 0) {
      this.#proposals += 1;
      const listed = random.below(2) === 0;
      const request = listed ? { request: { treasury, amount: this.#amount(), recipient: random.pick(PEOPLE) } } : {};
      const deadline = this.#ledger.time + 1000n + random.bits(15);
      const terms = {
        electorate: ELECTORATES[listed ? 0 : 1] as Uint8Array,
        question: hash32(0),
        deadline,
        quorum: 2n,
      };
      return { signer, calls: [vote.propose({ id: proposalId(this.#proposals), options: 2, ...terms, ...request })] };
    }
    const id = proposalId(Math.max(1, this.#proposals - random.below(12)));
    const shown = this.#ledger.shown(vote.proposalKey(id));
    if (random.below(3) === 0) return { signer, calls: [vote.executeProposal(id, requestIn(this.#ledger, shown))] };
    const electorate = fromHex(shown?.['electorate'], 10) ?? (ELECTORATES[0] as Uint8Array);
    const listed = toHex(electorate) === toHex(ELECTORATES[0] as Uint8Array);
    const option = random.pick([0, 0, 0, 1, 2]);
    return { signer, calls: [vote.castVote({ proposal: id, electorate, option, voter: signer, listed })] };
  }

  #lending(signer: Uint8Array): Action {
    const random = this.#random;
    const pool = random.pick(POOLS);
    const borrower = random.pick(PEOPLE);
    const amount = this.#amount();
    const calls: readonly (() => Call)[] = [
      () => lending.supply(signer, pool, amount),
      () => lending.withdraw(signer, pool, amount),
      () => lending.depositCollateral(signer, pool, amount),
      () => lending.withdrawCollateral(signer, pool, amount),
      () => lending.borrow(signer, pool, amount),
      () => lending.borrow(signer, pool, amount),
      () => lending.repay(signer, pool, borrower, random.pick([amount, MAX_AMOUNT])),
      () => lending.liquidate(signer, pool, borrower, random.pick([amount, MAX_AMOUNT])),
      () => lending.accrue(pool),
    ];
    if (random.below(12) === 0) {
      const price = (SCALE * BigInt(20 + random.below(200))) / 100n;
      return { signer: pool.feed.oracle, calls: [lending.postPrice(pool.feed, price, this.#ledger.time)] };
    }
    return { signer, calls: [random.pick(calls)()] };
  }

  #provenance(signer: Uint8Array): Action {
    const random = this.#random;
    const product = { manufacturer: random.pick(PEOPLE), serial: BigInt(random.below(4)) };
    const shown = this.#ledger.shown(provenance.productKey(product));
    if (shown === undefined) {
      return { signer: product.manufacturer, calls: [provenance.registerProduct(product, hash32(1), signer)] };
    }
    const number = Number(shown['inspections']);
    return random.pick<() => Action>([
      () => ({ signer: addressIn(shown['holder']), calls: [provenance.handOverProduct(product, signer)] }),
      () => ({ signer: addressIn(shown['holder']), calls: [provenance.proposeHandover(product, signer)] }),
      () => ({ signer: addressIn(shown['proposed']), calls: [provenance.acceptHandover(product)] }),
      () => ({ signer: addressIn(shown['inspector']), calls: [provenance.inspectProduct(product, number, hash32(2))] }),
    ])();
  }
}

export function proposalId(number: number): Uint8Array {
  const id = short(9);
  new DataView(id.buffer).setUint32(0, number);
  return id;
}

/** What a proposal asks for, as `executeProposal` takes it. */
export function requestIn(ledger: TestLedger, shown: ReturnType<TestLedger['shown']>) {
  const treasury = fromHex(shown?.['treasury'], 10);
  if (shown === undefined || treasury === undefined || treasury.every((byte) => byte === 0)) return undefined;
  const asset = assetIn(ledger.shown(vote.treasuryKey(treasury))?.['asset']);
  return { treasury, asset, amount: BigInt(shown['amount'] as string), recipient: addressIn(shown['recipient']) };
}
