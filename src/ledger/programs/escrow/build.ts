import { ADDRESS_BYTES } from '../../constants.ts';
import { type Call, callOf } from '../call.ts';
import { holdingKey, NATIVE, NOBODY } from '../holdings.ts';
import { ownedKey, SPACE } from '../spaces.ts';
import { ESCROW, ESCROW_OPS } from './program.ts';

/** Builders of program 2. Who ends an escrow must know its terms; they are in its record (`describe`). */

export interface EscrowTerms {
  readonly buyer: Uint8Array;
  /** A number that this buyer has used for no other escrow. */
  readonly tag: bigint;
  readonly seller: Uint8Array;
  readonly asset?: Uint8Array;
}

export function escrowKey(buyer: Uint8Array, tag: bigint): Uint8Array {
  return ownedKey(SPACE.escrow, buyer, tag);
}

export interface EscrowFunding extends EscrowTerms {
  readonly amount: bigint;
  /** Block time in milliseconds from which on anybody can send the money back. */
  readonly deadline: bigint;
  readonly arbiter?: Uint8Array;
}

export function fundEscrow(terms: EscrowFunding): Call {
  const { buyer, tag, seller, asset = NATIVE, amount, deadline, arbiter = NOBODY } = terms;
  const key = escrowKey(buyer, tag);
  const from = holdingKey(buyer, asset);
  return callOf(ESCROW, ESCROW_OPS.fund, { writes: [key, from] }, (at, out) =>
    out
      .u64(amount)
      .u64(deadline)
      .u8(at.write(key))
      .u8(at.write(from))
      .bytes(seller, ADDRESS_BYTES)
      .bytes(arbiter, ADDRESS_BYTES),
  );
}

/** Signed by the buyer. */
export function releaseEscrow({ buyer, tag, seller, asset = NATIVE }: EscrowTerms): Call {
  return ending(ESCROW_OPS.release, escrowKey(buyer, tag), holdingKey(seller, asset));
}

/** Signed by anybody, from the deadline on. */
export function refundEscrow({ buyer, tag, asset = NATIVE }: EscrowTerms): Call {
  return ending(ESCROW_OPS.refund, escrowKey(buyer, tag), holdingKey(buyer, asset));
}

/** Signed by the seller. */
export function cancelEscrow({ buyer, tag, asset = NATIVE }: EscrowTerms): Call {
  return ending(ESCROW_OPS.cancel, escrowKey(buyer, tag), holdingKey(buyer, asset));
}

/** Signed by the arbiter. @param sellerShare basis points, 0 to 10,000 */
export function splitEscrow({ buyer, tag, seller, asset = NATIVE }: EscrowTerms, sellerShare: number): Call {
  const key = escrowKey(buyer, tag);
  const [toSeller, toBuyer] = [holdingKey(seller, asset), holdingKey(buyer, asset)];
  return callOf(ESCROW, ESCROW_OPS.split, { writes: [key], credits: [toSeller, toBuyer] }, (at, out) =>
    out.u16(sellerShare).u8(at.write(key)).u8(at.credit(toSeller)).u8(at.credit(toBuyer)),
  );
}

function ending(operation: number, key: Uint8Array, to: Uint8Array): Call {
  return callOf(ESCROW, operation, { writes: [key], credits: [to] }, (at, out) =>
    out.u8(at.write(key)).u8(at.credit(to)),
  );
}
