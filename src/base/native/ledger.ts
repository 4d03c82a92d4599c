/**
 * The ledger's part of the addon: hashes and signatures in batches. Views may lie in a SharedArrayBuffer; the caller
 * sees to it that nobody writes to an input, or reads an output, while a call runs. Users take `src/crypto`, which does
 * the same without the addon.
 */
export interface NativeLedgerFace {
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
}
