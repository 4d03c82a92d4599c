import { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/errors.ts';
import { siblingModule } from '../../base/sibling.ts';
import { LedgerError, type LedgerErrorCode } from '../errors.ts';
import { type Hasher, type HashJob, HashWork, type Roots } from './work.ts';

export type HasherRequest =
  | { readonly kind: 'build'; readonly value: Parameters<HashWork['build']>[0] }
  | { readonly kind: 'hash'; readonly value: HashJob }
  | { readonly kind: 'trace'; readonly value: Uint8Array };

export type HasherAnswer = { readonly value: unknown } | { readonly code: LedgerErrorCode; readonly message: string };

/** On the calling thread: for small ledgers and for tests. */
export function hasherHere(capacity: number): Hasher {
  const work = new HashWork(capacity);
  return {
    build: async (records) => work.build(records),
    hash: async (job) => work.hash(job),
    trace: async (path) => work.trace(path),
    close: async () => undefined,
  };
}

/** On a thread of its own, so that hashing a block overlaps with the execution of the next. */
export function hasherThread(capacity: number): Hasher {
  const worker = new Worker(siblingModule(import.meta.url, 'worker'), { workerData: capacity, execArgv: [] });
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  let failure: LedgerError | undefined;
  const fail = (reason: string) => {
    failure ??= new LedgerError('LEDGER_LANE_FAILED', `the thread that hashes the state stopped: ${reason}`, {
      hint: 'start the peer again: it recovers from its log, and nothing acknowledged is lost',
    });
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.on('error', (error) => fail(messageOf(error)));
  worker.on('exit', () => fail('its thread ended'));
  worker.on('message', (answer: HasherAnswer) => {
    const next = waiting.shift();
    if ('code' in answer) next?.reject(new LedgerError(answer.code, answer.message));
    else next?.resolve(answer.value);
  });
  const call = (request: HasherRequest): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) return reject(failure);
      waiting.push({ resolve, reject });
      worker.postMessage(request);
    });
  return {
    build: async (value) => (await call({ kind: 'build', value })) as Uint8Array,
    hash: async (value) => (await call({ kind: 'hash', value })) as Roots,
    trace: async (value) => (await call({ kind: 'trace', value })) as ReturnType<HashWork['trace']>,
    close: async () => {
      await worker.terminate();
    },
  };
}
