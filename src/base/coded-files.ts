import { type CodedError, type ErrorDetails, isCodedError } from './errors.ts';
import { FileErrorCode } from './private-file.ts';

/** A folder's own codes for what can happen to its files. */
export interface FileCodes {
  notFound: string;
  badFile: string;
  busy: string;
  unlockFailed: string;
}

type ErrorClass = new (code: string, message: string, details?: ErrorDetails) => CodedError;

/** Runs `work` and turns what the file layer throws, and what the operating system does, into the caller's own error. */
export async function withFileCodes<T>(Failure: ErrorClass, codes: FileCodes, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isCodedError(error)) {
      const code = codeFor(error.code, codes);
      if (code === undefined) throw error;
      throw new Failure(code, error.message, { hint: error.hint, where: error.where });
    }
    const systemCode = (error as NodeJS.ErrnoException | undefined)?.code;
    if (typeof systemCode !== 'string' || !/^E[A-Z0-9]+$/.test(systemCode)) throw error;
    throw new Failure(codes.badFile, `the file system answered ${systemCode}`);
  }
}

function codeFor(code: string, codes: FileCodes): string | undefined {
  if (code === FileErrorCode.NotFound) return codes.notFound;
  if (code === FileErrorCode.Locked) return codes.busy;
  if (code === FileErrorCode.UnlockFailed) return codes.unlockFailed;
  return code.startsWith('FILE_') ? codes.badFile : undefined;
}
