/** What each program is measured with: blocks that prepare, then blocks that repeat. */
import type { BlockBatch } from '../../src/ledger/block/batch.ts';
import { ASSET_BYTES, HASH_BYTES } from '../../src/ledger/constants.ts';
import { balanceKey } from '../../src/ledger/keys.ts';
import { multiTransfer, transfer } from '../../src/ledger/programs/assets/build.ts';
import type { Call } from '../../src/ledger/programs/call.ts';
import { fundEscrow, releaseEscrow } from '../../src/ledger/programs/escrow/build.ts';
import { createPool, depositCollateral, postPrice, supply } from '../../src/ledger/programs/lending/build.ts';
import { createCollection, listToken, mintToken, transferToken } from '../../src/ledger/programs/nft/build.ts';
import { handOverProduct, registerProduct } from '../../src/ledger/programs/provenance/build.ts';
import { cancelOffer, fillOffer, makeOffer } from '../../src/ledger/programs/settlement/build.ts';
import { castVote, createElectorate, propose } from '../../src/ledger/programs/vote/build.ts';
import { MODES } from '../../src/ledger/programs/vote/records.ts';
import { randomFrom } from './ledger-random.ts';
import { blockOf, bodyOf, freshAccount, type LedgerWorld } from './ledger-world.ts';

/** Calls of one transaction by an account in a round; the rounds before `measured` prepare. */
interface Workload {
  readonly id: string;
  readonly what: string;
  readonly prepare: number;
  calls(world: LedgerWorld, account: number, round: number): readonly Call[];
}

const GOODS: Uint8Array = numbered(1, ASSET_BYTES);
const HOUR = 3_600_000n;
const DEADLINE = 1_000_000n + HOUR;
const POOLS = 64;
const random = randomFrom(77);

function numbered(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

const someone = (world: LedgerWorld) => world.address(Math.floor(random() * world.accounts));
const ids = (world: LedgerWorld, account: number, round: number) => {
  return {
    buyer: world.address(account),
    seller: world.address((account + 1) % world.accounts),
    tag: BigInt(round >> 1),
  };
};
const offer = (world: LedgerWorld, account: number, tag: number) => ({
  maker: world.address(account),
  tag: BigInt(tag),
  goodsAsset: GOODS,
  feeAccount: world.address(2),
});
const newOffer = (world: LedgerWorld, account: number, tag: number) =>
  makeOffer({ ...offer(world, account, tag), goods: 10n, price: 30n, expiry: DEADLINE, fee: 10 });
const pool = (world: LedgerWorld, account: number) => ({
  id: numbered(1 + (account % POOLS), 10),
  lent: new Uint8Array(ASSET_BYTES),
  collateral: GOODS,
  feed: { name: numbered(1 + (account % POOLS), 10), oracle: world.address(account % POOLS) },
});
const TERMS = { rate: 3_170, borrowLimit: 7_000, threshold: 8_000, bonus: 500, maxAge: 3_600_000 };
const nobody = new Uint8Array(20);

export const WORKLOADS: readonly Workload[] = [
  {
    id: 'assets-transfer',
    what: 'transfer of an asset that is not the native one',
    prepare: 0,
    calls: (world, account) => [transfer(world.address(account), someone(world), 1n, GOODS)],
  },
  {
    id: 'assets-multi-transfer',
    what: 'one payment to 16 recipients',
    prepare: 0,
    calls: (world, account) => [
      multiTransfer(
        world.address(account),
        Array.from({ length: 16 }, () => ({ to: someone(world), amount: 1n })),
      ),
    ],
  },
  {
    id: 'escrow',
    what: 'a block funds escrows, the next releases them',
    prepare: 0,
    calls: (world, account, round) =>
      round % 2 === 0
        ? [fundEscrow({ ...ids(world, account, round), amount: 5n, deadline: DEADLINE })]
        : [releaseEscrow(ids(world, account, round))],
  },
  {
    id: 'settlement',
    what: 'a block makes offers, the next fills others’',
    prepare: 0,
    calls: (world, account, round) =>
      round % 2 === 0
        ? [newOffer(world, account, round >> 1)]
        : [fillOffer(world.address(account), offer(world, account ^ 1, round >> 1), 10n, 30n)],
  },
  {
    id: 'nft',
    what: 'one mints, lists and hands over',
    prepare: 1,
    calls(world, account, round) {
      const collection = numbered(account + 1, ASSET_BYTES);
      const self = world.address(account);
      const number = BigInt(round - 1);
      if (round === 0) {
        return [createCollection({ collection, authority: self, creator: self, royalty: 100, most: 1_000n })];
      }
      return [
        mintToken(collection, number, self, new Uint8Array(HASH_BYTES)),
        listToken(collection, number, 100n),
        transferToken(collection, number, someone(world)),
      ];
    },
  },
  {
    id: 'vote',
    what: 'votes without proof on one question of each block',
    prepare: 1,
    calls(world, account, round) {
      const electorate = numbered(1, 10);
      // The account that opens the next question does not vote in this round.
      const proposal = numbered(round, 10);
      const question = new Uint8Array(HASH_BYTES);
      const open = { electorate, question, options: 3, deadline: DEADLINE, quorum: 1n };
      if (round === 0) {
        if (account > 40) return [transfer(world.address(account), someone(world), 1n)];
        if (account > 0) return [propose({ ...open, id: numbered(account, 10) })];
        const zeros = { authority: nobody, root: new Uint8Array(HASH_BYTES), policy: new Uint8Array(HASH_BYTES) };
        return [createElectorate({ id: electorate, mode: MODES.anyone, circuit: 0, ...zeros })];
      }
      return [castVote({ proposal, electorate, option: account % 3, voter: world.address(account), listed: false })];
    },
  },
  {
    id: 'lending',
    what: `collateral and supply to ${POOLS} pools`,
    prepare: 2,
    calls(world, account, round) {
      const [self, mine] = [world.address(account), pool(world, account)];
      if (round < 2 && account >= POOLS) return [transfer(self, someone(world), 1n)];
      if (round === 0) return [createPool(mine, TERMS)];
      if (round === 1) return [postPrice(mine.feed, 10n ** 12n, 0n)];
      return [depositCollateral(self, mine, 3n), supply(self, mine, 5n)];
    },
  },
  {
    id: 'provenance',
    what: 'registers a product and hands it over',
    prepare: 0,
    calls(world, account, round) {
      const product = { manufacturer: world.address(account), serial: BigInt(round) };
      return [
        registerProduct(product, new Uint8Array(HASH_BYTES)),
        handOverProduct(product, world.address(account ^ 1)),
      ];
    },
  },
];

/** Half of the offers of a market maker are taken back and made again at other terms: 16 operations. */
export function makerCalls(world: LedgerWorld, account: number, round: number): readonly Call[] {
  const tags = Array.from({ length: 8 }, (_, tag) => tag);
  const made = tags.map((tag) => newOffer(world, account, tag));
  return round === 0 ? made : [...tags.map((tag) => cancelOffer(offer(world, account, tag))), ...made];
}

/** A block in which each of the first `count` accounts signs once. */
export function workloadBlock(world: LedgerWorld, { calls }: Workload, round: number, count: number): BlockBatch {
  return blockOf(Array.from({ length: count }, (_, account) => bodyOf(world, account, calls(world, account, round))));
}

/** Gives the first accounts of a world what they sell. */
export function giveGoods(world: LedgerWorld, count: number): void {
  for (let account = 0; account < count; account += 1) {
    world.table.put(balanceKey(world.address(account), GOODS), freshAccount());
  }
}
