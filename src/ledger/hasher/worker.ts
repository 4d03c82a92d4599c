import { parentPort, workerData } from 'node:worker_threads';
import { isCodedError, messageOf } from '../../base/errors.ts';
import type { LedgerErrorCode } from '../errors.ts';
import type { HasherAnswer, HasherRequest } from './hasher.ts';
import { HashWork } from './work.ts';

/** The thread behind `hasherThread`: answers each request, in order. */
const work = new HashWork(workerData as number);

parentPort?.on('message', (request: HasherRequest) => {
  parentPort?.postMessage(answer(request));
});

function answer(request: HasherRequest): HasherAnswer {
  try {
    if (request.kind === 'build') return { value: work.build(request.value) };
    if (request.kind === 'hash') return { value: work.hash(request.value) };
    return { value: work.trace(request.value) };
  } catch (error) {
    const code = (isCodedError(error) ? error.code : 'LEDGER_LANE_FAILED') as LedgerErrorCode;
    return { code, message: messageOf(error) };
  }
}
