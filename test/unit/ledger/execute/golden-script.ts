import { toHex } from '../../../../src/base/bytes.ts';
import { blake3 } from '../../../../src/crypto/blake3.ts';
import { BaselineExecutor } from '../../../../src/ledger/execute/baseline.ts';
import { accountKey } from '../../../../src/ledger/keys.ts';
import * as assets from '../../../../src/ledger/programs/assets/build.ts';
import { assembleCalls, type Call } from '../../../../src/ledger/programs/call.ts';
import * as escrow from '../../../../src/ledger/programs/escrow/build.ts';
import * as lending from '../../../../src/ledger/programs/lending/build.ts';
import { SCALE } from '../../../../src/ledger/programs/lending/records.ts';
import * as nft from '../../../../src/ledger/programs/nft/build.ts';
import * as provenance from '../../../../src/ledger/programs/provenance/build.ts';
import * as settlement from '../../../../src/ledger/programs/settlement/build.ts';
import * as vote from '../../../../src/ledger/programs/vote/build.ts';
import { MODES } from '../../../../src/ledger/programs/vote/records.ts';
import type { TransactionBody } from '../../../../src/ledger/transaction/interface.ts';
import { type JudgedWorld, judgeBlock, transactionOf } from '../../../property/ledger-judge.ts';
import { PROGRAMS } from '../../../property/ledger-script.ts';
import { FEE_ACCOUNT, NETWORK, person } from '../../../property/ledger-worlds.ts';

/** Eight blocks over all programs, the same each time, with transactions that fail and some that never run. */

const START = 1_700_000_000_000n;
const SECOND = 1000n;
/** Of the block of a height; the judge's clock. */
const at = (height: bigint) => START + height * SECOND;

const [ann, ben, cat, dan, eve, fay] = [0, 1, 2, 3, 4, 5].map(person) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const asset = (byte: number) => new Uint8Array(11).fill(byte);
const id = (byte: number) => new Uint8Array(10).fill(byte);
const hash = (byte: number) => new Uint8Array(32).fill(byte, 0, 31);
const [gold, euro] = [asset(0xa1), asset(0xb2)];

const sale = { buyer: ben, seller: ann, arbiter: cat, tag: 1n, amount: 10_001n, deadline: at(4n) };
const late = { ...sale, tag: 2n, asset: gold, amount: 50n };
const offer = {
  ...{ maker: ann, tag: 3n, goodsAsset: gold, paymentAsset: euro, feeAccount: fay },
  ...{ goods: 90n, price: 1000n, expiry: at(6n), fee: 25 },
};
const art = { collection: asset(7), authority: ann, creator: cat, royalty: 500, most: 3n };
const token = { collection: art.collection, number: 0n, seller: ben, creator: cat };
const pool = { id: id(1), lent: euro, collateral: gold, feed: { name: id(2), oracle: dan } };
const terms = { rate: 3170, borrowLimit: 7500, threshold: 8000, bonus: 500, maxAge: 3_600_000 };
const product = { manufacturer: eve, serial: 9n };
const electorate = { id: id(3), mode: MODES.members, circuit: 0, authority: ann, root: hash(0), policy: hash(0) };
const treasury = { id: id(4), electorate: electorate.id, asset: euro, quorum: 2n, period: 2000n };
const request = { treasury: treasury.id, amount: 700n, recipient: fay };
const ballot = (voter: Uint8Array, option: number) =>
  vote.castVote({ proposal: id(5), electorate: electorate.id, option, voter, listed: true });

type Item = readonly [signer: Uint8Array, calls: readonly Call[], change?: Partial<TransactionBody>];

const BLOCKS: readonly (readonly Item[])[] = [
  [
    [ann, [assets.createAsset({ asset: gold, authority: ann, decimals: 2, burnable: true })]],
    [ben, [assets.createAsset({ asset: euro, authority: ben, decimals: 6, burnable: false })]],
    [ann, [assets.mint(gold, ann, 1_000n), assets.mint(gold, ben, 500n), assets.mint(gold, cat, 300n)]],
    [ben, [assets.mint(euro, dan, 90_000n), assets.mint(euro, ben, 90_000n), assets.mint(euro, eve, 90_000n)]],
    [cat, [assets.mint(gold, cat, 1n)]],
    [dan, [assets.transfer(dan, eve, 5n)], { tagged: true, sequence: 77n }],
    [dan, [assets.transfer(dan, eve, 5n)], { tagged: true, sequence: 77n }],
    [dan, [assets.transfer(dan, eve, 5n)], { network: new Uint8Array(16) }],
    [dan, [assets.transfer(dan, eve, 5n)], { gasLimit: 3_000 }],
  ],
  [
    [ben, [escrow.fundEscrow(sale), escrow.fundEscrow(late)]],
    [
      ann,
      [
        assets.multiTransfer(
          ann,
          [dan, eve].map((to) => ({ to, amount: 25n })),
          gold,
        ),
      ],
    ],
    [ann, [settlement.makeOffer(offer)]],
    [ann, [nft.createCollection(art)]],
    [dan, [lending.createPool(pool, terms), lending.supply(dan, pool, 50_000n)]],
    [dan, [lending.postPrice(pool.feed, 10n * SCALE, at(1n))]],
    [eve, [provenance.registerProduct(product, hash(8), fay)]],
    [ann, [vote.createElectorate(electorate)]],
    [ann, [vote.admit(electorate.id, [ann, ben, cat])]],
  ],
  [
    [ann, [escrow.releaseEscrow(sale)]],
    [cat, [escrow.splitEscrow(sale, 3_000)]],
    [dan, [settlement.fillOffer(dan, offer, 30n, 400n)]],
    [eve, [settlement.fillOffer(eve, offer, 60n, 1n)]],
    [ann, [nft.mintToken(art.collection, 0n, ben, hash(1)), nft.mintToken(art.collection, 1n, cat, hash(2))]],
    [cat, [lending.depositCollateral(cat, pool, 200n), lending.borrow(cat, pool, 1_400n)]],
    [fay, [provenance.inspectProduct(product, 0, hash(3))]],
    [eve, [provenance.handOverProduct(product, dan)]],
    [ann, [vote.openTreasury(treasury)]],
    [eve, [vote.deposit(eve, treasury.id, euro, 5_000n)]],
  ],
  [
    [fay, [escrow.refundEscrow(late)]],
    [ben, [nft.listToken(art.collection, 0n, 2_000n)]],
    [cat, [nft.transferToken(art.collection, 1n, dan)]],
    [dan, [lending.postPrice(pool.feed, 8n * SCALE, at(3n))]],
    [ben, [lending.liquidate(ben, pool, cat, 300n)]],
    [dan, [provenance.proposeHandover(product, ben)]],
    [
      eve,
      [
        vote.propose({
          ...{ id: id(5), electorate: electorate.id, question: hash(6), options: 2 },
          ...{ deadline: at(7n), quorum: 2n, request },
        }),
      ],
    ],
  ],
  [
    [dan, [nft.buyToken(dan, token, 2_000n)]],
    [eve, [nft.buyToken(eve, token, 2_000n)]],
    [dan, [nft.burnToken(art.collection, 1n)]],
    [cat, [lending.repay(cat, pool, cat, 500n), lending.accrue(pool)]],
    [ben, [provenance.acceptHandover(product)]],
    [ann, [ballot(ann, 0)]],
    [ben, [ballot(ben, 0)]],
    [ben, [ballot(ben, 1)]],
    [dan, [ballot(dan, 1)]],
  ],
  [
    [cat, [ballot(cat, 1)]],
    [dan, [lending.withdraw(dan, pool, 1_000n)]],
    [eve, [settlement.expireOffer(offer)]],
    [ann, [assets.burn(ann, gold, 10n), assets.handOverAsset(gold, cat)]],
    [ann, [assets.mint(gold, ann, 1n)]],
    [ben, [provenance.retireProduct(product)]],
    [fay, [assets.transfer(fay, ann, 10n ** 15n)]],
    [ben, [assets.transfer(ben, ben, 1n)], { validFrom: 1n, validUntil: 2n }],
  ],
  [
    [fay, [vote.executeProposal(id(5), { ...request, asset: euro })]],
    [fay, [vote.executeProposal(id(5), { ...request, asset: euro })]],
    [cat, [assets.mint(gold, cat, 5n)]],
    [ann, [nft.handOverCollection(art.collection, cat)]],
  ],
  [],
];

/** The script, executed by the baseline from a genesis in which six people have 10^12 each. */
export function goldenWorld(): JudgedWorld {
  const genesis = new Map<string, Uint8Array>();
  for (const who of [ann, ben, cat, dan, eve, fay]) {
    const record = new Uint8Array(16);
    new DataView(record.buffer).setBigUint64(0, 10n ** 12n, true);
    genesis.set(toHex(accountKey(who)), record);
  }
  const executor = new BaselineExecutor(new Map(genesis), PROGRAMS, NETWORK, FEE_ACCOUNT);
  const nonces = new Map<string, bigint>();
  const blocks = BLOCKS.map((items, i) => {
    const transactions = items.map((item) => transactionOf(bodyOf(item, nonces)));
    return judgeBlock(executor, transactions, BigInt(i + 1));
  });
  return { genesis, blocks };
}

function bodyOf([signer, calls, change = {}]: Item, nonces: Map<string, bigint>): TransactionBody {
  const name = toHex(signer);
  const sequence = nonces.get(name) ?? 0n;
  const runs = change.tagged !== true && change.network === undefined && change.validUntil === undefined;
  if (runs) nonces.set(name, sequence + 1n);
  const fixed = { algorithm: 1 as const, network: NETWORK, signer, sequence, tagged: false, proof: undefined };
  const bounds = { validFrom: 0n, validUntil: 100n, gasLimit: 50_000, gasPrice: 3n };
  return { ...fixed, ...bounds, ...assembleCalls(signer, calls), ...change };
}

interface GoldenBlock {
  readonly height: number;
  readonly transactions: string;
  readonly statuses: readonly number[];
  readonly gas: number;
  readonly stateRoot: string;
  readonly receiptsRoot: string;
}

/** What is compared: a hash over the bytes of the transactions too, so that a change of their form is told apart. */
export function goldenOf(world: JudgedWorld = goldenWorld()): GoldenBlock[] {
  return world.blocks.map(({ height, transactions, receipts, stateRoot, receiptsRoot }) => ({
    height: Number(height),
    transactions: toHex(blake3(Buffer.concat(transactions.map(({ bytes }) => bytes)))),
    statuses: receipts.map(({ status }) => status),
    gas: receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0),
    stateRoot,
    receiptsRoot,
  }));
}
