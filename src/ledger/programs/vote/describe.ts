import type { Describe, Fields, RecordView } from '../record-view.ts';
import { SPACE } from '../spaces.ts';
import { ELECTORATE_RECORD, ID_BYTES, KINDS, PROPOSAL_RECORD, TAIL_AT, TREASURY_RECORD } from './records.ts';

const MODE_NAMES: readonly string[] = ['anyone', 'members', 'proof'];
const STATE_NAMES: readonly string[] = ['open', 'passed', 'rejected', 'lapsed'];

export const describeVote: Describe = (key, record) => {
  if (key.u8(0) !== SPACE.vote) return undefined;
  const id = key.hex(2, ID_BYTES);
  switch (key.u8(1)) {
    case KINDS.electorate:
      return { kind: 'electorate', electorate: id, ...electorateFields(record) };
    case KINDS.member:
      return { kind: 'member', electorate: id, member: key.address(TAIL_AT), admitted: record.u64(0) };
    case KINDS.treasury:
      return { kind: 'treasury', treasury: id, ...treasuryFields(record) };
    case KINDS.proposal:
      return { kind: 'proposal', proposal: id, ...proposalFields(record) };
    case KINDS.ballot:
      return { kind: 'ballot', proposal: id, voter: key.hex(TAIL_AT, 20) };
    default:
      return { kind: 'counter', proposal: id, shard: key.u8(TAIL_AT), ...counts(record) };
  }
};

function electorateFields(record: RecordView): Fields {
  return {
    mode: MODE_NAMES[record.u8(ELECTORATE_RECORD.mode)] ?? '',
    circuit: record.u8(ELECTORATE_RECORD.circuit),
    authority: record.address(ELECTORATE_RECORD.authority),
    root: record.hex(ELECTORATE_RECORD.root, 32),
    policy: record.hex(ELECTORATE_RECORD.policy, 32),
  };
}

function treasuryFields(record: RecordView): Fields {
  return {
    amount: record.u64(TREASURY_RECORD.amount),
    quorum: record.u64(TREASURY_RECORD.quorum),
    period: record.u64(TREASURY_RECORD.period),
    asset: record.asset(TREASURY_RECORD.asset),
    electorate: record.hex(TREASURY_RECORD.electorate, ID_BYTES),
  };
}

function proposalFields(record: RecordView): Fields {
  return {
    state: STATE_NAMES[record.u8(PROPOSAL_RECORD.state)] ?? '',
    opened: record.u64(PROPOSAL_RECORD.opened),
    deadline: record.u64(PROPOSAL_RECORD.deadline),
    options: record.u8(PROPOSAL_RECORD.options),
    quorum: record.u64(PROPOSAL_RECORD.quorum),
    electorate: record.hex(PROPOSAL_RECORD.electorate, ID_BYTES),
    question: record.hex(PROPOSAL_RECORD.question, 32),
    treasury: record.hex(PROPOSAL_RECORD.treasury, ID_BYTES),
    amount: record.u64(PROPOSAL_RECORD.amount),
    recipient: record.address(PROPOSAL_RECORD.recipient),
  };
}

function counts(record: RecordView): Fields {
  const fields: Record<string, string> = {};
  for (let offset = 0; offset < record.bytes.length; offset += 8) fields[`option${offset >>> 3}`] = record.u64(offset);
  return fields;
}
