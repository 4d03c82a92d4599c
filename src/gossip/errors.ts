import { CodedError, messageOf } from '../base/errors.ts';
import { EnvelopeError } from '../envelope/errors.ts';
import { StoreError } from '../store/errors.ts';
import { GOSSIP_CODES, type GossipCode } from './codes.ts';
import type { GossipAction } from './interface.ts';

/** A refusal that carries its verdict: what happens to the sender follows from the code alone. */
export class GossipError extends CodedError {
  declare readonly code: GossipCode;
  readonly action: GossipAction;

  constructor(code: GossipCode, message: string) {
    super(code, message);
    this.action = GOSSIP_CODES[code];
  }
}

/**
 * The one place where an error becomes a verdict. What is not foreseen is our own failure, and ignored: a bug here
 * must never punish an honest peer.
 */
export function verdictOf(error: unknown): { action: GossipAction; code: GossipCode; reason: string } {
  if (error instanceof GossipError) return { action: error.action, code: error.code, reason: error.message };
  if (error instanceof EnvelopeError) {
    return { action: GOSSIP_CODES[error.code], code: error.code, reason: error.message };
  }
  const code = error instanceof StoreError ? 'GOSSIP_STORE_FAILED' : 'GOSSIP_INTERNAL';
  return { action: GOSSIP_CODES[code], code, reason: messageOf(error) };
}
