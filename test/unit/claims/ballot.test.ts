import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type BallotRequest,
  parsePolicy,
  type Question,
  questionScope,
  readSignal,
  scopeOf,
  signerContext,
} from '../../../src/claims/index.ts';
import { BINDING, claims, DAY, HOUR, identity, NOW, request, SECRET } from './fixture.ts';
import { publicSignalsOf } from './witness.ts';

const ASKED: Question = {
  network: '00'.repeat(16),
  proposal: '11'.repeat(10),
  question: 'A bench?',
  options: ['yes', 'no'],
};
const SIGNER = Uint8Array.from({ length: 20 }, (_, i) => i + 1);

function ballot(changes: Partial<BallotRequest['ballot']> = {}, now = NOW): BallotRequest {
  const { binding: _, ...rest } = request(parsePolicy('age >= 38 and country in EU'), [
    identity({ birthDate: '1988-11-22' }),
  ]);
  const bound = { scope: questionScope(ASKED), context: signerContext(SIGNER), policyTime: NOW, ...changes };
  return { ...rest, now, ballot: bound };
}

describe('the claim of a vote', () => {
  it('is what the circuit says of it: scope, signer, and the nullifier that needs no proof', async () => {
    const claim = claims.buildBallot(ballot());
    const signals = await publicSignalsOf(claim);
    assert.deepEqual(
      signals,
      claim.expected.map((value, i) => value ?? signals[i]),
    );
    const signal = (name: 'scope' | 'context' | 'nullifier') => readSignal('credential', signals, name);
    assert.equal(signal('scope'), questionScope(ASKED).toString());
    assert.equal(signal('nullifier'), claims.nullifierOf(SECRET, questionScope(ASKED)).toString());
    const context = BigInt(signal('context') ?? 0);
    assert.deepEqual(
      Array.from({ length: 20 }, (_, i) => Number((context >> BigInt(8 * i)) & 0xffn)),
      [...SIGNER],
    );
  });

  it('means the policy of the electorate’s day, whenever it is proven', () => {
    const hash = (request: BallotRequest) =>
      readSignal('credential', claims.buildBallot(request).expected as string[], 'policyHash');
    assert.equal(hash(ballot({}, NOW + DAY - HOUR)), hash(ballot()));
    // Who comes of age after that day is no voter, and a birthday on the day of the proof changes nothing.
    assert.throws(() => claims.buildBallot(ballot({ policyTime: NOW - DAY })), { code: 'CLAIM_COMPARISON_FAILED' });
  });

  it('has a scope that no offer and no other vote has', () => {
    const others: Question[] = [
      { ...ASKED, network: '01'.repeat(16) },
      { ...ASKED, proposal: '12'.repeat(10) },
      { ...ASKED, question: 'A bench? ' },
      { ...ASKED, options: ['no', 'yes'] },
      { ...ASKED, options: ['yes,no'] },
    ];
    const scopes = [ASKED, ...others].map(questionScope);
    assert.equal(new Set([...scopes, scopeOf(true, BINDING), scopeOf(false, BINDING)]).size, scopes.length + 2);
    assert.ok(scopes.every((scope) => scope < 1n << 248n));
  });

  it('is refused beyond 248 bits', () => {
    for (const bad of [{ scope: 1n << 248n }, { context: -1n }]) {
      assert.throws(() => claims.buildBallot(ballot(bad)), { code: 'CLAIM_BAD_BINDING' });
    }
  });
});
