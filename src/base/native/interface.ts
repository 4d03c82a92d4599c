/**
 * What the addon of `native/` offers to Node: kernels, no policy. Coordinates cross as 32 bytes big-endian, scalars as
 * 32 bytes little-endian (as in `.wtns`), a proof as A (64) B (128) C (64 bytes). Errors are `CODE: text`.
 */
import type { NativeLedgerFace } from './ledger.ts';
import type { NativeVerifierFace } from './verifier.ts';
import type { NativeWitnessFace } from './witness.ts';

export interface NativeAddon extends NativeVerifierFace, NativeWitnessFace, NativeLedgerFace {
  /** Version of this interface; the loader refuses another. */
  abi(): number;
  /** CPU features that the addon was compiled for, such as `adx`; empty for a portable build. */
  cpuFeatures(): string[];
  /**
   * Maps and checks a snarkjs Groth16 proving key over bn128, and opens its tables where they are.
   * @throws NATIVE_FILE_UNREADABLE, NATIVE_FORMAT_INVALID, NATIVE_PROTOCOL_UNSUPPORTED, NATIVE_CURVE_UNSUPPORTED
   */
  openProvingKey(path: string, options: OpenProvingKeyOptions): Promise<NativeProvingKey>;
  NativeCancel: new () => NativeCancel;
  /**
   * circomlib's Poseidon of 1 to 16 values below r, 32 bytes little-endian each; on the calling thread, within 0.1 ms.
   * @throws NATIVE_BAD_INPUTS
   */
  poseidon(inputs: Uint8Array): Uint8Array;
}

export interface OpenProvingKeyOptions {
  /** Folder of the table cache; left out: no tables. */
  tableDirectory?: string | undefined;
  /** For checking key and tables. */
  threads: number;
}

export interface MakeTablesOptions {
  directory: string;
  /** Bytes that all tables in the folder may take together; the least recently used go first. */
  limitBytes: number;
  threads: number;
}

/** Ends the calls that were given it, between two steps, within some 20 ms; they reject with NATIVE_CANCELLED. */
export interface NativeCancel {
  cancel(): void;
}

export interface NativeProvingKey {
  readonly wires: number;
  readonly publicSignals: number;
  readonly domainSize: number;
  readonly hasTables: boolean;
  /** Why there were no tables when the key was opened: none made yet, damaged (then removed), of another key. */
  readonly tablesNote: string | null;
  /** Bytes of key and tables that are mapped. */
  readonly mappedBytes: number;
  /** The key's own verifying part: alpha (64), beta, gamma, delta (128 each), IC (64 each, publicSignals + 1). */
  verifyingPart(): Uint8Array;
  /**
   * Makes tables of shifted bases, seconds of work, which then save a third of every proof. Does nothing if they are there.
   * @throws NATIVE_TABLE_LIMIT, NATIVE_TABLE_UNWRITABLE, NATIVE_CANCELLED
   */
  makeTables(options: MakeTablesOptions, cancel?: NativeCancel): Promise<void>;
  /**
   * @param witness a `.wtns` file or its bare values; the caller must not change it before the end, and wipes it then
   * @param onProgress called with the finished share of the proof, 0 to 1, never falling
   * @throws NATIVE_FORMAT_INVALID, NATIVE_WITNESS_LENGTH, NATIVE_WITNESS_RANGE, NATIVE_UNSATISFIED the witness breaks the
   *   circuit's rules, NATIVE_CANCELLED, NATIVE_INTERNAL
   * @returns a proof of 256 bytes, already verified
   */
  prove(
    witness: Uint8Array,
    threads: number,
    cancel?: NativeCancel,
    onProgress?: (fraction: number) => void,
  ): Promise<Uint8Array>;
}
