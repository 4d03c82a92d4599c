/** Envelopes for tests. The proofs in them are bytes of the right length, nothing more. */
import type { CircuitName } from '../../../src/claims/interface.ts';
import {
  createEnvelope,
  type Envelope,
  type EnvelopeInit,
  type EnvelopeProof,
  encodeBody,
  type Signer,
  signEnvelope,
  signerFromSeed,
} from '../../../src/envelope/index.ts';

export const NETWORK = 'local';
export const NOW = 1_795_000_000;
export const ID_A = 'aa'.repeat(32);
export const ID_B = 'bb'.repeat(32);
export const KEY_ID = 'cd'.repeat(32);

export const signer: Signer = signerFromSeed(new Uint8Array(32).fill(7));

export function proof(overrides: Partial<EnvelopeProof> & { circuit?: CircuitName } = {}): EnvelopeProof {
  return {
    circuit: 'credential',
    verifyingKey: KEY_ID,
    policy: '{"credential":{"compare":[],"schema":"identity"},"unique":false,"v":1}',
    registryRoot: 12345n,
    publicSignals: ['11', '12', '0', '12345', '15', String(NOW), '17', '18'],
    proof: new Uint8Array(128).fill(9),
    ...overrides,
  };
}

export function claim(overrides: Partial<EnvelopeInit> = {}, author: Signer = signer): Envelope {
  const body = encodeBody('claim', { offerId: ID_A, orderId: ID_B, counterparty: ID_A });
  const init: EnvelopeInit = {
    kind: 'claim',
    expiresAt: NOW + 600,
    pseudonym: author.publicKey,
    body,
    proof: proof(),
    ...overrides,
  };
  return signEnvelope(createEnvelope(init), NETWORK, author);
}

export const LISTING_BODY = {
  v: 1,
  side: 'sell',
  title: 'A bicycle, blue',
  price: { asset: 'EUR', amount: '120000' },
  takerPolicy: '',
  units: 1,
  peer: '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo',
  addresses: ['/ip4/127.0.0.1/tcp/4390'],
} as const;

export function listing(overrides: Partial<EnvelopeInit> = {}, author: Signer = signer): Envelope {
  const body = encodeBody('listing', { ...LISTING_BODY, addresses: [...LISTING_BODY.addresses] });
  const init: EnvelopeInit = {
    kind: 'listing',
    expiresAt: NOW + 3600,
    pseudonym: author.publicKey,
    body,
    ...overrides,
  };
  return signEnvelope(createEnvelope(init), NETWORK, author);
}
