import { createHash } from 'node:crypto';
import { MESSAGE_ID_BYTES } from './constants.ts';

const DOMAIN = Buffer.from('zkbazaar/gossip/1\n', 'utf8');

/**
 * Gossip message id: `SHA-256(domain, length of topic, topic, data)[:20]`, the length as four big-endian bytes. Over the
 * whole message, proof and signature included: an id over less would let a bad copy be seen first and censor the good one.
 */
export function messageId(topic: string, data: Uint8Array): Uint8Array {
  const name = Buffer.from(topic, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  const hash = createHash('sha256').update(DOMAIN).update(length).update(name).update(data).digest();
  return new Uint8Array(hash.subarray(0, MESSAGE_ID_BYTES));
}
