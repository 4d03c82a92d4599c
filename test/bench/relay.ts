/** Four real peers in a line: how long a message takes over three hops, and how much memory a peer has. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { listingEnvelopes } from './listings.ts';
import { eventually, type PeerProcess, requireLine, startLine } from './peer-process.ts';
import { summarise } from './stats.ts';

const PEERS = 4;
const HOPS = PEERS - 1;
/** Proofs of one REST request of the verify load. */
const LOAD_BATCH = 64;
const SETTLE_MS = 3_000;

interface Verdict {
  seq: number;
  atMs: number;
  action: string;
  code: string;
  envelopeId: string | null;
  elapsedMs: number;
}

export async function relaySection(bench: Bench): Promise<void> {
  const proven = await bench.ensureProven(2);
  bench.progress(`starting ${PEERS} peers in a line`);
  const peers = await startLine(bench.world, bench.dir, PEERS);
  try {
    await warmUp(peers);
    await requireLine(peers);
    bench.progress('memory of idle peers');
    await sleep(bench.sizes.idleMs);
    const idle = await Promise.all(peers.map((peer) => peer.memory()));
    bench.rows.push({
      id: 'memory.peer.idle',
      what: 'resident memory of an idle peer with REST API, neighbours connected',
      unit: 'MiB',
      ...summarise(idle),
      note: `one value per peer, ${bench.sizes.idleMs / 1000} s after its last message`,
    });
    await relay(bench, peers, 'listings', listingEnvelopes(bench.sizes.relayListings), bench.sizes.listingPauseMs);
    const [firstClaim, ...claims] = proven.map(({ envelope }) => envelope);
    // Starts the verifier's threads in every peer and compiles; the first of a peer's life, so not among the others.
    if (firstClaim !== undefined) await passOne(peers, firstClaim);
    await relay(bench, peers, 'claims', claims, bench.sizes.claimPauseMs);
    await requireLine(peers);
    await verifyLoad(bench, peers.at(-1));
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
}

/** The mesh takes some heartbeats to form, and first messages compile what they pass. */
async function warmUp(peers: readonly PeerProcess[]): Promise<void> {
  const [first, last] = [peers[0], peers.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('no peers');
  await eventually('a message passes the whole line', async () => {
    const [data] = listingEnvelopes(1);
    const id = await publish(first, data ?? new Uint8Array());
    await sleep(SETTLE_MS / 3);
    return (await verdictsOf(last)).has(id);
  });
}

async function passOne(peers: readonly PeerProcess[], data: Uint8Array): Promise<void> {
  const [first, last] = [peers[0], peers.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('no peers');
  const id = await publish(first, data);
  await eventually('the first claim at the last peer', async () => (await verdictsOf(last)).has(id));
}

async function publish(peer: PeerProcess, data: Uint8Array): Promise<string> {
  const body = { data: Buffer.from(data).toString('base64') };
  return (await peer.request<{ id: string }>('POST', '/v1/envelopes', body)).id;
}

/** First verdict per envelope; the log keeps the last thousand. */
async function verdictsOf(peer: PeerProcess): Promise<Map<string, Verdict>> {
  const { items } = await peer.request<{ items: Verdict[] }>('GET', '/v1/verdicts?limit=1000');
  const sorted = items.toSorted((a, b) => b.seq - a.seq);
  return new Map(sorted.flatMap((verdict) => (verdict.envelopeId === null ? [] : [[verdict.envelopeId, verdict]])));
}

async function relay(
  { progress, rows }: Bench,
  peers: readonly PeerProcess[],
  kind: 'listings' | 'claims',
  messages: readonly Uint8Array[],
  pauseMs: number,
): Promise<void> {
  progress(`relaying ${messages.length} ${kind} over ${HOPS} hops`);
  const [first, last] = [peers[0], peers.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('no peers');
  const ids: string[] = [];
  for (const data of messages) {
    ids.push(await publish(first, data));
    await sleep(pauseMs);
  }
  const arrived = async () => {
    const seen = await verdictsOf(last);
    return ids.every((id) => seen.has(id));
  };
  await eventually(`all ${kind} at the last peer`, arrived).catch(async (error: Error) => {
    throw new Error(`${error.message}; ${await whereabouts(peers, ids)}`);
  });
  const logs = await Promise.all(peers.map(verdictsOf));
  const hops = peers.map((_, at) => ids.map((id) => accepted(logs[at], id)));
  const starts = ids.map((id) => accepted(logs[0], id)).map(({ atMs, elapsedMs }) => atMs - elapsedMs);
  const total = (at: number) => (hops[at] ?? []).map(({ atMs }, i) => atMs - (starts[i] ?? Number.NaN));
  const [whole, one] = [total(HOPS), total(1)];
  rows.push(
    {
      id: `relay.${kind}.${HOPS}-hops`,
      what: `${kind} from publishing to accepted and durable at the third peer on`,
      unit: 'ms',
      ...summarise(whole, { p95: true }),
      note:
        `one message each ${pauseMs} ms through ${PEERS} processes on this machine's cores; all ${ids.length} arrived; ` +
        'each peer verifies and commits before it relays; times by the peers’ own log, to a millisecond',
    },
    {
      id: `relay.${kind}.1-hop`,
      what: `${kind}, to accepted at the first peer on`,
      unit: 'ms',
      ...summarise(one, { p95: true }),
    },
  );
}

/** What each peer says of messages that have not got through. */
async function whereabouts(peers: readonly PeerProcess[], ids: readonly string[]): Promise<string> {
  const logs = await Promise.all(peers.map(verdictsOf));
  const codes = logs.map((log) => ids.map((id) => log.get(id)?.code ?? 'none'));
  return codes.map((list, peer) => `peer ${peer}: ${[...new Set(list)].join(', ')}`).join('; ');
}

function accepted(log: ReadonlyMap<string, Verdict> | undefined, id: string): Verdict {
  const verdict = log?.get(id);
  if (verdict?.action !== 'accept') throw new Error(`a good message was not accepted: ${verdict?.code ?? 'lost'}`);
  return verdict;
}

/** Full batches by REST, two requests at a time, so that the verifier never rests. */
async function verifyLoad({ proven, progress, rows, sizes }: Bench, peer: PeerProcess | undefined): Promise<void> {
  if (peer === undefined) throw new RangeError('no peer');
  progress('memory of a peer that verifies all the time');
  const one = proven.map(({ circuit, proof, publicSignals }) => ({ circuit, proof, publicSignals }));
  const items = Array.from({ length: LOAD_BATCH }, (_, i) => one[i % one.length]);
  const end = performance.now() + sizes.verifyLoadMs;
  const start = performance.now();
  let verified = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const answer = await peer.request<{ items: { valid: boolean }[] }>('POST', '/v1/verify-batch', { items });
      if (!answer.items.every(({ valid }) => valid)) throw new Error('a peer refuses a valid proof');
      verified += answer.items.length;
    }
  };
  const samples: number[] = [];
  const sampler = async (): Promise<void> => {
    while (performance.now() < end) {
      samples.push(await peer.memory());
      await sleep(200);
    }
  };
  await Promise.all([client(), client(), sampler()]);
  const seconds = (performance.now() - start) / 1000;
  rows.push({
    id: 'memory.peer.loaded',
    what: 'resident memory of a peer under a verify load, after the relay rows',
    unit: 'MiB',
    ...summarise(samples),
    note: `sampled five times a second; ${Math.round(verified / seconds)} proofs a second by REST, ${LOAD_BATCH} a request, client on the same cores`,
  });
  await sleep(SETTLE_MS);
  rows.push({
    id: 'memory.peer.after-load',
    what: `the same peer ${SETTLE_MS / 1000} s after the load`,
    unit: 'MiB',
    ...summarise([await peer.memory()]),
  });
}
