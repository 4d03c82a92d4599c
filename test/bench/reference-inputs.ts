/** Honest inputs of the two reference circuits: real signatures and real trees, always the same for the same round. */
import { createHash } from 'node:crypto';
import type { CircuitInputs } from '../../src/prover/index.ts';
import type { ReferenceName } from './args.ts';

/** As in circuits.json. */
const DEPTH = 32;
const ISSUERS = 16;
const CREDENTIALS = 64;
const REVOKED = 128;
const AMOUNT = 250_000n;
const THRESHOLD = 120_000n;

type Hash = (inputs: readonly bigint[]) => bigint;

/** Inputs of one proof; rounds differ in their scope, so in nullifier and witness. */
export type ReferenceInputs = (circuit: ReferenceName, round: number) => CircuitInputs;

export async function referenceInputs(): Promise<ReferenceInputs> {
  // circomlibjs itself, not our `crypto`: these circuits are plain circomlib, and so is what signs and hashes for them.
  const { buildEddsa } = await import('circomlibjs');
  const eddsa = await buildEddsa();
  const { F } = eddsa;
  const poseidon: Hash = (inputs) => F.toObject(eddsa.poseidon(inputs));
  const publicKey = (secretKey: Uint8Array) => eddsa.prv2pub(secretKey).map((coordinate) => F.toObject(coordinate));
  const [secret, serial] = [field('secret'), field('serial')];
  const message = poseidon([poseidon([secret]), AMOUNT, serial]);
  const key = digest('issuer 0');
  const [issuerX, issuerY] = publicKey(key);
  const { R8, S } = eddsa.signPoseidon(key, F.e(message));
  const signed = {
    issuerX: String(issuerX),
    issuerY: String(issuerY),
    threshold: String(THRESHOLD),
    secret: String(secret),
    amount: String(AMOUNT),
    serial: String(serial),
    signature: [...R8.map((coordinate) => F.toObject(coordinate)), S].map(String),
  };
  const issuerLeaves = Array.from({ length: ISSUERS }, (_, i) => poseidon(publicKey(digest(`issuer ${i}`))));
  // The credential stands in the middle of others.
  const position = CREDENTIALS / 2 + 5;
  const messages = Array.from({ length: CREDENTIALS }, (_, i) => (i === position ? message : field(`credential ${i}`)));
  const issuers = merklePath(poseidon, issuerLeaves, 0);
  const issued = merklePath(poseidon, messages, position);
  const large = {
    issuersRoot: issuers.root,
    issuerBits: issuers.bits,
    issuerSiblings: issuers.siblings,
    issuedRoot: issued.root,
    issuedBits: issued.bits,
    issuedSiblings: issued.siblings,
    ...(await absence(serial)),
  };
  return (circuit, round) => {
    const inputs = { ...signed, scope: String(field(`scope ${round}`)) };
    return circuit === 'reference-5k' ? inputs : { ...inputs, ...large };
  };
}

/** Root and way up from one leaf of a binary Poseidon tree of depth 32 whose other leaves are zero. */
function merklePath(poseidon: Hash, leaves: readonly bigint[], index: number) {
  const bits: string[] = [];
  const siblings: string[] = [];
  let level = leaves;
  let empty = 0n;
  for (let depth = 0; depth < DEPTH; depth++) {
    const position = index >> depth;
    bits.push(String(position & 1));
    siblings.push(String(level[position ^ 1] ?? empty));
    const below = level;
    const zero = empty;
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) =>
      poseidon([below[2 * i] ?? zero, below[2 * i + 1] ?? zero]),
    );
    empty = poseidon([zero, zero]);
  }
  return { root: String(level[0]), bits, siblings };
}

/** That `serial` is not in a sparse Merkle tree of revoked serial numbers, as circomlib's SMTVerifier wants it shown. */
async function absence(serial: bigint) {
  const { newMemEmptyTrie } = await import('circomlibjs');
  const tree = await newMemEmptyTrie();
  const { F } = tree;
  for (let i = 0; i < REVOKED; i++) await tree.insert(F.e(field(`revoked ${i}`)), F.e(1));
  const { found, siblings, notFoundKey, notFoundValue, isOld0 } = await tree.find(F.e(serial));
  if (found || siblings.length >= DEPTH) throw new RangeError('the serial number cannot be shown to be absent');
  const path = siblings.map((sibling) => F.toObject(sibling));
  return {
    revokedRoot: String(F.toObject(tree.root)),
    revokedSiblings: Array.from({ length: DEPTH }, (_, i) => String(path[i] ?? 0n)),
    revokedOldKey: isOld0 ? '0' : String(F.toObject(notFoundKey)),
    revokedOldValue: isOld0 ? '0' : String(F.toObject(notFoundValue)),
    revokedIsOld0: isOld0 ? '1' : '0',
  };
}

const digest = (label: string): Uint8Array => createHash('sha256').update(`zkbazaar/bench/${label}`).digest();

/** 248 bits: always below r. */
const field = (label: string): bigint => BigInt(`0x${Buffer.from(digest(label)).subarray(1).toString('hex')}`);
