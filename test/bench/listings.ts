import { createEnvelope, createPseudonym, encodeBody, encodeEnvelope, signEnvelope } from '../../src/envelope/index.ts';
import { NETWORK } from './world.ts';

const LIFE_SECONDS = 3600;
/** Some peer id; nobody dials it. */
const PEER = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo';

/** Offers without a proof of their maker, each by a pseudonym of its own. */
export function listingEnvelopes(count: number): Uint8Array[] {
  const expiresAt = Math.floor(Date.now() / 1000) + LIFE_SECONDS;
  return Array.from({ length: count }, (_, i) => {
    const { signer } = createPseudonym();
    const body = encodeBody('listing', {
      v: 1,
      side: 'sell',
      title: `A bicycle, blue, number ${i + 1}`,
      price: { asset: 'EUR', amount: '120000' },
      takerPolicy: '',
      units: 1,
      peer: PEER,
      addresses: ['/ip4/127.0.0.1/tcp/4390'],
    });
    const unsigned = createEnvelope({ kind: 'listing', expiresAt, pseudonym: signer.publicKey, body });
    return encodeEnvelope(signEnvelope(unsigned, NETWORK, signer));
  });
}
