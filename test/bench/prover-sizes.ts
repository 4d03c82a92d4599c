/** How often the prover and verifier suites measure each thing. */
import type { SubjectName } from './args.ts';

export interface ProverSizes {
  /** Pairs of proofs with snarkjs, after the warm-up. */
  rounds: Record<SubjectName, number>;
  /** In the first of these rounds the WASM engine takes part, too. */
  wasmRounds: Record<'reference' | 'own', number>;
  /** Uncounted rounds before; our own circuits come last, when every process has proved for minutes. */
  warmups: Record<'reference' | 'own', number>;
  coldRuns: Record<'reference-5k' | 'other', number>;
  /** Of the native prover; the others, which take seconds a proof, once. */
  memoryRounds: number;
  loopRounds: number;
  /** The loop without load, before. */
  loopIdleMs: number;
}

export const PROVER_FULL: ProverSizes = {
  rounds: { 'reference-5k': 8, 'reference-30k': 6, balance: 3, credential: 3, qualification: 3 },
  wasmRounds: { reference: 2, own: 1 },
  warmups: { reference: 2, own: 1 },
  coldRuns: { 'reference-5k': 5, other: 2 },
  memoryRounds: 3,
  loopRounds: 3,
  loopIdleMs: 2000,
};

export const PROVER_QUICK: ProverSizes = {
  rounds: { 'reference-5k': 1, 'reference-30k': 1, balance: 1, credential: 1, qualification: 1 },
  wasmRounds: { reference: 1, own: 1 },
  warmups: { reference: 0, own: 0 },
  coldRuns: { 'reference-5k': 1, other: 1 },
  memoryRounds: 1,
  loopRounds: 1,
  loopIdleMs: 300,
};

export interface VerifierSizes {
  /** Single verifications per circuit and side. */
  single: number;
  /** Batches per circuit and side. */
  batches: number;
  /** snarkjs verifications that each batch is held against. */
  snarkjsPerBatch: number;
  /** Real proofs per circuit; the others are re-randomised from them. */
  realProofs: number;
  coldRuns: number;
}

export const VERIFIER_FULL: VerifierSizes = { single: 30, batches: 10, snarkjsPerBatch: 4, realProofs: 2, coldRuns: 9 };

export const VERIFIER_QUICK: VerifierSizes = { single: 2, batches: 1, snarkjsPerBatch: 1, realProofs: 1, coldRuns: 1 };
