import type { NativeAddon } from '../base/native/interface.ts';
import type { NativeVerifier } from '../base/native/verifier.ts';
import type { Outcome, PairingEngine, PairingJob } from './engine.ts';
import { packJobs, packKey } from './native-codec.ts';
import type { VerifyingKey } from './verifying-key.ts';

/**
 * Bytes above those of `Outcome` stand for jobs that our own checks should have refused: `verdictOf` makes them
 * VERIFIER_INTERNAL, each for itself.
 * @throws RangeError where there is not one outcome per job: a defect of ours
 */
export function readOutcomes(bytes: Uint8Array, count: number): Outcome[] {
  if (bytes.length !== count) throw new RangeError('the addon gave no outcome for each job');
  return Array.from(bytes, (byte) => byte as Outcome);
}

/** @throws Error NATIVE_BAD_KEY; src/verifier has checked more of a key than the addon does */
export function createNativeVerifier(addon: NativeAddon, keys: readonly VerifyingKey[]): NativeVerifier {
  return addon.createVerifier(keys.map(packKey));
}

/** The addon on the calling thread, without one of its own: nothing starts that a short process must wait for. */
export class NativeEngine implements PairingEngine {
  readonly #verifier: NativeVerifier;

  constructor(addon: NativeAddon, keys: readonly VerifyingKey[]) {
    this.#verifier = createNativeVerifier(addon, keys);
  }

  run(jobs: readonly PairingJob[], search = true): Outcome[] {
    return readOutcomes(this.#verifier.runSync(packJobs(jobs), search), jobs.length);
  }

  /** What the addon holds is freed with the object. */
  close(): void {}
}
