/** What turns a witness into a proof, with one circuit's proving key in hand; the engines differ in nothing else. */
import type { ProofResult, ProveStage } from './interface.ts';

export type PartListener = (stage: ProveStage, fraction: number) => void;

export interface ProofBackend {
  readonly kind: 'native' | 'wasm';
  /** Wires of the key's circuit: the number of values of a witness. */
  readonly wires: number;
  /**
   * @param witness values of 32 bytes little-endian, one per wire; the caller wipes it afterwards
   * @param onPart called with the fraction of this call's work that is done
   * @throws ProverError PROVER_UNSATISFIED, PROVER_WITNESS_INVALID, PROVER_CANCELLED, PROVER_CRASHED
   */
  prove(witness: Uint8Array, onPart: PartListener, signal?: AbortSignal): Promise<ProofResult>;
}
