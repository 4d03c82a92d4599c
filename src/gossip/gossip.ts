import { toHex } from '../base/bytes.ts';
import { CodedError } from '../base/errors.ts';
import { decodeProof } from '../claims/proof-codec.ts';
import { MAX_ENVELOPE_BYTES } from '../envelope/constants.ts';
import { type Envelope, messageId } from '../envelope/index.ts';
import type { AcceptResult, Reservation } from '../store/interface.ts';
import { VerdictCode, type VerifyRequest } from '../verifier/interface.ts';
import { Admission, type Place } from './admission.ts';
import { Batcher } from './batcher.ts';
import type { Candidate, CheckContext, Look, ProofCheck } from './candidate.ts';
import { checkExpiry, checkMessage } from './checks.ts';
import { Committer } from './committer.ts';
import { DEFAULT_TUNING, NEW_POLICY_BURST, NEW_POLICY_RATE } from './constants.ts';
import { Contests } from './contests.ts';
import { GossipError, verdictOf } from './errors.ts';
import { Guards, stopped } from './guards.ts';
import {
  type AcceptedEnvelope,
  type Gossip,
  GossipAction,
  type GossipComponents,
  type GossipInit,
  type GossipMessage,
  type GossipStats,
  type GossipVerdict,
  type LoggedVerdict,
} from './interface.ts';
import { checkSequence } from './kinds.ts';
import { PolicyBook } from './policy-book.ts';
import { compareSignals, fullExpectation, spentError } from './signals.ts';
import { TokenBuckets } from './token-buckets.ts';
import { networkTopics } from './topics.ts';
import { VerdictLog } from './verdict-log.ts';

type Outcome = Pick<GossipVerdict, 'action' | 'code' | 'reason' | 'stage' | 'envelopeId'>;

/**
 * The validator of one network. Fill the registry window first; `stop` ends all waits.
 * @example
 * const gossip = createGossip({ network, registryKey }, { verifier, store, claims, registry, verifyingKeys, clock });
 * const { action, code } = await gossip.validate({ topic, data, from });
 */
export function createGossip(init: GossipInit, components: GossipComponents): Gossip {
  return new GossipValidator(init, components);
}

class GossipValidator implements Gossip {
  readonly #context: CheckContext;
  readonly #exempt = new Set<string>();
  readonly #admission: Admission;
  readonly #contests = new Contests();
  readonly #guards = new Guards();
  readonly #batcher: Batcher;
  readonly #committer: Committer;
  readonly #log = new VerdictLog();
  readonly #inFlight = new Map<string, Promise<Outcome>>();
  readonly #acceptedListeners = new Set<(accepted: AcceptedEnvelope) => void>();
  readonly #verdictListeners = new Set<(verdict: LoggedVerdict) => void>();
  #stopped = false;

  constructor(init: GossipInit, components: GossipComponents) {
    const tuning = { ...DEFAULT_TUNING, ...init.tuning };
    const { clock, verifier, store } = components;
    this.#context = {
      init,
      tuning,
      components,
      topics: new Set(networkTopics(init.network)),
      exempt: this.#exempt,
      rate: new TokenBuckets(tuning.peerRate, tuning.peerBurst, clock),
      newPolicies: new TokenBuckets(NEW_POLICY_RATE, NEW_POLICY_BURST, clock),
      book: new PolicyBook(),
    };
    this.#admission = new Admission(tuning.queueItems, tuning.queueBytes);
    this.#batcher = new Batcher(verifier, tuning);
    this.#committer = new Committer(store, clock);
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#guards.stop();
    this.#batcher.stop(stopped());
    // What is being written is written to its end, and its verdict says so.
    await Promise.all(this.#inFlight.values());
  }

  async validate(message: GossipMessage): Promise<GossipVerdict> {
    const start = performance.now();
    const look: Look = {};
    const outcome = await this.#judge(message, look);
    const micros = Math.round((performance.now() - start) * 1000);
    const verdict: GossipVerdict = { ...outcome, micros };
    this.#record(verdict, message, look);
    return verdict;
  }

  /** Stage 1 runs before this returns its promise, so messages are judged in the order in which they arrive. */
  #judge(message: GossipMessage, look: Look): Promise<Outcome> | Outcome {
    try {
      if (this.#stopped) throw stopped();
      // Hashing is bounded by the size, which `checkMessage` refuses for good.
      const key = message.data.length > MAX_ENVELOPE_BYTES ? '' : toHex(messageId(message.topic, message.data));
      const same = this.#inFlight.get(key);
      if (same) return same;
      const candidate = checkMessage(message, this.#context, look);
      const place = this.#enter(message, candidate);
      const outcome = this.#settle(candidate, message, place).finally(() => this.#inFlight.delete(key));
      this.#inFlight.set(key, outcome);
      return outcome;
    } catch (error) {
      return { ...verdictOf(error), stage: 1, envelopeId: look.id };
    }
  }

  /** @throws GossipError GOSSIP_CONTESTED, GOSSIP_QUEUE_FULL */
  #enter({ from, data }: GossipMessage, { proof }: Candidate): Place {
    const endContest = this.#contests.enter(from, proof?.tags ?? []);
    if (!endContest)
      throw new GossipError('GOSSIP_CONTESTED', 'this peer has another claim on the same nullifier here');
    const place = this.#admission.enter(from, data.length, !this.#exempt.has(from));
    if (!place) {
      endContest();
      throw new GossipError('GOSSIP_QUEUE_FULL', 'too much is waiting to be verified');
    }
    return {
      leave: () => {
        endContest();
        place.leave();
      },
    };
  }

  /** Stage 2. Never rejects. */
  async #settle(candidate: Candidate, message: GossipMessage, place: Place): Promise<Outcome> {
    const deadline = performance.now() + this.#context.tuning.deadlineMs;
    let reservation: Reservation | undefined;
    try {
      if (candidate.proof) {
        reservation = await this.#reserve(candidate.proof, deadline);
        await this.#verify(candidate.envelope, candidate.proof, message.from, deadline);
      }
      // Time has passed since stage 1.
      checkExpiry(candidate.envelope, this.#context);
      if (candidate.registry) checkSequence(candidate.registry.view, this.#context);
      const registry = candidate.registry?.record;
      const result = await this.#committer.commit({ envelope: candidate.record, reservation, registry });
      this.#take(result, candidate, message);
      return outcome({ action: GossipAction.Accept, code: 'GOSSIP_ACCEPTED', reason: 'accepted' }, candidate);
    } catch (error) {
      return outcome(verdictOf(error), candidate);
    } finally {
      reservation?.release();
      place.leave();
    }
  }

  /** Holds the tags; waits while another proof that claims them is being verified, since that one may be a fake. */
  async #reserve(proof: ProofCheck, deadline: number): Promise<Reservation> {
    for (;;) {
      const result = this.#context.components.store.spent.reserve(proof.tags, proof.context);
      if (result.status === 'reserved') return result.reservation;
      if (result.status !== 'busy') throw spentError(result.status);
      await this.#guards.wait(result.settled, deadline - performance.now());
    }
  }

  /** @throws GossipError unless the proof is valid and shows what it must */
  async #verify(envelope: Envelope, proof: ProofCheck, from: string, deadline: number): Promise<void> {
    const origin = this.#exempt.has(from) ? undefined : from;
    const verdict = await this.#guards.wait(
      this.#batcher.verify({ ...toRequest(envelope, proof), origin }),
      deadline - performance.now(),
    );
    if (!verdict.valid) throw toGossipError(verdict.code, verdict.reason);
    if (!proof.complete) compareSignals(proof.circuit, proof.signals, fullExpectation(proof, this.#context));
  }

  /** After the commit. */
  #take(result: AcceptResult, candidate: Candidate, { topic, data, from }: GossipMessage): void {
    if (result === 'full') throw new GossipError('GOSSIP_STORE_FAILED', 'what room is left is kept for proofs');
    if (result !== 'accepted') throw spentError(result);
    if (candidate.registry) this.#context.components.registry.advance(candidate.registry.view);
    const { envelope, id } = candidate;
    notify(this.#acceptedListeners, { id, topic, envelope, bytes: data, from });
  }

  #record(verdict: GossipVerdict, message: GossipMessage, look: Look): void {
    const logged: LoggedVerdict = {
      ...verdict,
      at: this.#context.components.clock.nowMs(),
      topic: this.#context.topics.has(message.topic) ? message.topic : '',
      from: message.from,
      kind: look.envelope?.kind,
      bytes: message.data.length,
    };
    this.#log.add(logged);
    notify(this.#verdictListeners, logged);
  }

  exempt(peerId: string): void {
    this.#exempt.add(peerId);
  }

  onAccepted(listener: (accepted: AcceptedEnvelope) => void): () => void {
    this.#acceptedListeners.add(listener);
    return () => this.#acceptedListeners.delete(listener);
  }

  onVerdict(listener: (verdict: LoggedVerdict) => void): () => void {
    this.#verdictListeners.add(listener);
    return () => this.#verdictListeners.delete(listener);
  }

  recent(limit = 100): LoggedVerdict[] {
    return this.#log.recent(limit);
  }

  stats(): GossipStats {
    const { verifying, batches, batchedProofs } = this.#batcher;
    const { items, bytes } = this.#admission;
    return { counters: this.#log.counters(), queueItems: items, queueBytes: bytes, verifying, batches, batchedProofs };
  }

  canAcceptWork(): boolean {
    return !this.#stopped && !this.#admission.full;
  }
}

function outcome(verdict: ReturnType<typeof verdictOf>, { id }: Candidate): Outcome {
  return { ...verdict, stage: 2, envelopeId: id };
}

/** Unpacks the points: 0.6 ms where they are compressed, so never in stage 1. */
function toRequest(envelope: Envelope, { verifyingKey, signals, expected }: ProofCheck): VerifyRequest {
  try {
    return { verifyingKey, proof: decodeProof(envelope.proof), publicSignals: signals, expected };
  } catch (error) {
    if (error instanceof CodedError) throw new GossipError('GOSSIP_INVALID_PROOF', `${error.code}: ${error.message}`);
    throw error;
  }
}

function toGossipError(code: VerdictCode, reason: string): GossipError {
  if (code === VerdictCode.UnexpectedSignal) return new GossipError('GOSSIP_UNEXPECTED_SIGNAL', reason);
  // Stage 1 has matched the key against ours, so this says that we are misconfigured.
  if (code === VerdictCode.UnknownKey || code === VerdictCode.BadKey) {
    return new GossipError('GOSSIP_VERIFIER_FAILED', reason);
  }
  return new GossipError('GOSSIP_INVALID_PROOF', `${code}: ${reason}`);
}

/** A listener's failure is its own. */
function notify<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
  for (const listener of listeners) {
    try {
      listener(value);
    } catch {
      // Whoever listens has logs of their own; validation goes on.
    }
  }
}
