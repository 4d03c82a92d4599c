/** The verifier's part of the addon. `src/verifier/native-codec.ts` packs what it takes. */
export interface NativeVerifierFace {
  /**
   * Makes verifying keys ready, about a millisecond each; jobs name them by position.
   * @throws NATIVE_BAD_KEY
   */
  createVerifier(packedKeys: Uint8Array[]): NativeVerifier;
}

export interface NativeVerifier {
  /**
   * One outcome byte per job, from threads of its own that end with the call; the process stays alive for it.
   * @param search find each bad proof; else all proofs of a group with a bad one are suspect
   * @throws NATIVE_BAD_JOBS, NATIVE_CANCELLED, NATIVE_SYSTEM (no random bytes, no thread), NATIVE_INTERNAL
   */
  run(packedJobs: Uint8Array, search: boolean, threads: number): Promise<Uint8Array>;
  /** The same on the calling thread, which it blocks. */
  runSync(packedJobs: Uint8Array, search: boolean): Uint8Array;
  /** The same keys; its calls are cancelled apart from those of this one. */
  fork(): NativeVerifier;
  /** Ends the calls under way within milliseconds; later calls are not touched. */
  cancel(): void;
}
