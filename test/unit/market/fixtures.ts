import { toHex } from '../../../src/base/bytes.ts';
import { parsePolicy } from '../../../src/claims/policy/index.ts';
import { createPseudonym, type Signer } from '../../../src/envelope/index.ts';
import {
  createTerms,
  describeOrder,
  type Offer,
  type Order,
  type OrderMessage,
  type OrderTerms,
  openOrder,
  orderMessageBytes,
  type Proposal,
  type Receipt,
  receiptBytes,
} from '../../../src/market/index.ts';

export const NETWORK = 'local';
export const START = 1_795_000_000;
export const PEER_ID = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2';
export const CLAIM_ID = 'c1'.repeat(32);

export interface Party {
  signer: Signer;
  key: string;
}

export function party(): Party {
  const { signer } = createPseudonym();
  return { signer, key: toHex(signer.publicKey) };
}

export function makeOffer(maker: Party, change: Partial<Offer> = {}): Offer {
  return {
    id: '0f'.repeat(32),
    maker: maker.key,
    side: 'sell',
    title: 'a bicycle',
    description: '',
    price: { asset: 'EUR', amount: '120000' },
    policy: parsePolicy('balance(EUR) >= 1200 and age >= 18 and unique'),
    makerPolicy: null,
    units: 1,
    contact: { peerId: PEER_ID, addresses: [] },
    receivedAt: START,
    expiresAt: START + 86_400,
    announced: 'open',
    sequence: 0,
    mine: true,
    ...change,
  };
}

export function makeTerms(offer: Offer, taker: Party, now = START): OrderTerms {
  return createTerms({
    network: NETWORK,
    offer,
    taker: taker.key,
    payment: 'none',
    now,
    qualifySeconds: 900,
    decideSeconds: 3600,
    confirmSeconds: 600,
    maxProofSeconds: 86_400,
  });
}

export function makeOrder(role: Order['role'], terms: OrderTerms): Order {
  return openOrder(role, terms, { peerId: PEER_ID, addresses: [] }, terms.createdAt);
}

export function signMessage(order: Order, who: Party, now: number, proposal: Proposal | null = null): OrderMessage {
  const message = describeOrder(order, now, proposal);
  return { ...message, signature: toHex(who.signer.sign(orderMessageBytes(message))) };
}

export function signReceipt(terms: OrderTerms, acceptedAt: number, maker: Party, taker?: Party): Receipt {
  const body = { terms, claimId: CLAIM_ID, acceptedAt };
  const bytes = receiptBytes(body);
  return {
    ...body,
    makerSignature: toHex(maker.signer.sign(bytes)),
    takerSignature: taker === undefined ? null : toHex(taker.signer.sign(bytes)),
  };
}
