import { fromHex } from '../base/bytes.ts';
import { nowSeconds } from '../base/clock.ts';
import type { RegistryView } from '../claims/interface.ts';
import {
  decodeBody,
  EnvelopeError,
  EnvelopeErrorCode,
  type RegistryBody,
  receiptSigningBytes,
  verifySignature,
} from '../envelope/index.ts';
import { type Candidate, type CheckContext, readPolicy } from './candidate.ts';
import { GossipError } from './errors.ts';
import type { GossipMessage } from './interface.ts';

/** The body, and what each kind demands besides. */
export function checkKind(candidate: Candidate, message: GossipMessage, context: CheckContext): void {
  const { envelope, record } = candidate;
  switch (envelope.kind) {
    case 'claim':
      record.offerId = decodeBody('claim', envelope.body).offerId;
      return;
    case 'listing': {
      const { takerPolicy } = decodeBody('listing', envelope.body);
      if (takerPolicy !== '') readPolicy(takerPolicy, message, context);
      return;
    }
    case 'listing-update': {
      record.offerId = decodeBody('listing-update', envelope.body).offerId;
      const author = context.components.store.envelopes.authorOf(record.offerId);
      if (author === undefined) throw new GossipError('GOSSIP_UNKNOWN_LISTING', 'the listing is not known here');
      if (author !== record.pseudonym) throw new GossipError('GOSSIP_WRONG_AUTHOR', 'not by the author of the listing');
      return;
    }
    case 'registry':
      candidate.registry = checkRegistry(decodeBody('registry', envelope.body), record.pseudonym, context);
      return;
    case 'receipt': {
      const body = decodeBody('receipt', envelope.body);
      record.offerId = body.offerId;
      const signed = receiptSigningBytes(body, record.pseudonym, context.init.network);
      const [key, signature] = [fromHex(body.counterparty), fromHex(body.counterSignature)];
      if (!key || !signature || !verifySignature(key, signed, signature)) {
        throw new EnvelopeError(EnvelopeErrorCode.Signature, 'the counterparty did not sign this receipt');
      }
    }
  }
}

function checkRegistry(body: RegistryBody, author: string, context: CheckContext): NonNullable<Candidate['registry']> {
  const { registryKey } = context.init;
  if (registryKey === null) throw new GossipError('GOSSIP_NO_REGISTRY', 'no registry key is configured here');
  if (author !== registryKey) throw new GossipError('GOSSIP_WRONG_AUTHOR', 'not by the registry of this network');
  const { components, tuning } = context;
  if (body.issuedAt > nowSeconds(components.clock) + tuning.clockSkewSeconds) {
    throw new GossipError('GOSSIP_FROM_FUTURE', 'the registry header is from the future');
  }
  const { sequence, issuedAt, root, lists, snapshot } = body;
  const view = {
    root: BigInt(root),
    sequence,
    listRoots: Object.fromEntries(Object.entries(lists).map(([name, value]) => [name, BigInt(value)])),
  };
  checkSequence(view, context);
  return { view, record: { sequence, issuedAt, root, lists, snapshotHash: snapshot } };
}

/** Whether this header is newer than what we have. Asked again just before it is kept. */
export function checkSequence(view: RegistryView, { components }: CheckContext): void {
  const current = components.registry.current();
  if (current === undefined || view.sequence > current.sequence) return;
  if (view.sequence < current.sequence) throw new GossipError('GOSSIP_STALE_SEQUENCE', 'an older registry header');
  if (view.root === current.root) throw new GossipError('GOSSIP_DUPLICATE', 'the registry header is known already');
  // Only the registry can do this: two roots under one number. Worth an operator's look, and nobody else's fault.
  throw new GossipError('GOSSIP_REGISTRY_CONFLICT', 'another root under the same sequence number');
}
