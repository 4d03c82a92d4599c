import { z } from 'zod';
import { parseDecimal } from '../base/field.ts';
import { SHORT_NAME } from '../base/short-name.ts';
import { ATTRIBUTE_COUNT } from './interface.ts';
import { LIST_NAME } from './policy/index.ts';
import { SCHEMA_NAMES } from './schemas.ts';

/** Shapes of all JSON that crosses a boundary with claims in it. Strict: an unknown key is an error, not a surprise later. */

const KEY_MAX = (1n << 128n) - 1n;
const TIME_LIMIT = 2 ** 40;

/** A canonical decimal below the scalar field's order. */
export const fieldDecimal = z
  .string()
  .max(78)
  .refine((text) => parseDecimal(text) !== undefined, 'must be a canonical decimal below the field order');

/** A 128-bit key strictly between a gap tree's sentinels. */
export const keyDecimal = z
  .string()
  .max(40)
  .refine((text) => {
    const value = parseDecimal(text);
    return value !== undefined && value > 0n && value < KEY_MAX;
  }, 'must be a canonical decimal above 0 and below 2^128 - 1');

/** Whole Unix seconds below 2^40. */
export const unixSeconds = z.int().min(0).lt(TIME_LIMIT);

const networkName = z.string().regex(SHORT_NAME, 'must be a network name');
const hexOrEmpty = z.string().regex(/^(?:[0-9a-f]{64})?$/, 'must be 64 lower-case hex digits, or empty');
const displayName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{C}]+$/u, 'must hold no control characters');

export const bindingSchema = z.strictObject({
  network: networkName,
  kind: z.enum(['claim', 'listing']),
  offerId: hexOrEmpty,
  orderId: hexOrEmpty,
  counterparty: hexOrEmpty,
  pseudonym: hexOrEmpty,
  expiresAt: unixSeconds,
});

export const credentialSchema = z
  .strictObject({
    schema: z.enum(SCHEMA_NAMES),
    holder: fieldDecimal,
    serial: keyDecimal,
    issuedAt: unixSeconds,
    expiresAt: unixSeconds,
    attributes: z.array(fieldDecimal).length(ATTRIBUTE_COUNT),
    issuer: z.strictObject({ x: fieldDecimal, y: fieldDecimal }),
    signature: z.strictObject({ r8x: fieldDecimal, r8y: fieldDecimal, s: fieldDecimal }),
  })
  .refine((credential) => credential.issuedAt < credential.expiresAt, {
    path: ['expiresAt'],
    message: 'must lie after issuedAt',
  });

/** Strictly ascending, so that a set has one spelling and none is there twice. */
const ascendingKeys = z.array(keyDecimal).refine((keys) => {
  let last = 0n;
  return keys.every((key) => {
    const value = BigInt(key);
    const rises = value > last;
    last = value;
    return rises;
  });
}, 'must be strictly ascending');

export const registryIssuerSchema = z.strictObject({
  name: displayName,
  x: fieldDecimal,
  y: fieldDecimal,
  schema: z.enum(SCHEMA_NAMES),
  revoked: ascendingKeys,
});

export const registryListSchema = z.strictObject({
  name: z.string().regex(LIST_NAME, 'must be a list name: a-z, then a-z, 0-9 and _'),
  elements: ascendingKeys,
});

export const registrySnapshotSchema = z.strictObject({
  network: networkName,
  sequence: z.int().min(0),
  issuedAt: unixSeconds,
  issuers: z.array(registryIssuerSchema).max(4096),
  lists: z.array(registryListSchema).max(64),
  root: fieldDecimal,
});

export const signedRegistrySnapshotSchema = registrySnapshotSchema.extend({
  signature: z.string().regex(/^[0-9a-f]{128}$/, 'must be 64 bytes of lower-case hex'),
});

// Shape only: whether a coordinate is canonical, on the curve and in the subgroup is the verifier's question, which
// answers it with a code of its own.
const coordinate = z.string().min(1).max(80);
const pair = z.tuple([coordinate, coordinate]);

/** snarkjs `proof.json`. */
export const proofSchema = z.strictObject({
  pi_a: z.tuple([coordinate, coordinate, coordinate]),
  pi_b: z.tuple([pair, pair, pair]),
  pi_c: z.tuple([coordinate, coordinate, coordinate]),
  protocol: z.literal('groth16'),
  curve: z.literal('bn128'),
});

/** snarkjs `public.json`. */
export const publicSignalsSchema = z.array(z.string().min(1).max(80)).max(64);
