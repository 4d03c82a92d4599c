import { toHex } from '../../base/bytes.ts';
import { batchOf } from '../block/batch.ts';
import { ADDRESS_BYTES, HASH_BYTES, KEY_BYTES, MAX_TRANSACTION_BYTES } from '../constants.ts';
import { LedgerError } from '../errors.ts';
import type { TransactionSummary } from '../ordering/interface.ts';
import { AT, FLAGS } from '../transaction/layout.ts';
import { type BatchChecks, checkBatch } from './check-batch.ts';

/** Transactions checked in one batch at most, and batches under way at once. */
const BATCH = 2048;
const BATCH_BYTES = 8 * 1024 * 1024;
const UNDER_WAY = 2;
/** Transactions that may wait to be checked. */
const MOST_WAITING = 65_536;
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

interface Waiting {
  readonly bytes: Uint8Array;
  resolve(summary: TransactionSummary): void;
  reject(error: Error): void;
}

/**
 * Checks transactions as they come, in batches: what comes while two batches are under way makes the next one, so that
 * one alone does not wait and many share the work.
 */
export class AdmissionQueue {
  readonly #checks: BatchChecks;
  #waiting: Waiting[] = [];
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
  check(bytes: Uint8Array): Promise<TransactionSummary> {
    if (bytes.length > MAX_TRANSACTION_BYTES) {
      const text = `length of the transaction: more than ${MAX_TRANSACTION_BYTES} bytes`;
      return Promise.reject(new LedgerError('LEDGER_TRANSACTION_INVALID', text, { where: 'length' }));
    }
    if (this.#waiting.length >= MOST_WAITING || this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      const hint = 'send it again in a second';
      return Promise.reject(
        new LedgerError('LEDGER_MEMPOOL_FULL', 'too many transactions wait to be checked', { hint }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      this.#waitingBytes += bytes.length;
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#start();
      });
    });
  }

  #start(): void {
    while (this.#underWay < UNDER_WAY && this.#waiting.length > 0) {
      const taken = this.#take();
      this.#underWay += 1;
      void this.#run(taken).finally(() => {
        this.#underWay -= 1;
        this.#start();
      });
    }
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes.length;
      if (count === BATCH || (count > 0 && bytes > BATCH_BYTES)) break;
      count += 1;
    }
    const taken = this.#waiting.splice(0, count);
    for (const waiting of taken) this.#waitingBytes -= waiting.bytes.length;
    return taken;
  }

  async #run(taken: readonly Waiting[]): Promise<void> {
    const whole = taken.filter(({ bytes, reject }) => {
      if (bytes.length % 8 === 0) return true;
      const text = 'length of the transaction: is no multiple of 8';
      reject(new LedgerError('LEDGER_TRANSACTION_INVALID', text, { where: 'length' }));
      return false;
    });
    try {
      const { ids, refusals } = await checkBatch(batchOf(whole.map(({ bytes }) => bytes)), this.#checks);
      whole.forEach(({ bytes, resolve, reject }, i) => {
        const refusal = refusals[i];
        if (refusal === undefined) resolve(summaryOf(bytes, ids.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
        else reject(refusal);
      });
    } catch (error) {
      for (const { reject } of whole) reject(error as Error);
    }
  }
}

/** What ordering needs of a transaction whose form was checked. */
function summaryOf(bytes: Uint8Array, id: Uint8Array): TransactionSummary {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const writes = bytes[AT.writes] ?? 0;
  return {
    id,
    signer: toHex(bytes.subarray(AT.signer, AT.signer + ADDRESS_BYTES)),
    sequence: view.getBigUint64(AT.sequence, true),
    tagged: ((bytes[AT.flags] ?? 0) & FLAGS.tag) !== 0,
    gasPrice: view.getBigUint64(AT.gasPrice, true),
    gasLimit: view.getUint32(AT.gasLimit, true),
    validFrom: view.getBigUint64(AT.validFrom, true),
    validUntil: view.getBigUint64(AT.validUntil, true),
    byteLength: bytes.length,
    keys: writes + (bytes[AT.reads] ?? 0) + (bytes[AT.credits] ?? 0) + 2,
    writeKeys: Array.from({ length: writes }, (_, i) => {
      return toHex(bytes.subarray(AT.keys + i * KEY_BYTES, AT.keys + (i + 1) * KEY_BYTES));
    }),
  };
}
