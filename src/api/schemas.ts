import { z } from 'zod';

/** Shapes shared by several routes. Bounds here keep everything below them small; meaning is checked further down. */

const MAX_TIME = 2 ** 40 - 1;

export const hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
export const hex32OrNone = z.union([z.literal(''), hex32]);
export const jobId = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 lower-case hex digits');
export const decimal = z.string().regex(/^(?:0|[1-9][0-9]{0,77})$/, 'must be a decimal without leading zeros');
export const seconds = z.int().min(0).max(MAX_TIME);
export const cursor = z.string().min(1).max(256);
export const circuitRef = z.string().min(1).max(64).meta({ description: 'Circuit name or verifying-key id' });
export const limit = z.coerce.number().pipe(z.int().min(1).max(100)).optional();
/** Standard base64 of up to 8 KiB: an envelope has at most 4. */
export const envelopeBase64 = z
  .string()
  .min(4)
  .max(10_924)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be base64');

const word = z.string().min(1).max(64);
const policyJson = z.strictObject({
  v: z.literal(1),
  balance: z
    .strictObject({ asset: word, atLeast: z.string().max(64), freshSeconds: z.int().min(0).max(MAX_TIME) })
    .optional(),
  credential: z
    .strictObject({
      schema: z.literal('identity'),
      compare: z.array(z.strictObject({ attr: word, op: word, value: z.string().max(128) })).max(16),
      in: z.strictObject({ attr: word, set: z.union([word, z.array(word).max(512)]) }).optional(),
      notOn: z.strictObject({ attr: word, list: word }).optional(),
      disclose: word.optional(),
    })
    .optional(),
  unique: z.boolean(),
});

/** Text or JSON form; the policy language itself says what is wrong with it and where. */
export const policyInput = z
  .union([z.string().min(1).max(2000), policyJson], {
    error: 'must be a policy: its text (1 to 2000 characters) or its JSON form',
  })
  .meta({
    id: 'Policy',
    description: 'Policy as text (`balance(EUR) >= 1200 and unique`) or in its JSON form',
  });

export const binding = z
  .strictObject({
    network: z.string().max(64),
    kind: z.enum(['claim', 'listing']),
    offerId: hex32OrNone,
    orderId: hex32OrNone,
    counterparty: hex32OrNone,
    pseudonym: hex32OrNone,
    expiresAt: seconds,
  })
  .meta({ id: 'Binding', description: 'What a proof is bound to' });

export const price = z.strictObject({
  asset: z.string().min(1).max(16),
  amount: z.string().regex(/^[1-9][0-9]{0,38}$/, 'must be minor units, decimal, above 0'),
});

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    where: z.string().optional(),
    hint: z.string(),
    faults: z.array(z.object({ where: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem; `code` is stable, docs/api.md lists them' });

export const verdict = z.object({ valid: z.boolean(), code: z.string(), reason: z.string() }).meta({ id: 'Verdict' });

const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });

const jobState = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired']);
const failure = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  where: z.string().optional(),
});
export const job = z
  .object({
    id: jobId,
    circuit: z.string(),
    state: jobState,
    stage: z.string().nullable(),
    fraction: z.number(),
    position: z.int(),
    createdAtMs: z.number(),
    startedAtMs: z.number().nullable(),
    finishedAtMs: z.number().nullable(),
    failure: failure.nullable(),
    policy: z.unknown(),
    binding: z.unknown(),
  })
  .meta({ id: 'ProofJob' });

export const provenClaim = z
  .object({
    circuit: z.string(),
    verifyingKeyId: hex32,
    proof: z.unknown().meta({ description: 'snarkjs proof.json' }),
    publicSignals: z.array(decimal),
    policy: z.unknown(),
    binding,
    registryRoot: decimal,
    envelopeId: hex32,
    envelope: z.string().meta({ description: 'Signed envelope, base64' }),
  })
  .meta({ id: 'ProvenClaim' });

const envelopeFields = {
  id: hex32,
  kind: z.string(),
  topic: z.string(),
  pseudonym: hex32,
  policy: z.string(),
  registryRoot: z.string().nullable(),
  expiresAt: z.number(),
  bytes: z.int(),
  body: z.unknown(),
};
export const envelopeSummary = z.object(envelopeFields).meta({ id: 'EnvelopeSummary' });
export const envelopePage = page(envelopeSummary);
export const envelopeInspected = z
  .object({ ...envelopeFields, circuit: z.string(), publicSignals: z.array(z.string()) })
  .meta({ id: 'InspectedEnvelope' });
export const envelopeFull = z
  .object({
    ...envelopeFields,
    circuit: z.string(),
    publicSignals: z.array(z.string()),
    receivedAt: z.number(),
    data: z.string().meta({ description: 'As published, base64' }),
  })
  .meta({ id: 'StoredEnvelope' });
export const publishReport = z
  .object({
    id: z.string(),
    topic: z.string(),
    accepted: z.boolean(),
    action: z.enum(['accept', 'ignore', 'reject']),
    code: z.string(),
    recipients: z.array(z.string()),
  })
  .meta({ id: 'PublishReport' });

export const verdictEntry = z
  .object({
    seq: z.int(),
    atMs: z.number(),
    source: z.string(),
    from: z.string(),
    topic: z.string(),
    action: z.string(),
    code: z.string(),
    bytes: z.int(),
    envelopeId: z.string().nullable(),
    kind: z.string().nullable(),
    elapsedMs: z.number(),
  })
  .meta({ id: 'VerdictEntry' });

export const offerStatus = z.enum(['open', 'taken', 'cancelled', 'expired']);
export const offer = z
  .object({
    id: hex32,
    side: z.enum(['sell', 'buy']),
    title: z.string(),
    description: z.string(),
    price: z.object({ asset: z.string(), amount: z.string() }),
    policy: z.unknown(),
    makerPolicy: z.unknown(),
    units: z.int(),
    maker: z.string(),
    contact: z.object({ peerId: z.string(), addresses: z.array(z.string()) }),
    receivedAt: z.number(),
    expiresAt: z.number(),
    mine: z.boolean(),
    status: offerStatus,
  })
  .meta({ id: 'Offer' });
export const offerPage = page(offer);

export const orderState = z.enum(['proposed', 'qualified', 'accepted', 'declined', 'cancelled', 'expired']);
export const order = z
  .object({
    id: hex32,
    role: z.enum(['maker', 'taker']),
    state: orderState,
    terms: z.unknown(),
    claimId: z.string(),
    disclosed: z.string().nullable(),
    receipt: z.unknown(),
    confirmed: z.boolean(),
    reason: z.string().nullable(),
    note: z.string(),
    history: z.array(z.object({ state: orderState, at: z.number() })),
    deadline: z.number().nullable(),
    nextActor: z.enum(['maker', 'taker']).nullable(),
    final: z.boolean(),
  })
  .meta({ id: 'Order' });

export const peer = z
  .object({
    peerId: z.string(),
    addresses: z.array(z.string()),
    direction: z.enum(['inbound', 'outbound']),
    connectedAt: z.number(),
    latencyMs: z.number().optional(),
    agent: z.string().optional(),
    topics: z.array(z.string()),
    mesh: z.array(z.string()),
    score: z.number(),
  })
  .meta({ id: 'Peer' });

export const credentialSummary = z
  .object({
    schema: z.string(),
    serial: z.string(),
    issuer: z.object({ x: z.string(), y: z.string() }),
    issuedAt: z.number(),
    expiresAt: z.number(),
    expired: z.boolean(),
  })
  .meta({ id: 'Credential' });

export const registryInfo = z
  .object({
    sequence: z.int(),
    issuedAt: z.number(),
    root: decimal,
    issuers: z.array(z.unknown()),
    lists: z.array(z.unknown()),
    grace: z.array(z.unknown()),
  })
  .meta({ id: 'Registry' });

export const items = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });
