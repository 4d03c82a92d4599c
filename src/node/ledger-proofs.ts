import type { CircuitRegistry } from '../artifacts/index.ts';
import { CodedError } from '../base/errors.ts';
import { decodeProof } from '../claims/proof-codec.ts';
import type { ProofChecker, ProofJob } from '../ledger/interface.ts';
import { isDecided, VerdictCode, type Verifier, type VerifyRequest } from '../verifier/index.ts';
import { LEDGER_CIRCUITS, signalValue } from './ledger-circuits.ts';

/** Bad proofs of transactions make suspects of one another alone. */
const ORIGIN = 'ledger';

/** Proofs that transactions carry, by this node's verifier, in batches with everybody else's. */
export function ledgerProofs(circuits: CircuitRegistry, verifier: Verifier): ProofChecker {
  const requestOf = ({ circuit, signals, proof }: ProofJob): VerifyRequest | undefined => {
    const found = circuits.list().find(({ name }) => name === LEDGER_CIRCUITS[circuit]);
    if (found === undefined) return undefined;
    try {
      const publicSignals = signals.map((signal) => signalValue(signal).toString());
      return { verifyingKey: found.verifyingKeyId, proof: decodeProof(proof), publicSignals, origin: ORIGIN };
    } catch (error) {
      // Points off their curves; the code says which, and the answer is no all the same.
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  };
  return {
    async check(jobs) {
      const requests = jobs.map(requestOf);
      const asked = requests.filter((request) => request !== undefined);
      const verdicts = await verifier.verifyBatch(asked);
      const undecided = verdicts.find((verdict) => !isDecided(verdict));
      // Says nothing about the proofs, so nobody may be refused for it.
      if (undecided !== undefined) throw new CodedError(VerdictCode.Busy, undecided.reason);
      let next = 0;
      return requests.map((request) => (request === undefined ? false : verdicts[next++]?.valid === true));
    },
  };
}
