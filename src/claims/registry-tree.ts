import { sha256, toHex } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { parseDecimal } from '../base/field.ts';
import {
  buildGapTree,
  buildTree,
  type Crypto,
  type GapTree,
  sha248,
  TAGS,
  TREE_ARITY,
  type TreePath,
} from '../crypto/index.ts';
import { ClaimError, ClaimErrorCode } from './errors.ts';
import { GAP_DEPTH, REGISTRY_DEPTH, type RegistrySnapshot, type RegistryView, type SchemaName } from './interface.ts';
import { LruCache } from './lru.ts';
import { schemaId } from './schemas.ts';

export type RegistryContent = Pick<RegistrySnapshot, 'issuers' | 'lists'>;

export interface RegisteredIssuer {
  revocation: GapTree;
  path: TreePath;
}

/** A snapshot with its trees built. */
export interface OpenRegistry {
  root: bigint;
  listRoots: Readonly<Record<string, bigint>>;
  issuer(x: string, y: string, schema: SchemaName): RegisteredIssuer | undefined;
  list(name: string): GapTree | undefined;
}

// A node keeps the current snapshot and the one before; a list of 17,000 names takes seconds to hash, so trees of
// unchanged content outlive the snapshot that brought them.
const OPEN_REGISTRIES = 4;
const GAP_TREES = 64;
// As many as one registry has room for; checking a key's subgroup takes as long as a signature.
const ISSUER_KEYS = 4096;

export interface RegistryOpener {
  /** Trees of a snapshot's content. @throws ClaimError CLAIM_BAD_REGISTRY */
  open(content: RegistryContent): OpenRegistry;
  /** The same, where `snapshot.root` is what the content hashes to. @throws ClaimError CLAIM_BAD_REGISTRY */
  openChecked(snapshot: RegistrySnapshot): OpenRegistry;
}

export function createRegistryOpener(crypto: Crypto): RegistryOpener {
  const registries = new LruCache<string, OpenRegistry>(OPEN_REGISTRIES);
  const issuerKeys = new LruCache<string, boolean>(ISSUER_KEYS);
  const gapTrees = new LruCache<string, GapTree>(GAP_TREES);

  const gapTree = (elements: readonly string[], where: string): GapTree =>
    gapTrees.getOrMake(toHex(sha256(elements.join(','))), () =>
      buildGapTree(crypto, integers(elements, where), GAP_DEPTH),
    );

  const isIssuerKey = (x: bigint, y: bigint): boolean =>
    issuerKeys.getOrMake(`${x},${y}`, () => crypto.isPublicKey({ x, y }));

  const open = (content: RegistryContent): OpenRegistry => {
    // Field by field, so that a signed and an unsigned snapshot are the same content.
    const { issuers, lists } = content;
    const key = toHex(sha256(canonicalJson({ issuers, lists } as unknown as Json)));
    return registries.getOrMake(key, () => build(crypto, content, { gapTree, isIssuerKey }));
  };

  return {
    open,
    openChecked(snapshot) {
      const registry = open(snapshot);
      if (registry.root.toString() !== snapshot.root) {
        throw badRegistry('the root is not what issuers and lists hash to', 'root');
      }
      return registry;
    },
  };
}

export function viewOf(registry: OpenRegistry, sequence: number): RegistryView {
  return { root: registry.root, sequence, listRoots: registry.listRoots };
}

/** Costly answers, kept across snapshots. */
interface Remembered {
  gapTree(elements: readonly string[], where: string): GapTree;
  isIssuerKey(x: bigint, y: bigint): boolean;
}

function build(
  crypto: Crypto,
  { issuers, lists }: RegistryContent,
  { gapTree, isIssuerKey }: Remembered,
): OpenRegistry {
  const capacity = TREE_ARITY ** REGISTRY_DEPTH;
  if (issuers.length + lists.length > capacity) {
    throw badRegistry(`a registry holds at most ${capacity} issuers and lists`, 'issuers');
  }
  const places = new Map<string, { index: number; revocation: GapTree }>();
  const listTrees = new Map<string, GapTree>();
  const leaves: bigint[] = [];
  issuers.forEach((issuer, i) => {
    const where = `issuers[${i}]`;
    const [x, y] = [integer(issuer.x, `${where}.x`), integer(issuer.y, `${where}.y`)];
    // Off the curve or in a small subgroup, a key could be made to sign for anyone.
    if (!isIssuerKey(x, y)) throw badRegistry('an issuer key is no Baby Jubjub public key', where);
    const key = placeKey(issuer.x, issuer.y, issuer.schema);
    if (places.has(key)) throw badRegistry('an issuer stands there twice for one schema', where);
    const revocation = gapTree(issuer.revoked, `${where}.revoked`);
    places.set(key, { index: leaves.length, revocation });
    leaves.push(crypto.poseidon([TAGS.issuer, x, y, schemaId(issuer.schema), revocation.root]));
  });
  lists.forEach((list, i) => {
    const where = `lists[${i}]`;
    if (listTrees.has(list.name)) throw badRegistry('a list stands there twice', where);
    const tree = gapTree(list.elements, `${where}.elements`);
    listTrees.set(list.name, tree);
    leaves.push(crypto.poseidon([TAGS.list, sha248(list.name), tree.root]));
  });
  const tree = buildTree(crypto, leaves, REGISTRY_DEPTH);
  return {
    root: tree.root,
    listRoots: Object.fromEntries([...listTrees].map(([name, { root }]) => [name, root])),
    issuer(x, y, schema) {
      const place = places.get(placeKey(x, y, schema));
      return place && { revocation: place.revocation, path: tree.path(place.index) };
    },
    list: (name) => listTrees.get(name),
  };
}

function placeKey(x: string, y: string, schema: SchemaName): string {
  return `${x},${y},${schema}`;
}

function integers(elements: readonly string[], where: string): bigint[] {
  let last = 0n;
  return elements.map((text, i) => {
    const value = integer(text, `${where}[${i}]`);
    if (value <= last) throw badRegistry('keys are not strictly ascending', `${where}[${i}]`);
    last = value;
    return value;
  });
}

function integer(text: string, where: string): bigint {
  const value = parseDecimal(text);
  if (value === undefined) throw badRegistry('not a canonical decimal below the field order', where);
  return value;
}

function badRegistry(message: string, where: string): ClaimError {
  return new ClaimError(ClaimErrorCode.BadRegistry, `registry: ${message}`, { where });
}
