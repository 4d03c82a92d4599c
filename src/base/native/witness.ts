/** The witness part of the addon. `src/prover/graph-witness.ts` packs what it takes. */
export interface NativeWitnessFace {
  /**
   * Checks and plans a witness graph (`src/artifacts/graph`), some 10 ms.
   * @param bytes plain, not Brotli
   * @throws NATIVE_FORMAT_INVALID
   */
  openWitnessGraph(bytes: Uint8Array): Promise<NativeWitnessGraph>;
}

/** An input signal: the 64-bit FNV-1a hash of its name, and how many values it has. */
export interface NativeWitnessSignal {
  hash: bigint;
  size: number;
}

/** Holds no secret between two calls. */
export interface NativeWitnessGraph {
  /** Number of wires. */
  readonly wires: number;
  /** In the order in which `evaluate` takes their values. */
  signals(): NativeWitnessSignal[];
  /**
   * Some 5 ms on another thread, one call at a time.
   * @param inputs 32 bytes little-endian a value, canonical; copied before the call returns
   * @returns 32 bytes little-endian a wire, for the caller to wipe; null if an assertion of the circuit fails
   * @throws NATIVE_INPUTS_INVALID, NATIVE_INTERNAL
   */
  evaluate(inputs: Uint8Array): Promise<Uint8Array | null>;
}
