import { messageOf } from '../../base/errors.ts';
import { LedgerError } from '../errors.ts';

/** A frame that is not as it was written. `recover.ts` decides whether it is a torn tail or corruption. */
export class FrameFault extends Error {
  readonly offset: number;
  readonly kind: 'short' | 'head' | 'payload';
  /** Where the frame would end; the offset where that cannot be told. */
  readonly end: number;

  constructor(kind: FrameFault['kind'], offset: number, end: number, what: string) {
    super(what);
    this.kind = kind;
    this.offset = offset;
    this.end = end;
  }
}

const RESTORE =
  'restore the file from a copy or start over from a snapshot and a peer; the log is the truth, so it is not mended by guessing';

/** @param height first height that cannot be read */
export function corrupt(file: string, offset: number, height: bigint, what: string, hint = RESTORE): LedgerError {
  return new LedgerError('LEDGER_LOG_CORRUPT', `${file}, byte ${offset}, height ${height}: ${what}`, {
    where: `${file}:${offset}`,
    hint,
  });
}

/** Errors after which taking the bytes back leaves a sound log: there was no room, or no right. */
const ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE']);

/** Whether a failed fdatasync may be tried again; after any other one the kernel may have dropped what it could not write. */
export function leavesRoom(error: unknown): boolean {
  return ROOM.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

export function unwritable(error: unknown, doing: string, broken = false): LedgerError {
  if (error instanceof LedgerError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const hint = broken
    ? 'see to the disk, then open the log again: what was acknowledged is read back and checked'
    : 'make room or give back the right to write; the log holds nothing of what failed and goes on from there';
  return new LedgerError('LEDGER_LOG_UNWRITABLE', `${doing}: ${code ?? messageOf(error)}`, { hint, cause: error });
}
