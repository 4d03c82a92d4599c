import { randomBytes } from 'node:crypto';
import { toHex } from '../base/bytes.ts';
import type { JobEvent, JobFailure, JobState, ProofJob, ProofRequest, ProofResult, ProveStage } from './interface.ts';

/** Progress below this is not an event: a job then has at most some fifty, which is what a late listener replays. */
const MIN_PROGRESS_STEP = 0.02;

/** A job with its inputs. The inputs are dropped the moment it ends. */
export class Job {
  readonly id: string = toHex(randomBytes(16));
  readonly circuit: string;
  readonly createdAtMs: number;
  readonly abort = new AbortController();
  readonly #events: JobEvent[] = [];
  #wake: (() => void)[] = [];
  #request: ProofRequest | undefined;
  #state: JobState = 'queued';
  #stage: ProveStage | null = null;
  #fraction = 0;
  #startedAtMs: number | null = null;
  #finishedAtMs: number | null = null;
  #failure: JobFailure | null = null;
  #result: ProofResult | null = null;

  constructor(request: ProofRequest, nowMs: number) {
    this.circuit = request.circuit;
    this.#request = request;
    this.createdAtMs = nowMs;
    this.#emit('state', nowMs);
  }

  get state(): JobState {
    return this.#state;
  }

  get ended(): boolean {
    return this.#finishedAtMs !== null;
  }

  get finishedAtMs(): number | null {
    return this.#finishedAtMs;
  }

  get failure(): JobFailure | null {
    return this.#failure;
  }

  get result(): ProofResult | null {
    return this.#result;
  }

  /** Moves to running and hands out the inputs; undefined if the job ended while it waited. */
  start(nowMs: number): ProofRequest | undefined {
    if (this.#state !== 'queued') return undefined;
    this.#state = 'running';
    this.#startedAtMs = nowMs;
    this.#emit('state', nowMs);
    return this.#request;
  }

  progress(stage: ProveStage, fraction: number, nowMs: number): void {
    if (this.#state !== 'running') return;
    const next = Math.min(1, Math.max(this.#fraction, fraction));
    if (stage === this.#stage && next - this.#fraction < MIN_PROGRESS_STEP) return;
    this.#stage = stage;
    this.#fraction = next;
    this.#emit('progress', nowMs);
  }

  succeed(result: ProofResult, nowMs: number): void {
    if (this.ended) return;
    this.#result = result;
    this.#fraction = 1;
    this.#end('succeeded', nowMs);
  }

  /** Ends the job without a proof; a job that has ended stays as it is. */
  fail(state: 'failed' | 'cancelled' | 'expired', failure: JobFailure, nowMs: number): void {
    if (this.ended) return;
    this.#failure = failure;
    this.#end(state, nowMs);
  }

  view(position: number): ProofJob {
    return {
      id: this.id,
      circuit: this.circuit,
      state: this.#state,
      stage: this.#stage,
      fraction: this.#fraction,
      position,
      createdAtMs: this.createdAtMs,
      startedAtMs: this.#startedAtMs,
      finishedAtMs: this.#finishedAtMs,
      failure: this.#failure,
      result: this.#result,
    };
  }

  /** Events after `afterId`, then new ones until the job has ended or `signal` is aborted. */
  async *events(afterId: number, signal?: AbortSignal): AsyncGenerator<JobEvent, void, undefined> {
    let next = Math.max(0, Math.floor(afterId));
    while (signal?.aborted !== true) {
      const event = this.#events[next];
      if (event !== undefined) {
        next += 1;
        yield event;
      } else if (this.ended) {
        return;
      } else {
        await this.#change(signal);
      }
    }
  }

  /** Resolves when the job has ended. */
  async finished(signal?: AbortSignal): Promise<void> {
    while (!this.ended && signal?.aborted !== true) await this.#change(signal);
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        this.#wake = this.#wake.filter((other) => other !== wake);
        resolve();
      };
      signal?.addEventListener('abort', wake);
      this.#wake.push(wake);
    });
  }

  #end(state: JobState, nowMs: number): void {
    this.#state = state;
    this.#finishedAtMs = nowMs;
    this.#request = undefined;
    this.#emit('state', nowMs);
  }

  #emit(type: JobEvent['type'], atMs: number): void {
    this.#events.push({
      id: this.#events.length + 1,
      type,
      atMs,
      state: this.#state,
      stage: this.#stage,
      fraction: this.#fraction,
      ...(this.#failure === null ? {} : { failure: this.#failure }),
    });
    for (const wake of this.#wake.splice(0)) wake();
  }
}
