import type { Program } from '../../../../src/ledger/program/interface.ts';

/** A program that takes its thread with it, which no program of the ledger's could. Operation 1 does nothing. */
const dying: Program = {
  id: 9,
  name: 'dying',
  spaces: [],
  operations: new Map([
    [0, { name: 'die', gas: 1, run: () => process.exit(3) }],
    [1, { name: 'rest', gas: 1, run: () => undefined }],
  ]),
  statuses: {},
};

export const PROGRAMS: ReadonlyMap<number, Program> = new Map([[dying.id, dying]]);
