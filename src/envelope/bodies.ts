import { z } from 'zod';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { parseDecimal } from '../base/field.ts';
import { MAX_BODY_BYTES, TIME_LIMIT } from './constants.ts';
import { EnvelopeError } from './errors.ts';
import { type EnvelopeBodies, EnvelopeErrorCode, type EnvelopeKind } from './interface.ts';

/** 32 bytes, lower-case hex. */
const id = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
const time = z
  .int()
  .min(1)
  .max(TIME_LIMIT - 1);
const fieldElement = z.string().refine((text) => parseDecimal(text) !== undefined, 'must be a decimal below r');
/** Minor units, 1 … 2^128-1. */
const amount = z.string().refine((text) => {
  const value = parseDecimal(text, 1n << 128n);
  return value !== undefined && value > 0n;
}, 'must be a positive decimal below 2^128');
// Control characters and bidirectional overrides would let a listing paint over a terminal or a page.
const printable = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/u, 'must be printable');
const asset = z.string().regex(/^[A-Z][A-Z0-9]{1,11}$/, 'must be an asset code');
const peerId = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{32,64}$/, 'must be a peer id in base58');
const address = z
  .string()
  .max(200)
  .regex(/^\/[!-~]+$/, 'must be a multiaddr');

/** One schema per kind; unknown fields are refused, so that nobody relays what nobody reads. */
export const bodySchemas = {
  claim: z.strictObject({ offerId: id, orderId: id, counterparty: id }),
  listing: z.strictObject({
    v: z.literal(1),
    side: z.enum(['sell', 'buy']),
    title: printable(1, 120),
    description: printable(0, 1000).optional(),
    price: z.strictObject({ asset, amount }),
    takerPolicy: z.string().max(1024),
    units: z.int().min(1).max(1000),
    peer: peerId,
    addresses: z.array(address).max(8),
    more: id.optional(),
  }),
  'listing-update': z.strictObject({
    v: z.literal(1),
    offerId: id,
    status: z.enum(['cancelled', 'taken', 'open']),
    sequence: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  }),
  registry: z.strictObject({
    v: z.literal(1),
    sequence: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
    issuedAt: time,
    root: fieldElement,
    lists: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'must be a list name'), fieldElement),
    snapshot: id,
  }),
  receipt: z.strictObject({
    v: z.literal(1),
    offerId: id,
    orderId: id,
    counterparty: id,
    outcome: z.enum(['released', 'refunded', 'slashed', 'cancelled']),
    receipt: id,
    counterSignature: z.string().regex(/^[0-9a-f]{128}$/, 'must be 128 lower-case hex digits'),
  }),
} as const satisfies { readonly [K in EnvelopeKind]: z.ZodType<EnvelopeBodies[K]> };

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Canonical bytes of a body. @throws EnvelopeError ENVELOPE_BODY where it breaks its schema or the size */
export function encodeBody<K extends EnvelopeKind>(kind: K, body: EnvelopeBodies[K]): Uint8Array {
  const bytes = Buffer.from(canonicalJson(checkBody(kind, body) as unknown as Json), 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    throw bodyError(`the body has ${bytes.length} bytes; at most ${MAX_BODY_BYTES}`, undefined);
  }
  return new Uint8Array(bytes);
}

/** Reads a body back; accepts the canonical bytes only. @throws EnvelopeError ENVELOPE_BODY */
export function decodeBody<K extends EnvelopeKind>(kind: K, bytes: Uint8Array): EnvelopeBodies[K] {
  if (bytes.length > MAX_BODY_BYTES) throw bodyError(`the body has more than ${MAX_BODY_BYTES} bytes`, undefined);
  let text: string;
  let parsed: unknown;
  let canonical: string;
  try {
    text = strictUtf8.decode(bytes);
    parsed = JSON.parse(text);
    canonical = canonicalJson(parsed as Json);
  } catch {
    throw bodyError('the body is no canonical JSON', undefined);
  }
  if (canonical !== text) throw bodyError('the body is JSON with a second spelling', undefined);
  const body = checkBody(kind, parsed);
  // What a schema drops in silence (a key such as __proto__) must not pass.
  if (canonicalJson(body as unknown as Json) !== text)
    throw bodyError('the body has a field that nobody reads', undefined);
  return body;
}

function checkBody<K extends EnvelopeKind>(kind: K, body: unknown): EnvelopeBodies[K] {
  const result = bodySchemas[kind].safeParse(body);
  if (result.success) return result.data as EnvelopeBodies[K];
  const issue = result.error.issues[0];
  throw bodyError(`the body of a ${kind} ${issue?.message ?? 'is wrong'}`, issue?.path.join('.') || undefined);
}

function bodyError(message: string, where: string | undefined): EnvelopeError {
  return new EnvelopeError(EnvelopeErrorCode.Body, message, { where: where === undefined ? 'body' : `body.${where}` });
}
