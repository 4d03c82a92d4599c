import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  CIRCUIT_NAMES,
  circuitOf,
  createClaims,
  encodeIdentity,
  type IdentityFacts,
  nameKey,
  type Policy,
  policyFromJson,
  policyJson,
  readDisclosed,
  readPolicyJson,
  readSignal,
} from '../../src/claims/index.ts';
import { compileDemand } from '../../src/claims/policy/compile.ts';
import { compare } from '../../src/claims/policy/satisfiable.ts';
import { account, BINDING, claims, identity, NOW, request, snapshot } from '../unit/claims/fixture.ts';
import { publicSignalsOf } from '../unit/claims/witness.ts';
import { accepted, facts as arbitraryFacts, candidate } from './claims-arbitraries.ts';

// Per circuit. A run signs up to four credentials and computes a witness of 20,000 constraints: a third of a second.
const RUNS = Number(process.env['ZKBAZAAR_WITNESS_RUNS'] ?? 8);

/** The policy without what these facts do not meet, so that a claim of it can be built. */
function withinReach(policy: Policy, facts: IdentityFacts): Policy | undefined {
  const made = structuredClone(policy);
  const demand = made.credential;
  if (demand === undefined) return made;
  const attributes = encodeIdentity(facts).map(BigInt);
  demand.compare = demand.compare.filter((comparison) =>
    compileDemand({ schema: 'identity', compare: [comparison] }, NOW).compare.every(
      ({ slot, op, operand }) => op === null || compare(attributes[slot] ?? 0n, op, operand),
    ),
  );
  if (demand.in !== undefined) {
    const { attr } = demand.in;
    const own = attr === 'kyc' ? String(facts.kycLevel) : facts[attr as 'country' | 'nationality'];
    demand.in.set = [...new Set([own, ...(Array.isArray(demand.in.set) ? demand.in.set : ['AT', 'US'])])];
    if (attr === 'kyc') demand.in.set = [own];
  }
  if (demand.notOn !== undefined) demand.notOn.list = 'sanctions';
  return accepted(made);
}

const given = fc
  .record({
    facts: arbitraryFacts.map((facts) => ({ ...facts, nameKey: nameKey('Erika Mustermann') })),
    candidate,
    orderId: fc.stringMatching(/^[0-9a-f]{64}$/),
    later: fc.nat({ max: 3_000 }),
    parts: fc.uniqueArray(fc.bigInt({ min: 1n, max: (1n << 128n) - 2n }), { minLength: 1, maxLength: 3 }),
  })
  .map(({ candidate: value, ...rest }) => {
    const policy = accepted(value);
    return { ...rest, policy: policy === undefined ? undefined : withinReach(policy, rest.facts) };
  })
  .filter((made): made is typeof made & { policy: Policy } => made.policy !== undefined);

// Caches of its own: what it finds, it finds itself.
const verifier = await createClaims();

describe('the verifier expects what the circuit shows', () => {
  const registry = snapshot();
  const view = verifier.registryView(registry);

  for (const name of CIRCUIT_NAMES) {
    it(`${name}: for arbitrary policies, holders, orders and times`, { timeout: 600_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(
          given.filter(({ policy }) => circuitOf(policy) === name),
          async ({ facts, policy, orderId, later, parts }) => {
            const credentials = [identity(facts, { issuedAt: NOW - 30 })];
            if (policy.balance !== undefined) {
              const { asset, atLeast } = policy.balance;
              // Together exactly at the threshold, or one of them above it.
              const slots = policy.credential === undefined ? BigInt(parts.length) : 1n;
              const share = (BigInt(atLeast) + slots - 1n) / slots;
              for (const ref of parts) credentials.push(account(share, ref, { asset, issuedAt: NOW - 30 }));
            }
            const binding = { ...BINDING, orderId };
            const now =
              NOW + (policy.balance === undefined ? later : Math.min(later, policy.balance.freshSeconds - 30));
            const claim = claims.buildClaim(request(policy, credentials, { registry, binding, now }));

            // The verifier starts from the bytes of an envelope, with caches of its own.
            const received = readPolicyJson(policyJson(policy));
            const { circuit, expected } = verifier.expectedSignals(received, { registry: view, binding, now });
            assert.equal(circuit, claim.circuit);
            assert.deepEqual(expected, claim.expected);

            const signals = await publicSignalsOf(claim);
            assert.deepEqual(
              signals,
              expected.map((value, i) => value ?? signals[i]),
            );
            const attr = policy.credential?.disclose;
            if (attr !== undefined) {
              const fact = attr === 'kyc' ? String(facts.kycLevel) : facts[attr as 'country'];
              assert.equal(readDisclosed(policy, readSignal(circuit, signals, 'disclosed') ?? ''), fact);
            }

            // Another policy, order or time is another set of public signals.
            const others = [
              verifier.expectedSignals(received, { registry: view, binding, now: now + 1 }),
              verifier.expectedSignals(received, { registry: view, binding: { ...binding, orderId: '' }, now }),
              verifier.expectedSignals(policyFromJson({ ...policy, unique: !policy.unique }), {
                registry: view,
                binding,
                now,
              }),
            ];
            for (const other of others) assert.notDeepEqual(other.expected, expected);
          },
        ),
        { numRuns: RUNS },
      );
    });
  }
});
