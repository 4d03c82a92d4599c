import type { LoadArtifactsOptions } from '../artifacts/index.ts';
import { isCodedError } from '../base/errors.ts';
import type { EngineOptions } from './engine.ts';
import { ProverError, ProverErrorCode } from './errors.ts';
import type { JobFailure, ProofRequest, ProofResult, ProveStage } from './interface.ts';

/** To the engine process, over its IPC pipe. Requests hold secrets: this pipe is the only place they pass. */
export type ToEngine =
  | { type: 'init'; artifacts: LoadArtifactsOptions; options: EngineOptions }
  | { type: 'warm'; id: number; circuit: string }
  | { type: 'prove'; id: number; request: ProofRequest };

export type FromEngine =
  | { type: 'progress'; id: number; stage: ProveStage; fraction: number }
  | { type: 'done'; id: number; result: ProofResult | undefined }
  | { type: 'failed'; id: number; failure: JobFailure };

/** Code, message, hint and place of our own errors; of anything else only that it happened: its text may hold inputs. */
export function describeFailure(error: unknown): JobFailure {
  if (!isCodedError(error)) return { code: ProverErrorCode.Crashed, message: 'the prover stopped unexpectedly' };
  const { code, message, hint, where } = error;
  return { code, message, hint, where };
}

const CODES: readonly string[] = Object.values(ProverErrorCode);

/** The error of a failure that came over the pipe. */
export function failureError({ code, message, hint, where }: JobFailure): ProverError {
  const known = (CODES.includes(code) ? code : ProverErrorCode.Crashed) as ProverErrorCode;
  return new ProverError(known, message, { hint, where });
}
