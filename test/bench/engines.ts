/** Which of our engines there are on this machine. One that is missing is said to be, and never given a figure. */
import { loadNative } from '../../src/base/native/load.ts';

export type EngineName = 'native' | 'wasm';

/** Why there is no native prover here; undefined if there is one. */
export function nativeProverMissing(): string | undefined {
  const { addon, reason } = loadNative();
  if (addon === undefined) return reason;
  return typeof addon.openProvingKey === 'function' ? undefined : 'the addon was built without a prover';
}

/** Why there is no native verifier here; undefined if there is one. */
export function nativeVerifierMissing(): string | undefined {
  return loadNative().reason;
}
