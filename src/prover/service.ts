import { type Clock, systemClock } from '../base/clock.ts';
import {
  ASSUMED_PROOF_MS,
  DEFAULT_MAX_FINISHED,
  DEFAULT_MAX_QUEUED,
  DEFAULT_RETENTION_MS,
  DEFAULT_TIMEOUT_MS,
} from './constants.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import { flattenInputs } from './inputs.ts';
import type {
  JobEvent,
  JobFailure,
  ProofJob,
  ProofRequest,
  ProofResult,
  Prover,
  ProverService,
  SubmitOptions,
} from './interface.ts';
import { Job } from './job.ts';
import { describeFailure, failureError } from './messages.ts';

export interface ProverServiceInit {
  maxQueued?: number | undefined;
  /** Default and upper bound of a job's `timeoutMs`. */
  timeoutMs?: number | undefined;
  maxFinished?: number | undefined;
  retentionMs?: number | undefined;
}

export interface ProverServiceComponents {
  prover: Prover;
  /** Names of the circuits that can be proved, so that a wrong one is refused at once. */
  circuits: readonly string[];
  clock?: Clock | undefined;
}

const CANCELLED: JobFailure = { code: ProverErrorCode.Cancelled, message: 'the job was cancelled' };
const EXPIRED: JobFailure = {
  code: ProverErrorCode.Timeout,
  message: 'the job took longer than it was given',
  hint: 'try again when the queue is shorter, or allow more time',
};
const CLOSED: JobFailure = { code: ProverErrorCode.Closed, message: 'the prover was closed' };

/** Runs one job at a time on a `Prover`, in the order of submission. */
export class QueuedProverService implements ProverService {
  readonly #prover: Prover;
  readonly #circuits: readonly string[];
  readonly #clock: Clock;
  readonly #limits: { maxQueued: number; timeoutMs: number; maxFinished: number; retentionMs: number };
  /** Oldest first; ended jobs stay until retention ends. */
  readonly #jobs = new Map<string, Job>();
  readonly #queue: Job[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #running: Job | undefined;
  #averageMs = ASSUMED_PROOF_MS;
  #closed = false;

  constructor(init: ProverServiceInit, { prover, circuits, clock = systemClock }: ProverServiceComponents) {
    this.#prover = prover;
    this.#circuits = circuits;
    this.#clock = clock;
    this.#limits = {
      maxQueued: init.maxQueued ?? DEFAULT_MAX_QUEUED,
      timeoutMs: init.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxFinished: init.maxFinished ?? DEFAULT_MAX_FINISHED,
      retentionMs: init.retentionMs ?? DEFAULT_RETENTION_MS,
    };
  }

  submit(request: ProofRequest, { timeoutMs }: SubmitOptions = {}): ProofJob {
    if (this.#closed) throw failureError(CLOSED);
    if (!this.#circuits.includes(request.circuit)) {
      throw new ProverError(ProverErrorCode.UnknownCircuit, 'there is no such circuit', {
        hint: `known circuits: ${this.#circuits.join(', ')}`,
      });
    }
    if (!this.canAcceptWork()) {
      throw new ProverError(ProverErrorCode.QueueFull, `${this.#queue.length} proofs are waiting already`, {
        retryAfterMs: this.#averageMs,
        hint: 'try again later',
      });
    }
    flattenInputs(request.inputs);
    this.#forgetOld();
    const job = new Job({ circuit: request.circuit, inputs: request.inputs }, this.#clock.nowMs());
    this.#jobs.set(job.id, job);
    this.#queue.push(job);
    const limit = Math.max(1, Math.min(timeoutMs ?? this.#limits.timeoutMs, this.#limits.timeoutMs));
    const timer = setTimeout(() => this.#end(job, 'expired', EXPIRED), limit);
    timer.unref();
    this.#timers.set(job.id, timer);
    // Not in this turn: the caller first gets its job, then sees it move.
    queueMicrotask(() => this.#next());
    return this.#view(job);
  }

  get(id: string): ProofJob | undefined {
    this.#forgetOld();
    const job = this.#jobs.get(id);
    return job === undefined ? undefined : this.#view(job);
  }

  list(): ProofJob[] {
    this.#forgetOld();
    return [...this.#jobs.values()].reverse().map((job) => this.#view(job));
  }

  cancel(id: string): ProofJob | undefined {
    const job = this.#jobs.get(id);
    if (job === undefined) return undefined;
    this.#end(job, 'cancelled', CANCELLED);
    return this.#view(job);
  }

  events(id: string, afterId = 0, signal?: AbortSignal): AsyncIterable<JobEvent> {
    return this.#require(id).events(afterId, signal);
  }

  async wait(id: string, signal?: AbortSignal): Promise<ProofResult> {
    const job = this.#require(id);
    await job.finished(signal);
    if (job.result !== null) return job.result;
    // Aborting stops the waiting, not the job.
    throw failureError(job.failure ?? { ...CANCELLED, message: 'the waiting was cancelled; the job goes on' });
  }

  canAcceptWork(): boolean {
    return !this.#closed && this.#queue.length < this.#limits.maxQueued;
  }

  stats(): { queued: number; running: number; finished: number; capacity: number } {
    const running = this.#running === undefined ? 0 : 1;
    const finished = [...this.#jobs.values()].filter((job) => job.ended).length;
    return { queued: this.#queue.length, running, finished, capacity: this.#limits.maxQueued };
  }

  async close(graceMs = 0): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.slice()) this.#end(job, 'cancelled', CLOSED);
    const running = this.#running;
    if (running !== undefined && graceMs > 0) await running.finished(AbortSignal.timeout(graceMs));
    if (running !== undefined) this.#end(running, 'cancelled', CLOSED);
    await this.#prover.close();
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    const request = job.start(this.#clock.nowMs());
    if (request === undefined) {
      this.#next();
      return;
    }
    this.#running = job;
    void this.#run(job, request).finally(() => {
      this.#running = undefined;
      this.#next();
    });
  }

  async #run(job: Job, request: ProofRequest): Promise<void> {
    const startedMs = this.#clock.nowMs();
    try {
      const result = await this.#prover.prove(request, {
        signal: job.abort.signal,
        onProgress: (stage, fraction) => job.progress(stage, fraction, this.#clock.nowMs()),
      });
      const nowMs = this.#clock.nowMs();
      // A moving average that follows a change of load within a few proofs.
      this.#averageMs = Math.round(0.7 * this.#averageMs + 0.3 * (nowMs - startedMs));
      job.succeed(result, nowMs);
    } catch (error) {
      job.fail('failed', describeFailure(error), this.#clock.nowMs());
    } finally {
      this.#clearTimer(job);
    }
  }

  #end(job: Job, state: 'cancelled' | 'expired', failure: JobFailure): void {
    job.fail(state, failure, this.#clock.nowMs());
    const index = this.#queue.indexOf(job);
    if (index >= 0) this.#queue.splice(index, 1);
    this.#clearTimer(job);
    job.abort.abort();
  }

  #clearTimer(job: Job): void {
    clearTimeout(this.#timers.get(job.id));
    this.#timers.delete(job.id);
  }

  #view(job: Job): ProofJob {
    const index = this.#queue.indexOf(job);
    const ahead = index < 0 ? 0 : index + (this.#running === undefined ? 0 : 1);
    return job.view(ahead);
  }

  #require(id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new ProverError(ProverErrorCode.UnknownJob, 'there is no such job, or no longer');
    return job;
  }

  #forgetOld(): void {
    const oldest = this.#clock.nowMs() - this.#limits.retentionMs;
    const ended = [...this.#jobs.values()].filter((job) => job.ended);
    const surplus = ended.length - this.#limits.maxFinished;
    ended.forEach((job, index) => {
      if (index < surplus || (job.finishedAtMs ?? 0) < oldest) this.#jobs.delete(job.id);
    });
  }
}
