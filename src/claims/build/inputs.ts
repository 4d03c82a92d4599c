import { buildGapTree, buildTree, type Crypto, type GapProof, TAGS, type TreePath } from '../../crypto/index.ts';
import { ClaimError, ClaimErrorCode } from '../errors.ts';
import {
  type BalanceDemand,
  type CircuitInputs,
  type Credential,
  GAP_DEPTH,
  MAX_BALANCE_ACCOUNTS,
  SET_DEPTH,
} from '../interface.ts';
import type { CompiledDemand } from '../policy/compile.ts';
import { OPERATOR_CODES } from '../policy/index.ts';
import type { PolicyHasher } from '../policy-hash.ts';
import type { OpenRegistry } from '../registry-tree.ts';
import { asciiToInteger, schemaId } from '../schemas.ts';
import type { Account, Accounts } from './balance.ts';
import type { IdentityChoice } from './identity.ts';

/** Inputs named as in `circuits/claims/*.circom`; public ones are added by `buildClaim`. */

const text = (path: TreePath): string[][] => path.map((children) => children.map(String));

/** What a switched-off check is given: circuits check it all the same, against nothing. */
export interface Idle {
  /** A set that holds 0, the value that `setCode` 0 picks. */
  setPath: string[][];
  /** A gap around 1, the value that `gapCode` 0 picks. */
  gap: GapProof;
}

export function createIdle(crypto: Crypto): Idle {
  const set = buildTree(crypto, [crypto.poseidon([TAGS.member, 0n])], SET_DEPTH);
  return { setPath: text(set.path(0)), gap: provenGap(buildGapTree(crypto, [2n], GAP_DEPTH).prove(1n)) };
}

/** The identity part of `credential` and `qualification`; alike in both. */
export function identityInputs(
  hasher: PolicyHasher,
  idle: Idle,
  registry: OpenRegistry,
  demand: CompiledDemand,
  { credential, issuer }: IdentityChoice,
): CircuitInputs {
  const revocation = provenGap(issuer.revocation.prove(BigInt(credential.serial)));
  const valueAt = (code: number): bigint => BigInt(credential.attributes[code - 1] ?? '0');

  let setRoot = 0n;
  let setPath = idle.setPath;
  if (demand.members !== undefined) {
    const tree = hasher.setTree(demand.members);
    setRoot = tree.root;
    setPath = text(tree.path(demand.members.indexOf(valueAt(demand.setCode))));
  }
  let gapRoot = 0n;
  let gap = idle.gap;
  if (demand.list !== undefined) {
    const list = registry.list(demand.list);
    gapRoot = list?.root ?? 0n;
    gap = provenGap(list?.prove(valueAt(demand.gapCode)));
  }
  return {
    attributes: [...credential.attributes],
    schema: schemaId(credential.schema).toString(),
    ...signedInputs(credential),
    revocationRoot: issuer.revocation.root.toString(),
    registryPath: text(issuer.path),
    revocationLo: revocation.lo.toString(),
    revocationHi: revocation.hi.toString(),
    revocationPath: text(revocation.path),
    compareSlot: demand.compare.map(({ slot }) => String(slot)),
    compareOp: demand.compare.map(({ op }) => String(op === null ? 0 : OPERATOR_CODES[op])),
    compareOperand: demand.compare.map(({ operand }) => operand.toString()),
    setCode: String(demand.setCode),
    setRoot: setRoot.toString(),
    setPath,
    gapCode: String(demand.gapCode),
    gapRoot: gapRoot.toString(),
    gapLo: gap.lo.toString(),
    gapHi: gap.hi.toString(),
    gapPath: text(gap.path),
    discloseCode: String(demand.discloseCode),
  };
}

/** Accounts of `balance`; an unused slot repeats the first account, since nothing but its amount is switched off. */
export function accountInputs(accounts: Accounts): CircuitInputs {
  const slots = Array.from({ length: MAX_BALANCE_ACCOUNTS }, (_, i) => accounts[i] ?? accounts[0]);
  const signed = slots.map(({ credential }) => signedInputs(credential));
  const column = (name: keyof ReturnType<typeof signedInputs>): string[] => signed.map((inputs) => inputs[name]);
  return {
    used: slots.map((_, i) => (i < accounts.length ? '1' : '0')),
    amount: slots.map(({ amount }) => amount.toString()),
    accountRef: slots.map(({ accountRef }) => accountRef.toString()),
    serial: column('serial'),
    issuedAt: column('issuedAt'),
    expiresAt: column('expiresAt'),
    issuerX: column('issuerX'),
    issuerY: column('issuerY'),
    r8x: column('r8x'),
    r8y: column('r8y'),
    s: column('s'),
    revocationRoot: slots.map(({ issuer }) => issuer.revocation.root.toString()),
    registryPath: slots.map(({ issuer }) => text(issuer.path)),
  };
}

/** The balance part of `qualification`. */
export function qualifyingInputs(demand: BalanceDemand, account: Account): CircuitInputs {
  const signed = signedInputs(account.credential);
  return {
    balanceAsset: asciiToInteger(demand.asset).toString(),
    balanceThreshold: demand.atLeast,
    balanceFresh: String(demand.freshSeconds),
    balanceAmount: account.amount.toString(),
    balanceAccountRef: account.accountRef.toString(),
    balanceSerial: signed.serial,
    balanceIssuedAt: signed.issuedAt,
    balanceExpiresAt: signed.expiresAt,
    balanceIssuerX: signed.issuerX,
    balanceIssuerY: signed.issuerY,
    balanceR8x: signed.r8x,
    balanceR8y: signed.r8y,
    balanceS: signed.s,
    balanceRevocationRoot: account.issuer.revocation.root.toString(),
    balanceRegistryPath: text(account.issuer.path),
  };
}

function signedInputs({ serial, issuedAt, expiresAt, issuer, signature }: Credential) {
  return {
    serial,
    issuedAt: String(issuedAt),
    expiresAt: String(expiresAt),
    issuerX: issuer.x,
    issuerY: issuer.y,
    r8x: signature.r8x,
    r8y: signature.r8y,
    s: signature.s,
  };
}

function provenGap(proof: GapProof | undefined): GapProof {
  if (proof !== undefined) return proof;
  // The choosers have refused whoever is revoked or listed; getting here is a defect, not an input.
  throw new ClaimError(ClaimErrorCode.OnList, 'there is no gap for a value that was found absent');
}
