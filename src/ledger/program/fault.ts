import { BARRED_BEFORE, STATUS } from '../constants.ts';

const HIGHEST = 0xffff;

/**
 * How a program ends early. Faults are made once per status and thrown without a stack, since a hostile transaction
 * may make one each time; only the executor catches them.
 */
export class ProgramFault extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.name = 'ProgramFault';
    this.status = status;
  }
}

const faults = new Map<number, ProgramFault>();

/** The one fault of a status. */
export function faultOf(status: number): ProgramFault {
  let fault = faults.get(status);
  if (fault === undefined) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    fault = new ProgramFault(status);
    Error.stackTraceLimit = limit;
    faults.set(status, fault);
  }
  return fault;
}

/**
 * What a transaction ends with after a program threw. A program that names a status it has no right to (success, those that
 * bar a transaction, more than 16 bits) has crashed, as one has that throws anything but a fault.
 */
export function statusOf(error: unknown): number {
  if (!(error instanceof ProgramFault)) return STATUS.programCrashed;
  const { status } = error;
  return Number.isInteger(status) && status >= BARRED_BEFORE && status <= HIGHEST ? status : STATUS.programCrashed;
}
