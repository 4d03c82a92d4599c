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

/**
 * Whether the bytes from `start` to `end` are one transaction in the one canonical form: exact lengths, known version and
 * flags, zero padding, ascending keys, bounds of `constants.ts`. What needs state, signature or proof is not looked at.
 * @throws LEDGER_TRANSACTION_INVALID with the place
 */
export function checkLayout(bytes: Uint8Array, start: number, end: number): CheckedLayout {
  const length = end - start;
  if (length < AT.keys) throw invalid('length', `${length} bytes are too few`);
  if (length > MAX_TRANSACTION_BYTES) throw invalid('length', `more than ${MAX_TRANSACTION_BYTES} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, length);
  const u8 = (at: number) => view.getUint8(at);
  if (view.getUint32(AT.totalLength, true) !== length) throw invalid('totalLength', `does not say ${length}`);
  if (u8(AT.version) !== VERSION)
    throw invalid('version', `${u8(AT.version)} is not known; this is version ${VERSION}`);
  const algorithm = algorithmOf(u8(AT.algorithm));
  const flags = u8(AT.flags);
  if ((flags & ~(FLAGS.tag | FLAGS.proof)) !== 0) throw invalid('flags', 'has unknown bits');
  if (u8(AT.reserved) !== 0) throw invalid('reserved', 'is not zero');
  checkNumbers(view);
  const [writes, reads, credits] = [u8(AT.writes), u8(AT.reads), u8(AT.credits)];
  for (const [name, count] of Object.entries({ writes, reads, credits })) {
    if (count > MAX_KEYS) throw invalid(name, `more than ${MAX_KEYS} keys`);
  }
  const bodyLength = view.getUint32(AT.bodyLength, true);
  if (bodyLength + witnessBytes(algorithm) !== length) throw invalid('bodyLength', 'does not fit the length');
  let at = operationsAt(writes, reads, credits);
  if (at > bodyLength) throw invalid('keys', 'end behind the body');
  checkKeys(view, writes, reads, credits);
  at = checkOperations(view, at, bodyLength);
  if ((flags & FLAGS.proof) !== 0) at = checkProof(view, at, bodyLength);
  if (at !== bodyLength) throw invalid('bodyLength', `the parts end at ${at}, not at ${bodyLength}`);
  const { publicKey, signature } = KEY_SIZES[algorithm];
  checkZeros(view, bodyLength + publicKey + signature, length, 'signature');
  return { algorithm, bodyLength };
}

function checkNumbers(view: DataView): void {
  const gasLimit = view.getUint32(AT.gasLimit, true);
  if (gasLimit === 0 || gasLimit > MAX_GAS) throw invalid('gasLimit', `is not 1 to ${MAX_GAS}`);
  if (view.getBigUint64(AT.gasPrice, true) > MAX_GAS_PRICE) throw invalid('gasPrice', `is above ${MAX_GAS_PRICE}`);
  const [from, until] = [view.getBigUint64(AT.validFrom, true), view.getBigUint64(AT.validUntil, true)];
  if (until < from) throw invalid('validUntil', 'is before validFrom');
  if (until - from > MAX_VALIDITY) throw invalid('validUntil', `is more than ${MAX_VALIDITY} heights after validFrom`);
}

function checkKeys(view: DataView, writes: number, reads: number, credits: number): void {
  const ascending = (first: number, count: number, name: string) => {
    for (let i = 1; i < count; i += 1) {
      if (compareKeys(view, first + i - 1, first + i) >= 0)
        throw invalid(`${name}[${i}]`, 'is not above the one before it');
    }
  };
  ascending(0, writes, 'writes');
  ascending(writes, reads, 'reads');
  ascending(writes + reads, credits, 'credits');
  for (let i = 0; i < writes + reads + credits; i += 1) {
    const at = AT.keys + i * KEY_BYTES;
    // One owner has one native balance: a tail would be a second name for it.
    if (view.getUint8(at) === SPACES.account) checkZeros(view, at + 1 + ADDRESS_BYTES, at + KEY_BYTES, `keys[${i}]`);
  }
  let write = 0;
  for (let read = 0; read < reads; read += 1) {
    while (write < writes && compareKeys(view, write, writes + read) < 0) write += 1;
    if (write < writes && compareKeys(view, write, writes + read) === 0)
      throw invalid(`reads[${read}]`, 'is also written');
  }
}

function compareKeys(view: DataView, a: number, b: number): number {
  for (let i = 0; i < KEY_BYTES; i += 4) {
    const [x, y] = [view.getUint32(AT.keys + a * KEY_BYTES + i), view.getUint32(AT.keys + b * KEY_BYTES + i)];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

function checkOperations(view: DataView, start: number, end: number): number {
  const count = view.getUint8(AT.operations);
  if (count === 0 || count > MAX_OPERATIONS) throw invalid('operations', `are not 1 to ${MAX_OPERATIONS}`);
  let at = start;
  for (let i = 0; i < count; i += 1) {
    if (at + OPERATION_HEAD_BYTES > end) throw invalid(`operations[${i}]`, 'ends behind the body');
    const length = view.getUint16(at + 2, true);
    if (length > MAX_ARGUMENT_BYTES)
      throw invalid(`operations[${i}]`, `has more than ${MAX_ARGUMENT_BYTES} bytes of arguments`);
    if (view.getUint32(at + 4, true) !== 0) throw invalid(`operations[${i}]`, 'has bytes set that are reserved');
    const next = at + OPERATION_HEAD_BYTES + padded(length);
    if (next > end) throw invalid(`operations[${i}]`, 'ends behind the body');
    checkZeros(view, at + OPERATION_HEAD_BYTES + length, next, `operations[${i}]`);
    at = next;
  }
  return at;
}

function checkProof(view: DataView, at: number, end: number): number {
  if (at + PROOF_HEAD_BYTES > end) throw invalid('proof', 'ends behind the body');
  const count = view.getUint8(at + 1);
  if (count === 0 || count > MAX_PROOF_SIGNALS) throw invalid('proof.signals', `are not 1 to ${MAX_PROOF_SIGNALS}`);
  checkZeros(view, at + 2, at + PROOF_HEAD_BYTES, 'proof');
  const next = at + PROOF_HEAD_BYTES + count * SIGNAL_BYTES + PROOF_BYTES;
  if (next > end) throw invalid('proof', 'ends behind the body');
  for (let i = 0; i < count; i += 1) {
    let signal = 0n;
    const offset = at + PROOF_HEAD_BYTES + i * SIGNAL_BYTES;
    for (let word = 24; word >= 0; word -= 8) signal = (signal << 64n) | view.getBigUint64(offset + word, true);
    if (signal >= R) throw invalid(`proof.signals[${i}]`, 'is not below the field’s order');
  }
  return next;
}

function checkZeros(view: DataView, start: number, end: number, name: string): void {
  for (let at = start; at < end; at += 1)
    if (view.getUint8(at) !== 0) throw invalid(name, 'has padding that is not zero');
}

function algorithmOf(byte: number): SignatureAlgorithm {
  const algorithm = Object.values(SIGNATURE_ALGORITHMS).find((value) => value === byte);
  if (algorithm === undefined) throw invalid('algorithm', `${byte} is none of 1 (Ed25519), 2 (ML-DSA-44), 3 (both)`);
  return algorithm;
}

function invalid(where: string, text: string): LedgerError {
  return new LedgerError('LEDGER_TRANSACTION_INVALID', `${where} of the transaction: ${text}`, {
    where,
    hint: 'build it with the CLI or POST /v1/ledger/transactions/build; docs/ledger.md has the layout',
  });
}
