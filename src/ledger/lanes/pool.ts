import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/errors.ts';
import { siblingModule } from '../../base/sibling.ts';
import { LedgerError } from '../errors.ts';
import type { SharedState } from '../state/table.ts';
import { BARRIER_WORDS } from './barrier.ts';
import type { LaneDone, LaneJob, LaneStart } from './messages.ts';

/**
 * The threads of the lanes. One block at a time; a lane that dies takes the block with it, since records may be half
 * written: the ledger then stops, and recovers from its log.
 */
export class LanePool {
  readonly #workers: readonly Worker[];
  #failure: LedgerError | undefined;
  #closing = false;
  readonly #fail: (failure: LedgerError) => void;
  readonly #failed: Promise<never>;

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.#failed = promise;
    this.#fail = (failure) => {
      this.#failure ??= failure;
      reject(this.#failure);
    };
    for (const worker of workers) {
      worker.on('error', (error) => this.#fail(laneFailed(messageOf(error))));
      worker.on('exit', () => {
        if (!this.#closing) this.#fail(laneFailed('its thread ended'));
      });
    }
  }

  /** @param programs URL of the module that exports PROGRAMS */
  static async start(state: SharedState, network: Uint8Array, lanes: number, programs: string): Promise<LanePool> {
    const barrier = new SharedArrayBuffer(BARRIER_WORDS * 4);
    const fees = new SharedArrayBuffer(lanes * 8);
    const workers = Array.from({ length: lanes }, (_, lane) => {
      const workerData: LaneStart = { state, lane, lanes, network, programs, barrier, fees };
      return new Worker(siblingModule(import.meta.url, 'worker'), { workerData, execArgv: [] });
    });
    const pool = new LanePool(workers);
    try {
      await Promise.race([pool.#failed, Promise.all(workers.map((worker) => once(worker, 'message')))]);
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  get lanes(): number {
    return this.#workers.length;
  }

  /** Executes a block whose schedule names as many lanes as there are. @throws LEDGER_LANE_FAILED */
  async run(job: LaneJob): Promise<LaneDone[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const answers = this.#workers.map(async (worker) => {
      const [done] = (await once(worker, 'message')) as [LaneDone];
      return done;
    });
    for (const worker of this.#workers) worker.postMessage(job);
    return Promise.race([this.#failed, Promise.all(answers)]);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function laneFailed(reason: string): LedgerError {
  return new LedgerError('LEDGER_LANE_FAILED', `a lane stopped in the middle of a block: ${reason}`, {
    hint: 'start the peer again: it recovers from its log, and nothing acknowledged is lost',
  });
}
