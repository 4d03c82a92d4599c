/**
 * The market: offers, orders on them, and the receipts both sides sign. Pure state transitions: no clock, no network,
 * no disk; `node/` brings those.
 *
 * Times are whole Unix seconds. Ids and keys are lower-case hex of 32 bytes. An offer's id is its envelope's id; an
 * order's id is derived from offer and taker pseudonym, so nobody can take an order's id before its taker does.
 */
import type { Policy } from '../claims/interface.ts';

// --- offers -----------------------------------------------------------------------------------------------------------

export interface Price {
  /** Code from the asset table, `EUR`. */
  asset: string;
  /** Minor units, decimal, 1 … 2^128-1. */
  amount: string;
}

/** How the other side's node is reached. */
export interface Contact {
  peerId: string;
  /** Multiaddrs; at most 8. */
  addresses: string[];
}

export type OfferSide = 'sell' | 'buy';

/** `taken`: all units are accepted. */
export type OfferStatus = 'open' | 'taken' | 'cancelled' | 'expired';

/** An offer as everyone can see it: a `listing` envelope and the newest `listing-update` by the same author. */
export interface Offer {
  id: string;
  /** The maker's pseudonym for this listing. */
  maker: string;
  side: OfferSide;
  title: string;
  description: string;
  price: Price;
  /** What a taker must prove. */
  policy: Policy;
  /** What the maker has proven, if anything. */
  makerPolicy: Policy | null;
  units: number;
  contact: Contact;
  /** When this node learnt of it. */
  receivedAt: number;
  expiresAt: number;
  /** What its maker said last, and the sequence number of that update (0: none yet). */
  announced: 'open' | 'taken' | 'cancelled';
  sequence: number;
  /** Made by this node. */
  mine: boolean;
}

export interface OfferView extends Offer {
  status: OfferStatus;
}

// --- orders -----------------------------------------------------------------------------------------------------------

export type OrderRole = 'maker' | 'taker';

/**
 * `proposed -> qualified -> accepted`, with `declined`, `cancelled` and `expired` as exits. `accepted` becomes final
 * once both have signed the receipt (`confirmed`); a payment driver adds its own states behind it.
 */
export type OrderState = 'proposed' | 'qualified' | 'accepted' | 'declined' | 'cancelled' | 'expired';

/** Why an order ended other than by `accepted`; bounded, so that it can label a metric. */
export type EndReason =
  | 'MAKER_DECLINED'
  | 'NOT_QUALIFIED'
  | 'OFFER_FILLED'
  | 'OFFER_CANCELLED'
  | 'TAKER_CANCELLED'
  | 'TAKER_GONE'
  | 'NEVER_QUALIFIED'
  | 'NEVER_DECIDED'
  | 'NEVER_CONFIRMED';

/** What both sides agree on; fixed when the order is proposed, repeated in the receipt. */
export interface OrderTerms {
  v: 1;
  network: string;
  offerId: string;
  orderId: string;
  maker: string;
  taker: string;
  side: OfferSide;
  title: string;
  price: Price;
  /** The payment driver's name; `none`: settled between the two, outside of zkbazaar. */
  payment: string;
  createdAt: number;
  /** Until then the maker's node must have verified the claim. */
  qualifyBy: number;
  /** Until then the maker may accept; also the expiry of the claim. */
  decideBy: number;
  /** Seconds from acceptance within which the taker's node must countersign. */
  confirmSeconds: number;
}

/** Signed by the maker on accepting, countersigned by the taker on confirming. */
export interface Receipt {
  terms: OrderTerms;
  /** Envelope id of the claim that the maker verified. */
  claimId: string;
  acceptedAt: number;
  /** Ed25519 by `terms.maker` over `receiptBytes`, hex. */
  makerSignature: string;
  /** Ed25519 by `terms.taker` over the same bytes, hex; null until confirmed. */
  takerSignature: string | null;
}

export interface Order {
  id: string;
  role: OrderRole;
  state: OrderState;
  terms: OrderTerms;
  /** Envelope id of the claim; '' until the maker has verified it. */
  claimId: string;
  /** What the claim disclosed, in the policy's words (`DE`), or null. */
  disclosed: string | null;
  /** The other side's node. */
  contact: Contact;
  receipt: Receipt | null;
  /** Accepted and countersigned, and known to be so here. */
  confirmed: boolean;
  reason: EndReason | null;
  /** Free words of the side that ended it, at most 280 characters; '' for none. */
  note: string;
  /** The other side has not yet shown that it knows this state. */
  unsent: boolean;
  /** When each state was entered here. */
  history: { state: OrderState; at: number }[];
}

/** An order with what follows from it at a given time. */
export interface OrderView extends Order {
  /** When it moves on by itself; null for a final state. */
  deadline: number | null;
  /** Who must act next. */
  nextActor: OrderRole | null;
  final: boolean;
}

/** What may happen to an order. `peer-*` events come out of messages already checked; `tick` is the passing of time. */
export type OrderEvent =
  | { type: 'verified'; claimId: string; disclosed: string | null }
  | { type: 'refused'; reason: 'NOT_QUALIFIED' | 'OFFER_FILLED' | 'OFFER_CANCELLED'; note: string }
  | { type: 'accept'; receipt: Receipt }
  | { type: 'decline'; reason: 'MAKER_DECLINED' | 'OFFER_FILLED' | 'OFFER_CANCELLED'; note: string }
  | { type: 'cancel'; note: string }
  | { type: 'peer-qualified' }
  | { type: 'peer-declined'; reason: EndReason; note: string }
  | { type: 'peer-accepted'; receipt: Receipt }
  | { type: 'peer-confirmed'; receipt: Receipt }
  | { type: 'peer-ended'; state: 'cancelled' | 'expired'; note: string }
  | { type: 'peer-knows' }
  | { type: 'tick' };

// --- messages between the two nodes ------------------------------------------------------------------------------------

/**
 * The one message of `/zkbazaar/<network>/order/1`, both as request and as response: the sender's own state, signed with
 * its pseudonym. Sending it again changes nothing; whoever missed a notification learns it from the next answer.
 */
export interface OrderMessage {
  v: 1;
  network: string;
  offerId: string;
  orderId: string;
  from: OrderRole;
  state: OrderState;
  at: number;
  reason: EndReason | null;
  note: string;
  /** With the taker's `proposed` only. */
  proposal: Proposal | null;
  /** With `accepted` only. */
  receipt: Receipt | null;
  /** Ed25519 by the sender's pseudonym over `orderMessageBytes`, hex. */
  signature: string;
}

export interface Proposal {
  terms: OrderTerms;
  /** The claim's envelope, base64. */
  claim: string;
  contact: Contact;
}

// --- payment ----------------------------------------------------------------------------------------------------------

/**
 * How an accepted order is paid. The one driver so far is `none`: zkbazaar's part ends with the receipt that both
 * signed, and the two settle outside. A driver with escrow will hold `accepted` open until its deadline and add
 * `escrowed -> delivered -> released` with `disputed, refunded, slashed` as exits behind it.
 */
export interface PaymentPort {
  readonly driver: string;
  /** True if nothing follows a confirmed receipt. */
  settlesOutside(terms: OrderTerms): boolean;
}

// --- limits and errors --------------------------------------------------------------------------------------------------

/** A maker's limits; from `config.market`. */
export interface MarketLimits {
  maxOpenOrdersPerOffer: number;
  maxOpenOrders: number;
}

/** What a maker checks a proposal against, cheapest first; all before any proof is looked at. */
export interface ProposalContext {
  offer: Offer | undefined;
  /** All orders this node has as maker that are not final. */
  openOrders: readonly Order[];
  /** Name of the maker's payment driver. */
  payment: string;
  limits: MarketLimits;
  now: number;
  /** Tolerated difference of clocks, in seconds. */
  clockSkew: number;
}

/** What the market reads in a claim's envelope. */
export interface ClaimFacts {
  envelopeId: string;
  /** Canonical JSON. */
  policy: string;
  pseudonym: string;
  offerId: string;
  orderId: string;
  counterparty: string;
  expiresAt: number;
  /** The proof's own `now`, in seconds: when what it says held. */
  provedAt: number;
}

export const MarketErrorCode = {
  BadOffer: 'MARKET_BAD_OFFER',
  UnknownOffer: 'MARKET_UNKNOWN_OFFER',
  OfferClosed: 'MARKET_OFFER_CLOSED',
  NotYourOffer: 'MARKET_NOT_YOUR_OFFER',
  OwnOffer: 'MARKET_OWN_OFFER',
  /** Retry later: too many orders are open; says nothing about the taker. */
  OfferBusy: 'MARKET_OFFER_BUSY',
  /** Retry later: the claim cannot be judged now. */
  TryLater: 'MARKET_TRY_LATER',
  /** The claim is refused for good. */
  NotQualified: 'MARKET_NOT_QUALIFIED',
  BadTerms: 'MARKET_BAD_TERMS',
  BadMessage: 'MARKET_BAD_MESSAGE',
  BadSignature: 'MARKET_BAD_SIGNATURE',
  BadReceipt: 'MARKET_BAD_RECEIPT',
  WrongPolicy: 'MARKET_WRONG_POLICY',
  /** The proof was made too long ago, or back-dated; the taker proves anew. */
  ProofTooOld: 'MARKET_PROOF_TOO_OLD',
  WrongBinding: 'MARKET_WRONG_BINDING',
  UnknownOrder: 'MARKET_UNKNOWN_ORDER',
  /** The event does not fit the order's state; `where` names both. */
  IllegalTransition: 'MARKET_ILLEGAL_TRANSITION',
  PastDeadline: 'MARKET_PAST_DEADLINE',
} as const;
