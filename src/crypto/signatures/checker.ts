import { availableParallelism } from 'node:os';
import { loadNative } from '../../base/native/load.ts';
import { atMost } from './at-most.ts';
import { blockOf, checkLengths, isWhole, lies, type SignedBlock, type SignedItem, select } from './block.ts';
import { nativeEngine, portableEngine } from './ed25519-engines.ts';
import { ED25519, MESSAGE_BYTES, ML_DSA_44, SIGNATURE_ALGORITHM, signedBytes } from './format.ts';
import { verifyMlDsa44, verifyMlDsa44Async } from './ml-dsa.ts';

export interface SignatureChecker {
  /** A verdict per item, 1 for a good signature and 0 for any other; nothing that is in an item makes it reject. */
  checkMany(items: readonly SignedItem[]): Promise<Uint8Array>;
  /**
   * The same for a block. A part that leaves the bytes makes its signature a bad one.
   * @throws RangeError where the arrays differ in length
   */
  checkTransactions(block: SignedBlock): Promise<Uint8Array>;
  /** One signature on the calling thread: some 0.05 ms for Ed25519 with the addon, 0.3 ms else. */
  checkNow(item: SignedItem): boolean;
}

export interface CheckerOptions {
  /** Threads for Ed25519, and half as many as calls under way for all else. Default: as many as there are cores. */
  threads?: number;
  /** Without the addon even where it is there. */
  portable?: boolean;
}

/** Calls on libuv's pool at a time, so that its threads have work while keys are parsed on this one. */
const CALLS_PER_THREAD = 2;

/** Where the ML-DSA-44 part begins in key and signature. */
const ALONE = { publicKey: 0, signature: 0 };
const BEHIND_ED25519 = ED25519;

/** Checks signatures of all algorithms, Ed25519 in batches. Holds no thread between calls, so nothing needs closing. */
export function createSignatureChecker(options: CheckerOptions = {}): SignatureChecker {
  const threads = options.threads ?? availableParallelism();
  const addon = options.portable === true ? undefined : loadNative().addon;
  const ed25519 = addon === undefined ? portableEngine(threads * CALLS_PER_THREAD) : nativeEngine(addon, threads);

  async function checkTransactions(block: SignedBlock): Promise<Uint8Array> {
    checkLengths(block);
    const { algorithms } = block;
    const verdicts = new Uint8Array(algorithms.length);
    const classical: number[] = [];
    const quantum: number[] = [];
    for (let i = 0; i < algorithms.length; i++) {
      if (lies(block, i)) (algorithms[i] === SIGNATURE_ALGORITHM.mlDsa44 ? quantum : classical).push(i);
    }
    await Promise.all([checkEd25519(block, classical, verdicts), checkMlDsa44(block, quantum, ALONE, verdicts)]);
    // The hybrid's expensive half is asked only where the cheap one holds.
    const hybrid = classical.filter((i) => algorithms[i] === SIGNATURE_ALGORITHM.hybrid && verdicts[i] === 1);
    await checkMlDsa44(block, hybrid, BEHIND_ED25519, verdicts);
    return verdicts;
  }

  async function checkEd25519(block: SignedBlock, indices: readonly number[], verdicts: Uint8Array): Promise<void> {
    if (indices.length === 0) return;
    const found = await ed25519.check(select(block, indices));
    indices.forEach((i, position) => {
      verdicts[i] = found[position] ?? 0;
    });
  }

  function checkMlDsa44(
    { bytes, publicKeys, signatures, messages }: SignedBlock,
    indices: readonly number[],
    begin: typeof ALONE,
    verdicts: Uint8Array,
  ): Promise<void> {
    // Few under way at a time: files, the ledger's log among them, wait in the same queue of libuv.
    return atMost(threads * CALLS_PER_THREAD, indices, async (i) => {
      const key = (publicKeys[i] ?? 0) + begin.publicKey;
      const signature = (signatures[i] ?? 0) + begin.signature;
      const good = await verifyMlDsa44Async(
        bytes.subarray(key, key + ML_DSA_44.publicKey),
        signedBytes(messages.subarray(i * MESSAGE_BYTES, (i + 1) * MESSAGE_BYTES)),
        bytes.subarray(signature, signature + ML_DSA_44.signature),
      );
      verdicts[i] = good ? 1 : 0;
    });
  }

  return {
    checkTransactions,
    checkMany: async (items) => checkTransactions(blockOf(items)),
    checkNow(item) {
      if (!isWhole(item)) return false;
      const { algorithm, publicKey, message, signature } = item;
      const signed = signedBytes(message);
      if (algorithm === SIGNATURE_ALGORITHM.mlDsa44) return verifyMlDsa44(publicKey, signed, signature);
      const key = publicKey.subarray(0, ED25519.publicKey);
      const good = ed25519.checkNow(key, message, signature.subarray(0, ED25519.signature));
      if (!good || algorithm === SIGNATURE_ALGORITHM.ed25519) return good;
      return verifyMlDsa44(publicKey.subarray(ED25519.publicKey), signed, signature.subarray(ED25519.signature));
    },
  };
}
