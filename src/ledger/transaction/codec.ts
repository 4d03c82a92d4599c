import { blake3Keyed } from '../../crypto/blake3.ts';
import { ADDRESS_BYTES, KEY_BYTES, NETWORK_BYTES } from '../constants.ts';
import { ROLES } from '../hashes.ts';
import { checkLayout } from './check.ts';
import type { OperationCall, Transaction, TransactionBody } from './interface.ts';
import { AT, FLAGS, KEY_SIZES, OPERATION_HEAD_BYTES, operationsAt, padded, VERSION, witnessBytes } from './layout.ts';
import { proofBytes, readProof, writeProof } from './proof.ts';

/** The canonical bytes of what is signed. Lists are written in the order given; `checkLayout` judges it. */
export function encodeBody(body: TransactionBody): Uint8Array {
  const start = operationsAt(body.writes.length, body.reads.length, body.credits.length);
  const operations = body.operations.reduce(
    (sum, { arguments: args }) => sum + OPERATION_HEAD_BYTES + padded(args.length),
    0,
  );
  const proof = body.proof === undefined ? 0 : proofBytes(body.proof);
  const bytes = new Uint8Array(start + operations + proof);
  const view = new DataView(bytes.buffer);
  view.setUint32(AT.totalLength, bytes.length + witnessBytes(body.algorithm), true);
  bytes[AT.version] = VERSION;
  bytes[AT.algorithm] = body.algorithm;
  bytes[AT.flags] = (body.tagged ? FLAGS.tag : 0) | (body.proof === undefined ? 0 : FLAGS.proof);
  bytes[AT.operations] = body.operations.length;
  bytes[AT.writes] = body.writes.length;
  bytes[AT.reads] = body.reads.length;
  bytes[AT.credits] = body.credits.length;
  view.setUint32(AT.gasLimit, body.gasLimit, true);
  bytes.set(body.network.subarray(0, NETWORK_BYTES), AT.network);
  bytes.set(body.signer.subarray(0, ADDRESS_BYTES), AT.signer);
  view.setUint32(AT.bodyLength, bytes.length, true);
  view.setBigUint64(AT.sequence, body.sequence, true);
  view.setBigUint64(AT.validFrom, body.validFrom, true);
  view.setBigUint64(AT.validUntil, body.validUntil, true);
  view.setBigUint64(AT.gasPrice, body.gasPrice, true);
  [...body.writes, ...body.reads, ...body.credits].forEach((key, i) => {
    bytes.set(key, AT.keys + i * KEY_BYTES);
  });
  let offset = start;
  for (const call of body.operations) offset = writeOperation(bytes, view, offset, call);
  if (body.proof !== undefined) writeProof(bytes, offset, body.proof);
  return bytes;
}

function writeOperation(bytes: Uint8Array, view: DataView, offset: number, call: OperationCall): number {
  bytes[offset] = call.program;
  bytes[offset + 1] = call.operation;
  view.setUint16(offset + 2, call.arguments.length, true);
  bytes.set(call.arguments, offset + OPERATION_HEAD_BYTES);
  return offset + OPERATION_HEAD_BYTES + padded(call.arguments.length);
}

/** What a transaction is known by: BLAKE3[transaction] of its body. Nothing in the signature changes it. */
export function transactionId(body: Uint8Array): Uint8Array {
  return blake3Keyed(ROLES.transaction, body);
}

/** Body, public key and signature to the canonical form. */
export function joinSignature(body: Uint8Array, publicKey: Uint8Array, signature: Uint8Array): Uint8Array {
  const total = new DataView(body.buffer, body.byteOffset).getUint32(AT.totalLength, true);
  const bytes = new Uint8Array(total);
  bytes.set(body);
  bytes.set(publicKey, body.length);
  bytes.set(signature, body.length + publicKey.length);
  return bytes;
}

/**
 * Reads the canonical form. Signature and proof are not checked here.
 * @throws LEDGER_TRANSACTION_INVALID with the place, for anything that is not the one canonical form
 */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  const checked = checkLayout(bytes, 0, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { algorithm, bodyLength } = checked;
  const take = (offset: number, length: number) => bytes.slice(offset, offset + length);
  let at: number = AT.keys;
  const takeKeys = (count: number) => {
    const keys = Array.from({ length: count }, (_, i) => take(at + i * KEY_BYTES, KEY_BYTES));
    at += count * KEY_BYTES;
    return keys;
  };
  const writes = takeKeys(bytes[AT.writes] ?? 0);
  const reads = takeKeys(bytes[AT.reads] ?? 0);
  const credits = takeKeys(bytes[AT.credits] ?? 0);
  const operations: OperationCall[] = [];
  for (let i = 0; i < (bytes[AT.operations] ?? 0); i += 1) {
    const length = view.getUint16(at + 2, true);
    const call = { program: bytes[at] ?? 0, operation: bytes[at + 1] ?? 0 };
    operations.push({ ...call, arguments: take(at + OPERATION_HEAD_BYTES, length) });
    at += OPERATION_HEAD_BYTES + padded(length);
  }
  const { publicKey, signature } = KEY_SIZES[algorithm];
  return {
    algorithm,
    network: take(AT.network, NETWORK_BYTES),
    signer: take(AT.signer, ADDRESS_BYTES),
    sequence: view.getBigUint64(AT.sequence, true),
    tagged: ((bytes[AT.flags] ?? 0) & FLAGS.tag) !== 0,
    validFrom: view.getBigUint64(AT.validFrom, true),
    validUntil: view.getBigUint64(AT.validUntil, true),
    gasLimit: view.getUint32(AT.gasLimit, true),
    gasPrice: view.getBigUint64(AT.gasPrice, true),
    writes,
    reads,
    credits,
    operations,
    proof: ((bytes[AT.flags] ?? 0) & FLAGS.proof) === 0 ? undefined : readProof(bytes, at),
    publicKey: take(bodyLength, publicKey),
    signature: take(bodyLength + publicKey, signature),
    id: transactionId(bytes.subarray(0, bodyLength)),
    bytes: bytes.slice(),
  };
}
