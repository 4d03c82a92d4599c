/**
 * Offers, orders and receipts as pure functions: `order-machine.ts` moves one side's copy of an order, `message.ts` is
 * what the two sides send each other, `follow.ts` says what the other side's state means for ours.
 */
export * from './constants.ts';
export { MarketError } from './errors.ts';
export { type Followed, follow } from './follow.ts';
export * from './interface.ts';
export {
  checkSender,
  decodeOrderMessage,
  describeOrder,
  encodeOrderMessage,
  isNote,
  orderMessageBytes,
} from './message.ts';
export {
  applyUpdate,
  checkOpen,
  checkUnitLeft,
  type ListingFacts,
  listingBody,
  type OfferDraft,
  offerFrom,
  statusOf,
  unitsConfirmed,
  unitsHeld,
  viewOffer,
} from './offer.ts';
export { deadlineOf, isFinal, nextActorOf, transition, viewOrder } from './order-machine.ts';
export { noPayment } from './payment.ts';
export { checkClaim, checkProposal, openOrder } from './proposal.ts';
export { checkReceipt, confirmBy, receiptBytes } from './receipt.ts';
export { checkTerms, createTerms, orderIdOf, type TermsInit } from './terms.ts';
