import { ADDRESS_BYTES, ASSET_BYTES } from '../../constants.ts';
import type { Context, Program } from '../../program/interface.ts';
import { assetOf, debit, HOLDING_SPACES, isZero, pay } from '../holdings.ts';
import { BASIS_POINTS, mulDivDown } from '../integer.ts';
import { ownerOf, requireNewOwned, requireRecord, SPACE } from '../spaces.ts';
import { REFUSED, REFUSED_NAMES } from '../statuses.ts';

/**
 * Program 2: money that waits for a delivery. The buyer's key holds it; the buyer releases it to the seller, the seller
 * gives it back, an arbiter splits it, and after the deadline anybody can send it home. So it never stays for ever: the
 * deadline is bounded, and the last way needs nobody's good will.
 */

export const ESCROW = 2;
export const ESCROW_OPS = { fund: 0, release: 1, refund: 2, split: 3, cancel: 4 } as const;
/** Five years in milliseconds: no deadline is further away. */
export const MAX_TERM = 5n * 365n * 86_400_000n;
/** Key `[16][buyer 20][tag u64][zero 3]`. */
export const ESCROW_RECORD = { amount: 0, deadline: 8, seller: 16, arbiter: 36, asset: 56, bytes: 72 } as const;
/** Event of every end: what the seller got u64, what the buyer got u64, the escrow's key without its space 31. */
export const ESCROW_ENDED = 1;

const PREFIX: Uint8Array = new Uint8Array([SPACE.escrow]);

/** {amount u64, deadline u64, escrow u8, from u8, seller 20, arbiter 20}; zeros as arbiter: none; as seller refused. */
function fund(context: Context): void {
  context.require(context.argumentsLength === 58, REFUSED.malformed);
  const amount = context.argU64(0);
  const deadline = context.argU64(8);
  const key = context.argU8(16);
  const from = context.argU8(17);
  const seller = context.argBytes(18, ADDRESS_BYTES);
  // What is paid to the address of zeros nobody has.
  context.require(!isZero(seller), REFUSED.malformed);
  requireNewOwned(context, key, SPACE.escrow);
  context.require(deadline > context.time, REFUSED.tooEarly);
  context.require(deadline <= context.time + MAX_TERM, REFUSED.tooLate);
  const asset = assetOf(context, from);
  debit(context, from, asset, amount);
  context.create(key, ESCROW_RECORD.bytes);
  context.setU64(key, ESCROW_RECORD.amount, amount);
  context.setU64(key, ESCROW_RECORD.deadline, deadline);
  context.setBytes(key, ESCROW_RECORD.seller, seller);
  context.setBytes(key, ESCROW_RECORD.arbiter, context.argBytes(38, ADDRESS_BYTES));
  context.setBytes(key, ESCROW_RECORD.asset, asset);
}

/** {escrow u8, to u8}: the buyer pays the seller, at any time. */
function release(context: Context): void {
  context.require(context.argumentsLength === 2, REFUSED.malformed);
  const key = context.argU8(0);
  requireRecord(context, key, PREFIX);
  context.require(context.keyIsSigners(key), REFUSED.party);
  const amount = context.u64(key, ESCROW_RECORD.amount);
  pay(context, context.argU8(1), sellerOf(context, key), escrowAsset(context, key), amount);
  end(context, key, amount, 0n);
}

/** {escrow u8, to u8}: anybody, from the deadline on; to the buyer. */
function refund(context: Context): void {
  context.require(context.argumentsLength === 2, REFUSED.malformed);
  const key = context.argU8(0);
  requireRecord(context, key, PREFIX);
  context.require(context.time >= context.u64(key, ESCROW_RECORD.deadline), REFUSED.tooEarly);
  payBack(context, key, context.argU8(1));
}

/** {escrow u8, to u8}: the seller gives up, at any time; to the buyer. */
function cancel(context: Context): void {
  context.require(context.argumentsLength === 2, REFUSED.malformed);
  const key = context.argU8(0);
  requireRecord(context, key, PREFIX);
  context.require(context.keyMatches(0, 1, sellerOf(context, key)), REFUSED.party);
  payBack(context, key, context.argU8(1));
}

/**
 * {seller's share u16 in basis points, escrow u8, to the seller u8, to the buyer u8}: the arbiter, while the money is
 * there. The seller's part is rounded down and the buyer has the rest.
 */
function split(context: Context): void {
  context.require(context.argumentsLength === 5, REFUSED.malformed);
  const share = BigInt(context.argU16(0));
  const key = context.argU8(2);
  context.require(share <= BASIS_POINTS, REFUSED.malformed);
  requireRecord(context, key, PREFIX);
  const arbiter = context.bytes(key, ESCROW_RECORD.arbiter, ADDRESS_BYTES);
  context.require(context.keyMatches(0, 1, arbiter), REFUSED.party);
  const amount = context.u64(key, ESCROW_RECORD.amount);
  const asset = escrowAsset(context, key);
  const toSeller = mulDivDown(amount, share, BASIS_POINTS);
  pay(context, context.argU8(3), sellerOf(context, key), asset, toSeller);
  pay(context, context.argU8(4), ownerOf(context, key), asset, amount - toSeller);
  end(context, key, toSeller, amount - toSeller);
}

function payBack(context: Context, key: number, to: number): void {
  const amount = context.u64(key, ESCROW_RECORD.amount);
  pay(context, to, ownerOf(context, key), escrowAsset(context, key), amount);
  end(context, key, 0n, amount);
}

function end(context: Context, key: number, toSeller: bigint, toBuyer: bigint): void {
  const data = new Uint8Array(16 + 31);
  const view = new DataView(data.buffer);
  view.setBigUint64(0, toSeller, true);
  view.setBigUint64(8, toBuyer, true);
  data.set(context.keyBytes(key, 1, 31), 16);
  context.emit(ESCROW_ENDED, data);
  context.remove(key);
}

function sellerOf(context: Context, key: number): Uint8Array {
  return context.bytes(key, ESCROW_RECORD.seller, ADDRESS_BYTES);
}

function escrowAsset(context: Context, key: number): Uint8Array {
  return context.bytes(key, ESCROW_RECORD.asset, ASSET_BYTES);
}

export const escrow: Program = {
  id: ESCROW,
  name: 'escrow',
  spaces: [...HOLDING_SPACES, SPACE.escrow],
  operations: new Map([
    [ESCROW_OPS.fund, { name: 'fund', gas: 100, run: fund }],
    [ESCROW_OPS.release, { name: 'release', gas: 100, run: release }],
    [ESCROW_OPS.refund, { name: 'refund', gas: 100, run: refund }],
    [ESCROW_OPS.split, { name: 'split', gas: 120, run: split }],
    [ESCROW_OPS.cancel, { name: 'cancel', gas: 100, run: cancel }],
  ]),
  statuses: REFUSED_NAMES,
};
