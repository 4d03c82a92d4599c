import { parseDecimal, SCALAR_FIELD_ORDER } from '../base/field.ts';
import { type Crypto, TAGS } from '../crypto/index.ts';
import { ClaimError, ClaimErrorCode } from './errors.ts';
import { ATTRIBUTE_COUNT, type Credential } from './interface.ts';
import { schemaId } from './schemas.ts';

/** The holder commitment: what issuers see in place of the secret. */
export function holderOf(crypto: Crypto, secret: bigint): bigint {
  if (secret < 1n || secret >= SCALAR_FIELD_ORDER) {
    throw new ClaimError(ClaimErrorCode.BadSecret, 'the holder secret is outside [1, r)');
  }
  return crypto.poseidon([TAGS.holder, secret]);
}

/** @throws ClaimError CLAIM_BAD_ATTRIBUTE unless all numbers are canonical decimals and there are eight attributes */
export function credentialMessage(crypto: Crypto, credential: Omit<Credential, 'signature' | 'issuer'>): bigint {
  const { schema, holder, serial, issuedAt, expiresAt, attributes } = credential;
  if (attributes.length !== ATTRIBUTE_COUNT) {
    throw new ClaimError(ClaimErrorCode.BadAttribute, `a credential has ${ATTRIBUTE_COUNT} attributes`);
  }
  const attributesHash = crypto.poseidon([TAGS.attrs, ...attributes.map(decimal)]);
  return crypto.poseidon([
    TAGS.credential,
    schemaId(schema),
    decimal(holder),
    decimal(serial),
    BigInt(issuedAt),
    BigInt(expiresAt),
    attributesHash,
  ]);
}

/** Whether the issuer named in it signed it; false for anything malformed. */
export function verifyCredential(crypto: Crypto, credential: Credential): boolean {
  const { issuer, signature } = credential;
  const [x, y, r8x, r8y, s] = [issuer.x, issuer.y, signature.r8x, signature.r8y, signature.s].map((text) =>
    parseDecimal(text),
  );
  if (x === undefined || y === undefined || r8x === undefined || r8y === undefined || s === undefined) return false;
  try {
    return crypto.verifyPoseidon({ x, y }, credentialMessage(crypto, credential), { r8x, r8y, s });
  } catch (error) {
    if (error instanceof ClaimError || error instanceof RangeError) return false;
    throw error;
  }
}

function decimal(text: string): bigint {
  const value = parseDecimal(text);
  if (value === undefined) {
    throw new ClaimError(ClaimErrorCode.BadAttribute, 'a credential holds a number that is no canonical decimal');
  }
  return value;
}
