import { CodedError, type ErrorDetails, messageOf } from '../base/errors.ts';
import { StoreErrorCode } from './interface.ts';

export class StoreError extends CodedError {
  declare readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}

/** SQLite's primary result codes (the low byte of an extended one): https://www.sqlite.org/rescode.html */
const BY_RESULT_CODE: Readonly<Record<number, { code: StoreErrorCode; message: string; hint?: string }>> = {
  5: { code: StoreErrorCode.Busy, message: 'the store is busy', hint: 'Try again in a moment.' },
  6: { code: StoreErrorCode.Busy, message: 'the store is busy', hint: 'Try again in a moment.' },
  8: {
    code: StoreErrorCode.Readonly,
    message: 'the store cannot be written',
    hint: 'Check the owner of the data folder.',
  },
  10: { code: StoreErrorCode.Io, message: 'the disk failed', hint: 'Check the disk of the data folder.' },
  11: {
    code: StoreErrorCode.Corrupt,
    message: 'the store is damaged',
    hint: 'Move store.sqlite away and start again: the network brings envelopes back, your own orders come from a backup.',
  },
  13: {
    code: StoreErrorCode.Full,
    message: 'the disk or the store is full',
    hint: 'Free some space, or raise the quota.',
  },
  14: {
    code: StoreErrorCode.Io,
    message: 'the store cannot be opened',
    hint: 'Check the path and owner of the data folder.',
  },
  26: { code: StoreErrorCode.Corrupt, message: 'the file is no store', hint: 'Check the data folder.' },
};

/** Anything that SQLite throws, as a coded error. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const known = BY_RESULT_CODE[resultCode(error) & 0xff];
  if (known) return new StoreError(known.code, known.message, { hint: known.hint, cause: error });
  return new StoreError(StoreErrorCode.Internal, `the store failed: ${messageOf(error)}`, { cause: error });
}

function resultCode(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code : 0;
}
