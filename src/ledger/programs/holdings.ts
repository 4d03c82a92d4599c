import { ADDRESS_BYTES, ASSET_BYTES, MAX_AMOUNT, SPACES } from '../constants.ts';
import { accountKey, balanceKey } from '../keys.ts';
import type { Context } from '../program/interface.ts';
import { REFUSED } from './statuses.ts';

/**
 * A holding is what one address has of one asset: the ACCOUNT record for the native asset, a BALANCE record for any
 * other. Both keys are `[space][address 20][asset 11]`, the native asset being eleven zeros, so that one comparison of
 * bytes says whose it is and of what. Programs take money with `debit` and give it with `pay`, and nothing else moves it.
 */

export const NATIVE: Uint8Array = new Uint8Array(ASSET_BYTES);
export const NOBODY: Uint8Array = new Uint8Array(ADDRESS_BYTES);
/** Spaces of a program that moves money. */
export const HOLDING_SPACES = [SPACES.account, SPACES.balance] as const;

const OWNER_AT = 1;
export const ASSET_AT = OWNER_AT + ADDRESS_BYTES;

export function isNative(asset: Uint8Array): boolean {
  return isZero(asset);
}

export function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** The key of what an address holds of an asset. @throws LEDGER_KEY_INVALID */
export function holdingKey(owner: Uint8Array, asset: Uint8Array): Uint8Array {
  return isNative(asset) ? accountKey(owner) : balanceKey(owner, asset);
}

/** The asset of a holding's key. @faults asset: the key is no holding's */
export function assetOf(context: Context, key: number): Uint8Array {
  const asset = context.keyBytes(key, ASSET_AT, ASSET_BYTES);
  context.require(context.keySpace(key) === holdingSpace(asset), REFUSED.asset);
  return asset;
}

function holdingSpace(asset: Uint8Array): number {
  return isNative(asset) ? SPACES.account : SPACES.balance;
}

export function isHoldingOf(context: Context, key: number, owner: Uint8Array, asset: Uint8Array): boolean {
  return (
    context.keySpace(key) === holdingSpace(asset) &&
    context.keyMatches(key, OWNER_AT, owner) &&
    context.keyMatches(key, ASSET_AT, asset)
  );
}

/** @faults amount unless 1 to 2^63 - 1 */
export function requireAmount(context: Context, amount: bigint): void {
  context.require(amount > 0n && amount <= MAX_AMOUNT, REFUSED.amount);
}

/**
 * Takes from a holding of the signer. The caller owes the same amount to a credit or to a record of its own.
 * @faults asset, notOwn, amount, funds
 */
export function debit(context: Context, key: number, asset: Uint8Array, amount: bigint): void {
  context.require(
    context.keySpace(key) === holdingSpace(asset) && context.keyMatches(key, ASSET_AT, asset),
    REFUSED.asset,
  );
  context.require(context.keyIsSigners(key), REFUSED.notOwn);
  take(context, key, amount);
}

/** The part of `debit` behind its checks of the key. A balance that comes to 0 is removed; an account keeps its nonce. */
export function take(context: Context, key: number, amount: bigint): void {
  requireAmount(context, amount);
  context.require(context.length(key) !== 0, REFUSED.funds);
  const balance = context.u64(key, 0);
  context.require(balance >= amount, REFUSED.funds);
  if (balance === amount && context.keySpace(key) === SPACES.balance) context.remove(key);
  else context.setU64(key, 0, balance - amount);
}

/**
 * Credits what is owed to `owner`; nothing for 0, but the key must be right all the same.
 * @faults recipient: the key is another's, or of another asset
 */
export function pay(context: Context, key: number, owner: Uint8Array, asset: Uint8Array, amount: bigint): void {
  context.require(isHoldingOf(context, key, owner, asset), REFUSED.recipient);
  if (amount > 0n) context.credit(key, amount);
}
