import { isDecided, type Verdict, type Verifier, type VerifyRequest } from '../verifier/interface.ts';
import { VERIFIER_RETRY_MS } from './constants.ts';
import { GossipError } from './errors.ts';

interface Waiting {
  request: VerifyRequest;
  resolve: (verdict: Verdict) => void;
  reject: (error: unknown) => void;
}

export interface BatcherInit {
  batchSize: number;
  batchDelayMs: number;
}

/**
 * Gathers proofs for the verifier. A batch leaves when it is full, when its oldest has waited long enough, or at once
 * while nothing is being verified: a lone proof gains nothing by waiting, and the next batch gathers meanwhile.
 */
export class Batcher {
  readonly #verifier: Verifier;
  readonly #size: number;
  readonly #delayMs: number;
  #waiting: Waiting[] = [];
  #running = 0;
  #due = false;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  /** Proofs handed to the verifier and not answered. */
  verifying = 0;
  batches = 0;
  batchedProofs = 0;

  constructor(verifier: Verifier, init: BatcherInit) {
    this.#verifier = verifier;
    this.#size = init.batchSize;
    this.#delayMs = init.batchDelayMs;
  }

  /** The verdict on one proof. @throws GossipError GOSSIP_VERIFIER_FAILED where there is none */
  verify(request: VerifyRequest): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      // What arrives in the same turn of the event loop goes together.
      this.#soon ??= setImmediate(() => {
        this.#soon = undefined;
        this.#pump();
      });
    });
  }

  /** Answers whoever still waits. */
  stop(error: GossipError): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #pump(): void {
    while (this.#waiting.length > 0) {
      if (this.#running > 0 && this.#waiting.length < this.#size && !this.#due) {
        this.#wake(this.#delayMs, true);
        return;
      }
      if (!this.#verifier.canAcceptWork()) {
        this.#wake(VERIFIER_RETRY_MS, this.#due);
        return;
      }
      void this.#run(this.#waiting.splice(0, this.#size));
      this.#due = false;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  #wake(ms: number, due: boolean): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#due = due;
      this.#pump();
    }, ms);
  }

  async #run(batch: Waiting[]): Promise<void> {
    this.#running++;
    this.verifying += batch.length;
    this.batches++;
    this.batchedProofs += batch.length;
    const answer = (index: number, verdict: Verdict | undefined): void => {
      if (verdict !== undefined && isDecided(verdict)) batch[index]?.resolve(verdict);
      else batch[index]?.reject(failed(verdict?.code ?? 'no verdict'));
    };
    try {
      // Each as soon as it is known: a bad proof of one peer must not hold up those of others.
      const verdicts = await this.#verifier.verifyBatch(
        batch.map(({ request }) => request),
        answer,
      );
      batch.forEach((_, index) => {
        answer(index, verdicts[index]);
      });
    } catch {
      for (const { reject } of batch) reject(failed('it threw'));
    } finally {
      this.#running--;
      this.verifying -= batch.length;
      this.#pump();
    }
  }
}

function failed(why: string): GossipError {
  return new GossipError('GOSSIP_VERIFIER_FAILED', `the verifier gave no verdict (${why})`);
}
