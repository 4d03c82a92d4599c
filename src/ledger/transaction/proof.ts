import type { TransactionProof } from './interface.ts';
import { PROOF_BYTES, PROOF_HEAD_BYTES, SIGNAL_BYTES } from './layout.ts';

/** The proof in a transaction's bytes: circuit u8, signals u8, 6 zero, the signals, then the points. */

/** Bytes that a proof takes. */
export function proofBytes({ signals }: TransactionProof): number {
  return PROOF_HEAD_BYTES + signals.length * SIGNAL_BYTES + PROOF_BYTES;
}

export function writeProof(bytes: Uint8Array, start: number, { circuit, signals, proof }: TransactionProof): void {
  bytes[start] = circuit;
  bytes[start + 1] = signals.length;
  let offset = start + PROOF_HEAD_BYTES;
  for (const signal of signals) {
    bytes.set(signal, offset);
    offset += SIGNAL_BYTES;
  }
  bytes.set(proof, offset);
}

/** Copies; the layout was checked. */
export function readProof(bytes: Uint8Array, start: number): TransactionProof {
  const take = (offset: number, length: number) => bytes.slice(offset, offset + length);
  const at = start + PROOF_HEAD_BYTES;
  const count = bytes[start + 1] ?? 0;
  return {
    circuit: bytes[start] ?? 0,
    signals: Array.from({ length: count }, (_, i) => take(at + i * SIGNAL_BYTES, SIGNAL_BYTES)),
    proof: take(at + count * SIGNAL_BYTES, PROOF_BYTES),
  };
}
