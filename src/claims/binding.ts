import { utf8 } from '../base/bytes.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import { bytesToInteger } from '../base/field.ts';
import { sha248 } from '../crypto/index.ts';
import type { ClaimBinding } from './interface.ts';

/**
 * Hash of everything that a proof is bound to; a proof made for one order, counterparty, pseudonym or expiry shows
 * another context for every other. SHA-256 over canonical JSON, cut to 248 bits.
 */
export function contextOf(binding: ClaimBinding): bigint {
  // Field by field: a caller's extra property must not change the hash.
  const { network, kind, offerId, orderId, counterparty, pseudonym, expiresAt } = binding;
  return sha248(utf8(canonicalJson({ v: 1, network, kind, offerId, orderId, counterparty, pseudonym, expiresAt })));
}

/**
 * What the nullifier is unique within. `unique`: the offer, so that a holder shows the same nullifier whenever it comes
 * back to it. Otherwise the context, so that no two orders of a holder can be linked.
 */
export function scopeOf(unique: boolean, binding: ClaimBinding): bigint {
  if (unique) return sha248(utf8(`zkbazaar/scope/1\n${binding.network}\n${binding.offerId}`));
  const context = contextOf(binding).toString(16).padStart(62, '0');
  return sha248(utf8(`zkbazaar/scope/context/1\n${context}`));
}

/** What is put to the vote, and where: everything that the voters' nullifiers must differ by. */
export interface Question {
  /** Network of the ledger, hex of 16 bytes. */
  network: string;
  /** Id of the proposal, hex of 10 bytes. */
  proposal: string;
  question: string;
  options: readonly string[];
}

/**
 * The scope of votes by proof. Whoever chose a scope freely could choose that of an offer, and a vote would show the
 * nullifier that the voter's claim showed there; so a wallet proves within a hash that it has computed itself, under a
 * prefix that no offer's scope has. Network and proposal are in it: no two votes of one holder show the same nullifier.
 */
export function questionScope({ network, proposal, question, options }: Question): bigint {
  return sha248(utf8(`zkbazaar/question/1\n${canonicalJson({ network, proposal, question, options: [...options] })}`));
}

/** The context of a proof in a transaction: the address that signs it, as a little-endian integer. */
export function signerContext(address: Uint8Array): bigint {
  return bytesToInteger(Uint8Array.from(address).reverse());
}
