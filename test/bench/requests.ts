/** As many valid proofs as a batch takes, of which no two share a point. */
import { createProver } from '../../src/prover/index.ts';
import type { VerifyRequest } from '../../src/verifier/index.ts';
import type { Progress } from './progress.ts';
import { rerandomise } from './rerandomise.ts';
import type { Subject } from './subjects.ts';

export const BATCH = 64;

/** @param real proofs that are made; the others are re-randomised from them */
export async function makeRequests(subject: Subject, real: number, progress: Progress): Promise<VerifyRequest[]> {
  const { name, circuits, verifyingKey, verifyingKeyId, next } = subject;
  progress(`proofs of ${name}: ${real} made, re-randomised to ${BATCH}`);
  const prover = createProver({}, { circuits });
  try {
    const requests: VerifyRequest[] = [];
    for (let i = 0; i < real; i++) {
      const { inputs, expected } = next();
      const { proof, publicSignals } = await prover.prove({ circuit: name, inputs });
      requests.push({ verifyingKey: verifyingKeyId, proof, publicSignals, expected });
    }
    while (requests.length < BATCH) {
      const original = requests[requests.length % real];
      if (original === undefined) throw new RangeError('no proof');
      requests.push({ ...original, proof: await rerandomise(original.proof, verifyingKey) });
    }
    return requests;
  } finally {
    await prover.close();
  }
}
