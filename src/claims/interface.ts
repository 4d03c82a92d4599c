/**
 * Claims: what one side may demand (policy), what an issuer says (credential), and what a proof of it must show
 * (public signals). Everything here is data; `getClaims()` in `claims.ts` hands out the functions of {@link Claims}.
 *
 * Numbers that are field elements or amounts travel as canonical decimal strings, ids and keys as lower-case hex,
 * times as whole Unix seconds below 2^40.
 */

export type CircuitName = 'balance' | 'credential' | 'qualification';

/** Accounts one `balance` proof can add up. A `qualification` always uses one. */
export const MAX_BALANCE_ACCOUNTS = 3;
/** Attributes of every credential; a schema leaves the ones that it does not use at 0. */
export const ATTRIBUTE_COUNT = 8;
/** Comparisons of one policy; fixed by the circuits. */
export const MAX_COMPARISONS = 4;
/** Depths of the 8-ary trees; fixed by the circuits. */
export const REGISTRY_DEPTH = 4;
export const GAP_DEPTH = 6;
export const SET_DEPTH = 3;

/** Public signals in the order in which snarkjs writes them: outputs first. Part of the network's consensus. */
export const PUBLIC_SIGNALS = {
  credential: ['nullifier', 'linkTag', 'disclosed', 'registryRoot', 'policyHash', 'now', 'scope', 'context'],
  balance: [
    'nullifier',
    'linkTag',
    'pledge0',
    'pledge1',
    'pledge2',
    'registryRoot',
    'asset',
    'threshold',
    'minIssuedAt',
    'now',
    'scope',
    'context',
  ],
  qualification: [
    'nullifier',
    'linkTag',
    'disclosed',
    'pledge',
    'registryRoot',
    'policyHash',
    'now',
    'scope',
    'context',
  ],
} as const satisfies Record<CircuitName, readonly string[]>;

export const CIRCUIT_NAMES = ['balance', 'credential', 'qualification'] as const satisfies readonly CircuitName[];

/** Every name that a public signal of any circuit has. */
export type SignalName = (typeof PUBLIC_SIGNALS)[CircuitName][number];

// --- policy -------------------------------------------------------------------------------------------------------

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** An attribute as policies name it; `age` is a view of `birthDate` on the UTC day of the proof. */
export type PolicyAttribute = 'age' | 'birthDate' | 'kyc' | 'country' | 'nationality' | 'entityType';

export interface Comparison {
  attr: PolicyAttribute;
  op: CompareOperator;
  /** As written: `18`, `2`, `DE`, `person`, `2000-01-31`. */
  value: string;
}

export interface BalanceDemand {
  /** Code from the asset table, `EUR`. */
  asset: string;
  /** Minor units (cents, satoshi), decimal, 1 … 2^128-1. */
  atLeast: string;
  /** Greatest age in seconds of a balance credential at proving time. */
  freshSeconds: number;
}

export interface CredentialDemand {
  schema: 'identity';
  /** At most four, in canonical order, no two alike. */
  compare: Comparison[];
  /** A named set (`EU`) or the sorted members themselves. */
  in?: { attr: PolicyAttribute; set: string | string[] };
  /** The attribute is on none of the entries of this list of the registry. */
  notOn?: { attr: 'nameKey'; list: string };
  disclose?: PolicyAttribute;
}

/** What one side demands of the other. At least one of `balance` and `credential` is there. */
export interface Policy {
  v: 1;
  balance?: BalanceDemand;
  credential?: CredentialDemand;
  /** One proof per holder and offer: the nullifier's scope is the offer, not the context. */
  unique: boolean;
}

/** A place in a policy's text: offsets in UTF-16 units, `line` and `column` from 1. */
export interface PolicySpan {
  start: number;
  end: number;
  line: number;
  column: number;
}

// --- credential and registry ----------------------------------------------------------------------------------------

export type SchemaName = 'identity' | 'balance';

/** What an issuer signed for one holder. All integers are canonical decimals. */
export interface Credential {
  schema: SchemaName;
  /** `Poseidon(TAG_HOLDER, secret)`. */
  holder: string;
  /** 128 bits, never 0 and never 2^128-1; what revocation names. */
  serial: string;
  issuedAt: number;
  /** First second at which it is no longer good. */
  expiresAt: number;
  /** Exactly eight, see `SLOTS`. */
  attributes: string[];
  /** Baby Jubjub public key. */
  issuer: { x: string; y: string };
  /** EdDSA-Poseidon over `Claims.credentialMessage`. */
  signature: { r8x: string; r8y: string; s: string };
}

export interface RegistryIssuer {
  /** For people only; no part of the leaf. */
  name: string;
  x: string;
  y: string;
  schema: SchemaName;
  /** Serials, strictly ascending. */
  revoked: string[];
}

export interface RegistryList {
  /** `sanctions` is the one that `unsanctioned` uses. */
  name: string;
  /** 128-bit keys, strictly ascending, never 0 and never 2^128-1. */
  elements: string[];
}

/** Leaves in order: the issuers, then the lists. `root` is decimal and recomputed by whoever reads it. */
export interface RegistrySnapshot {
  network: string;
  sequence: number;
  issuedAt: number;
  issuers: RegistryIssuer[];
  lists: RegistryList[];
  root: string;
}

/** Ed25519 signature (hex) of the network's registry key; what it covers is defined in `issuer/`. */
export interface SignedRegistrySnapshot extends RegistrySnapshot {
  signature: string;
}

/** All that a verifier needs of a snapshot. */
export interface RegistryView {
  root: bigint;
  sequence: number;
  /** Gap-tree root of each named list; pinned by `root`. */
  listRoots: Readonly<Record<string, bigint>>;
}

// --- claim and proof ------------------------------------------------------------------------------------------------

/** Everything a proof is bound to; `context` is its hash. Ids and keys are lower-case hex of 32 bytes, or '' where none. */
export interface ClaimBinding {
  network: string;
  kind: 'claim' | 'listing';
  offerId: string;
  orderId: string;
  counterparty: string;
  pseudonym: string;
  expiresAt: number;
}

export type CircuitInput = string | string[] | string[][] | string[][][];
/** Named as in the `.circom` file. Holds the holder's secret: memory only, never logged, stored or put in an error. */
export type CircuitInputs = Record<string, CircuitInput>;

/** Same order as `PUBLIC_SIGNALS[circuit]`; null is an output that the verifier cannot know. */
export type ExpectedSignals = (string | null)[];

export interface Claim {
  circuit: CircuitName;
  inputs: CircuitInputs;
  expected: ExpectedSignals;
}

export interface Expectation {
  circuit: CircuitName;
  expected: ExpectedSignals;
}

/** snarkjs `proof.json`, unchanged. */
export interface Groth16Proof {
  pi_a: [string, string, string];
  pi_b: [[string, string], [string, string], [string, string]];
  pi_c: [string, string, string];
  protocol: 'groth16';
  curve: 'bn128';
}

export interface ClaimRequest {
  policy: Policy;
  /** Holder secret, in [1, r). */
  secret: bigint;
  /** All that the wallet holds; the fitting ones are picked. */
  credentials: readonly Credential[];
  registry: RegistrySnapshot;
  binding: ClaimBinding;
  /** Unix seconds; becomes the public signal `now`. */
  now: number;
}

/** What a proof is bound to when a transaction of the ledger carries it, in place of an order. */
export interface BallotBinding {
  /** 248 bits: the question, within which the nullifier is unique (`questionScope`). */
  scope: bigint;
  /** 248 bits: the account that signs the transaction (`signerContext`). */
  context: bigint;
  /** Unix seconds; on this moment's UTC day the electorate's policy was hashed, so `age` is the age on that day. */
  policyTime: number;
}

export interface BallotRequest extends Omit<ClaimRequest, 'binding'> {
  ballot: BallotBinding;
}

/** One reason why a policy is not met, in words for its holder; never holds more than the policy already says, but for balances. */
export interface Shortfall {
  code: string;
  message: string;
  hint?: string;
}

export interface ExpectationContext {
  registry: RegistryView;
  binding: ClaimBinding;
  /** The `now` that the proof shows, which the caller has held against its own clock. */
  now: number;
}

/** Synchronous; get one with `await getClaims()`. */
export interface Claims {
  /** `Poseidon(TAG_HOLDER, secret)`. @throws ClaimError CLAIM_BAD_SECRET outside [1, r) */
  holderOf(secret: bigint): bigint;
  /** What an issuer signs. */
  credentialMessage(credential: Omit<Credential, 'signature' | 'issuer'>): bigint;
  /** Whether the issuer named in the credential signed it. */
  verifyCredential(credential: Credential): boolean;
  /** Root over issuers and lists as they stand. @throws ClaimError CLAIM_BAD_REGISTRY for duplicates or too many leaves */
  registryRoot(snapshot: Pick<RegistrySnapshot, 'issuers' | 'lists'>): bigint;
  /** The verifier's view. @throws ClaimError CLAIM_BAD_REGISTRY where `snapshot.root` is not what its content hashes to */
  registryView(snapshot: RegistrySnapshot): RegistryView;
  /** The policy as one field element, on the UTC day of `now`; not defined for a balance-only policy. */
  policyHash(policy: Policy, registry: RegistryView, now: number): bigint;
  /** What this holder lacks for the policy; empty means that `buildClaim` succeeds. */
  shortfalls(request: ClaimRequest): Shortfall[];
  /** Circuit inputs for the policy. @throws ClaimError with the first shortfall's code, all of them in `missing` */
  buildClaim(request: ClaimRequest): Claim;
  /** The same for a proof that a transaction of the ledger carries. @throws as `buildClaim` */
  buildBallot(request: BallotRequest): Claim;
  /** `Poseidon(TAG_NULLIFIER, secret, scope)`: what a proof of this holder shows within the scope, without a proof. */
  nullifierOf(secret: bigint, scope: bigint): bigint;
  /** The public signals that a proof of this policy must show, computed without the prover. */
  expectedSignals(policy: Policy, at: ExpectationContext): Expectation;
}
