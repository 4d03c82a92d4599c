import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import {
  createEnvelope,
  createPseudonym,
  encodeBody,
  encodeEnvelope,
  signEnvelope,
} from '../../../src/envelope/index.ts';
import { createJudge, type JudgeComponents } from '../../../src/node/claim-judge.ts';
import { VerdictBook } from '../../../src/node/verdict-book.ts';
import { START } from '../market/fixtures.ts';

/** Bytes of some envelope; the judge only needs its id. */
function message(sequence: number): Uint8Array {
  const { signer } = createPseudonym();
  const body = encodeBody('listing-update', { v: 1, offerId: 'ab'.repeat(32), status: 'open', sequence });
  const unsigned = createEnvelope({ kind: 'listing-update', expiresAt: START, pseudonym: signer.publicKey, body });
  return encodeEnvelope(signEnvelope(unsigned, 'local', signer));
}

function setUp(answer: { accepted: boolean; action: string; code: string }) {
  const clock = new ManualClock(START * 1000);
  const known = new Set<string>();
  const bans: string[] = [];
  const state = { published: 0 };
  const judge = createJudge({
    network: 'local',
    clock,
    verdictBook: new VerdictBook(),
    ban: (peer: string) => void bans.push(peer),
    store: { envelopes: { has: (id: string) => known.has(id) } },
    envelopes: {
      publish: async () => {
        state.published += 1;
        return answer;
      },
    },
  } as unknown as JudgeComponents);
  return { clock, known, bans, state, judge };
}

test('what gossip has brought and accepted is good without another look', async () => {
  const { judge, known, state } = setUp({ accepted: false, action: 'reject', code: 'GOSSIP_INVALID_PROOF' });
  const data = message(1);
  assert.equal((await judge(data, 'p')).outcome, 'bad');
  const { envelopeId, decodeEnvelope } = await import('../../../src/envelope/index.ts');
  known.add(envelopeId(decodeEnvelope(data), 'local'));
  assert.equal((await judge(data, 'p')).outcome, 'good');
  assert.equal(state.published, 1);
});

test('three claims that every honest peer refuses shut the peer out; those that time may turn do not', async () => {
  const bad = setUp({ accepted: false, action: 'reject', code: 'GOSSIP_INVALID_PROOF' });
  for (let i = 0; i < 2; i++) await bad.judge(message(i + 1), 'p');
  await bad.judge(message(3), 'other');
  assert.deepEqual(bad.bans, []);
  await bad.judge(message(4), 'p');
  assert.deepEqual(bad.bans, ['p']);
  const late = setUp({ accepted: false, action: 'ignore', code: 'GOSSIP_UNKNOWN_ROOT' });
  for (let i = 0; i < 6; i++) assert.equal((await late.judge(message(i + 1), 'p')).outcome, 'later');
  assert.deepEqual(late.bans, []);
});

test('a peer that brings claims too fast is put off before they cost anything', async () => {
  const { judge, state, clock } = setUp({ accepted: true, action: 'accept', code: 'GOSSIP_ACCEPTED' });
  const outcomes = [];
  for (let i = 0; i < 20; i++) outcomes.push((await judge(message(i + 1), 'p')).outcome);
  assert.equal(outcomes.filter((outcome) => outcome === 'good').length, 8);
  assert.equal(state.published, 8);
  assert.equal((await judge(message(30), 'q')).outcome, 'good');
  clock.advance(1000);
  assert.equal((await judge(message(31), 'p')).outcome, 'good');
});
