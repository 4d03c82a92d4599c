import { ADDRESS_BYTES, ASSET_BYTES, HASH_BYTES } from '../../constants.ts';
import { join } from '../../keys.ts';
import { type Call, callOf } from '../call.ts';
import { holdingKey, NATIVE } from '../holdings.ts';
import { SPACE, tagBytes } from '../spaces.ts';
import { COLLECTION_KIND, NFT, NFT_OPS, TOKEN_KIND } from './program.ts';

/** Builders of program 4. A collection's id has 11 bytes, not all zero; the first to take an id has it. */

export function collectionKey(collection: Uint8Array): Uint8Array {
  return join(SPACE.nft, new Uint8Array([COLLECTION_KIND]), collection);
}

export function tokenKey(collection: Uint8Array, number: bigint): Uint8Array {
  return join(SPACE.nft, new Uint8Array([TOKEN_KIND]), collection, tagBytes(number));
}

export interface NewCollection {
  readonly collection: Uint8Array;
  /** Who mints. */
  readonly authority: Uint8Array;
  /** Who gets the royalties. */
  readonly creator: Uint8Array;
  /** Basis points, up to 5,000. */
  readonly royalty: number;
  /** How many tokens there can ever be. */
  readonly most: bigint;
}

export function createCollection({ collection, authority, creator, royalty, most }: NewCollection): Call {
  const key = collectionKey(collection);
  return callOf(NFT, NFT_OPS.createCollection, { writes: [key] }, (at, out) =>
    out.u64(most).u8(at.write(key)).u16(royalty).bytes(authority, ADDRESS_BYTES).bytes(creator, ADDRESS_BYTES),
  );
}

/** @param number how many were minted before, burnt ones too */
export function mintToken(collection: Uint8Array, number: bigint, owner: Uint8Array, content: Uint8Array): Call {
  const [key, token] = [collectionKey(collection), tokenKey(collection, number)];
  return callOf(NFT, NFT_OPS.mint, { writes: [key, token] }, (at, out) =>
    out.u8(at.write(key)).u8(at.write(token)).bytes(owner, ADDRESS_BYTES).bytes(content, HASH_BYTES),
  );
}

export function transferToken(collection: Uint8Array, number: bigint, to: Uint8Array): Call {
  const token = tokenKey(collection, number);
  return callOf(NFT, NFT_OPS.transfer, { writes: [token] }, (at, out) =>
    out.u8(at.write(token)).bytes(to, ADDRESS_BYTES),
  );
}

export function listToken(collection: Uint8Array, number: bigint, price: bigint, asset: Uint8Array = NATIVE): Call {
  const token = tokenKey(collection, number);
  return callOf(NFT, NFT_OPS.list, { writes: [token] }, (at, out) =>
    out.u64(price).u8(at.write(token)).bytes(asset, ASSET_BYTES),
  );
}

export function unlistToken(collection: Uint8Array, number: bigint): Call {
  return onToken(NFT_OPS.unlist, tokenKey(collection, number));
}

export function burnToken(collection: Uint8Array, number: bigint): Call {
  return onToken(NFT_OPS.burn, tokenKey(collection, number));
}

/** What a buyer sees of a token that is for sale. */
export interface TokenSale {
  readonly collection: Uint8Array;
  readonly number: bigint;
  readonly seller: Uint8Array;
  readonly creator: Uint8Array;
  readonly asset?: Uint8Array;
}

/** @param mostToPay the transaction fails rather than pay more */
export function buyToken(buyer: Uint8Array, sale: TokenSale, mostToPay: bigint): Call {
  const { collection, number, seller, creator, asset = NATIVE } = sale;
  const token = tokenKey(collection, number);
  const from = holdingKey(buyer, asset);
  const [priceTo, royaltyTo] = [holdingKey(seller, asset), holdingKey(creator, asset)];
  return callOf(NFT, NFT_OPS.buy, { writes: [token, from], credits: [priceTo, royaltyTo] }, (at, out) =>
    out.u64(mostToPay).u8(at.write(token)).u8(at.write(from)).u8(at.credit(priceTo)).u8(at.credit(royaltyTo)),
  );
}

/** @param authority twenty zeros end minting for ever */
export function handOverCollection(collection: Uint8Array, authority: Uint8Array): Call {
  const key = collectionKey(collection);
  return callOf(NFT, NFT_OPS.handOver, { writes: [key] }, (at, out) =>
    out.u8(at.write(key)).bytes(authority, ADDRESS_BYTES),
  );
}

function onToken(operation: number, token: Uint8Array): Call {
  return callOf(NFT, operation, { writes: [token] }, (at, out) => out.u8(at.write(token)));
}
