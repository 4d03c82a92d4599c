import { availableParallelism } from 'node:os';
import { chooseEngine } from '../base/native/choose.ts';
import { siblingModule } from '../base/sibling.ts';
import { checkRequest, indexKeys, type KeyIndex, refusal, verdictOf } from './check.ts';
import { Outcome } from './engine.ts';
import { VerifierError, VerifierErrorCode } from './errors.ts';
import { type OnVerdict, type Verdict, VerdictCode, type Verifier, type VerifyRequest } from './interface.ts';
import type { Lane } from './lane.ts';
import { readKeys, type VerifierInit } from './local-verifier.ts';
import { createNativeVerifier } from './native-engine.ts';
import { NativeLane } from './native-lane.ts';
import { isSearchedAtOnce, Suspects, Suspicion, type Waiting } from './suspects.ts';
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
/** Of the queue, in items and bytes: so much may be taken by those who sent bad proofs. */
const SUSPECT_SHARE = 1 / 4;
const PROOF_BYTES = 256;
const SIGNAL_BYTES = 32;

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
 * A batch leaves when 16 wait, when the oldest has waited 25 ms, or at once while no other is being checked: a lone
 * proof gains nothing by waiting, and while it is checked the next batch gathers.
 *
 * Where a batch fails, only the origins that have a bad proof in it wait for the search: everybody else is answered.
 * Their proofs, and for a minute whatever else they send, are suspects: searched in small batches of one origin, by one
 * thread at most, when nothing else waits or a quarter of a second has passed.
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
  readonly #suspicion = new Suspicion(() => performance.now());
  readonly #suspects = new Suspects(() => performance.now());
  #queue: Waiting[] = [];
  /** Accepted and not yet answered, suspects included. */
  #items = 0;
  #bytes = 0;
  /** Batches of the queue under way. */
  #checking = 0;
  /** A batch of suspects is under way. */
  #searching = false;
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
    const verdict = this.#accept(request);
    this.#schedule();
    return verdict;
  }

  verifyBatch(requests: readonly VerifyRequest[], onVerdict?: OnVerdict): Promise<Verdict[]> {
    const verdicts = requests.map(async (request, index) => {
      const verdict = await this.#accept(request);
      onVerdict?.(index, verdict);
      return verdict;
    });
    // The caller has gathered already: waiting for more would only cost time.
    this.#flush();
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
    const { origin } = checked;
    const bytes = bytesFor(checked.job.signals.length);
    const suspect = this.#suspicion.holds(origin);
    const full = this.#items >= this.#maxItems || this.#bytes + bytes > this.#maxBytes;
    // What is searched must not take the room of what is not.
    const overShare =
      this.#suspects.items >= this.#maxItems * SUSPECT_SHARE ||
      this.#suspects.bytes + bytes > this.#maxBytes * SUSPECT_SHARE;
    if (full || (suspect && overShare)) {
      return Promise.resolve(refusal(VerdictCode.Busy, 'too many proofs are waiting; try again later'));
    }
    return new Promise((answer) => {
      this.#items += 1;
      this.#bytes += bytes;
      const waiting = { request: checked, origin, bytes, answer };
      if (suspect) this.#suspects.add(waiting);
      else this.#queue.push(waiting);
    });
  }

  #schedule(): void {
    if (this.#queue.length >= this.#batchItems) this.#dispatch();
    // Not at once but after this turn of the loop, so that what arrives together is checked together.
    else if (this.#checking === 0) this.#soon ??= setImmediate(() => this.#flush());
    if (this.#queue.length > 0) this.#timer ??= setTimeout(() => this.#flush(), this.#batchDelayMs);
  }

  #flush(): void {
    this.#due = true;
    this.#dispatch();
  }

  #dispatch(): void {
    for (let lane = this.#freeLane(); lane !== undefined; lane = this.#freeLane()) {
      const ready = this.#queue.length >= this.#batchItems || (this.#due && this.#queue.length > 0);
      if (!this.#searching && (this.#suspects.overdue || !ready)) {
        const batch = this.#suspects.take();
        if (batch.length > 0) {
          void this.#search(lane, batch);
          continue;
        }
      }
      if (!ready) break;
      const share = Math.ceil(this.#queue.length / this.#lanes.length);
      void this.#check(lane, this.#queue.splice(0, Math.min(Math.max(share, this.#batchItems), MAX_BATCH_ITEMS)));
    }
    if (this.#queue.length > 0) return;
    this.#due = false;
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    this.#timer = undefined;
    this.#soon = undefined;
  }

  #freeLane(): Lane | undefined {
    return this.#lanes.find(({ busy }) => !busy);
  }

  async #check(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    this.#checking += 1;
    await this.#run(lane, batch, isSearchedAtOnce(batch));
    this.#checking -= 1;
    if (this.#checking === 0) this.#due = true;
    this.#dispatch();
  }

  async #search(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    this.#searching = true;
    await this.#run(lane, batch, true);
    this.#searching = false;
    this.#dispatch();
  }

  async #run(lane: Lane, batch: readonly Waiting[], search: boolean): Promise<void> {
    const origins = [...new Set(batch.map(({ origin }) => origin))];
    const jobs = batch.map(({ request, origin }) => ({ ...request.job, group: origins.indexOf(origin) }));
    const outcomes = await lane.run(jobs, search);
    batch.forEach((waiting, i) => {
      const outcome = outcomes?.[i];
      if (outcome === Outcome.Suspect && !search) {
        this.#suspects.add(waiting);
        return;
      }
      if (outcome === Outcome.Failed) this.#suspicion.raise(waiting.origin);
      this.#items -= 1;
      this.#bytes -= waiting.bytes;
      // Where the lane failed, nothing is known about the proof: never "invalid".
      waiting.answer(
        outcomes === undefined
          ? refusal(VerdictCode.Internal, 'a verifier thread failed; nothing is known about this proof')
          : verdictOf(outcome, waiting.request.late),
      );
    });
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
