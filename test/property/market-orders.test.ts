/**
 * Model: two sides, each with its own copy of one order, and a network between them that loses, repeats and reorders
 * whatever they say, while time passes. Whatever happens: no illegal move, no dead end, no disagreement about a deal
 * once the two have been able to talk.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isCodedError } from '../../src/base/errors.ts';
import {
  checkReceipt,
  checkSender,
  deadlineOf,
  decodeOrderMessage,
  encodeOrderMessage,
  follow,
  isFinal,
  MarketErrorCode,
  nextActorOf,
  type Order,
  type OrderEvent,
  type OrderRole,
  type OrderState,
  SETTLE_NEWS_SECONDS,
  transition,
} from '../../src/market/index.ts';
import {
  CLAIM_ID,
  makeOffer,
  makeOrder,
  makeTerms,
  NETWORK,
  type Party,
  party,
  START,
  signMessage,
  signReceipt,
} from '../unit/market/fixtures.ts';

/** Every move that a copy may make. */
const LEGAL: Record<OrderRole, Record<OrderState, OrderState[]>> = {
  maker: {
    proposed: ['qualified', 'declined', 'cancelled', 'expired'],
    qualified: ['accepted', 'declined', 'cancelled', 'expired'],
    accepted: ['cancelled', 'expired'],
    declined: [],
    cancelled: [],
    expired: [],
  },
  taker: {
    proposed: ['qualified', 'accepted', 'declined', 'cancelled', 'expired'],
    qualified: ['accepted', 'declined', 'cancelled', 'expired'],
    accepted: ['cancelled', 'expired'],
    declined: [],
    cancelled: [],
    // Only with a receipt that both signed, see `isSignedByUs`.
    expired: ['accepted'],
  },
};

interface Real {
  now: number;
  keys: Record<OrderRole, Party>;
  copies: Record<OrderRole, Order>;
  wire: { to: OrderRole; bytes: Uint8Array }[];
}

const other = (role: OrderRole): OrderRole => (role === 'maker' ? 'taker' : 'maker');

function begin(): Real {
  const keys = { maker: party(), taker: party() };
  const terms = makeTerms(makeOffer(keys.maker), keys.taker);
  return {
    now: START,
    keys,
    copies: { maker: makeOrder('maker', terms), taker: makeOrder('taker', terms) },
    wire: [],
  };
}

/** Applies one event; a refusal leaves the copy as it was, and may only be one of the two that a user can cause. */
function apply(real: Real, role: OrderRole, event: OrderEvent): void {
  const before = real.copies[role];
  let after: Order;
  try {
    after = transition(before, event, real.now);
  } catch (error) {
    assert.ok(isCodedError(error), String(error));
    assert.ok(([MarketErrorCode.IllegalTransition, MarketErrorCode.PastDeadline] as string[]).includes(error.code));
    return;
  }
  if (after.state !== before.state) {
    assert.ok(LEGAL[role][before.state].includes(after.state), `${role}: ${before.state} -> ${after.state}`);
    assert.ok(!isFinal(before) || (before.receipt?.takerSignature && after.confirmed), 'a final order moved');
    assert.equal(after.history.at(-1)?.state, after.state);
  }
  real.copies[role] = after;
  checkCopy(real, after);
}

function checkCopy(real: Real, order: Order): void {
  if (isFinal(order)) {
    assert.equal(deadlineOf(order), null);
    assert.equal(nextActorOf(order), null);
  } else {
    assert.ok((deadlineOf(order) ?? Number.POSITIVE_INFINITY) <= START + 7 * 86_400, 'a state without a near deadline');
    assert.ok(nextActorOf(order) !== null, 'a state in which nobody must act');
  }
  const ended = ['declined', 'cancelled', 'expired'].includes(order.state);
  assert.equal(order.reason !== null, ended, 'an end has a reason, and nothing else has');
  if (order.state === 'accepted') {
    assert.ok(order.receipt !== null);
    checkReceipt(order.receipt, order.terms);
  }
  if (order.confirmed) {
    assert.ok(order.receipt?.takerSignature, 'confirmed without both signatures');
    const { maker, taker } = real.copies;
    if (order.role === 'maker')
      assert.ok(taker.receipt?.takerSignature, 'the maker counts on a deal nobody else signed');
    else assert.ok(maker.confirmed, 'the taker counts on a deal its maker does not have');
  }
}

function say(real: Real, role: OrderRole): { to: OrderRole; bytes: Uint8Array } | undefined {
  const order = real.copies[role];
  if (role === 'maker' && order.state === 'proposed') return undefined;
  return { to: other(role), bytes: encodeOrderMessage(signMessage(order, real.keys[role], real.now)) };
}

function hear(real: Real, { to, bytes }: { to: OrderRole; bytes: Uint8Array }): void {
  const message = decodeOrderMessage(bytes, NETWORK);
  checkSender(message, real.keys[other(to)].key);
  const copy = real.copies[to];
  const followed = follow(copy, message, real.now);
  if (followed.type === 'event') apply(real, to, followed.event);
  if (followed.type === 'countersign') {
    const receipt = signReceipt(copy.terms, followed.receipt.acceptedAt, real.keys.maker, real.keys.taker);
    apply(real, to, { type: 'peer-accepted', receipt });
  }
}

/** Both talk until neither learns anything new. */
function heal(real: Real): void {
  for (let round = 0; round < 4; round++) {
    for (const role of ['taker', 'maker'] as const) {
      const said = say(real, role);
      if (said !== undefined) hear(real, said);
    }
  }
}

const tickBoth = (real: Real): void => {
  for (const role of ['maker', 'taker'] as const) apply(real, role, { type: 'tick' });
};

/** Where a walk begins, so that the rare places are walked from too and not only to. */
const STAGES = ['new', 'verified', 'qualified', 'accepted', 'heard', 'countersigned'] as const;

function advanceTo(real: Real, stage: (typeof STAGES)[number]): void {
  const pass = (from: OrderRole): void => {
    const said = say(real, from);
    if (said !== undefined) hear(real, said);
  };
  const moves: (() => void)[] = [
    () => apply(real, 'maker', { type: 'verified', claimId: CLAIM_ID, disclosed: null }),
    () => pass('maker'),
    () =>
      apply(real, 'maker', {
        type: 'accept',
        receipt: signReceipt(real.copies.maker.terms, real.now, real.keys.maker),
      }),
    () => pass('maker'),
    () => pass('taker'),
  ];
  for (const move of moves.slice(0, STAGES.indexOf(stage))) move();
}

class Step implements fc.Command<object, Real> {
  readonly #name: string;
  readonly #act: (real: Real) => void;
  constructor(name: string, act: (real: Real) => void) {
    this.#name = name;
    this.#act = act;
  }
  check(): boolean {
    return true;
  }
  run(_model: object, real: Real): void {
    this.#act(real);
  }
  toString(): string {
    return this.#name;
  }
}

const role = fc.constantFrom<OrderRole>('maker', 'taker');
const always = (name: string, act: (real: Real) => void) => fc.constant(new Step(name, act));
const pick = <T>(items: T[], at: number): T | undefined => items[at % Math.max(1, items.length)];

const steps = [
  always('verified', (real) => apply(real, 'maker', { type: 'verified', claimId: CLAIM_ID, disclosed: null })),
  always('refused', (real) => apply(real, 'maker', { type: 'refused', reason: 'NOT_QUALIFIED', note: '' })),
  always('accept', (real) =>
    apply(real, 'maker', { type: 'accept', receipt: signReceipt(real.copies.maker.terms, real.now, real.keys.maker) }),
  ),
  always('decline', (real) => apply(real, 'maker', { type: 'decline', reason: 'MAKER_DECLINED', note: 'no' })),
  always('cancel', (real) => apply(real, 'taker', { type: 'cancel', note: '' })),
  role.map(
    (who) =>
      new Step(`say(${who})`, (real) => {
        const said = say(real, who);
        if (said !== undefined) real.wire.push(said);
      }),
  ),
  fc.tuple(fc.nat(20), fc.boolean()).map(
    ([at, keep]) =>
      new Step(`deliver(${at}${keep ? ', and again later' : ''})`, (real) => {
        const letter = pick(real.wire, at);
        if (letter === undefined) return;
        hear(real, letter);
        const once = real.copies[letter.to];
        hear(real, letter);
        assert.deepEqual(real.copies[letter.to], once, 'hearing it twice changed something');
        if (!keep) real.wire.splice(real.wire.indexOf(letter), 1);
      }),
  ),
  fc.nat(20).map((at) => new Step(`lose(${at})`, (real) => real.wire.splice(at % Math.max(1, real.wire.length), 1))),
  fc.constantFrom(1, 60, 599, 600, 900, 901, 3600, 4500, 86_400).map(
    (by) =>
      new Step(`wait(${by})`, (real) => {
        real.now += by;
      }),
  ),
  always('tick', tickBoth),
  always('talk', heal),
];

const runs = Number(process.env['ZKBAZAAR_TEST_RUNS'] ?? 300);

test('orders: no illegal move, no dead end, agreement once both can talk', () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom(...STAGES), fc.commands(steps, { maxCommands: 30 }), (stage, commands) => {
      const real = begin();
      advanceTo(real, stage);
      fc.modelRun(() => ({ model: {}, real }), commands);

      tickBoth(real);
      heal(real);
      tickBoth(real);
      const { maker, taker } = real.copies;
      reached.add(`${maker.state}/${taker.state}${maker.confirmed ? '+' : ''}`);
      if (maker.state === 'accepted' || taker.state === 'accepted') {
        assert.ok(maker.confirmed && taker.confirmed, `talked, yet ${maker.state} and ${taker.state}`);
      } else if (isFinal(maker) || isFinal(taker)) {
        assert.ok(isFinal(taker) || taker.state === 'proposed', `${maker.state} and ${taker.state}`);
        assert.ok(isFinal(maker), `${maker.state} and ${taker.state}`);
      } else {
        assert.equal(maker.state, taker.state);
      }

      // However it stands, time alone ends it: nobody waits for ever.
      real.now += 7 * 86_400 + SETTLE_NEWS_SECONDS;
      tickBoth(real);
      assert.ok(isFinal(real.copies.maker) && isFinal(real.copies.taker), 'a dead end');
    }),
    { numRuns: runs },
  );
  // The walk must have been through the interesting places, or it has shown nothing.
  for (const place of ['accepted/accepted+', 'declined/declined', 'cancelled/cancelled', 'expired/expired']) {
    assert.ok(reached.has(place), `never reached ${place}; reached ${[...reached].join(', ')}`);
  }
});
