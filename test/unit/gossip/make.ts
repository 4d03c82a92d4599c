/** A gossip validator on a real store and real claims, with a verifier that believes what it is told. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { toHex } from '../../../src/base/bytes.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import {
  type CircuitName,
  type ClaimBinding,
  type Claims,
  getClaims,
  type Policy,
  parsePolicy,
  policyJson,
  type RegistryView,
} from '../../../src/claims/index.ts';
import { encodeProofPoints } from '../../../src/claims/proof-codec.ts';
import { G1_GENERATOR, G2_GENERATOR } from '../../../src/crypto/bn254.ts';
import {
  type ClaimBody,
  createEnvelope,
  createPseudonym,
  type EnvelopeBodies,
  type EnvelopeKind,
  encodeBody,
  encodeEnvelope,
  type Signer,
  signEnvelope,
  signerFromSeed,
} from '../../../src/envelope/index.ts';
import {
  createGossip,
  createRegistryWindow,
  GOSSIP_CODES,
  type Gossip,
  type GossipCode,
  type GossipInit,
  type GossipMessage,
  type GossipVerdict,
  type RegistryWindow,
  topicOfKind,
} from '../../../src/gossip/index.ts';
import type { Store } from '../../../src/store/index.ts';
import {
  type OnVerdict,
  type Verdict,
  VerdictCode,
  type Verifier,
  type VerifyRequest,
} from '../../../src/verifier/interface.ts';
import { LISTING_BODY } from '../envelope/make.ts';
import { tempStore } from '../store/make.ts';

export const NETWORK = 'local';
export const NOW = 1_795_000_000;
export const GRACE = 3600;
export const registrySigner: Signer = signerFromSeed(new Uint8Array(32).fill(1));
export const VIEW: RegistryView = { root: 4711n, sequence: 5, listRoots: { sanctions: 99n } };
export const KEYS: ReadonlyMap<string, CircuitName> = new Map([
  ['c1'.repeat(32), 'credential'],
  ['c2'.repeat(32), 'balance'],
  ['c3'.repeat(32), 'qualification'],
]);
/** A proof that shows this link tag is one that the fake verifier calls invalid. */
export const BAD_LINK = '666';

/** The generators: well-formed points, so that they unpack; what they prove is the fake verifier's word. */
export const PROOF_BYTES = encodeProofPoints({ a: G1_GENERATOR, b: G2_GENERATOR, c: G1_GENERATOR }, 'uncompressed');

export class FakeVerifier implements Verifier {
  readonly batches: VerifyRequest[][] = [];
  ready = true;
  /** `verifyBatch` waits for it. */
  gate: Promise<void> = Promise.resolve();
  answer: (request: VerifyRequest) => Verdict['code'] = (request) => {
    const wrong = request.expected?.some((value, i) => value !== null && value !== request.publicSignals[i]);
    if (wrong) return VerdictCode.UnexpectedSignal;
    return request.publicSignals[1] === BAD_LINK ? VerdictCode.InvalidProof : VerdictCode.Valid;
  };

  async verify(request: VerifyRequest): Promise<Verdict> {
    const [verdict] = await this.verifyBatch([request]);
    assert.ok(verdict);
    return verdict;
  }

  async verifyBatch(requests: readonly VerifyRequest[], _onVerdict?: OnVerdict): Promise<Verdict[]> {
    this.batches.push([...requests]);
    await this.gate;
    return requests.map((request) => {
      const code = this.answer(request);
      return { code, valid: code === VerdictCode.Valid, reason: 'as told' };
    });
  }

  get proofs(): number {
    return this.batches.reduce((sum, batch) => sum + batch.length, 0);
  }

  canAcceptWork(): boolean {
    return this.ready;
  }

  async close(): Promise<void> {}
}

export interface Harness {
  gossip: Gossip;
  verifier: FakeVerifier;
  store: Store;
  dataDir: string;
  clock: ManualClock;
  registry: RegistryWindow;
  claims: Claims;
  /** Validates and checks code and action. */
  expect(message: GossipMessage, code: GossipCode): Promise<GossipVerdict>;
}

/** Every code that a test has seen. */
export const seenCodes = new Set<GossipCode>();

export async function harness(t: TestContext, init: Partial<GossipInit> & { claims?: Claims } = {}): Promise<Harness> {
  const { store, dataDir } = await tempStore(t);
  const clock = new ManualClock(NOW * 1000);
  const registry = createRegistryWindow({ graceSeconds: GRACE }, { clock });
  registry.advance(VIEW);
  const verifier = new FakeVerifier();
  const claims = init.claims ?? (await getClaims());
  const gossip = createGossip(
    { network: NETWORK, registryKey: toHex(registrySigner.publicKey), ...init },
    { verifier, store, claims, registry, verifyingKeys: KEYS, clock },
  );
  await gossip.start();
  t.after(() => gossip.stop());
  const expect = async (message: GossipMessage, code: GossipCode) => {
    const verdict = await gossip.validate(message);
    assert.equal(verdict.code, code, verdict.reason);
    assert.equal(verdict.action, GOSSIP_CODES[code]);
    assert.ok(verdict.micros >= 0);
    seenCodes.add(verdict.code);
    return verdict;
  };
  return { gossip, verifier, store, dataDir, clock, registry, claims, expect };
}

export interface ClaimOptions {
  author?: Signer;
  policy?: string;
  policyText?: string;
  body?: ClaimBody;
  now?: number;
  expiresAt?: number;
  view?: RegistryView;
  verifyingKey?: string;
  from?: string;
  proof?: Uint8Array;
  nullifier?: bigint;
  pledges?: bigint[];
  linkTag?: string;
  /** Last word on the signals. */
  signals?: (signals: string[]) => string[];
  kind?: 'claim' | 'listing';
}

let counter = 0n;
/** A number nobody has used. */
export const fresh = () => ++counter + 10_000_000n;

const keyOf = (circuit: CircuitName) => [...KEYS].find(([, name]) => name === circuit)?.[0] ?? '';

/** A message with a claim (or a listing with a proof) that passes all checks, unless told otherwise. */
export async function claimMessage(options: ClaimOptions = {}): Promise<GossipMessage> {
  const claims = await getClaims();
  const author = options.author ?? createPseudonym().signer;
  const policy: Policy = parsePolicy(options.policy ?? 'kyc >= 2');
  const kind = options.kind ?? 'claim';
  const now = options.now ?? NOW;
  const view = options.view ?? VIEW;
  const expiresAt = options.expiresAt ?? NOW + 600;
  const orderId = fresh().toString(16).padStart(64, '0');
  const claimBody = options.body ?? { offerId: 'ab'.repeat(32), orderId, counterparty: 'cd'.repeat(32) };
  const ids = kind === 'claim' ? claimBody : { offerId: '', orderId: '', counterparty: '' };
  const binding: ClaimBinding = { network: NETWORK, kind, ...ids, pseudonym: toHex(author.publicKey), expiresAt };
  const { circuit, expected } = claims.expectedSignals(policy, { registry: view, binding, now });
  const pledges = options.pledges ?? [fresh(), fresh(), 0n];
  const outputs: Record<CircuitName, bigint[]> = {
    credential: [options.nullifier ?? fresh(), BigInt(options.linkTag ?? fresh()), 7n],
    balance: [options.nullifier ?? fresh(), BigInt(options.linkTag ?? fresh()), ...pledges],
    qualification: [options.nullifier ?? fresh(), BigInt(options.linkTag ?? fresh()), 7n, pledges[0] ?? 0n],
  };
  const honest = expected.map((value, index) => value ?? String(outputs[circuit][index]));
  const body =
    kind === 'claim'
      ? encodeBody('claim', claimBody)
      : encodeBody('listing', { ...LISTING_BODY, addresses: [...LISTING_BODY.addresses] });
  const unsigned = createEnvelope({
    kind,
    expiresAt,
    pseudonym: author.publicKey,
    body,
    proof: {
      circuit,
      verifyingKey: options.verifyingKey ?? keyOf(circuit),
      policy: options.policyText ?? policyJson(policy),
      registryRoot: view.root,
      publicSignals: options.signals ? options.signals(honest) : honest,
      proof: options.proof ?? PROOF_BYTES,
    },
  });
  return {
    topic: topicOfKind(NETWORK, kind),
    data: encodeEnvelope(signEnvelope(unsigned, NETWORK, author)),
    from: options.from ?? 'peer-a',
  };
}

/** A message without a proof. */
export function plainMessage<K extends EnvelopeKind>(
  kind: K,
  body: EnvelopeBodies[K],
  options: { author?: Signer; expiresAt?: number; from?: string } = {},
): GossipMessage {
  const author = options.author ?? createPseudonym().signer;
  const unsigned = createEnvelope({
    kind,
    expiresAt: options.expiresAt ?? NOW + 600,
    pseudonym: author.publicKey,
    body: encodeBody(kind, body),
  });
  return {
    topic: topicOfKind(NETWORK, kind),
    data: encodeEnvelope(signEnvelope(unsigned, NETWORK, author)),
    from: options.from ?? 'peer-a',
  };
}

export const listingMessage = (options: Parameters<typeof plainMessage>[2] & { title?: string } = {}) =>
  plainMessage(
    'listing',
    { ...LISTING_BODY, title: options.title ?? LISTING_BODY.title, addresses: [...LISTING_BODY.addresses] },
    options,
  );

export const registryMessage = (
  sequence: number,
  root: bigint,
  options: Parameters<typeof plainMessage>[2] & { issuedAt?: number } = {},
) =>
  plainMessage(
    'registry',
    {
      v: 1,
      sequence,
      issuedAt: options.issuedAt ?? NOW,
      root: String(root),
      lists: { sanctions: '99' },
      snapshot: 'ef'.repeat(32),
    },
    { author: registrySigner, ...options },
  );
