import { contextOf, scopeOf } from './binding.ts';
import {
  type ClaimBinding,
  type Expectation,
  type ExpectationContext,
  type Policy,
  PUBLIC_SIGNALS,
  type SignalName,
} from './interface.ts';
import { circuitOf } from './policy/index.ts';
import type { PolicyHasher } from './policy-hash.ts';
import { asciiToInteger } from './schemas.ts';

/** What a proof is bound to, as the circuits see it. */
export interface Bound {
  scope: bigint;
  context: bigint;
  /** Unix seconds; the policy means this moment's UTC day. */
  policyTime: number;
}

/** A claim's binding: to an order, on the day of the proof. */
export function boundTo(policy: Policy, binding: ClaimBinding, now: number): Bound {
  return { scope: scopeOf(policy.unique, binding), context: contextOf(binding), policyTime: now };
}

/**
 * The public signals that a proof of `policy` must show, from what the verifier itself knows. Null is left free: what
 * only the holder's secret determines, and a disclosed value. Nothing here comes from the prover but `now`.
 */
export function expectedOf(
  hasher: PolicyHasher,
  policy: Policy,
  { scope, context, policyTime }: Bound,
  { registry, now }: Pick<ExpectationContext, 'registry' | 'now'>,
): Expectation {
  const circuit = circuitOf(policy);
  const known: Partial<Record<SignalName, bigint>> = { registryRoot: registry.root, now: BigInt(now), scope, context };
  if (policy.credential !== undefined) {
    known.policyHash = hasher.policyHash(policy, registry, policyTime);
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
