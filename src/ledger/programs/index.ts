import { PROGRAM_STATUS, STATUS } from '../constants.ts';
import type { Program } from '../program/interface.ts';
import { describeAssets } from './assets/describe.ts';
import { assets } from './assets/program.ts';
import { describeEscrow } from './escrow/describe.ts';
import { escrow } from './escrow/program.ts';
import { describeLending } from './lending/describe.ts';
import { lending } from './lending/program.ts';
import { describeNft } from './nft/describe.ts';
import { nft } from './nft/program.ts';
import { describeProvenance } from './provenance/describe.ts';
import { provenance } from './provenance/program.ts';
import { type Describe, type Fields, RecordView } from './record-view.ts';
import { describeSettlement } from './settlement/describe.ts';
import { settlement } from './settlement/program.ts';
import { describeVote } from './vote/describe.ts';
import { votes } from './vote/program.ts';

/** Programs by id. Consensus: what an id means never changes. */
export const PROGRAMS: ReadonlyMap<number, Program> = new Map([
  [assets.id, assets],
  [escrow.id, escrow],
  [settlement.id, settlement],
  [nft.id, nft],
  [votes.id, votes],
  [lending.id, lending],
  [provenance.id, provenance],
]);

const DESCRIBERS: readonly Describe[] = [
  describeAssets,
  describeEscrow,
  describeSettlement,
  describeNft,
  describeVote,
  describeLending,
  describeProvenance,
];

/** A record as faces show it; undefined if no program knows the key's space. @param record not empty */
export function describeRecord(key: Uint8Array, record: Uint8Array): Fields | undefined {
  const [keyView, recordView] = [new RecordView(key), new RecordView(record)];
  for (const describe of DESCRIBERS) {
    const fields = describe(keyView, recordView);
    if (fields !== undefined) return fields;
  }
  return undefined;
}

const LEDGER_STATUSES: readonly (readonly [string, number])[] = Object.entries(STATUS);

/** What a receipt's status means. @param program the one whose operation failed */
export function describeStatus(program: number, status: number): string {
  if (status < PROGRAM_STATUS) return LEDGER_STATUSES.find(([, value]) => value === status)?.[0] ?? `status ${status}`;
  return PROGRAMS.get(program)?.statuses[status] ?? `status ${status} of program ${program}`;
}
