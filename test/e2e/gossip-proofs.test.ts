/** The validation pipeline with nothing faked: credentials, circuits, keys, prover, verifier workers, store. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CircuitRegistry, closeCurve, loadArtifacts } from '../../src/artifacts/index.ts';
import { toHex } from '../../src/base/bytes.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { BASE_FIELD_ORDER, SCALAR_FIELD_ORDER } from '../../src/base/field.ts';
import { type Credential, parsePolicy, policyJson, readSignal } from '../../src/claims/index.ts';
import { decodeProofPoints, encodeProof, encodeProofPoints } from '../../src/claims/proof-codec.ts';
import {
  createEnvelope,
  createPseudonym,
  decodeEnvelope,
  type Envelope,
  encodeBody,
  encodeEnvelope,
  type Signer,
  signEnvelope,
} from '../../src/envelope/index.ts';
import {
  createGossip,
  createRegistryWindow,
  type Gossip,
  type GossipCode,
  type GossipMessage,
  topicOfKind,
} from '../../src/gossip/index.ts';
import { createProver, type ProcessProver } from '../../src/prover/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { createVerifierPool, type Verifier } from '../../src/verifier/index.ts';
import { tempDir } from '../support/temp-dir.ts';
import { account, claims, identity, NOW, SECRET, snapshot } from '../unit/claims/fixture.ts';

const NETWORK = 'local';
const OFFER = '11'.repeat(32);
const MAKER = '33'.repeat(32);
const GRACE = 300;
const QUALIFICATION = 'balance(EUR) >= 1200 fresh 24h and age >= 18 and country in EU and unsanctioned and unique';

interface Proven {
  message: GossipMessage;
  author: Signer;
}

let circuits: CircuitRegistry;
let prover: ProcessProver;
let verifier: Verifier;
const person = identity();
const accounts = [account(70_000n, 5n), account(90_000n, 6n), account(130_000n, 7n)];
/** Made once: a proof takes seconds. */
const proven: Record<'credential' | 'balance' | 'order' | 'otherOrder', Promise<Proven>> = {} as never;

before(async () => {
  circuits = await loadArtifacts({ production: false });
  prover = createProver({}, { circuits });
  verifier = createVerifierPool({
    keys: circuits.list().map(({ verifyingKeyBytes }) => verifyingKeyBytes),
    workers: 1,
  });
  proven.credential = prove('kyc >= 2 and disclose country', 'a1', [person]);
  proven.balance = prove('balance(EUR) >= 1500', 'a2', accounts.slice(0, 2));
  proven.order = prove(QUALIFICATION, 'a3', [person, ...accounts.slice(2)]);
  proven.otherOrder = prove(QUALIFICATION, 'a4', [person, ...accounts.slice(2)]);
  await Promise.all(Object.values(proven));
});

after(async () => {
  await prover.close();
  await verifier.close();
  await closeCurve();
});

async function prove(policyText: string, order: string, credentials: Credential[]): Promise<Proven> {
  const author = createPseudonym().signer;
  const policy = parsePolicy(policyText);
  const body = { offerId: OFFER, orderId: order.repeat(32), counterparty: MAKER };
  const pseudonym = toHex(author.publicKey);
  const binding = { network: NETWORK, kind: 'claim' as const, ...body, pseudonym, expiresAt: NOW + 900 };
  const registry = snapshot();
  const claim = claims.buildClaim({ policy, secret: SECRET, credentials, registry, binding, now: NOW });
  const { proof, publicSignals } = await prover.prove(claim);
  const unsigned = createEnvelope({
    kind: 'claim',
    expiresAt: NOW + 900,
    pseudonym: author.publicKey,
    body: encodeBody('claim', body),
    proof: {
      circuit: claim.circuit,
      verifyingKey: circuits.get(claim.circuit).verifyingKeyId,
      policy: policyJson(policy),
      registryRoot: BigInt(registry.root),
      publicSignals,
      proof: encodeProof(proof),
    },
  });
  return { message: toMessage(signEnvelope(unsigned, NETWORK, author)), author };
}

function toMessage(envelope: Envelope): GossipMessage {
  return { topic: topicOfKind(NETWORK, envelope.kind), data: encodeEnvelope(envelope), from: 'peer-a' };
}

/** What the author itself could send instead: changed, and signed again. */
function changed({ message, author }: Proven, change: (envelope: Envelope) => Partial<Envelope>): GossipMessage {
  const original = decodeEnvelope(message.data);
  const { signature: _, ...unsigned } = { ...original, ...change(original), pseudonym: author.publicKey };
  return toMessage(signEnvelope(unsigned, NETWORK, author));
}

interface Peer {
  gossip: Gossip;
  store: Store;
  clock: ManualClock;
  window: ReturnType<typeof createRegistryWindow>;
  expect(message: GossipMessage, code: GossipCode): Promise<void>;
}

async function peer(t: Parameters<typeof tempDir>[0]): Promise<Peer> {
  const store = await openStore({ dataDir: await tempDir(t) });
  const clock = new ManualClock(NOW * 1000);
  const window = createRegistryWindow({ graceSeconds: GRACE }, { clock });
  window.advance(claims.registryView(snapshot()));
  const gossip = createGossip(
    { network: NETWORK, registryKey: null },
    {
      verifier,
      store,
      claims,
      registry: window,
      verifyingKeys: new Map(
        circuits.list().map(({ verifyingKeyId, name }) => [verifyingKeyId, name as 'credential' | 'balance']),
      ),
      clock,
    },
  );
  t.after(async () => {
    await gossip.stop();
    await store.close();
  });
  const expect = async (message: GossipMessage, code: GossipCode) => {
    const verdict = await gossip.validate(message);
    assert.equal(verdict.code, code, verdict.reason);
  };
  return { gossip, store, clock, window, expect };
}

test('real proofs of all three circuits are accepted, compressed or not', async (t) => {
  const { expect, store } = await peer(t);
  await expect((await proven.credential).message, 'GOSSIP_ACCEPTED');
  await expect((await proven.balance).message, 'GOSSIP_ACCEPTED');
  const unpacked = changed(await proven.order, ({ proof }) => ({
    proof: encodeProofPoints(decodeProofPoints(proof), 'uncompressed'),
  }));
  await expect(unpacked, 'GOSSIP_ACCEPTED');
  assert.equal(await store.envelopes.count(), 3);
  // Three nullifiers, two pledges of the balance proof, one of the qualification.
  assert.equal(await store.spent.count(), 6);
});

test('tampered proofs are refused and leave nothing behind', async (t) => {
  const { expect, store } = await peer(t);
  const order = await proven.order;
  const points = (proof: Uint8Array) => decodeProofPoints(proof);
  const negate = (y: bigint) => BASE_FIELD_ORDER - y;
  const tampered: ((proof: Uint8Array) => Uint8Array)[] = [
    (proof) => Uint8Array.from(proof, (byte, i) => (i === 40 ? byte ^ 1 : byte)),
    // The other root: a well-formed point that is not the one.
    (proof) => Uint8Array.from(proof, (byte, i) => (i === 0 ? byte ^ 0x40 : byte)),
    (proof) => {
      const { a, b, c } = points(proof);
      return encodeProofPoints({ a: c, b, c: a }, 'compressed');
    },
    (proof) => {
      const { a, b, c } = points(proof);
      return encodeProofPoints({ a: { x: a.x, y: negate(a.y) }, b, c }, 'uncompressed');
    },
    () => new Uint8Array(128).fill(0x80),
    () => new Uint8Array(256),
  ];
  for (const tamper of tampered) {
    await expect(
      changed(order, ({ proof }) => ({ proof: tamper(proof) })),
      'GOSSIP_INVALID_PROOF',
    );
  }
  // The proof of one claim under the signals of another.
  const { proof } = decodeEnvelope((await proven.otherOrder).message.data);
  await expect(
    changed(order, () => ({ proof })),
    'GOSSIP_INVALID_PROOF',
  );
  assert.equal(await store.spent.count(), 0);
  assert.equal((await store.status()).reservations, 0);
  await expect(order.message, 'GOSSIP_ACCEPTED');
});

test('(-A, -B, C) is the same claim, not a second one', async (t) => {
  const { expect } = await peer(t);
  const order = await proven.order;
  const twin = changed(order, ({ proof }) => {
    const { a, b, c } = decodeProofPoints(proof);
    const negate = (y: bigint) => BASE_FIELD_ORDER - y;
    const points = { a: { x: a.x, y: negate(a.y) }, b: { x: b.x, y: [negate(b.y[0]), negate(b.y[1])] as const }, c };
    return { proof: encodeProofPoints(points as never, 'compressed') };
  });
  await expect(twin, 'GOSSIP_ACCEPTED');
  await expect(order.message, 'GOSSIP_DUPLICATE');
});

test('every public signal, changed after proving, is refused', async (t) => {
  const { gossip, store } = await peer(t);
  for (const each of [proven.credential, proven.balance, proven.order]) {
    const claim = await each;
    const { length } = decodeEnvelope(claim.message.data).publicSignals;
    for (let at = 0; at < length; at++) {
      const message = changed(claim, ({ publicSignals }) => ({
        publicSignals: publicSignals.map((value, i) => (i === at ? (value + 1n) % SCALAR_FIELD_ORDER : value)),
      }));
      const verdict = await gossip.validate(message);
      assert.ok(
        verdict.code === 'GOSSIP_UNEXPECTED_SIGNAL' || verdict.code === 'GOSSIP_INVALID_PROOF',
        `signal ${at}: ${verdict.code} ${verdict.reason}`,
      );
      assert.equal(verdict.action, 'reject');
    }
  }
  assert.equal(await store.envelopes.count(), 0);
});

test('replay: another order, another author, another expiry, another network, another policy', async (t) => {
  const { expect } = await peer(t);
  const order = await proven.order;
  const body = encodeBody('claim', { offerId: OFFER, orderId: 'ff'.repeat(32), counterparty: MAKER });
  await expect(
    changed(order, () => ({ body })),
    'GOSSIP_UNEXPECTED_SIGNAL',
  );
  await expect(
    changed({ ...order, author: createPseudonym().signer }, () => ({})),
    'GOSSIP_UNEXPECTED_SIGNAL',
  );
  await expect(
    changed(order, ({ expiresAt }) => ({ expiresAt: expiresAt + 1 })),
    'GOSSIP_UNEXPECTED_SIGNAL',
  );
  const { signature: _, ...unsigned } = decodeEnvelope(order.message.data);
  await expect(toMessage(signEnvelope(unsigned, 'elsewhere', order.author)), 'ENVELOPE_SIGNATURE');
  const weaker = policyJson(parsePolicy(QUALIFICATION.replace('1200', '1100')));
  await expect(
    changed(order, () => ({ policy: weaker })),
    'GOSSIP_UNEXPECTED_SIGNAL',
  );
});

test('two orders of one holder on one offer at once: exactly one is accepted, wherever they start', async (t) => {
  const messages = [(await proven.order).message, (await proven.otherOrder).message];
  for (const order of [messages, messages.toReversed()]) {
    const { gossip, store } = await peer(t);
    const verdicts = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        order.map((message, i) => gossip.validate({ ...message, from: `peer-${i}-${n}` })),
      ).flat(),
    );
    const count = (code: string) => verdicts.filter((verdict) => verdict.code === code).length;
    // Ten peers brought the winner at once: one verification, ten equal verdicts.
    assert.equal(count('GOSSIP_ACCEPTED'), 10);
    assert.equal(count('GOSSIP_NULLIFIER_SPENT'), 10);
    assert.equal(await store.envelopes.count(), 1);
  }
});

test('an account that backs one order backs no other, whatever the proof', async (t) => {
  const { expect, store } = await peer(t);
  const order = decodeEnvelope((await proven.order).message.data);
  const signals = order.publicSignals.map(String);
  const pledge = BigInt(readSignal('qualification', signals, 'pledge') ?? 0);
  assert.notEqual(pledge, 0n);
  const tag = { kind: 'pledge' as const, value: pledge.toString(16).padStart(64, '0'), expiresAt: NOW + 86_400 };
  const held = store.spent.reserve([tag], 'ee'.repeat(32));
  assert.equal(held.status, 'reserved');
  const reservation = held.status === 'reserved' ? held.reservation : undefined;
  const other = { id: 'ab'.repeat(32), topic: 't', kind: 'claim' as const, offerId: '', pseudonym: 'cd'.repeat(32) };
  const envelope = { ...other, expiresAt: NOW + 900, receivedAt: NOW, bytes: Uint8Array.of(1) };
  await store.accept([{ envelope, reservation }], NOW);
  await expect((await proven.order).message, 'GOSSIP_NULLIFIER_SPENT');
});

test('a root that was superseded long enough ago, and an envelope that has expired', async (t) => {
  const { expect, clock, window } = await peer(t);
  const revoked = claims.registryView({ ...snapshot({ revoked: [person.serial] }), sequence: 8 });
  window.advance(revoked);
  await expect((await proven.credential).message, 'GOSSIP_ACCEPTED');
  clock.advance(GRACE * 1000);
  await expect((await proven.order).message, 'GOSSIP_STALE_ROOT');
  clock.advance(900_000);
  await expect((await proven.balance).message, 'GOSSIP_EXPIRED');
});
