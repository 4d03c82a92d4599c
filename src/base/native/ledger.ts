/**
 * The ledger's part of the addon: hashes and signatures in batches. Views may lie in a SharedArrayBuffer; the caller
 * sees to it that nobody writes to an input, or reads an output, while a call runs. Users take `src/crypto`, which does
 * the same without the addon.
 */
export interface NativeLedgerFace {
  /** Asks the kernel for large pages behind a buffer; whether it took the advice. Contents are not touched. */
  adviseLargePages(buffer: Uint8Array): boolean;
  /**
   * BLAKE3 of `input` into the 32 bytes of `output`; keyed unless the key is null.
   * @throws NATIVE_BAD_INPUTS wrong lengths, or an output that overlaps an input (as below)
   */
  blake3(key: Uint8Array | null, input: Uint8Array, output: Uint8Array): void;
  /** Keyed hashes of inputs of 64 bytes each: `output[32 i..]` is that of `input[64 i..]`. */
  blake3Pairs(key: Uint8Array, input: Uint8Array, output: Uint8Array): void;
  /** Keyed hashes of `bytes[starts[i]..ends[i]]`, 32 bytes each. */
  blake3Ranges(key: Uint8Array, bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array, output: Uint8Array): void;
  /** Root over leaves of 32 bytes each in the shape of RFC 6962; a node is the keyed hash of left || right. */
  blake3MerkleRoot(key: Uint8Array, leaves: Uint8Array, output: Uint8Array): void;
  /**
   * Ed25519 under ZIP 215, keys of small order refused: a verdict per signature, 1 for a good one, from threads that end
   * with the call. The inputs are copied before it returns.
   * @param keys where each key of 32 bytes begins in `bytes`
   * @param signatures where each signature of 64 bytes begins in `bytes`
   * @param messages as many as keys, all of one length; what was signed is `prefix || message`, 1,024 bytes at most
   * @throws NATIVE_BAD_INPUTS at once; the promise rejects with NATIVE_SYSTEM, NATIVE_INTERNAL
   */
  verifyEd25519(
    bytes: Uint8Array,
    keys: Uint32Array,
    signatures: Uint32Array,
    prefix: Uint8Array,
    messages: Uint8Array,
    threads: number,
  ): Promise<Uint8Array>;
  /** The same on the calling thread, which it blocks. */
  verifyEd25519Sync(
    bytes: Uint8Array,
    keys: Uint32Array,
    signatures: Uint32Array,
    prefix: Uint8Array,
    messages: Uint8Array,
  ): Uint8Array;
}
