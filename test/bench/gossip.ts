/** What one peer can judge: the whole `gossip.validate`, with envelopes, proofs, verifier threads and a store on disk. */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import type { CircuitName } from '../../src/claims/interface.ts';
import { createGossip, createRegistryWindow, type GossipMessage, topicOfKind } from '../../src/gossip/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createVerifierPool, type Verifier } from '../../src/verifier/index.ts';
import { type Bench, timed } from './bench.ts';
import { listingEnvelopes } from './listings.ts';
import { summarise } from './stats.ts';
import { NETWORK } from './world.ts';

/** Peers that the messages come from: one alone may fill only a quarter of the queue. */
const SENDERS = 8;

export async function gossipSection(bench: Bench): Promise<void> {
  const proven = await bench.ensureProven(2);
  const claims = proven.map(({ envelope }) => messageOf('claim', envelope));
  // A node's own default, and all cores.
  for (const workers of new Set([1, availableParallelism()])) {
    bench.progress(
      `validating ${claims.length} claims, ${workers} verifier thread(s), ${bench.sizes.gossipRounds} rounds`,
    );
    const rates = await rounds(bench, claims, workers);
    bench.rows.push({
      id: `gossip.claims.workers-${workers}`,
      what: `claim envelopes judged by one peer, ${workers} verifier thread(s)${workers === 1 ? ' (a node’s default)' : ''}`,
      unit: 'msg/s',
      ...summarise(rates),
      note:
        `bursts of ${claims.length} claims with distinct real proofs, all circuits mixed, a fresh store each time; ` +
        'decoding, signature, registry, proof and one durable commit are in it',
    });
  }
  await listingRow(bench);
}

/** Needs no proofs. */
export async function listingRow(bench: Bench): Promise<void> {
  const { gossipListings } = bench.sizes;
  bench.progress(`validating ${gossipListings} listings`);
  const listings = listingEnvelopes(gossipListings).map((envelope) => messageOf('listing', envelope));
  bench.rows.push({
    id: 'gossip.listings',
    what: 'listing envelopes without a proof judged by one peer',
    unit: 'msg/s',
    ...summarise(await rounds(bench, listings, 1, Math.min(5, bench.sizes.gossipRounds))),
    note: `bursts of ${gossipListings}, all signed by different pseudonyms`,
  });
}

function messageOf(kind: 'claim' | 'listing', data: Uint8Array): Omit<GossipMessage, 'from'> {
  return { topic: topicOfKind(NETWORK, kind), data };
}

/** Messages per second of each round. */
async function rounds(
  bench: Bench,
  messages: readonly Omit<GossipMessage, 'from'>[],
  workers: number,
  count = bench.sizes.gossipRounds,
): Promise<number[]> {
  const keys = bench.circuits.list().map(({ verifyingKeyBytes }) => verifyingKeyBytes);
  const verifier = createVerifierPool({ keys, workers });
  const rates: number[] = [];
  try {
    // The first starts threads and compiles.
    for (let round = -1; round < count; round++) {
      const rate = await oneRound(bench, messages, verifier);
      if (round >= 0) rates.push(rate);
    }
  } finally {
    await verifier.close();
  }
  return rates;
}

let folders = 0;

async function oneRound(
  { circuits, world, dir }: Bench,
  messages: readonly Omit<GossipMessage, 'from'>[],
  verifier: Verifier,
): Promise<number> {
  folders += 1;
  const dataDir = join(dir, `gossip-${folders}`);
  await mkdir(dataDir);
  const store = await openStore({ dataDir });
  const registry = createRegistryWindow({ graceSeconds: 3600 }, { clock: systemClock });
  registry.advance(world.claims.registryView(world.snapshot));
  const verifyingKeys = new Map(
    circuits.list().map(({ verifyingKeyId, name }) => [verifyingKeyId, name as CircuitName]),
  );
  const gossip = createGossip(
    { network: NETWORK, registryKey: world.registryKey },
    { verifier, store, claims: world.claims, registry, verifyingKeys, clock: systemClock },
  );
  await gossip.start();
  try {
    const { ms, value } = await timed(() =>
      Promise.all(messages.map((message, i) => gossip.validate({ ...message, from: `peer-${i % SENDERS}` }))),
    );
    const refused = value.find(({ action }) => action !== 'accept');
    if (refused !== undefined) throw new Error(`a good message was not accepted: ${refused.code} ${refused.reason}`);
    return (messages.length * 1000) / ms;
  } finally {
    await gossip.stop();
    await store.close();
  }
}
