import { fromHex, sha256, toHex, utf8 } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { ed25519Verify } from '../base/ed25519.ts';
import { parseDecimal } from '../base/field.ts';
import {
  ClaimError,
  getClaims,
  type RegistrySnapshot,
  type RegistryView,
  signedRegistrySnapshotSchema,
} from '../claims/index.ts';
import { RegistryError, RegistryErrorCode } from './errors.ts';
import type {
  PublishedRegistry,
  RegistryHeader,
  RegistryTrust,
  SignedRegistryHeader,
  VerifiedRegistry,
} from './interface.ts';

/** What an envelope's body takes (DESIGN section 6). A list costs up to 115 bytes of it, so some fourteen lists fit. */
export const MAX_HEADER_BYTES = 2048;
const MAX_LISTS = 64;

/** The bytes that the registry key signs: a domain no envelope starts with, and the whole header. */
export function headerSigningBytes(header: RegistryHeader): Uint8Array {
  return utf8(`zkbazaar/registry/1\n${canonicalJson(unsigned(header))}`);
}

/** SHA-256 (hex) of the canonical JSON of a snapshot without its signature. */
export function snapshotHash(snapshot: RegistrySnapshot): string {
  const { network, sequence, issuedAt, issuers, lists, root } = snapshot;
  return toHex(sha256(canonicalJson({ network, sequence, issuedAt, issuers, lists, root } as unknown as Json)));
}

/** @throws RegistryError REGISTRY_HEADER_TOO_LARGE when there are too many lists */
export function makeHeader(snapshot: RegistrySnapshot, view: RegistryView): RegistryHeader {
  const { network, sequence, issuedAt, root } = snapshot;
  const lists = Object.fromEntries(Object.entries(view.listRoots).map(([name, value]) => [name, value.toString()]));
  const header: RegistryHeader = { v: 1, network, sequence, issuedAt, root, lists, snapshot: snapshotHash(snapshot) };
  const bytes = utf8(canonicalJson({ ...header, signature: '0'.repeat(128) })).length;
  if (bytes > MAX_HEADER_BYTES) {
    const message = `with ${snapshot.lists.length} lists the header has ${bytes} bytes; ${MAX_HEADER_BYTES} is the limit`;
    throw new RegistryError(RegistryErrorCode.HeaderTooLarge, message, { hint: 'merge lists or shorten their names' });
  }
  return header;
}

/**
 * Checks a header alone: what a peer that only verifies proofs needs. Cheap.
 * @throws RegistryError REGISTRY_MALFORMED, REGISTRY_WRONG_NETWORK, REGISTRY_BAD_SIGNATURE, REGISTRY_ROLLED_BACK
 */
export function verifyHeader(
  input: unknown,
  trust: RegistryTrust,
): { header: SignedRegistryHeader; view: RegistryView } {
  const header = readHeader(input);
  if (header.network !== trust.network) {
    const message = `the snapshot is for network ${header.network}, not ${trust.network}`;
    throw new RegistryError(RegistryErrorCode.WrongNetwork, message, { where: 'header.network' });
  }
  const key = fromHex(trust.registryKey, 32);
  if (key === undefined)
    throw new RegistryError(RegistryErrorCode.BadInput, 'a registry key has 64 lower-case hex digits');
  const signature = fromHex(header.signature, 64) ?? new Uint8Array();
  if (!ed25519Verify(key, headerSigningBytes(header), signature)) {
    throw new RegistryError(RegistryErrorCode.BadSignature, "it is not signed by the network's registry key", {
      where: 'header.signature',
    });
  }
  if (header.sequence < (trust.atLeastSequence ?? 0)) {
    const message = `sequence ${header.sequence} is older than ${trust.atLeastSequence}, which is known`;
    throw new RegistryError(RegistryErrorCode.RolledBack, message, { where: 'header.sequence' });
  }
  const listRoots = Object.fromEntries(Object.entries(header.lists).map(([name, value]) => [name, BigInt(value)]));
  return { header, view: { root: BigInt(header.root), sequence: header.sequence, listRoots } };
}

/**
 * Checks a published registry in full, cheapest first: header, then the snapshot's hash, then every root anew. Hashing
 * a list of 17,000 names takes seconds; nobody without the registry key can make a peer do it.
 * @throws RegistryError as `verifyHeader`, and REGISTRY_WRONG_DATA, REGISTRY_WRONG_ROOT
 */
export async function verifyRegistry(input: unknown, trust: RegistryTrust): Promise<VerifiedRegistry> {
  const { header, snapshot } = await checkPublished(input, trust);
  const claims = await getClaims();
  let view: RegistryView;
  try {
    view = claims.registryView(snapshot);
  } catch (error) {
    if (!(error instanceof ClaimError)) throw error;
    throw new RegistryError(RegistryErrorCode.WrongRoot, error.message, { where: error.where });
  }
  const roots = Object.entries(view.listRoots);
  const same = roots.length === Object.keys(header.lists).length;
  if (!same || roots.some(([name, root]) => header.lists[name] !== root.toString())) {
    throw new RegistryError(RegistryErrorCode.WrongRoot, 'the header names other list roots than the lists have');
  }
  return { header, snapshot, view };
}

/** Everything but the roots. */
export async function checkPublished(input: unknown, trust: RegistryTrust): Promise<PublishedRegistry> {
  const parts = isObject(input) ? input : {};
  const { header } = verifyHeader(parts['header'], trust);
  const parsed = signedRegistrySnapshotSchema.safeParse(parts['snapshot']);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = ['snapshot', ...(issue?.path ?? [])].join('.');
    throw new RegistryError(RegistryErrorCode.Malformed, `the snapshot is malformed: ${issue?.message ?? ''}`, {
      where,
    });
  }
  const snapshot = parsed.data;
  const agrees =
    snapshot.network === header.network &&
    snapshot.sequence === header.sequence &&
    snapshot.issuedAt === header.issuedAt &&
    snapshot.root === header.root &&
    snapshot.signature === header.signature;
  if (!agrees || snapshotHash(snapshot) !== header.snapshot) {
    throw new RegistryError(RegistryErrorCode.WrongData, 'the snapshot is not the one that the header was signed for');
  }
  return { header, snapshot };
}

function readHeader(input: unknown): SignedRegistryHeader {
  const malformed = (where: string) =>
    new RegistryError(RegistryErrorCode.Malformed, 'the header is malformed', { where: `header.${where}` });
  const fields = isObject(input) ? input : {};
  const { v, network, sequence, issuedAt, root, lists, snapshot, signature } = fields;
  if (v !== 1) throw malformed('v');
  if (Object.keys(fields).length !== 8) throw malformed('*');
  if (typeof network !== 'string' || network.length > 32) throw malformed('network');
  if (!isCount(sequence)) throw malformed('sequence');
  if (!isCount(issuedAt) || issuedAt >= 2 ** 40) throw malformed('issuedAt');
  if (typeof root !== 'string' || parseDecimal(root) === undefined) throw malformed('root');
  if (!isObject(lists) || Object.keys(lists).length > MAX_LISTS) throw malformed('lists');
  const roots: [string, string][] = [];
  for (const [name, value] of Object.entries(lists)) {
    if (typeof value !== 'string' || parseDecimal(value) === undefined) throw malformed(`lists.${name.slice(0, 32)}`);
    roots.push([name, value]);
  }
  if (typeof snapshot !== 'string' || fromHex(snapshot, 32) === undefined) throw malformed('snapshot');
  if (typeof signature !== 'string' || fromHex(signature, 64) === undefined) throw malformed('signature');
  return { v, network, sequence, issuedAt, root, lists: Object.fromEntries(roots), snapshot, signature };
}

function unsigned(header: RegistryHeader): Json {
  const { v, network, sequence, issuedAt, root, lists, snapshot } = header;
  return { v, network, sequence, issuedAt, root, lists, snapshot };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
