import {
  ADDRESS_BYTES,
  KEY_BYTES,
  MAX_ARGUMENT_BYTES,
  MAX_GAS,
  MAX_GAS_PRICE,
  MAX_KEYS,
  MAX_OPERATIONS,
  MAX_PROOF_SIGNALS,
  MAX_TRANSACTION_BYTES,
  MAX_VALIDITY,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  SPACES,
} from '../constants.ts';
import { LedgerError } from '../errors.ts';
import {
  AT,
  FLAGS,
  KEY_SIZES,
  OPERATION_HEAD_BYTES,
  operationsAt,
  PROOF_BYTES,
  PROOF_HEAD_BYTES,
  padded,
  SIGNAL_BYTES,
  VERSION,
  witnessBytes,
} from './layout.ts';

export interface CheckedLayout {
  readonly algorithm: SignatureAlgorithm;
  readonly bodyLength: number;
}

/** Scalar field of BN254; a signal at or above it would be a second name for another. */
const R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

const ALGORITHMS = Object.values(SIGNATURE_ALGORITHMS);

/** Where the transaction that is looked at begins, and the bytes around it. */
interface Place {
  readonly view: DataView;
  readonly start: number;
}

/**
 * Whether the bytes from `start` to `end` are one transaction in the one canonical form: exact lengths, known version and
 * flags, zero padding, ascending keys, bounds of `constants.ts`. What needs state, signature or proof is not looked at.
 * @param view of all of `bytes`, for those who check many in the same
 * @throws LEDGER_TRANSACTION_INVALID with the place
 */
export function checkLayout(bytes: Uint8Array, start: number, end: number, view = viewOf(bytes)): CheckedLayout {
  const length = end - start;
  if (length < AT.keys) throw invalid('length', `${length} bytes are too few`);
  if (length > MAX_TRANSACTION_BYTES) throw invalid('length', `more than ${MAX_TRANSACTION_BYTES} bytes`);
  if (view.getUint32(start + AT.totalLength, true) !== length) throw invalid('totalLength', `does not say ${length}`);
  const version = view.getUint8(start + AT.version);
  if (version !== VERSION) throw invalid('version', `${version} is not known; this is version ${VERSION}`);
  const algorithm = algorithmOf(view.getUint8(start + AT.algorithm));
  const flags = view.getUint8(start + AT.flags);
  if ((flags & ~(FLAGS.tag | FLAGS.proof)) !== 0) throw invalid('flags', 'has unknown bits');
  if (view.getUint8(start + AT.reserved) !== 0) throw invalid('reserved', 'is not zero');
  const place = { view, start };
  checkNumbers(place);
  const writes = keysOf(place, AT.writes, 'writes');
  const reads = keysOf(place, AT.reads, 'reads');
  const credits = keysOf(place, AT.credits, 'credits');
  const bodyLength = view.getUint32(start + AT.bodyLength, true);
  if (bodyLength + witnessBytes(algorithm) !== length) throw invalid('bodyLength', 'does not fit the length');
  let at = operationsAt(writes, reads, credits);
  if (at > bodyLength) throw invalid('keys', 'end behind the body');
  checkKeys(place, writes, reads, credits);
  at = checkOperations(place, at, bodyLength);
  if ((flags & FLAGS.proof) !== 0) at = checkProof(place, at, bodyLength);
  if (at !== bodyLength) throw invalid('bodyLength', `the parts end at ${at}, not at ${bodyLength}`);
  const { publicKey, signature } = KEY_SIZES[algorithm];
  if (!areZeros(place, bodyLength + publicKey + signature, length)) throw notZero('signature');
  return { algorithm, bodyLength };
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

function checkNumbers({ view, start }: Place): void {
  const gasLimit = view.getUint32(start + AT.gasLimit, true);
  if (gasLimit === 0 || gasLimit > MAX_GAS) throw invalid('gasLimit', `is not 1 to ${MAX_GAS}`);
  if (view.getBigUint64(start + AT.gasPrice, true) > MAX_GAS_PRICE)
    throw invalid('gasPrice', `is above ${MAX_GAS_PRICE}`);
  const from = view.getBigUint64(start + AT.validFrom, true);
  const until = view.getBigUint64(start + AT.validUntil, true);
  if (until < from) throw invalid('validUntil', 'is before validFrom');
  if (until - from > MAX_VALIDITY) throw invalid('validUntil', `is more than ${MAX_VALIDITY} heights after validFrom`);
}

/** How many keys of a kind there are. */
function keysOf({ view, start }: Place, at: number, name: string): number {
  const count = view.getUint8(start + at);
  if (count > MAX_KEYS) throw invalid(name, `more than ${MAX_KEYS} keys`);
  return count;
}

function checkKeys(place: Place, writes: number, reads: number, credits: number): void {
  checkAscending(place, 0, writes, 'writes');
  checkAscending(place, writes, reads, 'reads');
  checkAscending(place, writes + reads, credits, 'credits');
  for (let i = 0; i < writes + reads + credits; i += 1) {
    const at = AT.keys + i * KEY_BYTES;
    if (place.view.getUint8(place.start + at) !== SPACES.account) continue;
    // One owner has one native balance: a tail would be a second name for it.
    if (!areZeros(place, at + 1 + ADDRESS_BYTES, at + KEY_BYTES)) throw notZero(`keys[${i}]`);
  }
  let write = 0;
  for (let read = 0; read < reads; read += 1) {
    while (write < writes && compareKeys(place, write, writes + read) < 0) write += 1;
    if (write < writes && compareKeys(place, write, writes + read) === 0)
      throw invalid(`reads[${read}]`, 'is also written');
  }
}

function checkAscending(place: Place, first: number, count: number, name: string): void {
  for (let i = 1; i < count; i += 1) {
    if (compareKeys(place, first + i - 1, first + i) >= 0)
      throw invalid(`${name}[${i}]`, 'is not above the one before it');
  }
}

function compareKeys({ view, start }: Place, a: number, b: number): number {
  const keys = start + AT.keys;
  for (let i = 0; i < KEY_BYTES; i += 4) {
    const [x, y] = [view.getUint32(keys + a * KEY_BYTES + i), view.getUint32(keys + b * KEY_BYTES + i)];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

function checkOperations(place: Place, first: number, end: number): number {
  const { view, start } = place;
  const count = view.getUint8(start + AT.operations);
  if (count === 0 || count > MAX_OPERATIONS) throw invalid('operations', `are not 1 to ${MAX_OPERATIONS}`);
  let at = first;
  for (let i = 0; i < count; i += 1) {
    if (at + OPERATION_HEAD_BYTES > end) throw invalid(`operations[${i}]`, 'ends behind the body');
    const length = view.getUint16(start + at + 2, true);
    if (length > MAX_ARGUMENT_BYTES)
      throw invalid(`operations[${i}]`, `has more than ${MAX_ARGUMENT_BYTES} bytes of arguments`);
    if (view.getUint32(start + at + 4, true) !== 0)
      throw invalid(`operations[${i}]`, 'has bytes set that are reserved');
    const next = at + OPERATION_HEAD_BYTES + padded(length);
    if (next > end) throw invalid(`operations[${i}]`, 'ends behind the body');
    if (!areZeros(place, at + OPERATION_HEAD_BYTES + length, next)) throw notZero(`operations[${i}]`);
    at = next;
  }
  return at;
}

function checkProof(place: Place, at: number, end: number): number {
  const { view, start } = place;
  if (at + PROOF_HEAD_BYTES > end) throw invalid('proof', 'ends behind the body');
  const count = view.getUint8(start + at + 1);
  if (count === 0 || count > MAX_PROOF_SIGNALS) throw invalid('proof.signals', `are not 1 to ${MAX_PROOF_SIGNALS}`);
  if (!areZeros(place, at + 2, at + PROOF_HEAD_BYTES)) throw notZero('proof');
  const next = at + PROOF_HEAD_BYTES + count * SIGNAL_BYTES + PROOF_BYTES;
  if (next > end) throw invalid('proof', 'ends behind the body');
  for (let i = 0; i < count; i += 1) {
    let signal = 0n;
    const offset = start + at + PROOF_HEAD_BYTES + i * SIGNAL_BYTES;
    for (let word = 24; word >= 0; word -= 8) signal = (signal << 64n) | view.getBigUint64(offset + word, true);
    if (signal >= R) throw invalid(`proof.signals[${i}]`, 'is not below the field’s order');
  }
  return next;
}

function areZeros({ view, start }: Place, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) if (view.getUint8(start + at) !== 0) return false;
  return true;
}

function notZero(name: string): LedgerError {
  return invalid(name, 'has padding that is not zero');
}

function algorithmOf(byte: number): SignatureAlgorithm {
  const algorithm = ALGORITHMS.find((value) => value === byte);
  if (algorithm === undefined) throw invalid('algorithm', `${byte} is none of 1 (Ed25519), 2 (ML-DSA-44), 3 (both)`);
  return algorithm;
}

function invalid(where: string, text: string): LedgerError {
  return new LedgerError('LEDGER_TRANSACTION_INVALID', `${where} of the transaction: ${text}`, {
    where,
    hint: 'build it with the CLI or POST /v1/ledger/transactions/build; docs/ledger.md has the layout',
  });
}
