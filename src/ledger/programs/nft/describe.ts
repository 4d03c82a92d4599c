import type { Describe } from '../record-view.ts';
import { SPACE } from '../spaces.ts';
import { COLLECTION_KIND, COLLECTION_RECORD, TOKEN_RECORD } from './program.ts';

export const describeNft: Describe = (key, record) => {
  if (key.u8(0) !== SPACE.nft) return undefined;
  const collection = key.hex(2, 11);
  if (key.u8(1) === COLLECTION_KIND) {
    return {
      kind: 'collection',
      collection,
      minted: record.u64(COLLECTION_RECORD.minted),
      most: record.u64(COLLECTION_RECORD.most),
      royalty: record.u32(COLLECTION_RECORD.royalty),
      authority: record.address(COLLECTION_RECORD.authority),
      creator: record.address(COLLECTION_RECORD.creator),
    };
  }
  return {
    kind: 'token',
    collection,
    number: key.u64(13),
    owner: record.address(TOKEN_RECORD.owner),
    creator: record.address(TOKEN_RECORD.creator),
    royalty: record.u32(TOKEN_RECORD.royalty),
    price: record.u64(TOKEN_RECORD.price),
    paymentAsset: record.asset(TOKEN_RECORD.paymentAsset),
    content: record.hex(TOKEN_RECORD.content, 32),
  };
};
