import { z } from 'zod';
import { utf8 } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import {
  MAX_ADDRESS_CHARACTERS,
  MAX_CONTACT_ADDRESSES,
  MAX_NOTE_CHARACTERS,
  MAX_ORDER_MESSAGE_BYTES,
} from './constants.ts';
import { MarketError } from './errors.ts';
import {
  MarketErrorCode,
  type Order,
  type OrderMessage,
  type OrderTerms,
  type Proposal,
  type Receipt,
} from './interface.ts';
import { signedBy } from './receipt.ts';

const id = z.string().regex(/^[0-9a-f]{64}$/);
const signature = z.string().regex(/^[0-9a-f]{128}$/);
const seconds = z
  .int()
  .min(0)
  .max(2 ** 40);
const amount = z.string().regex(/^[1-9][0-9]{0,38}$/);

/** What a person reads of the other side: control characters and bidirectional overrides would paint over a terminal. */
const noteSchema = z
  .string()
  .max(MAX_NOTE_CHARACTERS)
  .regex(/^[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]*$/u, 'must be one printable line');

const termsSchema = z.strictObject({
  v: z.literal(1),
  network: z.string().min(1).max(32),
  offerId: id,
  orderId: id,
  maker: id,
  taker: id,
  side: z.enum(['sell', 'buy']),
  title: z.string().min(1).max(120),
  price: z.strictObject({ asset: z.string().min(1).max(16), amount }),
  payment: z.string().min(1).max(32),
  createdAt: seconds,
  qualifyBy: seconds,
  decideBy: seconds,
  confirmSeconds: seconds,
}) satisfies z.ZodType<OrderTerms>;

const receiptSchema = z.strictObject({
  terms: termsSchema,
  claimId: id,
  acceptedAt: seconds,
  makerSignature: signature,
  takerSignature: signature.nullable(),
}) satisfies z.ZodType<Receipt>;

const contactSchema = z.strictObject({
  peerId: z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{32,64}$/),
  addresses: z.array(z.string().startsWith('/').max(MAX_ADDRESS_CHARACTERS)).max(MAX_CONTACT_ADDRESSES),
});

const proposalSchema = z.strictObject({
  terms: termsSchema,
  claim: z.base64().max(8192),
  contact: contactSchema,
}) satisfies z.ZodType<Proposal>;

const messageSchema = z.strictObject({
  v: z.literal(1),
  network: z.string().min(1).max(32),
  offerId: id,
  orderId: id,
  from: z.enum(['maker', 'taker']),
  state: z.enum(['proposed', 'qualified', 'accepted', 'declined', 'cancelled', 'expired']),
  at: seconds,
  reason: z
    .enum([
      'MAKER_DECLINED',
      'NOT_QUALIFIED',
      'OFFER_FILLED',
      'OFFER_CANCELLED',
      'TAKER_CANCELLED',
      'TAKER_GONE',
      'NEVER_QUALIFIED',
      'NEVER_DECIDED',
      'NEVER_CONFIRMED',
    ])
    .nullable(),
  note: noteSchema,
  proposal: proposalSchema.nullable(),
  receipt: receiptSchema.nullable(),
  signature,
}) satisfies z.ZodType<OrderMessage>;

/** Whether the other side's node would take these words. */
export function isNote(text: string): boolean {
  return noteSchema.safeParse(text).success;
}

/** What the sender signs. */
export function orderMessageBytes(message: Omit<OrderMessage, 'signature'>): Uint8Array {
  const { signature: _, ...rest } = message as OrderMessage;
  return utf8(`zkbazaar/order-message/1\n${canonicalJson(rest as unknown as Json)}`);
}

/** One side's present state as a message, before it is signed. */
export function describeOrder(
  order: Order,
  now: number,
  proposal: Proposal | null = null,
): Omit<OrderMessage, 'signature'> {
  return {
    v: 1,
    network: order.terms.network,
    offerId: order.terms.offerId,
    orderId: order.id,
    from: order.role,
    state: order.state,
    at: now,
    reason: order.reason,
    note: order.note,
    proposal: order.state === 'proposed' && order.role === 'taker' ? proposal : null,
    receipt: order.state === 'accepted' ? order.receipt : null,
  };
}

export function encodeOrderMessage(message: OrderMessage): Uint8Array {
  return utf8(canonicalJson(message as unknown as Json));
}

/**
 * Reads a message and checks all that needs no order: size, shape, network, and that its parts belong to its state.
 * The signature is checked by `checkSender`, once it is known whose it must be.
 * @throws MarketError MARKET_BAD_MESSAGE with the field in `where`
 */
export function decodeOrderMessage(bytes: Uint8Array, network: string): OrderMessage {
  const bad = (what: string, where?: string) => new MarketError(MarketErrorCode.BadMessage, what, { where });
  if (bytes.length > MAX_ORDER_MESSAGE_BYTES)
    throw bad(`an order message has at most ${MAX_ORDER_MESSAGE_BYTES} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw bad('an order message is JSON in UTF-8');
  }
  const parsed = messageSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw bad(issue?.message ?? 'not an order message', issue?.path.join('.'));
  }
  const message = parsed.data;
  if (message.network !== network) throw bad(`the message is for network ${message.network}`, 'network');
  if ((message.state === 'accepted') !== (message.receipt !== null))
    throw bad('a receipt comes with accepted only', 'receipt');
  if (message.proposal !== null && (message.state !== 'proposed' || message.from !== 'taker')) {
    throw bad("a proposal comes with the taker's proposed only", 'proposal');
  }
  if (message.from === 'maker' && message.state === 'proposed') throw bad('a maker has nothing to propose', 'state');
  return message;
}

/** @throws MarketError MARKET_BAD_SIGNATURE */
export function checkSender(message: OrderMessage, pseudonym: string): void {
  if (!signedBy(pseudonym, orderMessageBytes(message), message.signature)) {
    throw new MarketError(MarketErrorCode.BadSignature, `the ${message.from} has not signed this message`, {
      where: 'signature',
    });
  }
}
