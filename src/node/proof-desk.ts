import type { CircuitRegistry } from '../artifacts/index.ts';
import { fromHex } from '../base/bytes.ts';
import { type Clock, nowSeconds } from '../base/clock.ts';
import {
  type CircuitName,
  type ClaimBinding,
  type Claims,
  circuitOf,
  type ExpectedSignals,
  type Policy,
  parsePolicy,
  policyFromJson,
  policyJson,
  printPolicy,
} from '../claims/index.ts';
import { encodeProof } from '../claims/proof-codec.ts';
import { createEnvelope, type EnvelopeProof, encodeBody, MAX_PROOF_LIFETIME_SECONDS } from '../envelope/index.ts';
import type { JobEvent, ProgressListener, ProofJob, ProverService } from '../prover/interface.ts';
import { isDecided, type Verifier } from '../verifier/index.ts';
import { NodeError } from './errors.ts';
import { NodeErrorCode } from './interface.ts';
import type {
  NodeProofJob,
  PolicyCheck,
  PolicyInput,
  ProofsApi,
  ProvenClaim,
  ProveRequest,
} from './proofs-interface.ts';
import type { RegistryHolder } from './registry-holder.ts';
import { keyBytes, type WalletDoor } from './wallet-door.ts';

export interface ProofDeskComponents {
  clock: Clock;
  claims: Claims;
  circuits: CircuitRegistry;
  prover: ProverService;
  verifier: Verifier;
  registry: Pick<RegistryHolder, 'current' | 'snapshot'>;
  wallet: WalletDoor;
  network: string;
  onEvent(jobId: string, event: JobEvent): void;
}

/** A claim that names no order: the id that stands where one would. */
const NO_ID = '0'.repeat(64);
// Long enough to publish and be verified everywhere, short enough that a forgotten proof is soon worth nothing.
const DEFAULT_LIFE_SECONDS = 900;

/** What is remembered of a job beside the prover's own view. Never the inputs. */
interface Asked {
  policy: Policy;
  circuit: CircuitName;
  binding: ClaimBinding;
  expected: ExpectedSignals;
  registryRoot: string;
}

/** A proof that this node has verified itself. */
export interface VerifiedProof extends Omit<ProvenClaim, 'envelope' | 'envelopeId'> {
  /** As an envelope carries it. */
  parts: EnvelopeProof;
}

/** Claims out of wallet and registry, proved here, and verified here before anybody else sees them. */
export class ProofDesk implements ProofsApi {
  readonly #parts: ProofDeskComponents;
  readonly #asked = new Map<string, Asked>();
  readonly #results = new Map<string, Promise<ProvenClaim>>();

  constructor(components: ProofDeskComponents) {
    this.#parts = components;
  }

  async check(input: PolicyInput): Promise<PolicyCheck> {
    const { wallet, registry, claims, clock } = this.#parts;
    const policy = readPolicy(input);
    const base = { policy, text: printPolicy(policy), canonical: policyJson(policy), circuit: circuitOf(policy) };
    const complete = registry.current()?.complete === true;
    if (wallet.state() !== 'open' || !complete) return { ...base, shortfalls: null };
    const now = nowSeconds(clock);
    const binding = this.#binding({ kind: 'claim' }, NO_ID, now);
    const credentials = await wallet.open().credentials();
    const shortfalls = await wallet
      .open()
      .withSecret((secret) =>
        claims.shortfalls({ policy, secret, credentials, registry: registry.snapshot(), binding, now }),
      );
    return { ...base, shortfalls };
  }

  async submit(request: ProveRequest): Promise<NodeProofJob> {
    const { wallet, clock } = this.#parts;
    if (request.kind === 'listing') {
      throw new NodeError(NodeErrorCode.BadQuery, 'a listing is proven when its offer is made', {
        where: 'kind',
        hint: 'create an offer with a maker policy',
      });
    }
    const policy = readPolicy(request.policy);
    const open = wallet.open();
    const pseudonym =
      request.pseudonym ?? (await open.createPseudonym('order', `claim ${request.orderId ?? ''}`.trim())).publicKey;
    return await this.submitBound(policy, this.#binding(request, pseudonym, nowSeconds(clock)), request.timeoutMs);
  }

  /** Queues a claim whose binding is already settled. */
  async submitBound(policy: Policy, binding: ClaimBinding, timeoutMs?: number): Promise<NodeProofJob> {
    const { wallet, registry, claims, clock, prover } = this.#parts;
    const open = wallet.open();
    const snapshot = registry.snapshot();
    const credentials = await open.credentials();
    const now = nowSeconds(clock);
    const job = await open.withSecret((secret) => {
      const claim = claims.buildClaim({ policy, secret, credentials, registry: snapshot, binding, now });
      const submitted = prover.submit(claim, { timeoutMs });
      const { circuit, expected } = claim;
      this.#asked.set(submitted.id, { policy, circuit, binding, expected, registryRoot: snapshot.root });
      return submitted;
    });
    this.#forgetOld();
    this.#watch(job.id).catch(() => undefined);
    return { ...job, policy, binding };
  }

  get(id: string): NodeProofJob | undefined {
    const job = this.#parts.prover.get(id);
    return job === undefined ? undefined : this.#named(job);
  }

  list(): NodeProofJob[] {
    return this.#parts.prover.list().flatMap((job) => this.#named(job) ?? []);
  }

  cancel(id: string): NodeProofJob | undefined {
    const job = this.#parts.prover.cancel(id);
    return job === undefined ? undefined : this.#named(job);
  }

  events(id: string, afterId?: number, signal?: AbortSignal): AsyncIterable<JobEvent> {
    return this.#parts.prover.events(id, afterId, signal);
  }

  async result(id: string, signal?: AbortSignal): Promise<ProvenClaim> {
    const known = this.#results.get(id);
    if (known !== undefined) return await known;
    const proof = await this.proof(id, signal);
    // One envelope per job, however many ask: each signature would be another envelope of the same id.
    const made = this.#results.get(id) ?? this.#claimEnvelope(proof);
    this.#results.set(id, made);
    return await made;
  }

  async prove(request: ProveRequest, options: { signal?: AbortSignal; onProgress?: ProgressListener } = {}) {
    const job = await this.submit(request);
    return await this.following(job.id, options, () => this.result(job.id, options.signal));
  }

  canAcceptWork(): boolean {
    return this.#parts.prover.canAcceptWork();
  }

  /** Proves and verifies; the caller makes the envelope. */
  async proveBound(
    policy: Policy,
    binding: ClaimBinding,
    options: { signal?: AbortSignal | undefined; onProgress?: ProgressListener | undefined } = {},
  ): Promise<VerifiedProof> {
    const job = await this.submitBound(policy, binding);
    return await this.following(job.id, options, () => this.proof(job.id, options.signal));
  }

  /** A job's proof, checked against what this node itself expects of it. @throws NodeError NODE_OWN_PROOF_REFUSED */
  async proof(id: string, signal?: AbortSignal): Promise<VerifiedProof> {
    const asked = this.#asked.get(id);
    if (asked === undefined) throw unknownJob(id);
    const { prover, verifier, circuits } = this.#parts;
    const { proof, publicSignals } = await prover.wait(id, signal);
    const { policy, circuit, binding, expected, registryRoot } = asked;
    const { verifyingKeyId } = circuits.get(circuit);
    const verdict = await verifier.verify({ verifyingKey: verifyingKeyId, proof, publicSignals, expected });
    if (!verdict.valid) {
      throw new NodeError(NodeErrorCode.OwnProofRefused, `our own proof is not released: ${verdict.reason}`, {
        where: verdict.code,
        hint: isDecided(verdict) ? 'proving key and verifying key may be from different setups' : 'try again',
      });
    }
    const parts: EnvelopeProof = {
      circuit,
      verifyingKey: verifyingKeyId,
      policy: policyJson(policy),
      registryRoot: BigInt(registryRoot),
      publicSignals,
      proof: encodeProof(proof),
    };
    return { circuit, verifyingKeyId, policy, binding, registryRoot, proof, publicSignals, parts };
  }

  /** Runs `work` while progress is passed on; aborting cancels the job. */
  async following<T>(
    id: string,
    options: { signal?: AbortSignal | undefined; onProgress?: ProgressListener | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    const { prover } = this.#parts;
    const { signal, onProgress } = options;
    const cancel = () => prover.cancel(id);
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel);
    const stop = new AbortController();
    if (onProgress !== undefined) this.#report(id, onProgress, stop.signal).catch(() => undefined);
    try {
      return await work();
    } finally {
      stop.abort();
      signal?.removeEventListener('abort', cancel);
    }
  }

  async #report(id: string, onProgress: ProgressListener, signal: AbortSignal): Promise<void> {
    for await (const { stage, fraction } of this.#parts.prover.events(id, 0, signal)) {
      if (stage !== null) onProgress(stage, fraction);
    }
  }

  /** Feeds the node's own event bus until the job ends. What becomes of the job is told by `proof`, not here. */
  async #watch(id: string): Promise<void> {
    for await (const event of this.#parts.prover.events(id)) this.#parts.onEvent(id, event);
  }

  async #claimEnvelope({ parts, ...proven }: VerifiedProof): Promise<ProvenClaim> {
    const { offerId, orderId, counterparty, expiresAt, pseudonym } = proven.binding;
    const unsigned = createEnvelope({
      kind: 'claim',
      expiresAt,
      pseudonym: keyBytes(pseudonym),
      body: encodeBody('claim', { offerId, orderId, counterparty }),
      proof: parts,
    });
    const { id, data } = await this.#parts.wallet.signEnvelope(unsigned);
    return { ...proven, envelopeId: id, envelope: data };
  }

  #binding(request: Omit<ProveRequest, 'policy'>, pseudonym: string, now: number): ClaimBinding {
    const id = (field: 'offerId' | 'orderId' | 'counterparty') => {
      const value = request[field];
      if (value === undefined || value === '') return NO_ID;
      if (fromHex(value, 32) === undefined) throw badRequest(field, 'must be 64 lower-case hex digits');
      return value;
    };
    const expiresAt = request.expiresAt ?? now + DEFAULT_LIFE_SECONDS;
    if (!Number.isSafeInteger(expiresAt) || expiresAt <= now || expiresAt > now + MAX_PROOF_LIFETIME_SECONDS) {
      throw badRequest('expiresAt', `must lie within the next ${MAX_PROOF_LIFETIME_SECONDS} seconds`);
    }
    return {
      network: this.#parts.network,
      kind: 'claim',
      offerId: id('offerId'),
      orderId: id('orderId'),
      counterparty: id('counterparty'),
      pseudonym,
      expiresAt,
    };
  }

  #named(job: ProofJob): NodeProofJob | undefined {
    const asked = this.#asked.get(job.id);
    return asked === undefined ? undefined : { ...job, policy: asked.policy, binding: asked.binding };
  }

  /** The prover keeps its finished jobs for a while; what it has dropped, we drop. */
  #forgetOld(): void {
    for (const id of this.#asked.keys()) {
      if (this.#parts.prover.get(id) !== undefined) continue;
      this.#asked.delete(id);
      this.#results.delete(id);
    }
  }
}

/** A policy from its text or its JSON. @throws PolicyError with a position or a path */
export function readPolicy(input: PolicyInput): Policy {
  return typeof input === 'string' ? parsePolicy(input) : policyFromJson(input);
}

function badRequest(where: string, what: string): NodeError {
  return new NodeError(NodeErrorCode.BadQuery, `${where} ${what}`, { where });
}

function unknownJob(id: string): NodeError {
  return new NodeError(NodeErrorCode.UnknownJob, 'there is no such proof job', { where: id.slice(0, 64) });
}
