import { fromHex, toHex } from '../../base/bytes.ts';
import * as build from '../../ledger/programs/vote/build.ts';
import { COUNTERS, ID_BYTES } from '../../ledger/programs/vote/records.ts';
import type { RecordView } from '../../node/interface.ts';
import type { NodeClient } from '../client.ts';
import { CliError, CliErrorCode } from '../errors.ts';

/** Records of votes, as the running node tells them. */

export interface ProposalRecord {
  state: string;
  /** Block times, milliseconds. */
  opened: number;
  deadline: number;
  options: number;
  quorum: string;
  electorate: string;
  /** Public signal, hex of 32 bytes little-endian; root and policy likewise. */
  question: string;
  treasury: string;
  amount: string;
  recipient: string;
}

export interface ElectorateRecord {
  mode: 'anyone' | 'members' | 'proof';
  circuit: number;
  authority: string;
  root: string;
  policy: string;
}

/** @throws CliError CLI_BAD_ARGUMENT */
export function idFrom(text: string, where: string): Uint8Array {
  const id = fromHex(text, ID_BYTES);
  if (id !== undefined) return id;
  throw new CliError(
    CliErrorCode.BadArgument,
    `neither a file nor an id of ${2 * ID_BYTES} hex digits: ${text.slice(0, 80)}`,
    {
      where,
    },
  );
}

/** @throws CliError CLI_NOTHING_THERE */
export async function proposalOf(node: NodeClient, id: Uint8Array): Promise<ProposalRecord> {
  const fields = await fieldsOf(node, build.proposalKey(id));
  if (fields === undefined) throw nothing('proposal', id);
  return {
    ...(fields as unknown as ProposalRecord),
    opened: Number(fields['opened']),
    deadline: Number(fields['deadline']),
  };
}

/** @throws CliError CLI_NOTHING_THERE */
export async function electorateOf(node: NodeClient, id: Uint8Array): Promise<ElectorateRecord> {
  const fields = await fieldsOf(node, build.electorateKey(id));
  if (fields === undefined) throw nothing('electorate', id);
  return fields as unknown as ElectorateRecord;
}

/** @param voter an address, or the low 20 bytes of a nullifier */
export async function hasVoted(node: NodeClient, proposal: Uint8Array, voter: Uint8Array): Promise<boolean> {
  return (await fieldsOf(node, build.ballotKey(proposal, voter))) !== undefined;
}

/** Since when an account is on the list, block time in milliseconds; undefined where it is not. */
export async function memberSince(
  node: NodeClient,
  electorate: Uint8Array,
  address: Uint8Array,
): Promise<number | undefined> {
  const fields = await fieldsOf(node, build.memberKey(electorate, address));
  return fields === undefined ? undefined : Number(fields['admitted']);
}

/** Votes for each option so far; the counters are read one by one, so a vote under way may be missing. */
export async function tallyOf(node: NodeClient, proposal: Uint8Array, options: number): Promise<bigint[]> {
  const counters = await Promise.all(
    Array.from({ length: COUNTERS }, (_, shard) => fieldsOf(node, build.counterKey(proposal, shard))),
  );
  return Array.from({ length: options }, (_, option) =>
    counters.reduce((sum, fields) => sum + BigInt(fields?.[`option${option}`] ?? 0), 0n),
  );
}

async function fieldsOf(node: NodeClient, key: Uint8Array) {
  const { fields } = await node.get<RecordView>(`/v1/ledger/records/${toHex(key)}`);
  return fields === null ? undefined : (fields as Record<string, string | number>);
}

function nothing(what: string, id: Uint8Array): CliError {
  return new CliError(CliErrorCode.NothingThere, `the ledger has no ${what} ${toHex(id)}`, {
    hint: 'is its transaction in a block already, and does --node keep the right ledger?',
  });
}
