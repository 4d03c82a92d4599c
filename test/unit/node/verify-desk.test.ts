import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { CodedError } from '../../../src/base/errors.ts';
import { type ClaimBinding, getClaims, parsePolicy } from '../../../src/claims/index.ts';
import { MAX_PROOF_LIFETIME_SECONDS } from '../../../src/envelope/index.ts';
import { createRegistryWindow } from '../../../src/gossip/index.ts';
import type { VerifyInput } from '../../../src/node/interface.ts';
import { VerifyDesk, type VerifyDeskComponents } from '../../../src/node/verify-desk.ts';
import { FakeVerifier, NETWORK, NOW, VIEW } from '../gossip/make.ts';

const SKEW = 30;
const policy = parsePolicy('balance(EUR) >= 1200 fresh 24h');

/** What the desk says of a balance proof that a prover dates `now`; the proof itself is believed. */
async function verdict(now: number, expiresAt: number): Promise<string> {
  const claims = await getClaims();
  const clock = new ManualClock(NOW * 1000);
  const window = createRegistryWindow({ graceSeconds: 3600 }, { clock });
  window.advance(VIEW);
  const circuits = {
    list: () => [{ name: 'balance', verifyingKeyId: 'c2'.repeat(32) }],
    byVerifyingKey: () => undefined,
  } as unknown as VerifyDeskComponents['circuits'];
  const verifier = new FakeVerifier();
  const desk = new VerifyDesk({ circuits, claims, clock, verifier, window, clockSkewSeconds: SKEW });
  const none = 'ab'.repeat(32);
  const binding: ClaimBinding = {
    network: NETWORK,
    kind: 'claim',
    offerId: none,
    orderId: none,
    counterparty: none,
    pseudonym: none,
    expiresAt,
  };
  const { expected } = claims.expectedSignals(policy, { registry: VIEW, binding, now });
  const publicSignals = expected.map((value, index) => value ?? String(index + 1));
  try {
    // The fake verifier looks at no proof.
    const proof = {} as VerifyInput['proof'];
    const [first] = await desk.verify([{ circuit: 'balance', proof, publicSignals, policy, binding }]);
    return first?.code ?? 'nothing';
  } catch (error) {
    return error instanceof CodedError ? error.code : String(error);
  }
}

test('a proof of now is held against the policy', async () => {
  assert.equal(await verdict(NOW, NOW + 600), 'VERIFIER_VALID');
  assert.equal(await verdict(NOW + 600 - MAX_PROOF_LIFETIME_SECONDS, NOW + 600), 'VERIFIER_VALID');
});

test('NODE_BAD_QUERY: a proof from the future, a binding that is over, and a proof that its binding outlives', async () => {
  assert.equal(await verdict(NOW + SKEW + 1, NOW + 600), 'NODE_BAD_QUERY');
  assert.equal(await verdict(NOW - 600, NOW), 'NODE_BAD_QUERY');
  // Fresh 24 h five years ago, under a credential that ended since.
  for (const old of [MAX_PROOF_LIFETIME_SECONDS + 1, 5 * 365 * 86_400]) {
    assert.equal(await verdict(NOW + 600 - old, NOW + 600), 'NODE_BAD_QUERY', `${old} s`);
  }
});
