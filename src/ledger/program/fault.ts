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
