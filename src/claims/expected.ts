import { contextOf, scopeOf } from './binding.ts';
import {
  type Expectation,
  type ExpectationContext,
  type Policy,
  PUBLIC_SIGNALS,
  type SignalName,
} from './interface.ts';
import { circuitOf } from './policy/index.ts';
import type { PolicyHasher } from './policy-hash.ts';
import { asciiToInteger } from './schemas.ts';

/**
 * The public signals that a proof of `policy` must show, from what the verifier itself knows. Null is left free: what
 * only the holder's secret determines, and a disclosed value. Nothing here comes from the prover but `now`.
 */
export function expectedOf(hasher: PolicyHasher, policy: Policy, at: ExpectationContext): Expectation {
  const circuit = circuitOf(policy);
  const { registry, binding, now } = at;
  const known: Partial<Record<SignalName, bigint>> = {
    registryRoot: registry.root,
    now: BigInt(now),
    scope: scopeOf(policy.unique, binding),
    context: contextOf(binding),
  };
  if (policy.credential !== undefined) {
    known.policyHash = hasher.policyHash(policy, registry, now);
    // Nothing asked, nothing shown: the circuit's output is 0 then.
    if (policy.credential.disclose === undefined) known.disclosed = 0n;
  } else if (policy.balance !== undefined) {
    known.asset = asciiToInteger(policy.balance.asset);
    known.threshold = BigInt(policy.balance.atLeast);
    known.minIssuedAt = BigInt(oldestIssue(now, policy.balance.freshSeconds));
  }
  return { circuit, expected: PUBLIC_SIGNALS[circuit].map((name) => known[name]?.toString() ?? null) };
}

/** The oldest `issuedAt` that is still fresh at `now`. */
export function oldestIssue(now: number, freshSeconds: number): number {
  return Math.max(0, now - freshSeconds);
}
