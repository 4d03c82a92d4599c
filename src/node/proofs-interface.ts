/** Policies, what is proved of them, and what is held against them. */

import type { CircuitName, ClaimBinding, Groth16Proof, Policy, Shortfall } from '../claims/interface.ts';
import type { JobEvent, ProgressListener, ProofJob, ProofResult } from '../prover/interface.ts';

/** A policy as text (`balance(EUR) >= 1200 and unique`) or as its JSON form. */
export type PolicyInput = string | Policy;

export interface PolicyCheck {
  policy: Policy;
  /** The one spelling of it. */
  text: string;
  canonical: string;
  circuit: CircuitName;
  /** What the open wallet lacks for it; null without wallet or registry. */
  shortfalls: Shortfall[] | null;
}

/** What a proof is to be bound to. Left-out parts are: a fresh pseudonym, '' ids, and 15 minutes of life. */
export interface ProveRequest {
  policy: PolicyInput;
  kind?: 'claim' | 'listing' | undefined;
  offerId?: string | undefined;
  orderId?: string | undefined;
  counterparty?: string | undefined;
  /** A pseudonym of the wallet. */
  pseudonym?: string | undefined;
  expiresAt?: number | undefined;
  /** From submission to the end. */
  timeoutMs?: number | undefined;
}

/** A job of the prover with what it proves. The secret inputs are no part of it. */
export interface NodeProofJob extends ProofJob {
  policy: Policy;
  binding: ClaimBinding;
}

export interface ProvenClaim extends ProofResult {
  circuit: CircuitName;
  verifyingKeyId: string;
  policy: Policy;
  binding: ClaimBinding;
  registryRoot: string;
  /** Signed and ready to publish; its id. */
  envelopeId: string;
  envelope: Uint8Array;
}

export interface ProofsApi {
  check(policy: PolicyInput): Promise<PolicyCheck>;
  /**
   * Builds the claim from wallet and registry and queues it.
   * @throws NODE_WALLET_ABSENT, NODE_WALLET_LOCKED, NODE_NO_REGISTRY, CLAIM_*, PROVER_QUEUE_FULL
   */
  submit(request: ProveRequest): Promise<NodeProofJob>;
  get(id: string): NodeProofJob | undefined;
  list(): NodeProofJob[];
  cancel(id: string): NodeProofJob | undefined;
  events(id: string, afterId?: number, signal?: AbortSignal): AsyncIterable<JobEvent>;
  /** The finished, self-verified claim of a job; waits for it. */
  result(id: string, signal?: AbortSignal): Promise<ProvenClaim>;
  /** `submit` and `result` in one. */
  prove(request: ProveRequest, options?: { signal?: AbortSignal; onProgress?: ProgressListener }): Promise<ProvenClaim>;
  canAcceptWork(): boolean;
}

export interface VerifyInput {
  /** Circuit name or verifying-key id. */
  circuit: string;
  proof: Groth16Proof;
  publicSignals: string[];
  /** With both, the signals are held against what the policy demands now; without, only the proof is checked. */
  policy?: PolicyInput | undefined;
  binding?: ClaimBinding | undefined;
}
