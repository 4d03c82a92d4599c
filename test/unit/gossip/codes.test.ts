/** One test for every code a verdict can carry; the last one checks that none was forgotten. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { toHex } from '../../../src/base/bytes.ts';
import { encodeFields } from '../../../src/envelope/codec.ts';
import {
  createPseudonym,
  decodeEnvelope,
  type Envelope,
  envelopeId,
  receiptSigningBytes,
  type Signer,
  signEnvelope,
} from '../../../src/envelope/index.ts';
import { GOSSIP_CODES, type GossipCode, type GossipMessage, topicOf } from '../../../src/gossip/index.ts';
import { VerdictCode } from '../../../src/verifier/interface.ts';
import { LISTING_BODY } from '../envelope/make.ts';
import {
  BAD_LINK,
  claimMessage,
  fresh,
  GRACE,
  harness,
  listingMessage,
  NETWORK,
  NOW,
  plainMessage,
  registryMessage,
  seenCodes,
  VIEW,
} from './make.ts';

/** A message whose envelope is changed and signed again by its own author. */
function resigned(message: GossipMessage, author: Signer, change: (envelope: Envelope) => Envelope): GossipMessage {
  const { signature: _, ...unsigned } = change(decodeEnvelope(message.data));
  const envelope = signEnvelope({ ...unsigned, pseudonym: author.publicKey }, NETWORK, author);
  return { ...message, data: encodeFields(envelope, { proof: true, signature: true }) };
}

test('GOSSIP_ACCEPTED: every circuit, and kinds without a proof', async (t) => {
  const { expect, store, verifier } = await harness(t);
  for (const policy of [
    'kyc >= 2',
    'age >= 18 and country in EU and unsanctioned and unique and disclose country',
    'balance(EUR) >= 1200 fresh 24h',
    'balance(EUR) >= 1200 and kyc >= 2 and unique',
  ]) {
    const verdict = await expect(await claimMessage({ policy }), 'GOSSIP_ACCEPTED');
    assert.equal(verdict.stage, 2);
    assert.equal(store.envelopes.has(verdict.envelopeId ?? ''), true, 'on the disk before the verdict');
  }
  assert.equal(verifier.proofs, 4);
  await expect(await claimMessage({ kind: 'listing', policy: 'kyc >= 1' }), 'GOSSIP_ACCEPTED');
  await expect(listingMessage(), 'GOSSIP_ACCEPTED');
  await expect(listingMessage({ title: 'Another' }), 'GOSSIP_ACCEPTED');
});

test('GOSSIP_ACCEPTED: a receipt that both signed', async (t) => {
  const { expect } = await harness(t);
  const [maker, taker] = [createPseudonym().signer, createPseudonym().signer];
  const unsigned = {
    v: 1 as const,
    offerId: 'ab'.repeat(32),
    orderId: 'cd'.repeat(32),
    counterparty: toHex(taker.publicKey),
    outcome: 'released' as const,
    receipt: 'ef'.repeat(32),
    counterSignature: '',
  };
  const counterSignature = toHex(taker.sign(receiptSigningBytes(unsigned, toHex(maker.publicKey), NETWORK)));
  await expect(plainMessage('receipt', { ...unsigned, counterSignature }, { author: maker }), 'GOSSIP_ACCEPTED');
  // The same counter-signature under another author.
  await expect(plainMessage('receipt', { ...unsigned, counterSignature }), 'ENVELOPE_SIGNATURE');
});

test('GOSSIP_UNKNOWN_TOPIC', async (t) => {
  const { expect } = await harness(t);
  for (const topic of ['/zkbazaar/other/1/listing', '/zkbazaar/local/2/listing', '', 'x'.repeat(10_000)]) {
    await expect({ ...listingMessage(), topic }, 'GOSSIP_UNKNOWN_TOPIC');
  }
});

test('ENVELOPE_SIZE, ENVELOPE_MALFORMED, ENVELOPE_NOT_CANONICAL, ENVELOPE_VERSION, ENVELOPE_KIND', async (t) => {
  const { expect } = await harness(t);
  const good = listingMessage();
  const bytes = (data: Uint8Array) => ({ ...good, data });
  const patched = (at: number, value: number) => Uint8Array.from(good.data, (byte, i) => (i === at ? value : byte));
  await expect(bytes(new Uint8Array(0)), 'ENVELOPE_SIZE');
  await expect(bytes(new Uint8Array(4097)), 'ENVELOPE_SIZE');
  await expect(bytes(new Uint8Array(1_000_000)), 'ENVELOPE_SIZE');
  await expect(bytes(good.data.subarray(0, 100)), 'ENVELOPE_MALFORMED');
  await expect(bytes(Uint8Array.of(...good.data, 0x60, 1)), 'ENVELOPE_NOT_CANONICAL');
  await expect(bytes(patched(1, 2)), 'ENVELOPE_VERSION');
  await expect(bytes(patched(3, 9)), 'ENVELOPE_KIND');
});

test('ENVELOPE_FIELD, ENVELOPE_PROOF_PARTS, ENVELOPE_KEY', async (t) => {
  const { expect } = await harness(t);
  const claim = await claimMessage();
  const forged = (change: Partial<Envelope>) => ({
    ...claim,
    data: encodeFields({ ...decodeEnvelope(claim.data), ...change }, { proof: true, signature: true }),
  });
  await expect(forged({ circuit: new Uint8Array(31).fill(1) }), 'ENVELOPE_FIELD');
  await expect(forged({ proof: new Uint8Array(0) }), 'ENVELOPE_PROOF_PARTS');
  await expect(forged({ pseudonym: Uint8Array.of(1, ...new Uint8Array(31)) }), 'ENVELOPE_KEY');
  // One signal fewer than the circuit has.
  await expect(forged({ publicSignals: decodeEnvelope(claim.data).publicSignals.slice(1) }), 'ENVELOPE_FIELD');
});

test('GOSSIP_WRONG_TOPIC', async (t) => {
  const { expect } = await harness(t);
  await expect({ ...listingMessage(), topic: topicOf(NETWORK, 'registry') }, 'GOSSIP_WRONG_TOPIC');
  await expect({ ...(await claimMessage()), topic: topicOf(NETWORK, 'listing') }, 'GOSSIP_WRONG_TOPIC');
});

test('GOSSIP_EXPIRED, at its edge', async (t) => {
  const { expect, clock } = await harness(t);
  const [one, two] = [listingMessage({ expiresAt: NOW + 10 }), listingMessage({ expiresAt: NOW + 10 })];
  clock.advance(9_999);
  await expect(one, 'GOSSIP_ACCEPTED');
  clock.advance(1);
  await expect(two, 'GOSSIP_EXPIRED');
});

test('GOSSIP_EXPIRED: while it waited for its proof', async (t) => {
  const { expect, clock, verifier, store } = await harness(t);
  let open = () => {};
  verifier.gate = new Promise((resolve) => {
    open = resolve;
  });
  const nullifier = fresh();
  const late = expect(await claimMessage({ expiresAt: NOW + 10, nullifier }), 'GOSSIP_EXPIRED');
  await new Promise((resolve) => setTimeout(resolve, 20));
  clock.advance(11_000);
  open();
  await late;
  assert.equal((await store.status()).reservations, 0);
});

test('GOSSIP_TOO_FAR_AHEAD, at its edge', async (t) => {
  const { expect } = await harness(t);
  const farthest = NOW + 2_592_000 + 30;
  await expect(listingMessage({ expiresAt: farthest }), 'GOSSIP_ACCEPTED');
  await expect(listingMessage({ expiresAt: farthest + 1 }), 'GOSSIP_TOO_FAR_AHEAD');
});

test('GOSSIP_UNKNOWN_KEY', async (t) => {
  const { expect } = await harness(t);
  await expect(await claimMessage({ verifyingKey: '00'.repeat(32) }), 'GOSSIP_UNKNOWN_KEY');
});

test('GOSSIP_UNKNOWN_ROOT and GOSSIP_STALE_ROOT: the grace period starts when a root is superseded', async (t) => {
  const { expect, clock, registry } = await harness(t);
  await expect(await claimMessage({ view: { ...VIEW, root: 1n } }), 'GOSSIP_UNKNOWN_ROOT');
  clock.advance(10 * GRACE * 1000);
  const now = NOW + 10 * GRACE;
  const old = (at: number) => claimMessage({ now: at, expiresAt: at + 600 });
  await expect(await old(now), 'GOSSIP_ACCEPTED');
  registry.advance({ ...VIEW, root: 815n, sequence: 6 });
  clock.advance(GRACE * 1000 - 1);
  await expect(await old(now + GRACE - 1), 'GOSSIP_ACCEPTED');
  clock.advance(1);
  await expect(await old(now + GRACE), 'GOSSIP_STALE_ROOT');
});

test('GOSSIP_FROM_FUTURE: proof and registry header, at their edges', async (t) => {
  const { expect } = await harness(t);
  await expect(await claimMessage({ now: NOW + 30 }), 'GOSSIP_ACCEPTED');
  await expect(await claimMessage({ now: NOW + 31 }), 'GOSSIP_FROM_FUTURE');
  await expect(registryMessage(6, 1n, { issuedAt: NOW + 31 }), 'GOSSIP_FROM_FUTURE');
  await expect(registryMessage(6, 1n, { issuedAt: NOW + 30 }), 'GOSSIP_ACCEPTED');
});

test('ENVELOPE_PROOF_LIFETIME: a back-dated proof', async (t) => {
  const { expect } = await harness(t);
  const author = createPseudonym().signer;
  await expect(await claimMessage({ now: NOW - 80_000, expiresAt: NOW + 10_000 }), 'GOSSIP_ACCEPTED');
  const message = await claimMessage({ author, now: NOW - 80_000, expiresAt: NOW + 10_000 });
  const longer = resigned(message, author, (envelope) => ({ ...envelope, expiresAt: NOW + 10_001 }));
  await expect(longer, 'ENVELOPE_PROOF_LIFETIME');
});

test('GOSSIP_RATE_LIMITED: by peer, refilled by time, not for ourselves', async (t) => {
  const { expect, gossip, clock } = await harness(t, { tuning: { peerRate: 2, peerBurst: 3 } });
  const from = (peer: string) => listingMessage({ from: peer });
  for (let n = 0; n < 3; n++) await expect(from('a'), 'GOSSIP_ACCEPTED');
  await expect(from('a'), 'GOSSIP_RATE_LIMITED');
  await expect(from('b'), 'GOSSIP_ACCEPTED');
  clock.advance(500);
  await expect(from('a'), 'GOSSIP_ACCEPTED');
  await expect(from('a'), 'GOSSIP_RATE_LIMITED');
  gossip.exempt('a');
  for (let n = 0; n < 5; n++) await expect(from('a'), 'GOSSIP_ACCEPTED');
});

test('GOSSIP_RATE_LIMITED: policies never seen before', async (t) => {
  const { expect, clock } = await harness(t);
  const listing = (n: number) =>
    plainMessage('listing', {
      ...LISTING_BODY,
      addresses: [],
      takerPolicy: `{"balance":{"asset":"EUR","atLeast":"${n}","freshSeconds":86400},"unique":false,"v":1}`,
    });
  for (let n = 1; n <= 100; n++) await expect(listing(n), 'GOSSIP_ACCEPTED');
  await expect(listing(101), 'GOSSIP_RATE_LIMITED');
  await expect(listing(100), 'GOSSIP_ACCEPTED');
  clock.advance(50);
  await expect(listing(101), 'GOSSIP_ACCEPTED');
});

test('GOSSIP_DUPLICATE: the same envelope, with other proof bytes, and the same claim once more', async (t) => {
  const { expect, verifier } = await harness(t);
  const author = createPseudonym().signer;
  const message = await claimMessage({ author });
  await expect(message, 'GOSSIP_ACCEPTED');
  await expect(message, 'GOSSIP_DUPLICATE');
  const malleated = resigned(message, author, (envelope) => ({ ...envelope, proof: new Uint8Array(128).fill(3) }));
  await expect(malleated, 'GOSSIP_DUPLICATE');
  // Another envelope id, but nullifier and context of before.
  const relinked = resigned(message, author, (envelope) => ({
    ...envelope,
    publicSignals: envelope.publicSignals.map((signal, i) => (i === 1 ? signal + 1n : signal)),
  }));
  await expect(relinked, 'GOSSIP_DUPLICATE');
  assert.equal(verifier.proofs, 1);
});

test('ENVELOPE_BODY', async (t) => {
  const { expect } = await harness(t);
  const author = createPseudonym().signer;
  const changed = resigned(listingMessage({ author }), author, (envelope) => ({
    ...envelope,
    body: Buffer.from('{}'),
  }));
  await expect(changed, 'ENVELOPE_BODY');
});

test('GOSSIP_UNKNOWN_LISTING and GOSSIP_WRONG_AUTHOR: updates', async (t) => {
  const { expect } = await harness(t);
  const maker = createPseudonym().signer;
  const listing = listingMessage({ author: maker });
  const update = (author: Signer) => {
    const offerId = envelopeId(decodeEnvelope(listing.data), NETWORK);
    return plainMessage('listing-update', { v: 1, offerId, status: 'cancelled', sequence: 1 }, { author });
  };
  await expect(update(maker), 'GOSSIP_UNKNOWN_LISTING');
  await expect(listing, 'GOSSIP_ACCEPTED');
  await expect(update(createPseudonym().signer), 'GOSSIP_WRONG_AUTHOR');
  await expect(update(maker), 'GOSSIP_ACCEPTED');
});

test('registry: GOSSIP_WRONG_AUTHOR, GOSSIP_STALE_SEQUENCE, GOSSIP_DUPLICATE, GOSSIP_REGISTRY_CONFLICT', async (t) => {
  const { expect, registry, store } = await harness(t);
  await expect(registryMessage(6, 1n, { author: createPseudonym().signer }), 'GOSSIP_WRONG_AUTHOR');
  await expect(registryMessage(4, 1n), 'GOSSIP_STALE_SEQUENCE');
  await expect(registryMessage(5, VIEW.root), 'GOSSIP_DUPLICATE');
  await expect(registryMessage(5, 1n), 'GOSSIP_REGISTRY_CONFLICT');
  await expect(registryMessage(6, 815n), 'GOSSIP_ACCEPTED');
  assert.deepEqual(registry.current(), { root: 815n, sequence: 6, listRoots: { sanctions: 99n } });
  assert.equal((await store.registries.current())?.sequence, 6);
  await expect(await claimMessage({ view: { ...VIEW, root: 815n, sequence: 6 } }), 'GOSSIP_ACCEPTED');
});

test('GOSSIP_NO_REGISTRY', async (t) => {
  const { expect } = await harness(t, { registryKey: null });
  await expect(registryMessage(6, 1n), 'GOSSIP_NO_REGISTRY');
});

test('GOSSIP_BAD_POLICY: unreadable, second spelling, other circuit, a list that the registry lacks', async (t) => {
  const { expect, verifier } = await harness(t);
  await expect(await claimMessage({ policyText: '{"v":1}' }), 'GOSSIP_BAD_POLICY');
  await expect(await claimMessage({ policyText: 'nonsense' }), 'GOSSIP_BAD_POLICY');
  const spaced =
    '{"credential":{"compare":[{"attr":"kyc","op":">=","value":"2"}],"schema":"identity"}, "unique":false,"v":1}';
  await expect(await claimMessage({ policyText: spaced }), 'GOSSIP_BAD_POLICY');
  const balance = '{"balance":{"asset":"EUR","atLeast":"1","freshSeconds":60},"unique":false,"v":1}';
  await expect(await claimMessage({ policyText: balance }), 'GOSSIP_BAD_POLICY');
  assert.equal(verifier.proofs, 0);
  // Only hashing tells that the list is not there, and hashing waits for the proof.
  const { policyText, view } = {
    policyText:
      '{"credential":{"compare":[],"notOn":{"attr":"nameKey","list":"nowhere"},"schema":"identity"},"unique":false,"v":1}',
    view: VIEW,
  };
  await expect(await claimMessage({ policyText, view }), 'GOSSIP_BAD_POLICY');
  assert.equal(verifier.proofs, 1);
});

test('GOSSIP_UNEXPECTED_SIGNAL: every signal that the verifier knows, for every circuit', async (t) => {
  const { expect, verifier } = await harness(t, { tuning: { peerBurst: 1000 } });
  // Outputs that only the holder's secret determines; and `now`, which is the prover's word until the pairing checks it.
  const free: Record<string, readonly number[]> = {
    'kyc >= 2': [0, 1, 5],
    'balance(EUR) >= 1200': [0, 1, 2, 3, 4],
    'balance(EUR) >= 1200 and kyc >= 2': [0, 1, 3, 6],
  };
  for (const [policy, outputs] of Object.entries(free)) {
    for (const warm of [false, true]) {
      // The first round meets the policy unhashed, so that its hash is compared after the proof.
      const length = decodeEnvelope((await claimMessage({ policy })).data).publicSignals.length;
      for (let at = 0; at < length; at++) {
        if (outputs.includes(at)) continue;
        const before = verifier.proofs;
        const message = await claimMessage({
          policy,
          signals: (all) => all.map((value, i) => (i === at ? String(BigInt(value) + 1n) : value)),
        });
        await expect(message, 'GOSSIP_UNEXPECTED_SIGNAL');
        if (warm) assert.equal(verifier.proofs, before, `${policy}, signal ${at}: found before the pairing`);
      }
      await expect(await claimMessage({ policy }), 'GOSSIP_ACCEPTED');
    }
  }
});

test('GOSSIP_UNEXPECTED_SIGNAL: a proof bound to another order, and one account pledged twice', async (t) => {
  const { expect } = await harness(t);
  const author = createPseudonym().signer;
  const message = await claimMessage({ author });
  const other = await claimMessage({ author });
  const moved = resigned(message, author, (envelope) => ({ ...envelope, body: decodeEnvelope(other.data).body }));
  await expect(moved, 'GOSSIP_UNEXPECTED_SIGNAL');
  const stolen = resigned(message, createPseudonym().signer, (envelope) => envelope);
  await expect(stolen, 'GOSSIP_UNEXPECTED_SIGNAL');
  const twice = await claimMessage({ policy: 'balance(EUR) >= 1200', pledges: [5n, 5n, 0n] });
  await expect(twice, 'GOSSIP_UNEXPECTED_SIGNAL');
});

test('GOSSIP_NULLIFIER_SPENT: another order, and a pledge that backs an order already', async (t) => {
  const { expect, verifier } = await harness(t);
  const [nullifier, pledge] = [fresh(), fresh()];
  const policy = 'balance(EUR) >= 1200 and kyc >= 2';
  await expect(await claimMessage({ policy, nullifier, pledges: [pledge] }), 'GOSSIP_ACCEPTED');
  await expect(await claimMessage({ policy, nullifier }), 'GOSSIP_NULLIFIER_SPENT');
  await expect(await claimMessage({ policy, pledges: [pledge] }), 'GOSSIP_NULLIFIER_SPENT');
  const balance = 'balance(EUR) >= 1200';
  await expect(await claimMessage({ policy: balance, pledges: [fresh(), pledge, 0n] }), 'GOSSIP_NULLIFIER_SPENT');
  assert.equal(verifier.proofs, 1, 'no pairing for what is spent');
});

test('ENVELOPE_SIGNATURE', async (t) => {
  const { expect, verifier } = await harness(t);
  const message = await claimMessage();
  const data = Uint8Array.from(message.data);
  data[data.length - 1] = (data[data.length - 1] ?? 0) ^ 1;
  await expect({ ...message, data }, 'ENVELOPE_SIGNATURE');
  assert.equal(verifier.proofs, 0);
});

test('GOSSIP_INVALID_PROOF: by the verifier, and where the points do not unpack', async (t) => {
  const { expect, store } = await harness(t);
  const nullifier = fresh();
  await expect(await claimMessage({ nullifier, linkTag: BAD_LINK }), 'GOSSIP_INVALID_PROOF');
  await expect(await claimMessage({ nullifier, proof: new Uint8Array(256).fill(0xff) }), 'GOSSIP_INVALID_PROOF');
  await expect(await claimMessage({ nullifier, proof: new Uint8Array(128).fill(1) }), 'GOSSIP_INVALID_PROOF');
  assert.equal((await store.status()).reservations, 0);
  await expect(await claimMessage({ nullifier }), 'GOSSIP_ACCEPTED');
});

test('GOSSIP_VERIFIER_FAILED: our own failures are never the sender’s', async (t) => {
  const { expect, verifier, store } = await harness(t);
  const nullifier = fresh();
  for (const code of [
    VerdictCode.Busy,
    VerdictCode.Closed,
    VerdictCode.Internal,
    VerdictCode.UnknownKey,
    VerdictCode.BadKey,
  ]) {
    verifier.answer = () => code;
    await expect(await claimMessage({ nullifier }), 'GOSSIP_VERIFIER_FAILED');
  }
  verifier.verifyBatch = () => Promise.reject(new Error('worker died'));
  await expect(await claimMessage({ nullifier }), 'GOSSIP_VERIFIER_FAILED');
  verifier.verifyBatch = async () => [];
  await expect(await claimMessage({ nullifier }), 'GOSSIP_VERIFIER_FAILED');
  assert.equal((await store.status()).reservations, 0);
  verifier.verifyBatch = async (requests) => requests.map(() => ({ valid: true, code: VerdictCode.Valid, reason: '' }));
  await expect(await claimMessage({ nullifier }), 'GOSSIP_ACCEPTED');
});

test('GOSSIP_TIMEOUT: the verifier hangs', async (t) => {
  const { expect, verifier, store } = await harness(t, { tuning: { deadlineMs: 30 } });
  verifier.gate = new Promise(() => {});
  await expect(await claimMessage(), 'GOSSIP_TIMEOUT');
  assert.equal((await store.status()).reservations, 0);
});

test('GOSSIP_STORE_FAILED', async (t) => {
  const { expect, store } = await harness(t);
  const [claim, listing] = [await claimMessage(), listingMessage()];
  await store.close();
  await expect(claim, 'GOSSIP_STORE_FAILED');
  await expect(listing, 'GOSSIP_STORE_FAILED');
});

test('GOSSIP_INTERNAL: an unexpected throw is ignored', async (t) => {
  const broken = new Error('a bug of ours');
  const { expect } = await harness(t, {
    claims: new Proxy({} as never, {
      get: () => () => {
        throw broken;
      },
    }),
  });
  await expect(await claimMessage(), 'GOSSIP_INTERNAL');
});

test('GOSSIP_QUEUE_FULL: a quarter for each peer, and the whole', async (t) => {
  const { expect, verifier, gossip } = await harness(t, { tuning: { queueItems: 8 } });
  verifier.gate = new Promise(() => {});
  const waiting = [];
  for (const from of ['a', 'a', 'b', 'b']) waiting.push(gossip.validate(await claimMessage({ from })));
  await expect(await claimMessage({ from: 'a' }), 'GOSSIP_QUEUE_FULL');
  for (const from of ['c', 'c', 'd', 'd']) waiting.push(gossip.validate(await claimMessage({ from })));
  assert.equal(gossip.canAcceptWork(), false);
  await expect(await claimMessage({ from: 'e' }), 'GOSSIP_QUEUE_FULL');
  await gossip.stop();
  for (const verdict of await Promise.all(waiting)) assert.equal(verdict.code, 'GOSSIP_STOPPED');
  const { queueItems, queueBytes } = gossip.stats();
  assert.deepEqual([queueItems, queueBytes], [0, 0]);
});

test('GOSSIP_CONTESTED: a second claim on one nullifier from the same peer, while the first is being verified', async (t) => {
  const { expect, gossip, verifier } = await harness(t);
  verifier.gate = new Promise(() => {});
  const nullifier = fresh();
  const first = gossip.validate(await claimMessage({ nullifier }));
  await expect(await claimMessage({ nullifier }), 'GOSSIP_CONTESTED');
  await gossip.stop();
  assert.equal((await first).code, 'GOSSIP_STOPPED');
});

test('GOSSIP_STOPPED: what waits is ignored, what comes is ignored', async (t) => {
  const { expect, gossip, verifier, store } = await harness(t);
  verifier.gate = new Promise(() => {});
  const waiting = expect(await claimMessage(), 'GOSSIP_STOPPED');
  await new Promise((resolve) => setTimeout(resolve, 10));
  await gossip.stop();
  await waiting;
  await expect(await claimMessage(), 'GOSSIP_STOPPED');
  assert.equal(gossip.canAcceptWork(), false);
  assert.equal((await store.status()).reservations, 0);
  await gossip.stop();
});

test('no code was forgotten, here or in the docs', async () => {
  const all = Object.keys(GOSSIP_CODES) as GossipCode[];
  assert.deepEqual(
    all.filter((code) => !seenCodes.has(code)),
    [],
    'codes that no test reaches',
  );
  const page = await readFile(new URL('../../../docs/validation.md', import.meta.url), 'utf8');
  for (const code of all) {
    const rows = page.split('\n').filter((line) => line.startsWith('|') && line.includes(`\`${code}\``));
    assert.ok(rows.length > 0, `${code} is not in docs/validation.md`);
    for (const row of rows) assert.ok(row.includes(`| ${GOSSIP_CODES[code]} |`), `${code}: the docs say ${row}`);
  }
});
