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
import { leastGasLimit } from '../transaction/form-gas.ts';
import { AT, FLAGS, KEY_SIZES } from '../transaction/layout.ts';

export interface BatchChecks {
  readonly network: Uint8Array;
  readonly signatures: SignatureChecker;
  /** Left out: transactions with a proof are refused. */
  readonly proofs: ProofChecker | undefined;
  /**
   * Made for each batch, and asked of its signed transactions in turn before their proofs are checked: why one is refused
   * all the same.
   */
  readonly refusals?: () => (batch: BlockBatch, at: number) => LedgerError | undefined;
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
  const refusals = checkForms(batch, checks);
  const good = indicesOf(refusals);
  const part = select(batch, good);
  const partIds = batchIds(good.length === batch.count ? batch : part);
  const owners = checkSigners(part);
  const signed = await checkSignatures(part, partIds, checks);
  const refuse = checks.refusals?.();
  for (let at = 0; at < good.length; at += 1) {
    const i = good[at] as number;
    if (owners[at] === 0) refusals[i] = unsigned('the public key is not that of the signer’s address');
    else if (signed[at] !== 1) refusals[i] = unsigned('the signature does not hold');
    else refusals[i] = refuse?.(batch, batch.offsets[i] as number);
  }
  // Proofs cost a hundred signatures: only those of transactions that somebody has signed, and can pay for.
  const proving = good.filter((i) => refusals[i] === undefined && carriesProof(batch, i));
  if (proving.length > 0) {
    const proven = await checkProofs(select(batch, proving), checks);
    proving.forEach((i, at) => {
      refusals[i] = proven[at];
    });
  }
  return { ids: spread(partIds, good, batch.count), refusals };
}

/** Hashes of the good ones each in the place of its transaction. */
function spread(hashes: Uint8Array, good: Uint32Array, count: number): Uint8Array {
  if (good.length === count) return hashes;
  const all = new Uint8Array(count * HASH_BYTES);
  good.forEach((i, at) => {
    all.set(hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES), i * HASH_BYTES);
  });
  return all;
}

function checkForms(batch: BlockBatch, checks: BatchChecks): (CodedError | undefined)[] {
  const refusals: (CodedError | undefined)[] = [];
  const view = new DataView(batch.buffer);
  for (let i = 0; i < batch.count; i += 1) refusals.push(checkForm(batch, view, i, checks));
  return refusals;
}

/** Of those that are not refused. */
function indicesOf(refusals: readonly (CodedError | undefined)[]): Uint32Array {
  const indices = new Uint32Array(refusals.length);
  let count = 0;
  for (let i = 0; i < refusals.length; i += 1) if (refusals[i] === undefined) indices[count++] = i;
  return indices.subarray(0, count);
}

function carriesProof({ bytes, offsets }: BlockBatch, i: number): boolean {
  return ((bytes[(offsets[i] as number) + AT.flags] as number) & FLAGS.proof) !== 0;
}

function checkForm(
  batch: BlockBatch,
  view: DataView,
  index: number,
  { network }: BatchChecks,
): LedgerError | undefined {
  const [start, end] = [batch.offsets[index] as number, batch.offsets[index + 1] as number];
  try {
    checkLayout(batch.bytes, start, end, view);
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  const least = leastGasLimit(batch, start);
  const limit = batch.words[(start + AT.gasLimit) >> 2] as number;
  if (limit < least) {
    return new LedgerError(
      'LEDGER_TRANSACTION_INVALID',
      `its gas limit of ${limit} is below ${least}, its room alone`,
      {
        hint: 'give a higher gasLimit, or none: build estimates it; what is not used is not paid for beyond an eighth',
        where: 'gasLimit',
      },
    );
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
function checkSigners({ bytes, words, at, count }: Part): Uint8Array {
  const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)];
  let total = 0;
  for (let i = 0; i < count; i += 1) {
    starts[i] = total;
    total += 1 + KEY_SIZES[algorithmAt(bytes, at[i] as number)].publicKey;
    ends[i] = total;
  }
  const inputs = new Uint8Array(total);
  for (let i = 0; i < count; i += 1) {
    const start = at[i] as number;
    let [next, from] = [starts[i] as number, publicKeyOf(words, start)];
    inputs[next++] = algorithmAt(bytes, start);
    for (const end = ends[i] as number; next < end; next += 1, from += 1) inputs[next] = bytes[from] as number;
  }
  const hashes = new Uint8Array(count * HASH_BYTES);
  hashRanges(ROLES.address, inputs, starts, ends, hashes);
  const hashWords = new Uint32Array(hashes.buffer);
  const owners = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    const [hash, signer] = [(i * HASH_BYTES) >> 2, ((at[i] as number) + AT.signer) >> 2];
    let word = 0;
    while (word < ADDRESS_BYTES / 4 && hashWords[hash + word] === words[signer + word]) word += 1;
    owners[i] = word === ADDRESS_BYTES / 4 ? 1 : 0;
  }
  return owners;
}

function checkSignatures(
  { bytes, words, at, count }: Part,
  ids: Uint8Array,
  { signatures }: BatchChecks,
): Promise<Uint8Array> {
  const algorithms = new Uint8Array(count);
  const publicKeys = new Uint32Array(count);
  const places = new Uint32Array(count);
  for (let i = 0; i < count; i += 1) {
    const start = at[i] as number;
    const [algorithm, key] = [algorithmAt(bytes, start), publicKeyOf(words, start)];
    algorithms[i] = algorithm;
    publicKeys[i] = key;
    places[i] = key + KEY_SIZES[algorithm].publicKey;
  }
  return signatures.checkTransactions({ bytes, algorithms, publicKeys, signatures: places, messages: ids });
}

/** Of a transaction whose form was checked, at a byte of the batch. */
function algorithmAt(bytes: Uint8Array, start: number): SignatureAlgorithm {
  return bytes[start + AT.algorithm] as SignatureAlgorithm;
}

/** Where its public key begins. */
function publicKeyOf(words: Uint32Array, start: number): number {
  return start + (words[(start + AT.bodyLength) >> 2] as number);
}

async function checkProofs({ bytes, words, at }: Part, { proofs }: BatchChecks): Promise<(CodedError | undefined)[]> {
  const refusals: (CodedError | undefined)[] = Array.from(at, () => undefined);
  const jobs: ProofJob[] = [];
  const places: number[] = [];
  at.forEach((start, i) => {
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
