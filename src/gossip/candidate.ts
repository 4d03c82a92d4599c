import type { CircuitName, ClaimBinding, ExpectedSignals, RegistryView } from '../claims/interface.ts';
import type { Envelope } from '../envelope/interface.ts';
import type { RegistryRecord, StoredEnvelope, Tag } from '../store/interface.ts';
import { GossipError } from './errors.ts';
import type { GossipComponents, GossipInit, GossipMessage, GossipTuning } from './interface.ts';
import type { KnownPolicy, PolicyBook } from './policy-book.ts';
import type { TokenBuckets } from './token-buckets.ts';

/** What is known of a message so far; a refusal leaves it half filled, and is logged with what there is. */
export interface Look {
  envelope?: Envelope;
  id?: string;
}

/** A message that passed stage 1. */
export interface Candidate {
  envelope: Envelope;
  id: string;
  record: StoredEnvelope;
  /** For registry messages. */
  registry?: { record: RegistryRecord; view: RegistryView };
  proof?: ProofCheck;
}

/** What is left to be shown about a proof. */
export interface ProofCheck {
  circuit: CircuitName;
  verifyingKey: string;
  signals: string[];
  /** As far as it is known without hashing a new policy. */
  expected: ExpectedSignals;
  /** False: the policy's hash must still be compared, after the proof has paid for it. */
  complete: boolean;
  policy: KnownPolicy;
  view: RegistryView;
  binding: ClaimBinding;
  now: number;
  tags: Tag[];
  context: string;
}

export interface CheckContext {
  init: GossipInit;
  tuning: GossipTuning;
  components: GossipComponents;
  topics: ReadonlySet<string>;
  exempt: ReadonlySet<string>;
  rate: TokenBuckets;
  newPolicies: TokenBuckets;
  book: PolicyBook;
}

/** What the envelope says of its proof, as far as it is not about the policy. */
export interface ShownProof {
  circuit: CircuitName;
  view: RegistryView;
  now: number;
}

/** A policy in its parsed form; new ones are rationed by peer. @throws GossipError GOSSIP_BAD_POLICY, GOSSIP_RATE_LIMITED */
export function readPolicy(
  text: string,
  message: GossipMessage,
  { book, exempt, newPolicies }: CheckContext,
): KnownPolicy {
  return book.read(text, () => {
    if (!exempt.has(message.from) && !newPolicies.take(message.from)) {
      throw new GossipError('GOSSIP_RATE_LIMITED', 'this peer brings new policies faster than it may');
    }
  });
}
