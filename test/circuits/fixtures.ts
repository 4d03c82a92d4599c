/**
 * Inputs of the three circuits, built straight from `src/crypto` and not through `src/claims`: a second, independent
 * reading of the specification, so that one mistake cannot be made on both sides.
 */
import {
  buildGapTree,
  buildTree,
  type EddsaSignature,
  type GapProof,
  getSigningCrypto,
  type Point,
  type SigningCrypto,
  sha248,
  TAGS,
  type TreePath,
} from '../../src/crypto/index.ts';

export const REGISTRY_DEPTH = 4;
export const GAP_DEPTH = 6;
export const SET_DEPTH = 3;
export const NOW = 1_795_348_800n; // 2026-11-22 12:00 UTC
export const DAY = 86_400n;
export const SECRET = 987_654_321_012_345_678_901_234_567_890n;
export const IDENTITY_SCHEMA = sha248('zkbazaar/schema/identity/1');
export const BALANCE_SCHEMA = sha248('zkbazaar/schema/balance/1');
export const OP = { none: 0n, eq: 1n, ne: 2n, lt: 3n, le: 4n, gt: 5n, ge: 6n } as const;

export type Inputs = Record<string, bigint | bigint[] | bigint[][] | bigint[][][]>;

export interface Signed {
  attributes: bigint[];
  schema: bigint;
  serial: bigint;
  issuedAt: bigint;
  expiresAt: bigint;
  issuer: Point;
  signature: EddsaSignature;
}

export interface SignOptions {
  secret?: bigint;
  serial?: bigint;
  issuedAt?: bigint;
  expiresAt?: bigint;
  key?: Uint8Array;
}

export interface BalanceAccount extends SignOptions {
  amount: bigint;
  accountRef: bigint;
  asset?: bigint;
}

export const EUR = BigInt(`0x${Buffer.from('EUR').toString('hex')}`);
export const country = (code: string): bigint => BigInt(`0x${Buffer.from(code).toString('hex')}`);
export const IDENTITY_KEY = new Uint8Array(32).fill(1);
export const BALANCE_KEY = new Uint8Array(32).fill(2);
export const STRANGER_KEY = new Uint8Array(32).fill(3);
/** birthDate, country, kyc, nameKey, personRef, nationality, entityType, reserved */
export const PERSON = [
  20_000_229n,
  country('DE'),
  2n,
  0xabcdef0123456789abcdef0123456789n,
  sha248('person'),
  country('DE'),
  1n,
  0n,
];

export class World {
  readonly crypto: SigningCrypto;
  readonly revoked: bigint[] = [5n, 1n << 100n];
  readonly listed: bigint[] = [77n, 1n << 90n, (1n << 128n) - 2n];
  /** Trees by what they are made of: hundreds of statements share them. */
  readonly #trees = new Map<string, unknown>();

  constructor(crypto: SigningCrypto) {
    this.crypto = crypto;
  }

  #once<T>(key: string, build: () => T): T {
    const tree = (this.#trees.get(key) as T | undefined) ?? build();
    this.#trees.set(key, tree);
    return tree;
  }

  holder(secret = SECRET): bigint {
    return this.crypto.poseidon([TAGS.holder, secret]);
  }

  sign(schema: bigint, attributes: bigint[], key: Uint8Array, options: SignOptions): Signed {
    const { poseidon } = this.crypto;
    const serial = options.serial ?? 1_000n;
    const issuedAt = options.issuedAt ?? NOW - 3_600n;
    const expiresAt = options.expiresAt ?? NOW + 30n * DAY;
    const attrs = poseidon([TAGS.attrs, ...attributes]);
    const holder = this.holder(options.secret);
    const message = poseidon([TAGS.credential, schema, holder, serial, issuedAt, expiresAt, attrs]);
    const signer = options.key ?? key;
    return {
      attributes,
      schema,
      serial,
      issuedAt,
      expiresAt,
      issuer: this.crypto.publicKey(signer),
      signature: this.crypto.signPoseidon(signer, message),
    };
  }

  identity(options: SignOptions & { attributes?: bigint[] } = {}): Signed {
    return this.sign(IDENTITY_SCHEMA, options.attributes ?? PERSON, IDENTITY_KEY, options);
  }

  balance(account: BalanceAccount): Signed {
    const attributes = [account.asset ?? EUR, account.amount, account.accountRef, 0n, 0n, 0n, 0n, 0n];
    return this.sign(BALANCE_SCHEMA, attributes, BALANCE_KEY, account);
  }

  get revocationRoot(): bigint {
    return this.revocations().root;
  }

  revocations() {
    return this.#once('revocations', () => buildGapTree(this.crypto, this.revoked, GAP_DEPTH));
  }

  sanctions() {
    return this.#once('sanctions', () => buildGapTree(this.crypto, this.listed, GAP_DEPTH));
  }

  /** Leaves: identity issuer, balance issuer. */
  registry() {
    const leaf = (key: Uint8Array, schema: bigint): bigint => {
      const { x, y } = this.crypto.publicKey(key);
      return this.crypto.poseidon([TAGS.issuer, x, y, schema, this.revocationRoot]);
    };
    return this.#once('registry', () =>
      buildTree(this.crypto, [leaf(IDENTITY_KEY, IDENTITY_SCHEMA), leaf(BALANCE_KEY, BALANCE_SCHEMA)], REGISTRY_DEPTH),
    );
  }

  memberTree(values: bigint[]) {
    return this.#once(`members ${values.join()}`, () =>
      buildTree(
        this.crypto,
        values.map((value) => this.crypto.poseidon([TAGS.member, value])),
        SET_DEPTH,
      ),
    );
  }

  policyHash(input: Inputs): bigint {
    const one = (name: string): bigint => input[name] as bigint;
    const slots = input['compareSlot'] as bigint[];
    const ops = input['compareOp'] as bigint[];
    const operands = input['compareOperand'] as bigint[];
    const pairs = slots.flatMap((slot, i) => [slot + 8n * (ops[i] ?? 0n), operands[i] ?? 0n]);
    return this.crypto.poseidon([
      TAGS.policy,
      one('schema'),
      ...pairs,
      one('setCode'),
      one('setRoot'),
      one('gapCode'),
      one('gapRoot'),
      one('discloseCode'),
    ]);
  }

  /** Everything of `credential`; the default policy uses each part: age, kyc, country set, list, disclosure. */
  credentialInputs(signed: Signed = this.identity()): Inputs {
    const registry = this.registry();
    const revocation = gapOf(this.revocations().prove(signed.serial), this.revocations().prove(6n));
    const set = this.memberTree([country('DE'), country('FR')]);
    const gap = gapOf(this.sanctions().prove(signed.attributes[3] ?? 0n), this.sanctions().prove(78n));
    const input: Inputs = {
      registryRoot: registry.root,
      now: NOW,
      scope: sha248('scope'),
      context: sha248('context'),
      secret: SECRET,
      attributes: signed.attributes,
      ...signatureInputs(signed),
      schema: signed.schema,
      revocationRoot: this.revocationRoot,
      registryPath: registry.path(0),
      revocationLo: revocation.lo,
      revocationHi: revocation.hi,
      revocationPath: revocation.path,
      compareSlot: [0n, 2n, 0n, 0n],
      compareOp: [OP.le, OP.ge, OP.none, OP.none],
      compareOperand: [20_081_122n, 2n, 0n, 0n],
      setCode: 2n,
      setRoot: set.root,
      setPath: set.path(0),
      gapCode: 4n,
      gapRoot: this.sanctions().root,
      gapLo: gap.lo,
      gapHi: gap.hi,
      gapPath: gap.path,
      discloseCode: 2n,
    };
    return this.sealCredential(input);
  }

  sealCredential(input: Inputs): Inputs {
    return { ...input, policyHash: this.policyHash(input) };
  }

  /** Inputs of `balance`; accounts in the order given, the first repeated into the unused slots. */
  balanceInputs(accounts: BalanceAccount[], threshold: bigint): Inputs {
    const registry = this.registry();
    const first = accounts[0];
    if (first === undefined) throw new Error('at least one account');
    const slots = [0, 1, 2].map((i) => accounts[i] ?? first);
    const signed = slots.map((account) => this.balance(account));
    const each = <T>(read: (item: Signed) => T): T[] => signed.map(read);
    return {
      registryRoot: registry.root,
      asset: EUR,
      threshold,
      minIssuedAt: NOW - DAY,
      now: NOW,
      scope: sha248('scope'),
      context: sha248('context'),
      secret: SECRET,
      used: slots.map((_, i) => (i < accounts.length ? 1n : 0n)),
      amount: slots.map((account) => account.amount),
      accountRef: slots.map((account) => account.accountRef),
      serial: each((item) => item.serial),
      issuedAt: each((item) => item.issuedAt),
      expiresAt: each((item) => item.expiresAt),
      issuerX: each((item) => item.issuer.x),
      issuerY: each((item) => item.issuer.y),
      r8x: each((item) => item.signature.r8x),
      r8y: each((item) => item.signature.r8y),
      s: each((item) => item.signature.s),
      revocationRoot: each(() => this.revocationRoot),
      registryPath: each(() => registry.path(1)),
    };
  }

  qualificationInputs(
    identity: Signed = this.identity(),
    account: BalanceAccount = ACCOUNT,
    threshold = 120_000n,
  ): Inputs {
    const signed = this.balance(account);
    const named = Object.fromEntries(
      Object.entries(signatureInputs(signed)).map(([key, value]) => [
        `balance${key.charAt(0).toUpperCase()}${key.slice(1)}`,
        value,
      ]),
    );
    const input: Inputs = {
      ...this.credentialInputs(identity),
      ...named,
      balanceAsset: EUR,
      balanceThreshold: threshold,
      balanceFresh: DAY,
      balanceAmount: account.amount,
      balanceAccountRef: account.accountRef,
      balanceRevocationRoot: this.revocationRoot,
      balanceRegistryPath: this.registry().path(1),
    };
    return this.sealQualification(input);
  }

  sealQualification(input: Inputs): Inputs {
    const parts = ['balanceAsset', 'balanceThreshold', 'balanceFresh'].map((name) => input[name] as bigint);
    return { ...input, policyHash: this.crypto.poseidon([TAGS.qualification, this.policyHash(input), ...parts]) };
  }
}

export const ACCOUNT: BalanceAccount = { amount: 150_000n, accountRef: 4_242n };

export async function createWorld(): Promise<World> {
  return new World(await getSigningCrypto());
}

function signatureInputs(signed: Signed): Inputs {
  return {
    serial: signed.serial,
    issuedAt: signed.issuedAt,
    expiresAt: signed.expiresAt,
    issuerX: signed.issuer.x,
    issuerY: signed.issuer.y,
    r8x: signed.signature.r8x,
    r8y: signed.signature.r8y,
    s: signed.signature.s,
  };
}

/** The proof of absence, or for an element that is present the best an attacker has: a neighbouring gap. */
function gapOf(
  found: GapProof | undefined,
  otherwise: GapProof | undefined,
): { lo: bigint; hi: bigint; path: TreePath } {
  const proof = found ?? otherwise;
  if (proof === undefined) throw new Error('the fallback gap has to exist');
  return proof;
}
