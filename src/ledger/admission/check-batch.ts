import { type CodedError, isCodedError } from '../../base/errors.ts';
import { hashRanges } from '../../crypto/blake3.ts';
import type { SignatureChecker } from '../../crypto/signatures/index.ts';
import type { BlockBatch } from '../block/batch.ts';
import { batchIds } from '../block/identify.ts';
import { ADDRESS_BYTES, HASH_BYTES, NETWORK_BYTES, type SignatureAlgorithm } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import { ROLES } from '../hashes.ts';
import type { ProofChecker, ProofJob } from '../interface.ts';
import { checkLayout } from '../transaction/check.ts';
import { decodeTransaction } from '../transaction/codec.ts';
import { AT, FLAGS, KEY_SIZES } from '../transaction/layout.ts';

export interface BatchChecks {
  readonly network: Uint8Array;
  readonly signatures: SignatureChecker;
  /** Left out: transactions with a proof are refused. */
  readonly proofs: ProofChecker | undefined;
  /** Asked of signed transactions before their proofs are checked: why one is refused all the same. */
  readonly refuse?: (bytes: Uint8Array, at: number) => LedgerError | undefined;
}

export interface CheckedBatch {
  /** 32 bytes each; zeros where the form is bad. */
  readonly ids: Uint8Array;
  /** Why a transaction is refused; undefined where it is good. */
  readonly refusals: readonly (CodedError | undefined)[];
}

/**
 * Judges what needs no state, for many transactions at once: form, network, that the public key is the signer's, signature,
 * proof. Every peer comes to the same verdicts, whichever engine checks.
 */
export async function checkBatch(batch: BlockBatch, checks: BatchChecks): Promise<CheckedBatch> {
  const refusals: (CodedError | undefined)[] = Array.from({ length: batch.count }, (_, i) =>
    checkForm(batch, i, checks),
  );
  const good = Uint32Array.from(refusals.keys()).filter((i) => refusals[i] === undefined);
  const ids = new Uint8Array(batch.count * HASH_BYTES);
  const part = select(batch, good);
  const partIds = batchIds(part);
  good.forEach((i, at) => {
    ids.set(partIds.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES), i * HASH_BYTES);
  });
  const owners = checkSigners(part);
  const signed = await checkSignatures(part, partIds, checks);
  good.forEach((i, at) => {
    if (owners[at] === 0) refusals[i] = unsigned('the public key is not that of the signer’s address');
    else if (signed[at] !== 1) refusals[i] = unsigned('the signature does not hold');
    else refusals[i] = checks.refuse?.(batch.bytes, batch.offsets[i] as number);
  });
  // Proofs cost a hundred signatures: only those of transactions that somebody has signed, and can pay for.
  const left = good.filter((i) => refusals[i] === undefined);
  const proven = await checkProofs(select(batch, left), checks);
  left.forEach((i, at) => {
    refusals[i] = proven[at];
  });
  return { ids, refusals };
}

function checkForm(batch: BlockBatch, index: number, { network }: BatchChecks): LedgerError | undefined {
  const [start, end] = [batch.offsets[index] as number, batch.offsets[index + 1] as number];
  try {
    checkLayout(batch.bytes, start, end);
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  const at = start + AT.network;
  for (let i = 0; i < NETWORK_BYTES; i += 1) {
    if (batch.bytes[at + i] === network[i]) continue;
    return new LedgerError('LEDGER_TRANSACTION_REFUSED', 'the transaction is for another network', {
      hint: 'zkbazaar ledger status shows the network of this peer',
    });
  }
  return undefined;
}

/** The same memory with only some of the transactions: their offsets and ends no longer meet, so both are kept. */
interface Part extends BlockBatch {
  readonly at: Uint32Array;
}

function select(batch: BlockBatch, indices: Uint32Array): Part {
  const at = indices.map((i) => batch.offsets[i] as number);
  const offsets = new Uint32Array(indices.length + 1);
  offsets.set(at);
  return { ...batch, offsets, count: indices.length, at };
}

/** 1 where the signer's address is that of the public key. */
function checkSigners({ bytes, words, at }: Part): Uint8Array {
  const keys = at.map((start) => start + (words[(start + AT.bodyLength) >> 2] as number));
  const lengths = at.map((start) => KEY_SIZES[bytes[start + AT.algorithm] as SignatureAlgorithm].publicKey);
  const inputs = new Uint8Array(lengths.reduce((sum, length) => sum + 1 + length, 0));
  const starts = new Uint32Array(at.length);
  const ends = new Uint32Array(at.length);
  let next = 0;
  for (let i = 0; i < at.length; i += 1) {
    const [key, length] = [keys[i] as number, lengths[i] as number];
    starts[i] = next;
    inputs[next] = bytes[(at[i] as number) + AT.algorithm] as number;
    inputs.set(bytes.subarray(key, key + length), next + 1);
    next += 1 + length;
    ends[i] = next;
  }
  const hashes = new Uint8Array(at.length * HASH_BYTES);
  hashRanges(ROLES.address, inputs, starts, ends, hashes);
  return Uint8Array.from(at, (start, i) => {
    for (let byte = 0; byte < ADDRESS_BYTES; byte += 1) {
      if (hashes[i * HASH_BYTES + byte] !== bytes[start + AT.signer + byte]) return 0;
    }
    return 1;
  });
}

function checkSignatures(
  { bytes, words, at }: Part,
  ids: Uint8Array,
  { signatures }: BatchChecks,
): Promise<Uint8Array> {
  const publicKeys = at.map((start) => start + (words[(start + AT.bodyLength) >> 2] as number));
  const algorithms = Uint8Array.from(at, (start) => bytes[start + AT.algorithm] as number);
  return signatures.checkTransactions({
    bytes,
    algorithms,
    publicKeys,
    signatures: publicKeys.map((key, i) => key + KEY_SIZES[algorithms[i] as SignatureAlgorithm].publicKey),
    messages: ids,
  });
}

async function checkProofs({ bytes, words, at }: Part, { proofs }: BatchChecks): Promise<(CodedError | undefined)[]> {
  const refusals: (CodedError | undefined)[] = Array.from(at, () => undefined);
  const jobs: ProofJob[] = [];
  const places: number[] = [];
  at.forEach((start, i) => {
    if (((bytes[start + AT.flags] as number) & FLAGS.proof) === 0) return;
    const { proof } = decodeTransaction(bytes.slice(start, start + (words[start >> 2] as number)));
    if (proof === undefined) return;
    jobs.push(proof);
    places.push(i);
  });
  if (jobs.length === 0) return refusals;
  let verdicts: readonly boolean[] = [];
  try {
    verdicts = (await proofs?.check(jobs)) ?? [];
  } catch (error) {
    if (!isCodedError(error)) throw error;
    // The verifier says nothing about the proofs, being full: that is no affair of transactions without one.
    for (const i of places) refusals[i] = error;
    return refusals;
  }
  places.forEach((i, job) => {
    if (verdicts[job] === true) return;
    refusals[i] = unsigned(proofs === undefined ? 'this peer checks no proofs' : 'the proof does not hold');
  });
  return refusals;
}

function unsigned(reason: string): LedgerError {
  return new LedgerError('LEDGER_TRANSACTION_UNSIGNED', reason, {
    hint: 'sign the id of the body with the key of the signer’s address; nothing else may change afterwards',
  });
}
