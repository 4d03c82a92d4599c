import { chooseEngine, type EngineChoice } from '../base/native/choose.ts';
import { type CheckedRequest, checkRequest, indexKeys, type KeyIndex, refusal, verdictOf } from './check.ts';
import type { PairingEngine } from './engine.ts';
import { type OnVerdict, type Verdict, VerdictCode, type Verifier, type VerifyRequest } from './interface.ts';
import { NativeEngine } from './native-engine.ts';
import { type NamedVerifyingKey, readVerifyingKey } from './verifying-key.ts';

export interface VerifierInit {
  /** The allow-list: the bytes of each `verifying-key.json`. */
  readonly keys: readonly Uint8Array[];
  /** Default `auto`: the addon where it is there. */
  readonly engine?: EngineChoice | undefined;
}

/**
 * Keys in order, each once.
 * @throws VerifierError VERIFIER_BAD_KEY, VERIFIER_UNSOUND_KEY
 */
export function readKeys(files: readonly Uint8Array[]): NamedVerifyingKey[] {
  return [...new Map(files.map((bytes) => readVerifyingKey(bytes)).map((named) => [named.id, named])).values()];
}

/**
 * The engine of a choice, on the calling thread. mcl is loaded only where it is used.
 * @throws CodedError ENGINE_NOT_THERE
 */
export async function createEngine(
  keys: readonly NamedVerifyingKey[],
  choice: EngineChoice | undefined,
): Promise<PairingEngine> {
  const { addon } = chooseEngine(choice);
  const bare = keys.map(({ key }) => key);
  if (addon !== undefined) return new NativeEngine(addon, bare);
  const { createMclEngine } = await import('./mcl-engine.ts');
  return createMclEngine(bare);
}

/** A verifier on the calling thread, which it blocks: for commands and tests; a peer uses the pool. */
export class LocalVerifier implements Verifier {
  readonly #keys: KeyIndex;
  readonly #engine: PairingEngine;
  #closed = false;

  /** `engine` has the same keys in the same order. */
  constructor(keys: readonly NamedVerifyingKey[], engine: PairingEngine) {
    this.#keys = indexKeys(keys);
    this.#engine = engine;
  }

  async verify(request: VerifyRequest): Promise<Verdict> {
    const [verdict] = await this.verifyBatch([request]);
    return verdict ?? refusal(VerdictCode.Internal, 'no verdict');
  }

  async verifyBatch(requests: readonly VerifyRequest[], onVerdict?: OnVerdict): Promise<Verdict[]> {
    const verdicts = this.#judge(requests);
    verdicts.forEach((verdict, index) => {
      onVerdict?.(index, verdict);
    });
    return verdicts;
  }

  #judge(requests: readonly VerifyRequest[]): Verdict[] {
    if (this.#closed) return requests.map(() => refusal(VerdictCode.Closed, 'the verifier is closed'));
    const checked = requests.map((request) => checkRequest(request, this.#keys));
    const passed = checked.filter((result): result is CheckedRequest => 'job' in result);
    let verdicts: Verdict[];
    try {
      const outcomes = this.#engine.run(passed.map(({ job }) => job));
      verdicts = passed.map(({ late }, i) => verdictOf(outcomes[i], late));
    } catch {
      verdicts = passed.map(() => refusal(VerdictCode.Internal, 'the engine failed'));
    }
    let next = 0;
    return checked.map((result) =>
      'verdict' in result ? result.verdict : (verdicts[next++] ?? refusal(VerdictCode.Internal, 'no verdict')),
    );
  }

  canAcceptWork(): boolean {
    return !this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#engine.close();
  }
}

/**
 * A verifier on the calling thread.
 * @throws VerifierError VERIFIER_BAD_KEY, VERIFIER_UNSOUND_KEY where a key is refused;
 * CodedError ENGINE_NOT_THERE
 * @example
 * const verifier = await createVerifier({ keys: [await readFile('verifying-key.json')] });
 * const { valid, code } = await verifier.verify({ verifyingKey, proof, publicSignals });
 */
export async function createVerifier({ keys: files, engine }: VerifierInit): Promise<Verifier> {
  const keys = readKeys(files);
  return new LocalVerifier(keys, await createEngine(keys, engine));
}
