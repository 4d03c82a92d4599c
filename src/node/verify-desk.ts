import type { CircuitRegistry, VerifyingArtifacts } from '../artifacts/index.ts';
import { type Clock, nowSeconds } from '../base/clock.ts';
import { type CircuitName, type Claims, readSignal } from '../claims/index.ts';
import { MAX_PROOF_LIFETIME_SECONDS } from '../envelope/index.ts';
import type { RegistryWindow } from '../gossip/interface.ts';
import type { Verdict, Verifier, VerifyRequest } from '../verifier/index.ts';
import { NodeError } from './errors.ts';
import { type CircuitInfo, NodeErrorCode } from './interface.ts';
import { readPolicy } from './proof-desk.ts';
import type { VerifyInput } from './proofs-interface.ts';

export interface VerifyDeskComponents {
  circuits: CircuitRegistry;
  claims: Claims;
  clock: Clock;
  verifier: Verifier;
  window: RegistryWindow;
  clockSkewSeconds: number;
}

/** Not a peer's id: bad proofs that come by the API make suspects of its own proofs alone, not of gossip's or the node's. */
const ORIGIN = 'api';

/** Proofs that users bring: by themselves, or held against what a policy demands now. */
export class VerifyDesk {
  readonly #parts: VerifyDeskComponents;

  constructor(components: VerifyDeskComponents) {
    this.#parts = components;
  }

  /** Proofs here are malleable and bound to nothing: a verdict says that they hold, not that they are fresh. */
  async verify(inputs: readonly VerifyInput[]): Promise<Verdict[]> {
    const requests = inputs.map((input) => ({ ...this.request(input), origin: ORIGIN }));
    return await this.#parts.verifier.verifyBatch(requests);
  }

  circuits(): CircuitInfo[] {
    return this.#parts.circuits.list().map(({ name, definition, manifest, verifyingKeyId }) => ({
      name: name as CircuitName,
      summary: definition.summary,
      verifyingKeyId,
      setup: manifest.setup,
      constraints: manifest.constraints.total,
      publicSignals: [...manifest.publicSignals],
      files: manifest.files,
    }));
  }

  /** @throws NodeError NODE_UNKNOWN_CIRCUIT, NODE_BAD_QUERY, NODE_NO_REGISTRY; PolicyError */
  request({ circuit, proof, publicSignals, policy, binding }: VerifyInput): VerifyRequest {
    const found = this.circuit(circuit);
    if (found === undefined) {
      throw new NodeError(NodeErrorCode.UnknownCircuit, 'there is no such circuit or verifying key', {
        where: 'circuit',
        hint: `circuits: ${this.#parts.circuits
          .list()
          .map(({ name }) => name)
          .join(', ')}`,
      });
    }
    const request = { verifyingKey: found.verifyingKeyId, proof, publicSignals };
    if (policy === undefined && binding === undefined) return request;
    if (policy === undefined || binding === undefined) {
      throw new NodeError(NodeErrorCode.BadQuery, 'a policy and a binding come together', { where: 'binding' });
    }
    const expectation = this.#expect(found.name as CircuitName, publicSignals, policy, binding);
    return { ...request, expected: expectation };
  }

  #expect(
    circuit: CircuitName,
    signals: readonly string[],
    policy: VerifyInput['policy'],
    binding: VerifyInput['binding'],
  ) {
    if (policy === undefined || binding === undefined) return undefined;
    const { window, claims, clock, clockSkewSeconds } = this.#parts;
    // `now` is the prover's word: not ahead of our clock, the binding's end still to come, and the two no further apart
    // than in any envelope. Else what held years ago, under a credential that ended since, would pass for today's.
    const now = Number(readSignal(circuit, signals, 'now') ?? Number.NaN);
    const ours = nowSeconds(clock);
    const life = binding.expiresAt - now;
    const inTime = now <= ours + clockSkewSeconds && binding.expiresAt > ours && life <= MAX_PROOF_LIFETIME_SECONDS;
    if (!Number.isSafeInteger(now) || !inTime) {
      throw new NodeError(NodeErrorCode.BadQuery, "the proof's time or the binding's end is not good now", {
        where: 'binding',
      });
    }
    const root = readSignal(circuit, signals, 'registryRoot') ?? '';
    const found = /^[0-9]{1,78}$/.test(root) ? window.lookup(BigInt(root)) : undefined;
    const registry = found !== undefined && 'view' in found ? found.view : window.current();
    if (registry === undefined) {
      throw new NodeError(NodeErrorCode.NoRegistry, 'this node has no registry to hold the policy against');
    }
    const expectation = claims.expectedSignals(readPolicy(policy), { registry, binding, now });
    if (expectation.circuit !== circuit) {
      throw new NodeError(NodeErrorCode.BadQuery, `this policy is proven by circuit ${expectation.circuit}`, {
        where: 'circuit',
      });
    }
    return expectation.expected;
  }

  circuit(nameOrKey: string): VerifyingArtifacts | undefined {
    const { circuits } = this.#parts;
    return circuits.byVerifyingKey(nameOrKey) ?? circuits.list().find(({ name }) => name === nameOrKey);
  }
}
