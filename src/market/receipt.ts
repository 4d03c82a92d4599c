import { fromHex, utf8 } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { verifySignature } from '../envelope/index.ts';
import { MarketError } from './errors.ts';
import { MarketErrorCode, type OrderTerms, type Receipt } from './interface.ts';
import { sameTerms } from './terms.ts';

/** What both sides sign. */
export function receiptBytes(receipt: Pick<Receipt, 'terms' | 'claimId' | 'acceptedAt'>): Uint8Array {
  const { terms, claimId, acceptedAt } = receipt;
  return utf8(`zkbazaar/receipt/1\n${canonicalJson({ terms, claimId, acceptedAt } as unknown as Json)}`);
}

/** Last second at which the taker may countersign. */
export function confirmBy(receipt: Receipt): number {
  return receipt.acceptedAt + receipt.terms.confirmSeconds;
}

/**
 * Checks the maker's signature, and the taker's where there is one.
 * @throws MarketError MARKET_BAD_RECEIPT
 */
export function checkReceipt(receipt: Receipt, terms: OrderTerms): void {
  const wrong = (what: string, where: string) => new MarketError(MarketErrorCode.BadReceipt, what, { where });
  if (!sameTerms(receipt.terms, terms)) throw wrong('the receipt is about other terms', 'receipt.terms');
  if (receipt.acceptedAt > terms.decideBy)
    throw wrong('accepted after the last moment to decide', 'receipt.acceptedAt');
  const bytes = receiptBytes(receipt);
  if (!signedBy(terms.maker, bytes, receipt.makerSignature)) {
    throw wrong('the maker has not signed this receipt', 'receipt.makerSignature');
  }
  if (receipt.takerSignature !== null && !signedBy(terms.taker, bytes, receipt.takerSignature)) {
    throw wrong('the taker has not signed this receipt', 'receipt.takerSignature');
  }
}

/** Ed25519 over `bytes`; false for anything malformed. */
export function signedBy(publicKey: string, bytes: Uint8Array, signature: string): boolean {
  const key = fromHex(publicKey, 32);
  const value = fromHex(signature, 64);
  return key !== undefined && value !== undefined && verifySignature(key, bytes, value);
}
