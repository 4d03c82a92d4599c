import { availableParallelism } from 'node:os';
import { chooseEngine } from '../base/native/choose.ts';
import { siblingModule } from '../base/sibling.ts';
import { type CheckedRequest, checkRequest, indexKeys, type KeyIndex, refusal, verdictOf } from './check.ts';
import { VerifierError, VerifierErrorCode } from './errors.ts';
import { type Verdict, VerdictCode, type Verifier, type VerifyRequest } from './interface.ts';
import type { Lane } from './lane.ts';
import { readKeys, type VerifierInit } from './local-verifier.ts';
import { createNativeVerifier } from './native-engine.ts';
import { NativeLane } from './native-lane.ts';
import type { NamedVerifyingKey } from './verifying-key.ts';
import { WorkerThread } from './worker-thread.ts';

export interface VerifierPoolInit extends VerifierInit {
  /** Threads; default: one per core, at most 4, since gossip's own work needs the rest. */
  readonly workers?: number | undefined;
  /** Requests accepted and not yet answered. Default 1024: two seconds of one worker, well inside gossip's 12 s memory. */
  readonly maxQueueItems?: number | undefined;
  /** The same in bytes of proofs and signals. Default 1 MiB: four times what 1024 proofs of our largest circuit need. */
  readonly maxQueueBytes?: number | undefined;
  /** As many waiting requests make a batch. Default 16: 1.8 ms a proof where one alone takes 5 and 256 take 1.4. */
  readonly batchItems?: number | undefined;
  /** Longest wait for a batch to fill while workers are busy with others. Default 25. */
  readonly batchDelayMs?: number | undefined;
  /** A batch that takes longer counts as a crash. Default 30,000: a hundred times the slowest batch. */
  readonly timeoutMs?: number | undefined;
  /** The module that worker threads run, whatever `engine` says. */
  readonly workerModule?: URL | undefined;
}

const MAX_WORKERS = 4;
/** Largest batch, when many wait: above it a proof gets 5 % cheaper, and everybody in it waits 0.1 s longer. */
const MAX_BATCH_ITEMS = 64;
const PROOF_BYTES = 256;
const SIGNAL_BYTES = 32;

interface Waiting {
  readonly request: CheckedRequest;
  readonly bytes: number;
  readonly answer: (verdict: Verdict) => void;
}

const bytesFor = (signalCount: number): number => PROOF_BYTES + SIGNAL_BYTES * signalCount;

/**
 * Threads for batches: the addon's own, or worker threads that run mcl.
 * @throws CodedError ENGINE_NOT_THERE
 */
function createLanes(keys: readonly NamedVerifyingKey[], init: Omit<VerifierPoolInit, 'keys'>): Lane[] {
  const workers = positive('workers', init.workers ?? Math.min(availableParallelism(), MAX_WORKERS));
  const timeoutMs = positive('timeoutMs', init.timeoutMs ?? 30_000);
  const bare = keys.map(({ key }) => key);
  const addon = init.workerModule === undefined ? chooseEngine(init.engine).addon : undefined;
  if (addon !== undefined) {
    const verifier = createNativeVerifier(addon, bare);
    return Array.from({ length: workers }, () => new NativeLane(verifier.fork(), timeoutMs));
  }
  const module = init.workerModule ?? siblingModule(import.meta.url, 'worker');
  return Array.from({ length: workers }, () => new WorkerThread(module, { keys: bare }, timeoutMs));
}

/**
 * Verifies on other threads. Cheap checks run at once on the caller's thread; what passes waits for a batch.
 * A batch leaves when 16 wait, when the oldest has waited 25 ms, or at once while no worker has anything to do: a lone
 * proof gains nothing by waiting, and while it is checked the next batch gathers.
 */
export class VerifierPool implements Verifier {
  readonly #keys: KeyIndex;
  readonly #lanes: Lane[];
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #batchItems: number;
  readonly #batchDelayMs: number;
  /** Bytes of the largest request that can be accepted. */
  readonly #largestBytes: number;
  #queue: Waiting[] = [];
  /** Accepted and not yet answered. */
  #items = 0;
  #bytes = 0;
  /** The oldest has waited long enough: everything that waits may leave. */
  #due = false;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(keys: readonly NamedVerifyingKey[], init: Omit<VerifierPoolInit, 'keys'> = {}) {
    this.#maxItems = positive('maxQueueItems', init.maxQueueItems ?? 1024);
    this.#maxBytes = positive('maxQueueBytes', init.maxQueueBytes ?? 2 ** 20);
    this.#batchItems = Math.min(positive('batchItems', init.batchItems ?? 16), MAX_BATCH_ITEMS);
    this.#batchDelayMs = positive('batchDelayMs', init.batchDelayMs ?? 25);
    this.#keys = indexKeys(keys);
    this.#largestBytes = Math.max(...keys.map(({ key }) => bytesFor(key.ic.length - 1)), bytesFor(0));
    this.#lanes = createLanes(keys, init);
  }

  verify(request: VerifyRequest): Promise<Verdict> {
    return this.#accept(request);
  }

  verifyBatch(requests: readonly VerifyRequest[]): Promise<Verdict[]> {
    const verdicts = requests.map((request) => this.#accept(request));
    // The caller has gathered already: waiting for more would only cost time.
    if (this.#queue.length > 0) this.#flush();
    return Promise.all(verdicts);
  }

  canAcceptWork(): boolean {
    return (
      this.#closing === undefined && this.#items < this.#maxItems && this.#bytes + this.#largestBytes <= this.#maxBytes
    );
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #accept(request: VerifyRequest): Promise<Verdict> {
    if (this.#closing !== undefined) return Promise.resolve(refusal(VerdictCode.Closed, 'the verifier is closed'));
    const checked = checkRequest(request, this.#keys);
    if ('verdict' in checked) return Promise.resolve(checked.verdict);
    const bytes = bytesFor(checked.job.signals.length);
    if (this.#items >= this.#maxItems || this.#bytes + bytes > this.#maxBytes) {
      return Promise.resolve(refusal(VerdictCode.Busy, 'too many proofs are waiting; try again later'));
    }
    return new Promise((answer) => {
      this.#items += 1;
      this.#bytes += bytes;
      this.#queue.push({ request: checked, bytes, answer });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#queue.length >= this.#batchItems) this.#dispatch();
    // Not at once but after this turn of the loop, so that what arrives together is checked together.
    else if (this.#lanes.every(({ busy }) => !busy)) this.#soon ??= setImmediate(() => this.#flush());
    if (this.#queue.length > 0) this.#timer ??= setTimeout(() => this.#flush(), this.#batchDelayMs);
  }

  #flush(): void {
    this.#due = true;
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#queue.length >= this.#batchItems || (this.#due && this.#queue.length > 0)) {
      const lane = this.#lanes.find(({ busy }) => !busy);
      if (lane === undefined) break;
      const share = Math.ceil(this.#queue.length / this.#lanes.length);
      const batch = this.#queue.splice(0, Math.min(Math.max(share, this.#batchItems), MAX_BATCH_ITEMS));
      void this.#run(lane, batch);
    }
    if (this.#queue.length > 0) return;
    this.#due = false;
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    this.#timer = undefined;
    this.#soon = undefined;
  }

  async #run(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    const outcomes = await lane.run(batch.map(({ request }) => request.job));
    batch.forEach(({ request, bytes, answer }, i) => {
      this.#items -= 1;
      this.#bytes -= bytes;
      // Where the worker crashed, nothing is known about the proof: never "invalid".
      answer(
        outcomes === undefined
          ? refusal(VerdictCode.Internal, 'a verifier worker failed; nothing is known about this proof')
          : verdictOf(outcomes[i], request.late),
      );
    });
    if (this.#lanes.every(({ busy }) => !busy)) this.#due = true;
    this.#dispatch();
    if (this.#items === 0) this.#drained?.();
  }

  async #close(): Promise<void> {
    this.#flush();
    if (this.#items > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new VerifierError(VerifierErrorCode.BadOption, `${name} must be a positive integer`, { where: name });
}

/**
 * A verifier on other threads, which start when they are first needed.
 * @throws VerifierError VERIFIER_BAD_KEY, VERIFIER_UNSOUND_KEY where a key is refused; VERIFIER_BAD_OPTION;
 * CodedError ENGINE_NOT_THERE
 */
export function createVerifierPool({ keys, ...init }: VerifierPoolInit): Verifier {
  return new VerifierPool(readKeys(keys), init);
}
