import { encodeBalance, encodeIdentity, getClaims, type IdentityFacts, nameKey } from '../../../src/claims/index.ts';
import type {
  ClaimBinding,
  ClaimRequest,
  Claims,
  Credential,
  Policy,
  RegistrySnapshot,
  SchemaName,
} from '../../../src/claims/interface.ts';
import { getSigningCrypto, type SigningCrypto } from '../../../src/crypto/index.ts';

/** A small network made by hand: two identity issuers, two custodians, one list, one holder. Nothing here is random. */

export const NOW = Date.UTC(2026, 10, 22, 12) / 1000;
export const HOUR = 3_600;
export const DAY = 86_400;
export const SECRET = 123_456_789_012_345_678_901_234_567_890n;

export const claims: Claims = await getClaims();
const crypto: SigningCrypto = await getSigningCrypto();

export const KEYS = {
  identity: new Uint8Array(32).fill(11),
  identity2: new Uint8Array(32).fill(12),
  custodian: new Uint8Array(32).fill(21),
  custodian2: new Uint8Array(32).fill(22),
  stranger: new Uint8Array(32).fill(99),
} as const;

export function publicKey(secretKey: Uint8Array): { x: string; y: string } {
  const { x, y } = crypto.publicKey(secretKey);
  return { x: x.toString(), y: y.toString() };
}

export const FACTS: IdentityFacts = {
  entityType: 'person',
  birthDate: '1990-05-17',
  country: 'DE',
  nationality: 'FR',
  kycLevel: 2,
  nameKey: nameKey('Erika Mustermann'),
  personRef: 4_711n,
};

export interface Signing {
  key?: Uint8Array;
  secret?: bigint;
  serial?: bigint;
  issuedAt?: number;
  expiresAt?: number;
}

let nextSerial = 1_000n;
const signed = new Map<string, Credential>();

/** Signs once for the same arguments: circomlibjs takes tens of milliseconds for it. */
export function sign(schema: SchemaName, attributes: string[], options: Signing = {}): Credential {
  const key = JSON.stringify([schema, attributes, Object.entries(options).map(String)]);
  const credential = signed.get(key) ?? signNow(schema, attributes, options);
  signed.set(key, credential);
  return credential;
}

function signNow(schema: SchemaName, attributes: string[], options: Signing): Credential {
  const key = options.key ?? (schema === 'identity' ? KEYS.identity : KEYS.custodian);
  const unsigned = {
    schema,
    holder: claims.holderOf(options.secret ?? SECRET).toString(),
    serial: (options.serial ?? nextSerial++).toString(),
    issuedAt: options.issuedAt ?? NOW - HOUR,
    expiresAt: options.expiresAt ?? NOW + DAY,
    attributes,
  };
  const { r8x, r8y, s } = crypto.signPoseidon(key, claims.credentialMessage(unsigned));
  return {
    ...unsigned,
    issuer: publicKey(key),
    signature: { r8x: r8x.toString(), r8y: r8y.toString(), s: s.toString() },
  };
}

export function identity(facts: Partial<IdentityFacts> = {}, options: Signing = {}): Credential {
  return sign('identity', encodeIdentity({ ...FACTS, ...facts }), options);
}

export function account(amount: bigint, accountRef: bigint, options: Signing & { asset?: string } = {}): Credential {
  return sign('balance', encodeBalance({ asset: options.asset ?? 'EUR', amount, accountRef }), options);
}

export function snapshot(options: { revoked?: string[]; listed?: bigint[]; lists?: boolean } = {}): RegistrySnapshot {
  const content = {
    issuers: [
      { name: 'KYC One', ...publicKey(KEYS.identity), schema: 'identity' as const, revoked: options.revoked ?? [] },
      { name: 'Bank One', ...publicKey(KEYS.custodian), schema: 'balance' as const, revoked: [] },
      { name: 'KYC Two', ...publicKey(KEYS.identity2), schema: 'identity' as const, revoked: ['5', '77'] },
      { name: 'Bank Two', ...publicKey(KEYS.custodian2), schema: 'balance' as const, revoked: [] },
    ],
    lists:
      options.lists === false
        ? []
        : [
            {
              name: 'sanctions',
              elements: (options.listed ?? [nameKey('Bad Actor'), nameKey('Worse Actor'), nameKey('Shell Company Ltd')])
                .sort((a, b) => (a < b ? -1 : 1))
                .map(String),
            },
          ],
  };
  const root = claims.registryRoot(content).toString();
  return { network: 'local', sequence: 7, issuedAt: NOW - DAY, ...content, root };
}

export const BINDING: ClaimBinding = {
  network: 'local',
  kind: 'claim',
  offerId: '11'.repeat(32),
  orderId: '22'.repeat(32),
  counterparty: '33'.repeat(32),
  pseudonym: '44'.repeat(32),
  expiresAt: NOW + HOUR,
};

export function request(
  policy: Policy,
  credentials: readonly Credential[],
  changes: Partial<ClaimRequest> = {},
): ClaimRequest {
  return { policy, secret: SECRET, credentials, registry: snapshot(), binding: BINDING, now: NOW, ...changes };
}
