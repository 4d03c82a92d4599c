import { batchOf } from '../block/batch.ts';
import { HASH_BYTES, MAX_TRANSACTION_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import type { TransactionSummary } from '../ordering/interface.ts';
import { type BatchChecks, checkBatch } from './check-batch.ts';
import { Summariser } from './summarise.ts';

/** Transactions checked in one batch at most, and batches under way at once. */
const BATCH = 2048;
const BATCH_BYTES = 8 * 1024 * 1024;
const UNDER_WAY = 2;
/** Transactions that may wait to be checked. */
const MOST_WAITING = 65_536;
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

type Answer = TransactionSummary | Error;

/** What came in one call. */
interface Job {
  readonly transactions: readonly Uint8Array[];
  readonly answers: Answer[];
  /** Not yet taken into a batch from here on. */
  next: number;
  unanswered: number;
  resolve(answers: Answer[]): void;
}

/** Part of a job, in a batch. */
interface Part {
  readonly job: Job;
  readonly from: number;
  readonly to: number;
}

/**
 * Checks transactions as they come, in batches: what comes while two batches are under way makes the next one, so that
 * one alone does not wait and many share the work.
 */
export class AdmissionQueue {
  readonly #checks: BatchChecks;
  readonly #jobs: Job[] = [];
  #waiting = 0;
  #waitingBytes = 0;
  #underWay = 0;
  #scheduled = false;

  constructor(checks: BatchChecks) {
    this.#checks = checks;
  }

  /**
   * @throws LEDGER_TRANSACTION_INVALID, LEDGER_TRANSACTION_UNSIGNED, LEDGER_TRANSACTION_REFUSED (another network),
   *   LEDGER_MEMPOOL_FULL
   */
  async check(bytes: Uint8Array): Promise<TransactionSummary> {
    const [answer] = await this.checkMany([bytes]);
    if (answer instanceof Error) throw answer;
    return answer as TransactionSummary;
  }

  /** The same for many, which go into as few batches as can be; one answer each. */
  checkMany(transactions: readonly Uint8Array[]): Promise<readonly Answer[]> {
    return new Promise((resolve) => {
      const answers: Answer[] = new Array(transactions.length);
      const good = transactions.filter((bytes, i) => {
        const refusal = this.#refusal(bytes);
        if (refusal !== undefined) answers[i] = refusal;
        return refusal === undefined;
      });
      if (good.length === 0) return resolve(answers);
      const all = good.length === transactions.length;
      const done = all ? resolve : (found: Answer[]) => resolve(filled(answers, found));
      const own = all ? answers : new Array<Answer>(good.length);
      this.#jobs.push({ transactions: good, answers: own, next: 0, unanswered: good.length, resolve: done });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#start();
      });
    });
  }

  /** Why one is not even taken; it waits if there is no reason. */
  #refusal({ length }: Uint8Array): LedgerError | undefined {
    if (length > MAX_TRANSACTION_BYTES) return badLength(`more than ${MAX_TRANSACTION_BYTES} bytes`);
    if (length % 8 !== 0) return badLength('is no multiple of 8');
    if (this.#waiting >= MOST_WAITING || this.#waitingBytes + length > MOST_WAITING_BYTES) {
      const hint = 'send it again in a second';
      return new LedgerError('LEDGER_MEMPOOL_FULL', 'too many transactions wait to be checked', { hint });
    }
    this.#waiting += 1;
    this.#waitingBytes += length;
    return undefined;
  }

  #start(): void {
    while (this.#underWay < UNDER_WAY && this.#jobs.length > 0) {
      const parts = this.#take();
      this.#underWay += 1;
      void this.#run(parts).finally(() => {
        this.#underWay -= 1;
        this.#start();
      });
    }
  }

  /** The next batch. */
  #take(): Part[] {
    const parts: Part[] = [];
    let [bytes, count] = [0, 0];
    let full = false;
    while (!full) {
      const [job] = this.#jobs;
      if (job === undefined) break;
      const from = job.next;
      while (job.next < job.transactions.length) {
        const { length } = job.transactions[job.next] as Uint8Array;
        full = count === BATCH || (count > 0 && bytes + length > BATCH_BYTES);
        if (full) break;
        bytes += length;
        count += 1;
        job.next += 1;
      }
      if (job.next > from) parts.push({ job, from, to: job.next });
      if (job.next === job.transactions.length) this.#jobs.shift();
    }
    this.#waiting -= count;
    this.#waitingBytes -= bytes;
    return parts;
  }

  async #run(parts: readonly Part[]): Promise<void> {
    let answer: (i: number) => Answer;
    try {
      const batch = batchOf(parts.flatMap(({ job, from, to }) => job.transactions.slice(from, to)));
      const { ids, refusals } = await checkBatch(batch, this.#checks);
      const summariser = new Summariser(batch);
      answer = (i) => refusals[i] ?? summariser.summarise(i, ids.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
    } catch (error) {
      answer = () => error as Error;
    }
    let next = 0;
    for (const { job, from, to } of parts) {
      for (let i = from; i < to; i += 1) job.answers[i] = answer(next++);
      job.unanswered -= to - from;
      if (job.unanswered === 0) job.resolve(job.answers);
    }
  }
}

/** The answers that were not there, in their order, into the places that are empty. */
function filled(answers: Answer[], found: readonly Answer[]): Answer[] {
  let next = 0;
  return Array.from(answers, (answer) => answer ?? (found[next++] as Answer));
}

function badLength(text: string): LedgerError {
  return new LedgerError('LEDGER_TRANSACTION_INVALID', `length of the transaction: ${text}`, { where: 'length' });
}
