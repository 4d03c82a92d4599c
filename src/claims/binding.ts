import { utf8 } from '../base/bytes.ts';
import { canonicalJson } from '../base/canonical-json.ts';
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
