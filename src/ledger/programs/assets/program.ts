import { ADDRESS_BYTES, ASSET_BYTES, MAX_AMOUNT, SPACES } from '../../constants.ts';
import type { Context, Program } from '../../program/interface.ts';
import { ASSET_AT, assetOf, debit, HOLDING_SPACES, isZero, NATIVE, requireAmount, take } from '../holdings.ts';
import { OWN_STATUS, REFUSED, REFUSED_NAMES } from '../statuses.ts';

/**
 * Program 1: assets and who holds them. An asset's record keeps its supply, which every mint and burn moves, so that the
 * sum of all holdings can be checked against one number. Tables: docs/ledger-programs.md.
 */

export const ASSETS = 1;
export const ASSET_OPS = { transfer: 0, multiTransfer: 1, create: 2, mint: 3, burn: 4, handOver: 5 } as const;
export const ASSET_REFUSED = { notBurnable: OWN_STATUS, supply: OWN_STATUS + 1 } as const;
/** Holders may burn what they hold. */
export const FLAG_BURNABLE = 1;
export const MAX_RECIPIENTS = 32;
export const MAX_DECIMALS = 18;
/** Offsets in the record of an asset. */
export const ASSET_RECORD = { supply: 0, authority: 8, decimals: 28, flags: 29, bytes: 32 } as const;

/** The id of an asset in its key `[3][asset 11][zero 20]`. */
const ID_AT = 1;
const ZEROS: Uint8Array = new Uint8Array(ADDRESS_BYTES);

/** {amount u64, from u8, to u8}. The hot path of the ledger: ten calls of the context, none of which makes an array. */
function transfer(context: Context): void {
  context.require(context.argumentsLength === 10, REFUSED.malformed);
  const amount = context.argU64(0);
  const from = context.argU8(8);
  const to = context.argU8(9);
  if (from === 0) {
    // Key 0 is the signer's own account by definition; the recipient's must be an account, and no longer key.
    context.require(context.keySpace(to) === SPACES.account && context.keyMatches(to, ASSET_AT, NATIVE), REFUSED.asset);
    take(context, 0, amount);
  } else {
    const asset = assetOf(context, from);
    requireSameAsset(context, from, to, asset);
    debit(context, from, asset, amount);
  }
  context.credit(to, amount);
}

/** {count u8, from u8, 6 zero, count x amount u64, count x to u8}: one debit, many credits. */
function multiTransfer(context: Context): void {
  const count = context.argU8(0);
  context.require(count > 0 && count <= MAX_RECIPIENTS, REFUSED.malformed);
  context.require(context.argumentsLength === 8 + 9 * count, REFUSED.malformed);
  const from = context.argU8(1);
  const asset = assetOf(context, from);
  let total = 0n;
  for (let i = 0; i < count; i += 1) {
    const amount = context.argU64(8 + 8 * i);
    requireAmount(context, amount);
    total += amount;
    const to = context.argU8(8 + 8 * count + i);
    requireSameAsset(context, from, to, asset);
    context.credit(to, amount);
  }
  debit(context, from, asset, total);
}

/** {key u8, decimals u8, flags u8, authority 20}: nothing of it is there yet. */
function create(context: Context): void {
  context.require(context.argumentsLength === 23, REFUSED.malformed);
  const key = context.argU8(0);
  const decimals = context.argU8(1);
  const flags = context.argU8(2);
  context.require(decimals <= MAX_DECIMALS && (flags & ~FLAG_BURNABLE) === 0, REFUSED.malformed);
  context.require(context.keySpace(key) === SPACES.asset, REFUSED.key);
  const isCanonical = context.keyMatches(key, ID_AT + ASSET_BYTES, ZEROS);
  context.require(isCanonical && !isZero(context.keyBytes(key, ID_AT, ASSET_BYTES)), REFUSED.key);
  context.require(context.length(key) === 0, REFUSED.exists);
  context.create(key, ASSET_RECORD.bytes);
  context.setBytes(key, ASSET_RECORD.authority, context.argBytes(3, ADDRESS_BYTES));
  context.setU8(key, ASSET_RECORD.decimals, decimals);
  context.setU8(key, ASSET_RECORD.flags, flags);
}

/** {amount u64, asset u8, to u8}, by the authority. */
function mint(context: Context): void {
  context.require(context.argumentsLength === 10, REFUSED.malformed);
  const amount = context.argU64(0);
  const key = context.argU8(8);
  const to = context.argU8(9);
  requireAmount(context, amount);
  requireAuthority(context, key);
  const supply = context.u64(key, ASSET_RECORD.supply) + amount;
  context.require(supply <= MAX_AMOUNT, ASSET_REFUSED.supply);
  requireHoldingOf(context, to, key);
  context.setU64(key, ASSET_RECORD.supply, supply);
  context.credit(to, amount);
}

/** {amount u64, from u8, asset u8}, by a holder. */
function burn(context: Context): void {
  context.require(context.argumentsLength === 10, REFUSED.malformed);
  const amount = context.argU64(0);
  const from = context.argU8(8);
  const key = context.argU8(9);
  requireAsset(context, key);
  context.require((context.u8(key, ASSET_RECORD.flags) & FLAG_BURNABLE) !== 0, ASSET_REFUSED.notBurnable);
  requireHoldingOf(context, from, key);
  debit(context, from, context.keyBytes(key, ID_AT, ASSET_BYTES), amount);
  context.setU64(key, ASSET_RECORD.supply, context.u64(key, ASSET_RECORD.supply) - amount);
}

/** {asset u8, authority 20}, by the authority; zeros give it up for ever. */
function handOver(context: Context): void {
  context.require(context.argumentsLength === 21, REFUSED.malformed);
  const key = context.argU8(0);
  requireAuthority(context, key);
  context.setBytes(key, ASSET_RECORD.authority, context.argBytes(1, ADDRESS_BYTES));
}

function requireSameAsset(context: Context, from: number, to: number, asset: Uint8Array): void {
  const isSame = context.keySpace(to) === context.keySpace(from) && context.keyMatches(to, ASSET_AT, asset);
  context.require(isSame, REFUSED.asset);
}

/** Only this program makes records in its space, so a record there is an asset's and its key canonical. */
function requireAsset(context: Context, key: number): void {
  context.require(context.keySpace(key) === SPACES.asset, REFUSED.key);
  context.require(context.length(key) !== 0, REFUSED.missing);
}

function requireAuthority(context: Context, key: number): void {
  requireAsset(context, key);
  const authority = context.bytes(key, ASSET_RECORD.authority, ADDRESS_BYTES);
  context.require(context.keyMatches(0, 1, authority), REFUSED.party);
}

function requireHoldingOf(context: Context, holding: number, key: number): void {
  const id = context.keyBytes(key, ID_AT, ASSET_BYTES);
  const isRight = context.keySpace(holding) === SPACES.balance && context.keyMatches(holding, ASSET_AT, id);
  context.require(isRight, REFUSED.asset);
}

export const assets: Program = {
  id: ASSETS,
  name: 'assets',
  spaces: [...HOLDING_SPACES, SPACES.asset],
  operations: new Map([
    [ASSET_OPS.transfer, { name: 'transfer', gas: 10, kernel: 'nativeTransfer', run: transfer }],
    [ASSET_OPS.multiTransfer, { name: 'multiTransfer', gas: 10, run: multiTransfer }],
    [ASSET_OPS.create, { name: 'create', gas: 50, run: create }],
    [ASSET_OPS.mint, { name: 'mint', gas: 30, run: mint }],
    [ASSET_OPS.burn, { name: 'burn', gas: 30, run: burn }],
    [ASSET_OPS.handOver, { name: 'handOver', gas: 30, run: handOver }],
  ]),
  statuses: {
    ...REFUSED_NAMES,
    [ASSET_REFUSED.notBurnable]: 'holders cannot burn this asset',
    [ASSET_REFUSED.supply]: 'the supply would pass 2^63 - 1',
  },
};
