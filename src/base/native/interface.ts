/**
 * What the addon of `native/` offers to Node: kernels, no policy. Coordinates cross as 32 bytes big-endian, scalars as
 * 32 bytes little-endian (as in `.wtns`), a proof as A (64) B (128) C (64 bytes). Errors are `CODE: text`.
 */
import type { NativeVerifierFace } from './verifier.ts';

export interface NativeAddon extends NativeVerifierFace {
  /** Version of this interface; the loader refuses another. */
  abi(): number;
  /** Compiled-in CPU features, such as `adx`; empty for a portable build. */
  cpuFeatures(): string[];
  /** Maps and checks a snarkjs Groth16 proving key over bn128. */
  openProvingKey(path: string, options: OpenProvingKeyOptions): Promise<NativeProvingKey>;
  /** A fresh token for `NativeProveOptions.cancel`. */
  NativeCancel: new () => NativeCancel;
}

export interface OpenProvingKeyOptions {
  /** Lower-case hex SHA-256 that the file must have; left out: whatever it is. */
  sha256?: string | undefined;
  /**
   * Folder of the table cache; left out: no tables. Tables cost seconds to make once and then halve a proof's time.
   */
  tableDirectory?: string | undefined;
  /** Bytes that all tables in the folder may take together; the least recently used go first. */
  tableLimitBytes?: number | undefined;
  /** Make missing tables now. False: use those that are there. Default true. */
  makeTables?: boolean | undefined;
  /** Threads for making tables. */
  threads: number;
}

export interface NativeCancel {
  /** Ends the proof between two steps, within some 20 ms; it then rejects with NATIVE_CANCELLED. */
  cancel(): void;
}

export interface NativeProveOptions {
  /** At least 1. */
  threads: number;
  cancel?: NativeCancel | undefined;
  /** Called with the finished share of the proof, 0 to 1, never falling. */
  onProgress?: ((fraction: number) => void) | undefined;
}

export interface NativeProvingKey {
  readonly wires: number;
  readonly publicSignals: number;
  readonly domainSize: number;
  /** `cached`: read from the folder; `made`: made now; `none`: without. */
  readonly tables: 'cached' | 'made' | 'none';
  /** Why there are no tables although a folder was given, or what was wrong with those found. */
  readonly tablesNote: string | undefined;
  /** Bytes of key and tables that are mapped or loaded. */
  readonly bytes: number;
  /** The key's own verifying part: alpha (64), beta, gamma, delta (128 each), IC (64 each, publicSignals + 1). */
  verifyingPart(): Uint8Array;
  /**
   * @param witness values of all wires; the caller wipes it afterwards and must not change it before
   * @throws NATIVE_WITNESS_LENGTH, NATIVE_WITNESS_RANGE, NATIVE_UNSATISFIED the witness breaks the circuit's rules,
   *   NATIVE_CANCELLED, NATIVE_INTERNAL
   * @returns a proof of 256 bytes, already verified
   */
  prove(witness: Uint8Array, options: NativeProveOptions): Promise<Uint8Array>;
}
