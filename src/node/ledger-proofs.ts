import type { CircuitRegistry } from '../artifacts/index.ts';
import { CodedError } from '../base/errors.ts';
import { decodeProof } from '../claims/proof-codec.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { ProofChecker, ProofJob } from '../ledger/interface.ts';
import { isDecided, VerdictCode, type Verifier, type VerifyRequest } from '../verifier/index.ts';
import { LEDGER_CIRCUITS, signalValue } from './ledger-circuits.ts';

/** Bad proofs of transactions make suspects of one another alone. */
const ORIGIN = 'ledger';

/**
 * Proofs that transactions carry, by this node's verifier, in batches with everybody else's.
 * @param bound verifying keys that the genesis names; a circuit that is not among them is none of this ledger. Left out:
 *   this node's own
 * @throws LEDGER_CIRCUIT_MISMATCH where this node has another key for one of them, or none
 */
export function ledgerProofs(
  circuits: CircuitRegistry,
  verifier: Verifier,
  bound?: ReadonlyMap<number, string>,
): ProofChecker {
  if (bound !== undefined) requireCircuitKeys(circuits, bound);
  const keyOf = (circuit: number) => ownKey(circuits, circuit);
  const requestOf = ({ circuit, signals, proof }: ProofJob): VerifyRequest | undefined => {
    const verifyingKey = bound === undefined ? keyOf(circuit) : bound.get(circuit);
    if (verifyingKey === undefined) return undefined;
    try {
      const publicSignals = signals.map((signal) => signalValue(signal).toString());
      return { verifyingKey, proof: decodeProof(proof), publicSignals, origin: ORIGIN };
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

/**
 * Peers that judged one proof differently would come to different states.
 * @param bound verifying keys that a genesis names. @throws LEDGER_CIRCUIT_MISMATCH where this node has another, or none
 */
export function requireCircuitKeys(circuits: CircuitRegistry, bound: ReadonlyMap<number, string>): void {
  for (const [circuit, key] of bound) {
    const own = ownKey(circuits, circuit);
    if (own === key) continue;
    const name = LEDGER_CIRCUITS[circuit] ?? `number ${circuit}`;
    const text = own === undefined ? 'this node knows no such circuit' : `this node has the key ${own}`;
    throw new LedgerError(
      'LEDGER_CIRCUIT_MISMATCH',
      `the genesis binds circuit ${name} to the key ${key}, and ${text}`,
      {
        where: `circuits.${circuit}`,
        hint: 'install the version or the proofs folder (artifacts.dir) that the ledger was begun with',
      },
    );
  }
}

function ownKey(circuits: CircuitRegistry, circuit: number): string | undefined {
  return circuits.list().find(({ name }) => name === LEDGER_CIRCUITS[circuit])?.verifyingKeyId;
}
