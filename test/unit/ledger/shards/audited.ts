import { toHex } from '../../../../src/base/bytes.ts';
import { openLedger } from '../../../../src/ledger/ledger.ts';
import type { LedgerOptions } from '../../../../src/ledger/options.ts';
import * as assets from '../../../../src/ledger/programs/assets/build.ts';
import type { Call } from '../../../../src/ledger/programs/call.ts';
import * as escrow from '../../../../src/ledger/programs/escrow/build.ts';
import * as nft from '../../../../src/ledger/programs/nft/build.ts';
import * as settlement from '../../../../src/ledger/programs/settlement/build.ts';
import { genesisOf, person } from '../ledger/people.ts';

const PEOPLE = Array.from({ length: 12 }, (_, i) => person(i + 1));
const [ann, ben, cat, dan] = PEOPLE.map(({ address }) => address) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const gold = new Uint8Array(11).fill(0xa1);
const FAR = BigInt(Date.now() + 3_600_000);
const sale = { buyer: ben, seller: ann, arbiter: cat, tag: 1n, amount: 10_001n, deadline: FAR };
const offer = {
  ...{ maker: ann, tag: 3n, goodsAsset: gold, paymentAsset: new Uint8Array(11), feeAccount: dan },
  ...{ goods: 90n, price: 1000n, expiry: FAR, fee: 25 },
};
const art = { collection: new Uint8Array(11).fill(7), authority: ann, creator: cat, royalty: 500, most: 3n };

export const GENESIS = genesisOf(PEOPLE);
/** Of a ledger of tests: on the calling thread, one block as soon as there is something to order. */
const SMALL = { genesis: GENESIS, lanes: 0, capacity: 4096, blockTime: 1, hasherThread: false } as const;

/** Who does what; several programs, records of several shards in one transaction, some that fail and still pay. */
const ROUNDS: readonly (readonly (readonly [who: number, calls: readonly Call[], gasLimit?: number])[])[] = [
  [
    [0, [assets.createAsset({ asset: gold, authority: ann, decimals: 2, burnable: true })]],
    [1, [escrow.fundEscrow(sale)]],
    [2, [assets.transfer(cat, dan, 5n)]],
  ],
  [
    [0, [assets.mint(gold, ann, 1_000n), assets.mint(gold, ben, 500n), assets.mint(gold, cat, 300n)]],
    [1, [assets.mint(gold, ben, 1n)]],
    [2, [assets.transfer(cat, ann, 10n ** 15n)]],
  ],
  [
    [0, [settlement.makeOffer(offer), nft.createCollection(art)]],
    [1, [assets.transfer(ben, dan, 7n, gold)]],
    [
      2,
      [
        assets.multiTransfer(
          cat,
          PEOPLE.slice(3).map(({ address }) => ({ to: address, amount: 3n })),
          gold,
        ),
      ],
    ],
    [3, [assets.transfer(dan, ann, 1n)], 3_200],
  ],
  [
    [3, [settlement.fillOffer(dan, offer, 30n, 400n)]],
    [1, [escrow.releaseEscrow(sale)]],
    [0, [nft.mintToken(art.collection, 0n, ben, new Uint8Array(32))]],
    [2, [escrow.splitEscrow(sale, 3_000)]],
  ],
  [
    [1, [nft.listToken(art.collection, 0n, 2_000n)]],
    ...PEOPLE.slice(3).map(({ address }, i) => [i + 3, [assets.transfer(address, ann, 1n, gold)]] as const),
  ],
  [
    [
      4,
      [
        nft.buyToken(
          PEOPLE[4]?.address ?? ann,
          { collection: art.collection, number: 0n, seller: ben, creator: cat },
          2_000n,
        ),
      ],
    ],
    [0, [assets.burn(ann, gold, 10n)]],
  ],
];

export interface Audited {
  readonly height: bigint;
  readonly transactions: number;
  readonly stateRoot: string;
  /** Receipts of these were not ok. */
  readonly failed: number;
}

/** Runs a ledger in the folder, as a node does, through the rounds so many times over. */
export async function liveOn(folder: string, options: Partial<LedgerOptions> = {}, more = 0): Promise<Audited> {
  const ledger = await openLedger({ ...SMALL, folder, ...options });
  const nonces = PEOPLE.map(() => 0n);
  let [transactions, failed] = [0, 0];
  const send = async (items: (typeof ROUNDS)[number]) => {
    const signed = items.map(([who, calls, gasLimit]) => {
      const sequence = nonces[who] ?? 0n;
      nonces[who] = sequence + 1n;
      return PEOPLE[who]?.sign(ledger.network, sequence, calls, gasLimit === undefined ? {} : { gasLimit });
    });
    const ids = await ledger.submitMany(signed.filter((bytes) => bytes !== undefined));
    for (const id of ids) {
      if (id instanceof Error) throw id;
      const receipt = await ledger.executed(id);
      transactions += 1;
      if (receipt.status !== 0) failed += 1;
    }
  };
  for (const items of ROUNDS) await send(items);
  for (let i = 0; i < more; i += 1) {
    await send(PEOPLE.map(({ address }, who) => [who, [assets.transfer(address, ann, 1n)]] as const));
  }
  const { height, stateRoot } = ledger.head;
  await ledger.close();
  return { height, transactions, stateRoot: toHex(stateRoot), failed };
}
