/** Protocol of orders, behind `/zkbazaar/<network>/`. */
export const ORDER_PROTOCOL = 'order/1';

/** A claim of 4 KiB in base64, terms and a receipt come to 9 KiB; above 16 KiB nothing honest lives. */
export const MAX_ORDER_MESSAGE_BYTES = 16_384;

export const MAX_NOTE_CHARACTERS = 280;
export const MAX_CONTACT_ADDRESSES = 8;
export const MAX_ADDRESS_CHARACTERS = 200;

/**
 * Shortest and longest time a taker's node may be given to countersign. Below the former a restart loses the order; the
 * taker chooses, and the unit stays locked that long, so the latter is a day.
 */
export const MIN_CONFIRM_SECONDS = 10;
export const MAX_CONFIRM_SECONDS = 86_400;

/**
 * Oldest proof that a maker takes. The network believes a proof for a day, and a prover may date it back by as much: to
 * show a credential that has ended since, or to pledge one account on two days at once. Who takes an order has just
 * proved; an hour leaves room for a maker that was away. Longer weakens expiry, shorter loses orders to slow machines.
 */
export const MAX_CLAIM_AGE_SECONDS = 3_600;

/**
 * How long after the last chance to confirm a taker keeps asking whether its confirmation arrived, and both sides keep
 * telling the other of an end. One day covers a laptop's night.
 */
export const SETTLE_NEWS_SECONDS = 86_400;
