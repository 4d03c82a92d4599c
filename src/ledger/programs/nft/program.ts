import { ADDRESS_BYTES, ASSET_BYTES, HASH_BYTES, MAX_AMOUNT } from '../../constants.ts';
import type { Context, Program } from '../../program/interface.ts';
import { debit, HOLDING_SPACES, isZero, pay, requireAmount } from '../holdings.ts';
import { BASIS_POINTS, mulDivDown } from '../integer.ts';
import { requireNew, requireRecord, SPACE } from '../spaces.ts';
import { OWN_STATUS, REFUSED, REFUSED_NAMES } from '../statuses.ts';

/**
 * Program 4: collections of unique tokens. Tokens are numbered in the order of minting, so a number that was burnt never
 * comes back; each carries its creator and royalty, so a sale touches no record of the collection.
 */

export const NFT = 4;
export const NFT_OPS = {
  createCollection: 0,
  mint: 1,
  transfer: 2,
  list: 3,
  unlist: 4,
  buy: 5,
  burn: 6,
  handOver: 7,
} as const;
export const NFT_REFUSED = { number: OWN_STATUS, full: OWN_STATUS + 1, notListed: OWN_STATUS + 2 } as const;
/** Basis points; the highest royalty. */
export const MAX_ROYALTY = 5_000;
export const COLLECTION_KIND = 1;
export const TOKEN_KIND = 2;
/** Key `[18][1][collection 11][zero 19]`. */
export const COLLECTION_RECORD = { minted: 0, most: 8, royalty: 16, authority: 20, creator: 40, bytes: 64 } as const;
/** Key `[18][2][collection 11][number u64][zero 11]`. A price of 0: not for sale. */
export const TOKEN_RECORD = {
  price: 0,
  royalty: 8,
  owner: 12,
  creator: 32,
  paymentAsset: 52,
  content: 64,
  bytes: 96,
} as const;
/** Event: price u64, royalty u64, seller 20, the token's key without space and kind 30. */
export const TOKEN_SOLD = 1;

const COLLECTION: Uint8Array = new Uint8Array([SPACE.nft, COLLECTION_KIND]);
const TOKEN: Uint8Array = new Uint8Array([SPACE.nft, TOKEN_KIND]);
const ID_AT = 2;
const NUMBER_AT = ID_AT + ASSET_BYTES;
const TOKEN_END = NUMBER_AT + 8;

/** {most u64, collection u8, royalty u16, authority 20, creator 20}: most = how many tokens there can ever be. */
function createCollection(context: Context): void {
  context.require(context.argumentsLength === 51, REFUSED.malformed);
  const most = context.argU64(0);
  const key = context.argU8(8);
  const royalty = context.argU16(9);
  const creator = context.argBytes(31, ADDRESS_BYTES);
  context.require(royalty <= MAX_ROYALTY && most > 0n && most <= MAX_AMOUNT, REFUSED.malformed);
  context.require(royalty === 0 || !isZero(creator), REFUSED.malformed);
  context.require(context.keyMatches(key, 0, COLLECTION), REFUSED.key);
  context.require(!isZero(context.keyBytes(key, ID_AT, ASSET_BYTES)), REFUSED.key);
  requireNew(context, key, NUMBER_AT);
  context.create(key, COLLECTION_RECORD.bytes);
  context.setU64(key, COLLECTION_RECORD.most, most);
  context.setU32(key, COLLECTION_RECORD.royalty, royalty);
  context.setBytes(key, COLLECTION_RECORD.authority, context.argBytes(11, ADDRESS_BYTES));
  context.setBytes(key, COLLECTION_RECORD.creator, creator);
}

/** {collection u8, token u8, owner 20, content hash 32}, by the authority; the token's number is the count so far. */
function mint(context: Context): void {
  context.require(context.argumentsLength === 54, REFUSED.malformed);
  const collection = context.argU8(0);
  const token = context.argU8(1);
  const owner = context.argBytes(2, ADDRESS_BYTES);
  context.require(!isZero(owner), REFUSED.malformed);
  requireAuthority(context, collection);
  context.require(context.keyMatches(token, 0, TOKEN), REFUSED.key);
  context.require(context.keyMatches(token, ID_AT, context.keyBytes(collection, ID_AT, ASSET_BYTES)), REFUSED.key);
  requireNew(context, token, TOKEN_END);
  const minted = context.u64(collection, COLLECTION_RECORD.minted);
  context.require(minted < context.u64(collection, COLLECTION_RECORD.most), NFT_REFUSED.full);
  const number = context.keyBytes(token, NUMBER_AT, 8);
  context.require(new DataView(number.buffer, number.byteOffset).getBigUint64(0, true) === minted, NFT_REFUSED.number);
  context.setU64(collection, COLLECTION_RECORD.minted, minted + 1n);
  context.create(token, TOKEN_RECORD.bytes);
  context.setU32(token, TOKEN_RECORD.royalty, context.u32(collection, COLLECTION_RECORD.royalty));
  context.setBytes(token, TOKEN_RECORD.creator, context.bytes(collection, COLLECTION_RECORD.creator, ADDRESS_BYTES));
  context.setBytes(token, TOKEN_RECORD.owner, owner);
  context.setBytes(token, TOKEN_RECORD.content, context.argBytes(22, HASH_BYTES));
}

/** {token u8, to 20}, by the owner; not to nobody, which is `burn`. What was for sale is so no longer. */
function transfer(context: Context): void {
  context.require(context.argumentsLength === 21, REFUSED.malformed);
  const token = context.argU8(0);
  const to = context.argBytes(1, ADDRESS_BYTES);
  context.require(!isZero(to), REFUSED.malformed);
  requireOwner(context, token);
  moveTo(context, token, to);
}

/** {price u64, token u8, payment asset 11}, by the owner; again, to change the price. */
function list(context: Context): void {
  context.require(context.argumentsLength === 20, REFUSED.malformed);
  const price = context.argU64(0);
  const token = context.argU8(8);
  requireAmount(context, price);
  requireOwner(context, token);
  context.setU64(token, TOKEN_RECORD.price, price);
  context.setBytes(token, TOKEN_RECORD.paymentAsset, context.argBytes(9, ASSET_BYTES));
}

/** {token u8}, by the owner. */
function unlist(context: Context): void {
  context.require(context.argumentsLength === 1, REFUSED.malformed);
  const token = context.argU8(0);
  requireOwner(context, token);
  context.require(context.u64(token, TOKEN_RECORD.price) !== 0n, NFT_REFUSED.notListed);
  context.setU64(token, TOKEN_RECORD.price, 0n);
}

/**
 * {most to pay u64, token u8, from u8, price to u8, royalty to u8}: the signer becomes the owner. The royalty is part of
 * the price, rounded down.
 */
function buy(context: Context): void {
  context.require(context.argumentsLength === 12, REFUSED.malformed);
  const token = context.argU8(8);
  requireRecord(context, token, TOKEN);
  const price = context.u64(token, TOKEN_RECORD.price);
  context.require(price !== 0n, NFT_REFUSED.notListed);
  context.require(price <= context.argU64(0), REFUSED.price);
  const royalty = mulDivDown(price, BigInt(context.u32(token, TOKEN_RECORD.royalty)), BASIS_POINTS);
  const asset = context.bytes(token, TOKEN_RECORD.paymentAsset, ASSET_BYTES);
  const seller = ownerOf(context, token);
  const creator = context.bytes(token, TOKEN_RECORD.creator, ADDRESS_BYTES);
  debit(context, context.argU8(9), asset, price);
  pay(context, context.argU8(10), seller, asset, price - royalty);
  pay(context, context.argU8(11), creator, asset, royalty);
  const data = new Uint8Array(16 + ADDRESS_BYTES + 30);
  const view = new DataView(data.buffer);
  view.setBigUint64(0, price, true);
  view.setBigUint64(8, royalty, true);
  data.set(seller, 16);
  data.set(context.keyBytes(token, 2, 30), 36);
  context.emit(TOKEN_SOLD, data);
  moveTo(context, token, context.signer());
}

/** {token u8}, by the owner. */
function burn(context: Context): void {
  context.require(context.argumentsLength === 1, REFUSED.malformed);
  const token = context.argU8(0);
  requireOwner(context, token);
  context.remove(token);
}

/** {collection u8, authority 20}, by the authority; zeros end minting for ever. */
function handOver(context: Context): void {
  context.require(context.argumentsLength === 21, REFUSED.malformed);
  const collection = context.argU8(0);
  requireAuthority(context, collection);
  context.setBytes(collection, COLLECTION_RECORD.authority, context.argBytes(1, ADDRESS_BYTES));
}

function moveTo(context: Context, token: number, owner: Uint8Array): void {
  context.setU64(token, TOKEN_RECORD.price, 0n);
  context.setBytes(token, TOKEN_RECORD.owner, owner);
}

function ownerOf(context: Context, token: number): Uint8Array {
  return context.bytes(token, TOKEN_RECORD.owner, ADDRESS_BYTES);
}

function requireOwner(context: Context, token: number): void {
  requireRecord(context, token, TOKEN);
  context.require(context.keyMatches(0, 1, ownerOf(context, token)), REFUSED.party);
}

function requireAuthority(context: Context, collection: number): void {
  requireRecord(context, collection, COLLECTION);
  const authority = context.bytes(collection, COLLECTION_RECORD.authority, ADDRESS_BYTES);
  context.require(context.keyMatches(0, 1, authority), REFUSED.party);
}

export const nft: Program = {
  id: NFT,
  name: 'nft',
  spaces: [...HOLDING_SPACES, SPACE.nft],
  operations: new Map([
    [NFT_OPS.createCollection, { name: 'createCollection', gas: 80, run: createCollection }],
    [NFT_OPS.mint, { name: 'mint', gas: 120, run: mint }],
    [NFT_OPS.transfer, { name: 'transfer', gas: 50, run: transfer }],
    [NFT_OPS.list, { name: 'list', gas: 50, run: list }],
    [NFT_OPS.unlist, { name: 'unlist', gas: 40, run: unlist }],
    [NFT_OPS.buy, { name: 'buy', gas: 150, run: buy }],
    [NFT_OPS.burn, { name: 'burn', gas: 40, run: burn }],
    [NFT_OPS.handOver, { name: 'handOver', gas: 40, run: handOver }],
  ]),
  statuses: {
    ...REFUSED_NAMES,
    [NFT_REFUSED.number]: 'the token’s number must be the count of those minted so far',
    [NFT_REFUSED.full]: 'the collection has as many tokens as it can ever have',
    [NFT_REFUSED.notListed]: 'the token is not for sale',
  },
};
