import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import { MAX_ARGUMENT_BYTES } from '../ledger/constants.ts';
import * as assets from '../ledger/programs/assets/build.ts';
import type { Call } from '../ledger/programs/call.ts';
import { callOf } from '../ledger/programs/call.ts';
import * as escrow from '../ledger/programs/escrow/build.ts';
import * as nft from '../ledger/programs/nft/build.ts';
import * as provenance from '../ledger/programs/provenance/build.ts';
import * as settlement from '../ledger/programs/settlement/build.ts';
import { address, asset, hash, hexField, keys, u8, u16, u64 } from './ledger-fields.ts';
import { type Entry, entry } from './ledger-operation.ts';
import { LENDING_OPERATIONS } from './ledger-operations-lending.ts';
import { VOTE_OPERATIONS } from './ledger-operations-vote.ts';

const escrowTerms = { buyer: address, tag: u64, seller: address, asset: asset.optional() };
const offerTerms = {
  maker: address,
  tag: u64,
  goodsAsset: asset,
  paymentAsset: asset.optional(),
  feeAccount: address,
};
const token = { collection: hexField(11, 'a collection'), number: u64 };
const product = { manufacturer: address, serial: u64 };

/** Every operation of every program, as JSON. Amounts are decimal text, addresses and ids hex. */
export const OPERATIONS: readonly Entry[] = [
  entry('assets.transfer', { to: address, amount: u64, asset: asset.optional() }, (signer, { to, amount, asset: of }) =>
    assets.transfer(signer, to, amount, of),
  ),
  entry(
    'assets.multiTransfer',
    {
      payments: z
        .array(z.strictObject({ to: address, amount: u64 }))
        .min(1)
        .max(32),
      asset: asset.optional(),
    },
    (signer, { payments, asset: of }) => assets.multiTransfer(signer, payments, of),
  ),
  entry('assets.create', { asset, authority: address, decimals: u8, burnable: z.boolean() }, (_, input) =>
    assets.createAsset(input),
  ),
  entry('assets.mint', { asset, to: address, amount: u64 }, (_, { asset: of, to, amount }) =>
    assets.mint(of, to, amount),
  ),
  entry('assets.burn', { asset, amount: u64 }, (signer, { asset: of, amount }) => assets.burn(signer, of, amount)),
  entry('assets.handOver', { asset, authority: address }, (_, { asset: of, authority }) =>
    assets.handOverAsset(of, authority),
  ),

  entry('escrow.fund', { ...escrowTerms, amount: u64, deadline: u64, arbiter: address.optional() }, (_, input) =>
    escrow.fundEscrow(input as escrow.EscrowFunding),
  ),
  entry('escrow.release', escrowTerms, (_, input) => escrow.releaseEscrow(input as escrow.EscrowTerms)),
  entry('escrow.refund', escrowTerms, (_, input) => escrow.refundEscrow(input as escrow.EscrowTerms)),
  entry('escrow.cancel', escrowTerms, (_, input) => escrow.cancelEscrow(input as escrow.EscrowTerms)),
  entry('escrow.split', { ...escrowTerms, sellerShare: u16 }, (_, { sellerShare, ...terms }) =>
    escrow.splitEscrow(terms as escrow.EscrowTerms, sellerShare),
  ),

  entry(
    'settlement.offer',
    {
      ...offerTerms,
      goods: u64,
      price: u64,
      expiry: u64,
      fee: u16,
      taker: address.optional(),
      whole: z.boolean().optional(),
    },
    (_, input) => settlement.makeOffer(input as settlement.NewOffer),
  ),
  entry('settlement.fill', { ...offerTerms, goods: u64, mostToPay: u64 }, (signer, { goods, mostToPay, ...terms }) =>
    settlement.fillOffer(signer, terms as settlement.OfferTerms, goods, mostToPay),
  ),
  entry('settlement.cancel', offerTerms, (_, input) => settlement.cancelOffer(input as settlement.OfferTerms)),
  entry('settlement.expire', offerTerms, (_, input) => settlement.expireOffer(input as settlement.OfferTerms)),

  entry(
    'nft.createCollection',
    { collection: token.collection, authority: address, creator: address, royalty: u16, most: u64 },
    (_, input) => nft.createCollection(input),
  ),
  entry('nft.mint', { ...token, owner: address, content: hash }, (_, { collection, number, owner, content }) =>
    nft.mintToken(collection, number, owner, content),
  ),
  entry('nft.transfer', { ...token, to: address }, (_, { collection, number, to }) =>
    nft.transferToken(collection, number, to),
  ),
  entry('nft.list', { ...token, price: u64, asset: asset.optional() }, (_, { collection, number, price, asset: of }) =>
    nft.listToken(collection, number, price, of),
  ),
  entry('nft.unlist', token, (_, { collection, number }) => nft.unlistToken(collection, number)),
  entry('nft.burn', token, (_, { collection, number }) => nft.burnToken(collection, number)),
  entry(
    'nft.buy',
    { ...token, seller: address, creator: address, asset: asset.optional(), mostToPay: u64 },
    (signer, { mostToPay, ...sale }) => nft.buyToken(signer, sale as nft.TokenSale, mostToPay),
  ),
  entry('nft.handOver', { collection: token.collection, authority: address }, (_, { collection, authority }) =>
    nft.handOverCollection(collection, authority),
  ),

  ...VOTE_OPERATIONS,
  ...LENDING_OPERATIONS,

  entry(
    'provenance.register',
    { ...product, content: hash, inspector: address.optional() },
    (_, { content, inspector, ...of }) => provenance.registerProduct(of, content, inspector),
  ),
  entry('provenance.handOver', { ...product, to: address }, (_, { to, ...of }) => provenance.handOverProduct(of, to)),
  entry('provenance.propose', { ...product, to: address }, (_, { to, ...of }) => provenance.proposeHandover(of, to)),
  entry('provenance.accept', product, (_, of) => provenance.acceptHandover(of)),
  entry('provenance.appoint', { ...product, inspector: address }, (_, { inspector, ...of }) =>
    provenance.appointInspector(of, inspector),
  ),
  entry('provenance.inspect', { ...product, number: u16, attestation: hash }, (_, { number, attestation, ...of }) =>
    provenance.inspectProduct(of, number, attestation),
  ),
  entry('provenance.retire', product, (_, of) => provenance.retireProduct(of)),

  entry(
    'raw',
    {
      program: u8,
      code: u8,
      writes: keys.optional(),
      reads: keys.optional(),
      credits: keys.optional(),
      arguments: z
        .string()
        .max(MAX_ARGUMENT_BYTES * 2)
        .regex(/^(?:[0-9a-f]{2})*$/, 'must be lower-case hex'),
    },
    (_, { program, code, writes = [], reads = [], credits = [], arguments: text }) => {
      const bytes = fromHex(text) ?? new Uint8Array();
      return callOf(program, code, { writes, reads, credits }, (_at, out) => out.bytes(bytes, bytes.length));
    },
  ),
];

const BY_NAME = new Map(OPERATIONS.map((found) => [found.name, found]));
const [first, ...others] = OPERATIONS.map(({ schema }) => schema);

/** One operation of a transaction that is to be built. */
export const operation = z
  .discriminatedUnion('operation', [first as Entry['schema'], ...others])
  .meta({ id: 'LedgerOperation', description: 'An operation of a program; `raw` names program and keys itself' });

/** @param signer address, 20 bytes. @throws LEDGER_TRANSACTION_INVALID, LEDGER_KEY_INVALID */
export function toCall(signer: Uint8Array, input: z.output<typeof operation>): Call {
  const found = BY_NAME.get(input.operation) as Entry;
  return found.make(signer, input);
}
