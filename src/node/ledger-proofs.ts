import type { CircuitRegistry } from '../artifacts/index.ts';
import { CodedError } from '../base/errors.ts';
import { decodeProof } from '../claims/proof-codec.ts';
import type { ProofChecker, ProofJob } from '../ledger/interface.ts';
import { isDecided, VerdictCode, type Verifier, type VerifyRequest } from '../verifier/index.ts';

/** The ledger's numbers of circuits: consensus, so what a number means never changes. */
const CIRCUITS: Readonly<Record<number, string>> = { 1: 'credential', 2: 'balance', 3: 'qualification' };
/** Bad proofs of transactions make suspects of one another alone. */
const ORIGIN = 'ledger';

/** Proofs that transactions carry, by this node's verifier, in batches with everybody else's. */
export function ledgerProofs(circuits: CircuitRegistry, verifier: Verifier): ProofChecker {
  const requestOf = ({ circuit, signals, proof }: ProofJob): VerifyRequest | undefined => {
    const found = circuits.list().find(({ name }) => name === CIRCUITS[circuit]);
    if (found === undefined) return undefined;
    try {
      const publicSignals = signals.map(decimalOf);
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

/** 32 bytes little-endian. */
function decimalOf(signal: Uint8Array): string {
  return BigInt(`0x${Buffer.from(signal).reverse().toString('hex')}`).toString();
}
