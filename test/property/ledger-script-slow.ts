import type { Operation, Program } from '../../src/ledger/program/interface.ts';
import { PROGRAMS as QUICK } from './ledger-script.ts';

/** The same programs on a machine that stalls: before and after an operation the thread spins or sleeps at random. */
const bed = new Int32Array(new SharedArrayBuffer(4));

function stall(): void {
  const dice = Math.random();
  if (dice < 0.03) Atomics.wait(bed, 0, 0, 0.3);
  if (dice > 0.5) for (const end = performance.now() + (dice - 0.5) * 0.06; performance.now() < end; );
}

function slow(operation: Operation): Operation {
  return {
    ...operation,
    run(context) {
      stall();
      operation.run(context);
      stall();
    },
  };
}

export const PROGRAMS: ReadonlyMap<number, Program> = new Map(
  [...QUICK].map(([id, program]) => {
    const operations = new Map([...program.operations].map(([number, operation]) => [number, slow(operation)]));
    return [id, { ...program, operations }];
  }),
);
