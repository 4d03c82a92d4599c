import { ADDRESS_BYTES, ASSET_BYTES, KEY_BYTES, SPACES } from './constants.ts';
import { LedgerError } from './errors.ts';

/** Keys of state: 32 bytes, the first one names the space (`constants.ts`). */

/** `[1][address 20][zero 11]` -> {balance of the native asset u64, nonce u64}. */
export function accountKey(address: Uint8Array): Uint8Array {
  return join(SPACES.account, part(address, ADDRESS_BYTES));
}

/** `[2][address 20][asset 11]` -> {amount u64, 0}. */
export function balanceKey(address: Uint8Array, asset: Uint8Array): Uint8Array {
  return join(SPACES.balance, part(address, ADDRESS_BYTES), part(asset, ASSET_BYTES));
}

/** `[3][asset 11][zero 20]` -> what `programs/assets` keeps of an asset. */
export function assetKey(asset: Uint8Array): Uint8Array {
  return join(SPACES.asset, part(asset, ASSET_BYTES));
}

/** `[4][address 20][tag u64][zero 3]`: spent by a transaction that carries a tag instead of a nonce. */
export function replayKey(address: Uint8Array, tag: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, tag, true);
  return join(SPACES.replay, part(address, ADDRESS_BYTES), bytes);
}

/**
 * A key of a program's own space: the parts behind the space's byte, zeros to the end.
 * @throws LEDGER_KEY_INVALID if they take more than 31 bytes
 */
export function join(space: number, ...parts: Uint8Array[]): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  key[0] = space;
  let offset = 1;
  for (const bytes of parts) {
    if (offset + bytes.length > KEY_BYTES) {
      throw new LedgerError('LEDGER_KEY_INVALID', `a key has ${KEY_BYTES} bytes; these parts take more`);
    }
    key.set(bytes, offset);
    offset += bytes.length;
  }
  return key;
}

function part(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new LedgerError('LEDGER_KEY_INVALID', `expected ${length} bytes, got ${bytes.length}`);
}
