import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { canonicalJson, type Json } from '../../src/base/canonical-json.ts';
import { encodeFields } from '../../src/envelope/codec.ts';
import {
  createPseudonym,
  decodeEnvelope,
  type Envelope,
  MAX_ENVELOPE_BYTES,
  type Signer,
  signingBytes,
} from '../../src/envelope/index.ts';
import { GOSSIP_CODES, type GossipMessage, type GossipVerdict, networkTopics } from '../../src/gossip/index.ts';
import { VerdictCode } from '../../src/verifier/interface.ts';
import { claimMessage, harness, listingMessage, NETWORK, registryMessage } from '../unit/gossip/make.ts';

const FRAMES = Number(process.env['ZKBAZAAR_TEST_FRAMES'] ?? 100_000);
const SEED = Number(process.env['ZKBAZAAR_TEST_SEED'] ?? randomInt(2 ** 31));

/** mulberry32: small, and good enough to pick bytes. */
function randomSource(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    below,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
    bytes: (length: number) => Uint8Array.from({ length }, () => below(256)),
  };
}
type Source = ReturnType<typeof randomSource>;

/** Flips, overwrites, inserts, removes, doubles and cuts. */
function mutateBytes(random: Source, original: Uint8Array): Uint8Array {
  let data = [...original];
  for (let n = 1 + random.below(3); n > 0; n--) {
    const at = random.below(data.length);
    const kind = random.below(6);
    if (kind === 0) data[at] = (data[at] ?? 0) ^ (1 << random.below(8));
    else if (kind === 1) data[at] = random.pick([0, 1, 0x7f, 0x80, 0xff]);
    else if (kind === 2) data.splice(at, 0, ...random.bytes(1 + random.below(4)));
    else if (kind === 3) data.splice(at, 1 + random.below(8));
    else if (kind === 4) data = [...data.slice(0, at), ...data.slice(at / 2, at), ...data.slice(at)];
    else data = data.slice(0, Math.max(1, at));
  }
  return Uint8Array.from(data);
}

/** A field with a length or number that promises too much, in front of, inside or behind a good envelope. */
function giantNumbers(random: Source, original: Uint8Array): Uint8Array {
  const field = 1 + random.below(13);
  const varint = random.pick([
    [0xff, 0xff, 0xff, 0xff, 0x0f],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    [...Array(64).fill(0xff), 0x01],
    [0x80, 0x80, 0x80, 0x00],
  ]);
  const at = random.pick([0, random.below(original.length), original.length]);
  return Uint8Array.of(
    ...original.subarray(0, at),
    field * 8 + random.pick([0, 2]),
    ...varint,
    ...original.subarray(at),
  );
}

/** One field of a claim replaced by something its author might try, signed by that author. */
function resigned(random: Source, original: Uint8Array, author: Signer): Uint8Array {
  const envelope = decodeEnvelope(original);
  const signal = random.below(envelope.publicSignals.length);
  const text = Buffer.from(envelope.body).toString('utf8');
  const deep = (): Json =>
    random.below(3) === 0 ? [deep()] : random.pick<Json>([null, 0, -1, '', 'x', {}, 2 ** 53 - 1]);
  const changes: Partial<Envelope>[] = [
    { policy: envelope.policy.replace(/[0-9]/, () => String(random.below(10))) },
    { policy: canonicalJson({ v: 1, unique: true, credential: deep() }) },
    { policy: Buffer.from(mutateBytes(random, Buffer.from(envelope.policy))).toString('utf8') },
    {
      publicSignals: envelope.publicSignals.map((value, i) => (i === signal ? value + BigInt(random.below(5)) : value)),
    },
    { publicSignals: envelope.publicSignals.map((value, i) => (i === signal ? BigInt(random.below(2)) : value)) },
    { proof: random.bytes(random.pick([128, 256])) },
    { proof: new Uint8Array(random.pick([128, 256])).fill(random.pick([0, 0x80, 0xc0, 0xff])) },
    { expiresAt: envelope.expiresAt + random.pick([-86_400, -600, -1, 1, 86_400, 2 ** 39]) },
    { registryRoot: random.bytes(32) },
    { circuit: random.bytes(32) },
    { body: Buffer.from(canonicalJson({ offerId: deep(), orderId: deep(), counterparty: deep() })) },
    { body: mutateBytes(random, envelope.body) },
    { body: Buffer.from(text.replace('offerId', '__proto__')) },
    { kind: random.pick(['listing', 'registry', 'receipt', 'listing-update']) },
  ];
  const changed = { ...envelope, ...random.pick(changes), pseudonym: author.publicKey };
  const signature = author.sign(signingBytes(changed, NETWORK));
  return encodeFields({ ...changed, signature }, { proof: true, signature: true });
}

test(`${FRAMES} fuzzed frames: a verdict for each, no changed one accepted, nothing thrown, nothing left behind`, {
  timeout: 300_000,
}, async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = randomSource(SEED);
  const { gossip, verifier, store } = await harness(t, { tuning: { peerRate: 100_000, peerBurst: 100_000 } });
  gossip.exempt('fuzz');
  const author = createPseudonym().signer;
  const policies = [
    'kyc >= 2',
    'balance(EUR) >= 1200',
    'balance(EUR) >= 1200 and age >= 18 and unsanctioned and unique',
  ];
  const claims = await Promise.all(policies.map((policy) => claimMessage({ policy, author })));
  const others = [listingMessage(), registryMessage(9, 1n)];
  const originals = [...claims, ...others].map((message) => Buffer.from(message.data).toString('hex'));
  // No proof is valid here, so nothing with a proof may pass; what has none is only ever changed behind its author's back.
  verifier.answer = () => VerdictCode.InvalidProof;
  const topics = [...networkTopics(NETWORK), '/zkbazaar/other/1/listing', ''];

  const frame = (): GossipMessage => {
    const claim = random.pick(claims);
    const any = random.pick([...claims, ...others]);
    const share = random.below(100);
    const message = (base: GossipMessage, data: Uint8Array): GossipMessage => ({
      topic: random.below(20) === 0 ? random.pick(topics) : base.topic,
      data,
      from: random.below(50) === 0 ? 'fuzz' : `peer-${random.below(2000)}`,
    });
    if (share < 20) return message(any, random.bytes(random.below(random.pick([4, 64, 600]))));
    if (share < 22) return message(any, new Uint8Array(random.pick([0, 4096, 4097, 70_000])).fill(random.below(256)));
    if (share < 35) return message(any, any.data.subarray(0, random.below(any.data.length)));
    if (share < 50) return message(any, giantNumbers(random, any.data));
    if (share < 90) return message(any, mutateBytes(random, any.data));
    return message(claim, resigned(random, claim.data, author));
  };

  const counts = new Map<string, number>();
  const check = (verdict: GossipVerdict, message: GossipMessage) => {
    counts.set(verdict.code, (counts.get(verdict.code) ?? 0) + 1);
    const hex = () => Buffer.from(message.data).toString('hex');
    assert.ok(verdict.code in GOSSIP_CODES, `unbounded code ${verdict.code}`);
    assert.notEqual(verdict.code, 'GOSSIP_INTERNAL', `seed ${SEED}: ${verdict.reason}: ${hex()}`);
    assert.notEqual(verdict.code, 'GOSSIP_STORE_FAILED', `seed ${SEED}: ${verdict.reason}: ${hex()}`);
    assert.ok(verdict.reason.length < 1000, 'a reason does not repeat what came');
    if (message.data.length > MAX_ENVELOPE_BYTES) assert.notEqual(verdict.action, 'accept');
    if (verdict.action === 'accept') assert.ok(originals.includes(hex()), `seed ${SEED}: accepted ${hex()}`);
  };
  for (let done = 0; done < FRAMES; done += 100) {
    const frames = Array.from({ length: 100 }, frame);
    const verdicts = await Promise.all(frames.map((message) => gossip.validate(message)));
    for (const [i, verdict] of verdicts.entries()) check(verdict, frames[i] as GossipMessage);
  }

  const { queueItems, queueBytes, verifying } = gossip.stats();
  assert.deepEqual([queueItems, queueBytes, verifying], [0, 0, 0]);
  assert.equal((await store.status()).reservations, 0);
  assert.equal(await store.spent.count(), 0);
  // The frames went deep: structure, binding, signature and proof were all reached.
  for (const code of [
    'ENVELOPE_MALFORMED',
    'ENVELOPE_NOT_CANONICAL',
    'ENVELOPE_BODY',
    'ENVELOPE_SIGNATURE',
    'GOSSIP_BAD_POLICY',
    'GOSSIP_UNEXPECTED_SIGNAL',
    'GOSSIP_INVALID_PROOF',
    'GOSSIP_UNKNOWN_KEY',
    'GOSSIP_UNKNOWN_ROOT',
  ]) {
    assert.ok((counts.get(code) ?? 0) > 0, `no frame got as far as ${code}`);
  }
  t.diagnostic([...counts].map(([code, n]) => `${code} ${n}`).join(', '));
});
