import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import { ADDRESS_BYTES, ASSET_BYTES, HASH_BYTES, KEY_BYTES, MAX_KEYS } from '../ledger/constants.ts';

/** Fields of the ledger's operations: hex and decimal text in JSON, bytes and integers within. */

const U64_MAX = 2n ** 64n - 1n;
const ID_BYTES = 10;

/** Lower-case hex of exactly so many bytes. */
export function hexField(bytes: number, what: string) {
  return z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `must be ${what}: ${bytes * 2} lower-case hex digits`)
    .transform((text) => fromHex(text) ?? new Uint8Array(bytes));
}

export const address = hexField(ADDRESS_BYTES, 'an address');
export const hash = hexField(HASH_BYTES, 'a hash');
export const recordKey = hexField(KEY_BYTES, 'a key');
/** Of pools, feeds, electorates, treasuries and proposals. */
export const shortId = hexField(ID_BYTES, 'an id');
/** Assets and collections; `native` is eleven zeros. */
export const asset = z
  .union([z.literal('native'), z.string().regex(/^[0-9a-f]{22}$/)], {
    error: `must be "native" or ${ASSET_BYTES * 2} lower-case hex digits`,
  })
  .transform((text) =>
    text === 'native' ? new Uint8Array(ASSET_BYTES) : (fromHex(text) ?? new Uint8Array(ASSET_BYTES)),
  );

/** Up to 2^64 - 1; what an amount may be is the programs' affair. */
export const u64 = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,19})$/, 'must be decimal text without leading zeros')
  .transform((text) => BigInt(text))
  .refine((value) => value <= U64_MAX, 'must be below 2^64');

export const u8 = z.int().min(0).max(255);
export const u16 = z.int().min(0).max(65_535);
export const u32 = z.int().min(0).max(4_294_967_295);
export const addresses = z.array(address).min(1).max(MAX_KEYS);
export const keys = z.array(recordKey).max(MAX_KEYS);
