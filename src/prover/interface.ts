import type { Groth16Proof } from '../claims/interface.ts';

/**
 * The port of `prover`: claims in, Groth16 proofs out, on this machine.
 *
 * Inputs hold the holder's secret. They live in memory only and are never part of a job's view, an event, an error,
 * a log line or a file.
 */

/** Circuit inputs by signal name: decimal strings, nested as the circuit's arrays are. */
export type InputValue = string | readonly InputValue[];
export type CircuitInputs = Readonly<Record<string, InputValue>>;

/** What a claim hands to the prover; a `Claim` of `claims/` fits as it is. */
export interface ProofRequest {
  circuit: string;
  inputs: CircuitInputs;
}

export interface ProofResult {
  proof: Groth16Proof;
  /** Canonical decimals, snarkjs order. */
  publicSignals: string[];
}

/** Stages of one proof, in order. `loading` takes time once per circuit and engine life. */
export type ProveStage = 'loading' | 'witness' | 'polynomials' | 'multiexp' | 'finishing';

export type ProgressListener = (stage: ProveStage, fraction: number) => void;

export interface ProveOptions {
  /** Aborting frees the engine: the work stops, it is not merely ignored. */
  signal?: AbortSignal | undefined;
  /** `fraction` is of the whole proof, 0 to 1, never falling. */
  onProgress?: ProgressListener | undefined;
}

/**
 * An engine that proves one claim at a time; further calls wait their turn.
 *
 * Contract: fresh randomness per proof; the result verifies under the circuit's verifying key; inputs are dropped
 * when `prove` settles; a failure of one call never fails another.
 */
export interface Prover {
  /**
   * @throws ProverError
   * - PROVER_UNSATISFIED the inputs break the circuit's rules (`where`: the template, never a value)
   * - PROVER_INPUT_INVALID an input is missing, unknown, of the wrong shape or not a canonical decimal below r
   * - PROVER_CANCELLED `signal` was aborted
   * - PROVER_CRASHED the engine died; a later call gets a fresh one
   * - PROVER_CLOSED
   */
  prove(request: ProofRequest, options?: ProveOptions): Promise<ProofResult>;
  /** Idempotent; fails what still runs with PROVER_CLOSED. */
  close(): Promise<void>;
}

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'expired';

/** A failure as others may see it. */
export interface JobFailure {
  code: string;
  message: string;
  hint?: string | undefined;
  where?: string | undefined;
}

/** A job as others may see it; holds no inputs. */
export interface ProofJob {
  /** 128 random bits, hex. */
  id: string;
  circuit: string;
  state: JobState;
  /** The last stage reached and the fraction of the whole, 0 to 1. */
  stage: ProveStage | null;
  fraction: number;
  /** Jobs ahead of it; 0 unless queued. */
  position: number;
  createdAtMs: number;
  startedAtMs: number | null;
  finishedAtMs: number | null;
  failure: JobFailure | null;
  result: ProofResult | null;
}

/** One thing that happened to one job. Ids count up from 1 within the job: what SSE calls `Last-Event-ID`. */
export interface JobEvent {
  id: number;
  type: 'state' | 'progress';
  atMs: number;
  state: JobState;
  stage: ProveStage | null;
  fraction: number;
  /** Set on the event that ends a job in `failed`, `cancelled` or `expired`. */
  failure?: JobFailure | undefined;
}

export interface SubmitOptions {
  /** From submission to the end, waiting included. Default and upper bound from the service's configuration. */
  timeoutMs?: number | undefined;
}

/** A bounded queue of proof jobs before one prover. */
export interface ProverService {
  /**
   * Returns at once.
   * @throws ProverError
   * - PROVER_QUEUE_FULL with `retryAfterMs`; nothing was kept
   * - PROVER_UNKNOWN_CIRCUIT
   * - PROVER_INPUT_INVALID
   * - PROVER_CLOSED
   */
  submit(request: ProofRequest, options?: SubmitOptions): ProofJob;
  /** Undefined when there never was such a job or it is no longer kept. */
  get(id: string): ProofJob | undefined;
  /** Newest first. */
  list(): ProofJob[];
  /** Cancels a queued or running job; a finished one stays as it is. Undefined for an unknown id. */
  cancel(id: string): ProofJob | undefined;
  /**
   * Events after `afterId` (0: from the start), those already past first; ends after the job's last event.
   * @throws ProverError PROVER_UNKNOWN_JOB
   */
  events(id: string, afterId?: number, signal?: AbortSignal): AsyncIterable<JobEvent>;
  /** Resolves with the proof, or rejects with the job's failure as a ProverError. */
  wait(id: string, signal?: AbortSignal): Promise<ProofResult>;
  /** True if `submit` would be taken now. */
  canAcceptWork(): boolean;
  stats(): { queued: number; running: number; finished: number; capacity: number };
  /** Takes no more jobs, waits up to `graceMs` for the running one, cancels the rest. Idempotent. */
  close(graceMs?: number): Promise<void>;
}
