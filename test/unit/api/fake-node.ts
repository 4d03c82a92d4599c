import { systemClock } from '../../../src/base/clock.ts';
import { CodedError } from '../../../src/base/errors.ts';
import type { ClaimBinding, Groth16Proof, Policy } from '../../../src/claims/interface.ts';
import { resolveConfig } from '../../../src/config/index.ts';
import type { OfferView, OrderView } from '../../../src/market/interface.ts';
import type { LedgerApi, Node, NodeEvent, NodeProofJob, RegistryInfo } from '../../../src/node/interface.ts';
import type { JobEvent } from '../../../src/prover/interface.ts';

export const HEX = 'ab'.repeat(32);
export const JOB = 'cd'.repeat(16);
const PEER = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2';
const POLICY: Policy = { v: 1, balance: { asset: 'EUR', atLeast: '120000', freshSeconds: 86400 }, unique: true };
const BINDING: ClaimBinding = {
  network: 'local',
  kind: 'claim',
  offerId: HEX,
  orderId: HEX,
  counterparty: HEX,
  pseudonym: HEX,
  expiresAt: 2_000_000_000,
};
export const PROOF: Groth16Proof = {
  pi_a: ['1', '2', '1'],
  pi_b: [
    ['1', '2'],
    ['3', '4'],
    ['1', '0'],
  ],
  pi_c: ['1', '2', '1'],
  protocol: 'groth16',
  curve: 'bn128',
};

const job: NodeProofJob = {
  id: JOB,
  circuit: 'balance',
  state: 'succeeded',
  stage: 'finishing',
  fraction: 1,
  position: 0,
  createdAtMs: 1,
  startedAtMs: 2,
  finishedAtMs: 3,
  failure: null,
  result: { proof: PROOF, publicSignals: ['1'] },
  policy: POLICY,
  binding: BINDING,
};

const offer: OfferView = {
  id: HEX,
  maker: HEX,
  side: 'sell',
  title: 'a bicycle',
  description: '',
  price: { asset: 'EUR', amount: '120000' },
  policy: POLICY,
  makerPolicy: null,
  units: 1,
  contact: { peerId: PEER, addresses: [] },
  receivedAt: 1,
  expiresAt: 2_000_000_000,
  announced: 'open',
  sequence: 0,
  mine: true,
  status: 'open',
};

const order: OrderView = {
  id: HEX,
  role: 'taker',
  state: 'proposed',
  terms: {
    v: 1,
    network: 'local',
    offerId: HEX,
    orderId: HEX,
    maker: HEX,
    taker: HEX,
    side: 'sell',
    title: 'a bicycle',
    price: { asset: 'EUR', amount: '120000' },
    payment: 'none',
    createdAt: 1,
    qualifyBy: 2,
    decideBy: 3,
    confirmSeconds: 60,
  },
  claimId: '',
  disclosed: null,
  contact: { peerId: PEER, addresses: [] },
  receipt: null,
  confirmed: false,
  reason: null,
  note: '',
  unsent: false,
  history: [{ state: 'proposed', at: 1 }],
  deadline: 2,
  nextActor: 'maker',
  final: false,
};

const registry: RegistryInfo = {
  sequence: 3,
  issuedAt: 1,
  root: '123',
  complete: true,
  issuers: [{ name: 'Bank', schema: 'balance', x: '1', y: '2', revoked: 0 }],
  lists: [{ name: 'sanctions', elements: 2 }],
  grace: [],
};

const jobEvent = (id: number, fraction: number, state: JobEvent['state'] = 'running'): JobEvent => ({
  id,
  type: 'progress',
  atMs: id,
  state,
  stage: 'multiexp',
  fraction,
});

export interface FakeNode extends Node {
  ledger: LedgerApi | undefined;
  /** What tests set to see another branch. */
  fail: Error | undefined;
  verifierFull: boolean;
  ready: boolean;
  made: number;
}

/** A node that answers at once with fixed values: what is tested is the API round it. */
export function createFakeNode(flags: Record<string, unknown> = {}): FakeNode {
  const { config } = resolveConfig({ flags });
  const kept = new Map<string, { hash: string; value: Promise<object> }>();
  const unless = <T>(value: T): T => {
    if (node.fail !== undefined) throw node.fail;
    return value;
  };
  const node: FakeNode = {
    fail: undefined,
    verifierFull: false,
    ready: true,
    made: 0,
    ledger: undefined,
    config,
    clock: systemClock,
    start: async () => undefined,
    stop: async () => undefined,
    info: () => ({
      version: '0.0.0',
      network: 'local',
      production: false,
      peerId: PEER,
      addresses: [],
      startedAtMs: 1,
      wallet: 'open',
      holder: '42',
      registrySequence: 3,
      engine: 'wasm',
      developmentKeys: true,
    }),
    health: () => ({
      live: true,
      ready: node.ready,
      checks: [{ name: 'store', ok: node.ready, required: true, detail: '' }],
    }),
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'up 1\n' }),
    circuits: () => [
      {
        name: 'balance',
        summary: 'Accounts reach a threshold.',
        verifyingKeyId: HEX,
        setup: 'development',
        constraints: 1,
        publicSignals: ['nullifier'],
        files: {
          r1cs: { sha256: HEX, bytes: 1 },
          wasm: { sha256: HEX, bytes: 1 },
          provingKey: { sha256: HEX, bytes: 1 },
          verifyingKey: { sha256: HEX, bytes: 1 },
        },
      },
    ],
    verifyingKey: (name) =>
      name === 'balance' || name === HEX
        ? {
            protocol: 'groth16',
            curve: 'bn128',
            nPublic: 0,
            vk_alpha_1: ['1', '2', '1'],
            vk_beta_2: [
              ['1', '2'],
              ['1', '2'],
              ['1', '0'],
            ],
            vk_gamma_2: [
              ['1', '2'],
              ['1', '2'],
              ['1', '0'],
            ],
            vk_delta_2: [
              ['1', '2'],
              ['1', '2'],
              ['1', '0'],
            ],
            IC: [['1', '2', '1']],
          }
        : undefined,
    verify: async () => unless({ valid: false, code: 'VERIFIER_INVALID_PROOF', reason: 'the equation does not hold' }),
    verifyBatch: async (inputs) => inputs.map(() => ({ valid: true, code: 'VERIFIER_VALID', reason: 'valid' })),
    canVerify: () => !node.verifierFull,
    verdicts: ({ limit = 100 } = {}) =>
      [
        {
          seq: 1,
          atMs: 1,
          source: 'gossip' as const,
          from: PEER,
          topic: '/zkbazaar/local/1/listing',
          action: 'accept' as const,
          code: 'GOSSIP_ACCEPTED',
          bytes: 10,
          envelopeId: HEX,
          kind: 'listing',
          elapsedMs: 1,
        },
      ].slice(0, limit),
    proofs: {
      check: async () =>
        unless({
          policy: POLICY,
          text: 'balance(EUR) >= 1200 and unique',
          canonical: '{}',
          circuit: 'balance',
          shortfalls: [{ code: 'CLAIM_BALANCE_TOO_LOW', message: 'too low' }],
        }),
      submit: async () => {
        node.made++;
        return unless(job);
      },
      get: (id) => (id === JOB ? job : undefined),
      list: () => [job],
      cancel: (id) => (id === JOB ? job : undefined),
      events: async function* (_id, afterId = 0) {
        for (let id = 1; id <= 3; id++) if (id > afterId) yield jobEvent(id, id / 3);
      },
      result: async () =>
        unless({
          circuit: 'balance',
          verifyingKeyId: HEX,
          proof: PROOF,
          publicSignals: ['1'],
          policy: POLICY,
          binding: BINDING,
          registryRoot: '123',
          envelopeId: HEX,
          envelope: new Uint8Array([1, 2, 3]),
        }),
      prove: async () => {
        throw new Error('not called over HTTP');
      },
      canAcceptWork: () => true,
    },
    envelopes: {
      publish: async (data) =>
        unless({
          id: HEX,
          topic: 't',
          accepted: data[0] !== 0,
          action: data[0] === 0 ? 'reject' : 'accept',
          code: data[0] === 0 ? 'ENVELOPE_MALFORMED' : 'GOSSIP_ACCEPTED',
          recipients: [],
        }),
      inspect: () => unless({ ...summary, circuit: '', publicSignals: [] }),
      get: async (id) =>
        id === HEX
          ? { ...summary, receivedAt: 1, circuit: '', publicSignals: [], data: new Uint8Array([1]) }
          : undefined,
      query: async () => unless({ items: [summary], next: null }),
    },
    offers: {
      create: async () => {
        node.made++;
        return unless(offer);
      },
      list: async () => ({ items: [offer], next: null }),
      show: async (id) => {
        if (id !== HEX) throw new CodedError('MARKET_UNKNOWN_OFFER', 'no offer has this id');
        return offer;
      },
      cancel: async () => unless({ ...offer, status: 'cancelled' as const }),
    },
    orders: {
      take: async () => unless(order),
      list: async () => [order],
      show: async () => unless(order),
      accept: async () => unless(order),
      decline: async () => unless(order),
      cancel: async () => unless(order),
      wait: async () => order,
    },
    registry: {
      current: () => registry,
      import: async () => unless(registry),
      announce: async () =>
        unless({ id: HEX, topic: 't', accepted: true, action: 'accept', code: 'X', recipients: [] }),
      export: async () => new TextEncoder().encode('{"network":"local"}'),
    },
    wallet: {
      state: () => 'open',
      unlock: async () => unless(undefined),
      credentials: async () => unless([credential]),
      importCredentials: async () => unless({ imported: [credential], known: [] }),
      removeCredential: async () => unless(undefined),
    },
    peers: {
      list: () => [peer],
      connect: async () => unless(peer),
      disconnect: async () => unless(undefined),
      ban: async () => unless(undefined),
      unban: () => undefined,
      bans: () => [],
      sync: async () => ({ peers: [], failed: [], fetched: 0, accepted: 0, ignored: 0, rejected: 0 }),
    },
    events: {
      lastId: 2,
      subscribe: async function* (options = {}) {
        for (const event of [nodeEvent(1), nodeEvent(2)]) if (event.id > (options.afterId ?? 0)) yield event;
        await new Promise<void>((resolve) => {
          if (options.signal?.aborted) resolve();
          options.signal?.addEventListener('abort', () => resolve(), { once: true });
        });
      },
    },
    async once(scope, key, requestHash, make) {
      const id = `${scope}\n${key}`;
      const known = kept.get(id);
      if (known !== undefined && known.hash !== requestHash) {
        throw new CodedError('NODE_IDEMPOTENCY_MISMATCH', 'this key came with another request before');
      }
      const value = (known?.value as ReturnType<typeof make> | undefined) ?? make();
      kept.set(id, { hash: requestHash, value });
      return { value: await value, replayed: known !== undefined };
    },
  };
  return node;
}

const summary = {
  id: HEX,
  kind: 'listing',
  topic: 't',
  pseudonym: HEX,
  policy: '',
  registryRoot: null,
  expiresAt: 2_000_000_000,
  bytes: 3,
  body: null,
};
const credential = {
  schema: 'balance' as const,
  serial: '7',
  issuer: { x: '1', y: '2' },
  issuedAt: 1,
  expiresAt: 2,
  expired: true,
};
const peer = {
  peerId: PEER,
  addresses: [],
  direction: 'inbound' as const,
  connectedAt: 1,
  latencyMs: undefined,
  agent: undefined,
  topics: [],
  mesh: [],
  score: 0,
};
const nodeEvent = (id: number): NodeEvent => ({
  id,
  atMs: id,
  type: 'peer',
  data: { peerId: PEER, connected: true },
});
