import type { NativeVerifier } from '../base/native/verifier.ts';
import type { Outcome, PairingJob } from './engine.ts';
import { deadline, type Lane } from './lane.ts';
import { packJobs } from './native-codec.ts';
import { readOutcomes } from './native-engine.ts';

/** The addon's own thread: it starts with each batch and ends with it. */
export class NativeLane implements Lane {
  readonly #verifier: NativeVerifier;
  readonly #timeoutMs: number;
  #busy = false;

  /** @param verifier of this lane alone */
  constructor(verifier: NativeVerifier, timeoutMs: number) {
    this.#verifier = verifier;
    this.#timeoutMs = timeoutMs;
  }

  get busy(): boolean {
    return this.#busy;
  }

  async run(jobs: readonly PairingJob[], search: boolean): Promise<readonly Outcome[] | undefined> {
    this.#busy = true;
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const inTime = deadline(this.#timeoutMs, () => resolve(undefined));
    try {
      const bytes = await Promise.race([this.#verifier.run(packJobs(jobs), search, 1), late]);
      if (bytes === undefined) this.#verifier.cancel();
      return bytes && readOutcomes(bytes, jobs.length);
    } catch {
      return undefined;
    } finally {
      inTime();
      this.#busy = false;
    }
  }

  async stop(): Promise<void> {
    this.#verifier.cancel();
  }
}
